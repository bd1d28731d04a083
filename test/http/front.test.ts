import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ALICE, BOB, type Client, type DemoGateway, startDemoGateway } from '../support/demo-gateway.js';
import { figure } from '../support/metrics.js';
import { type Sent, send } from '../support/raw-request.js';

const NETWORKS = '{ networks { nodes { id name } } }';
const LONG_TTL = { CACHE_TTL: 'Network=600' };

const bodyOf = (query: string) => JSON.stringify({ query });

describe('answers that are kept for the bytes of a request', () => {
  let demo: DemoGateway;
  let alice: Client;
  let url: string;
  /** Answered before Fastify: that alone has no such line in its metrics' route as the others. */
  let token: readonly [string, string];

  beforeAll(async () => {
    demo = await startDemoGateway({ pace: 0 }, LONG_TTL);
    alice = await demo.login(ALICE);
    url = `${alice.url}/graphql`;
    token = ['X-Auth-Token', alice.token ?? ''];
  });
  afterAll(() => demo.stop());

  /** The answer once everything that may be kept of it is, with how many answers were kept ones. */
  async function settled(body: string, headers: readonly (readonly [string, string])[]): Promise<Sent> {
    for (let time = 0; time < 3; time += 1) await send(url, body, headers);
    const before = await figure(alice.url, 'stratograph_answers_total', { outcome: 'hit' });
    const sent = await send(url, body, headers);
    expect(await figure(alice.url, 'stratograph_answers_total', { outcome: 'hit' })).toBe(before + 1);
    return sent;
  }

  it('are what the long way gives: status, headers and bytes', async () => {
    const kept = await settled(bodyOf(NETWORKS), [token]);
    // Cache-Control without a meaning of its own leads the long way.
    const long = await send(url, bodyOf(NETWORKS), [token, ['Cache-Control', 'no-transform']]);
    expect(kept).toEqual(long);
    expect(kept.status).toBe(200);
    expect(kept.headers).toMatchObject({ 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' });
  });

  it('are found by either header of the token, and not by another token, none, or two different ones', async () => {
    const kept = await settled(bodyOf(NETWORKS), [token]);
    const bearer = ['Authorization', `Bearer ${alice.token}`] as const;
    expect(await send(url, bodyOf(NETWORKS), [bearer])).toEqual(kept);
    const bob = await demo.login(BOB);
    const theirs = await send(url, bodyOf(NETWORKS), [['X-Auth-Token', bob.token ?? '']]);
    expect(theirs.body).not.toBe(kept.body);
    const refused = [
      [],
      [['X-Auth-Token', 'nonsense']],
      [bearer, ['Authorization', `Bearer ${bob.token}`]],
      [token, ['Authorization', `Bearer ${bob.token}`]],
      [token, ['X-Auth-Token', bob.token ?? '']],
    ] as const;
    for (const headers of refused) {
      const { body } = await send(url, bodyOf(NETWORKS), headers);
      expect(body, JSON.stringify(headers.map(([name]) => name))).toContain('UNAUTHENTICATED');
    }
  });

  it('are not found where anything is unusual: another media type, two hosts, an encoding, an explanation', async () => {
    const kept = await settled(bodyOf(NETWORKS), [token]);
    const body = bodyOf(NETWORKS);
    const accepted = await send(url, body, [token, ['Accept', 'application/graphql-response+json']]);
    expect(accepted.headers['content-type']).toContain('application/graphql-response+json');
    expect((await send(url, body, [token, ['Host', 'elsewhere.example']])).status).toBe(400);
    expect((await send(url, body, [token, ['Content-Encoding', 'gzip']])).status).toBe(415);
    expect(JSON.parse((await send(url, body, [token, ['X-Explain', '1']])).body)).toHaveProperty('extensions.explain');
    expect((await send(url, body, [token], true)).body).toBe(kept.body);
  });

  it('leave bodies that nothing is kept for as they are: broken, empty, too large, a list', async () => {
    await settled(bodyOf(NETWORKS), [token]);
    for (const body of ['{"query": ', '', '[]', `{"query":"{ __typename }","x":"${'ü'.repeat(600_000)}"}`]) {
      const short = await send(url, body, [token]);
      const long = await send(url, body, [token], true);
      const { connection: _, ...shown } = { ...short.headers };
      const { connection: __, 'transfer-encoding': ___, ...other } = { ...long.headers };
      expect([short.status, short.body.replace(/(got |"found":)\d+/g, '$1N'), shown['content-type']]).toEqual([
        long.status,
        long.body.replace(/(got |"found":)\d+/g, '$1N'),
        other['content-type'],
      ]);
      expect(short.status).toBeGreaterThanOrEqual(400);
    }
  });

  it('of what the schema alone knows are for everybody, token or none', async () => {
    const kept = await settled(bodyOf('{ __typename __schema { queryType { name } } }'), []);
    expect(JSON.parse(kept.body)).toEqual({
      data: { __typename: 'Query', __schema: { queryType: { name: 'Query' } } },
    });
    expect((await send(url, bodyOf('{ __typename __schema { queryType { name } } }'), [token])).body).toBe(kept.body);
  });

  it('end with the token: once it is taken back, nothing is kept for it', async () => {
    const one = await demo.login(ALICE);
    const own = ['X-Auth-Token', one.token ?? ''] as const;
    await settled(bodyOf(NETWORKS), [own]);
    await one.ask('mutation { revokeToken { revoked } }').catch(() => one.tell('mutation { revokeToken }'));
    expect((await send(url, bodyOf(NETWORKS), [own])).body).toContain('UNAUTHENTICATED');
  });

  it('count as requests and as operations', async () => {
    await settled(bodyOf(NETWORKS), [token]);
    const requests = () => figure(alice.url, 'stratograph_http_requests_total', { method: 'POST', route: '/graphql' });
    const operations = () =>
      figure(alice.url, 'stratograph_graphql_operations_total', { type: 'query', outcome: 'ok' });
    const before = [await requests(), await operations()];
    await send(url, bodyOf(NETWORKS), [token]);
    expect([await requests(), await operations()]).toEqual(before.map((count) => count + 1));
  });
});

it('pages of other origins are told that answers differ by origin, kept ones too', async () => {
  const demo = await startDemoGateway({ pace: 0 }, { ...LONG_TTL, CORS_ORIGINS: 'https://one.example' });
  const alice = await demo.login(ALICE);
  const url = `${alice.url}/graphql`;
  const token = ['X-Auth-Token', alice.token ?? ''] as const;
  for (let time = 0; time < 3; time += 1) await send(url, bodyOf(NETWORKS), [token]);
  expect((await send(url, bodyOf(NETWORKS), [token])).headers['vary']).toBe('Origin');
  const theirs = await send(url, bodyOf(NETWORKS), [token, ['Origin', 'https://one.example']]);
  expect(theirs.headers['access-control-allow-origin']).toBe('https://one.example');
  await demo.stop();
});
