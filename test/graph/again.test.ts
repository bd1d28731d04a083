import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { KnownQueries } from '../../src/graph/again.js';
import { ALICE, BOB, type Client, type DemoGateway, startDemoGateway } from '../support/demo-gateway.js';
import { figure } from '../support/metrics.js';
import { type Sent, send } from '../support/raw-request.js';

const QUERY = `query Page($first: Int!, $name: String) {
  servers(first: $first, filter: { name: $name }) { nodes { id name flavor { name } ports { id network { name } } } } }`;
const ENV = { CACHE_TTL: 'Server=600,Flavor=600,Port=600,Network=600', LIMIT_NODES: '3000' };
type Header = readonly [string, string];

let demo: DemoGateway;
let alice: Client;
let token: Header;
/** Whether the last request was answered without Fastify and Apollo Server. */
let wasShort = async () => false;
let number = 0;

beforeAll(async () => {
  demo = await startDemoGateway({ pace: 0, servers: 30 }, ENV);
  alice = await demo.login(ALICE);
  token = ['X-Auth-Token', alice.token ?? ''];
}, 60_000);

afterAll(() => demo.stop());

beforeEach(() => {
  const answer = KnownQueries.prototype.answer;
  vi.spyOn(KnownQueries.prototype, 'answer').mockImplementation(function (this: KnownQueries, question, facts) {
    const found = answer.call(this, question, facts);
    wasShort = async () => found !== null && (await found) !== null;
    return found;
  });
});

afterEach(() => vi.restoreAllMocks());

interface Asking {
  readonly query?: string;
  readonly variables?: object;
  readonly operationName?: string;
  readonly more?: string;
}

/** A body that nobody has sent before, so that no whole answer is kept for it. */
function bodyOf({ query = QUERY, variables = {}, operationName, more = '' }: Asking): string {
  number += 1;
  const body = JSON.stringify({ query, variables: { first: 10, ...variables, number }, operationName });
  return `${body.slice(0, -1)}${more}}`;
}

async function asked(body: string, headers: readonly Header[] = [token]): Promise<Sent & { readonly short: boolean }> {
  wasShort = async () => false;
  const sent = await send(`${alice.url}/graphql`, body, headers);
  return { ...sent, short: await wasShort() };
}

/** The same in the way of all requests: this header has no meaning, and is not looked at before Fastify. */
function askedTheLongWay(body: string, headers: readonly Header[] = [token]): Promise<Sent> {
  return send(`${alice.url}/graphql`, body, [...headers, ['Cache-Control', 'no-transform']]);
}

async function known(asking: Asking = {}, headers: readonly Header[] = [token]): Promise<void> {
  await expect.poll(async () => (await asked(bodyOf(asking), headers)).short, { timeout: 15_000 }).toBe(true);
}

describe('a query whose rows are known', { timeout: 60_000 }, () => {
  it('is answered before Fastify, as the long way answers: status, headers and bytes', async () => {
    await known();
    for (const variables of [{}, { first: 4 }, { name: 'web-1' }, { name: 'größte „Kiste“' }]) {
      await known({ variables });
      const body = bodyOf({ variables });
      const { short, ...sent } = await asked(body);
      expect(short).toBe(true);
      expect(sent).toEqual(await askedTheLongWay(body));
      expect(sent.status).toBe(200);
    }
  });

  it('takes the long way where it has rows that are not', async () => {
    await known();
    const { short, body } = await asked(bodyOf({ variables: { first: 11 } }));
    expect(short).toBe(false);
    expect(JSON.parse(body).data.servers.nodes).toHaveLength(11);
  });

  it.each<readonly [string, Asking, readonly Header[] | null]>([
    ['variables that do not fit', { variables: { first: 'ten' } }, null],
    ['more rows than a page may have', { variables: { first: 1001 } }, null],
    ['more rows in all than are allowed', { variables: { first: 1000 } }, null],
    ['variables nested too deeply', { variables: { deep: JSON.parse('['.repeat(500) + ']'.repeat(500)) } }, null],
    ['an operation that there is none of', { operationName: 'Other' }, null],
    ['something that names a prototype', { more: ',"__proto__":{"x":1}' }, null],
    ['the same in other letters', { more: ',"\\u005f_proto__":{"x":1}' }, null],
    ['variables that are none', { more: ',"variables":[1]' }, null],
    ['no token', {}, []],
    [
      'two tokens',
      {},
      [
        ['X-Auth-Token', 'one'],
        ['Authorization', 'Bearer other'],
      ],
    ],
  ])('is refused as ever with %s', async (_what, asking, headers) => {
    await known();
    const body = bodyOf(asking);
    const { short, ...sent } = await asked(body, headers ?? [token]);
    expect(short).toBe(false);
    expect(JSON.parse(sent.body)).toHaveProperty('errors');
    expect(withoutIds(sent)).toEqual(withoutIds(await askedTheLongWay(body, headers ?? [token])));
  });

  it('is known for each operation of its text, and in the media type that is asked for', async () => {
    const query = `${QUERY} query Names($first: Int!) { servers(first: $first) { nodes { name } } }`;
    const accept: Header = ['Accept', 'application/graphql-response+json'];
    for (const operationName of ['Page', 'Names']) {
      for (const headers of [[token], [token, accept]]) {
        await known({ query, operationName }, headers);
        const body = bodyOf({ query, operationName });
        const { short, ...sent } = await asked(body, headers);
        expect(short).toBe(true);
        expect(sent).toEqual(await askedTheLongWay(body, headers));
      }
    }
  });

  it("is not answered with anybody else's rows, nor for a token that was taken back", async () => {
    await known();
    const bob = await demo.login(BOB);
    const own: Header = ['X-Auth-Token', bob.token ?? ''];
    const theirs = await asked(bodyOf({}), [own]);
    expect(theirs.short).toBe(false);
    await known({}, [own]);
    const again = await asked(bodyOf({}), [own]);
    expect(again.short).toBe(true);
    expect(again.body).toBe(theirs.body);
    expect(again.body).not.toBe((await asked(bodyOf({}))).body);
    await bob.tell('mutation { revokeToken { revoked } }');
    expect((await asked(bodyOf({}), [own])).body).toContain('UNAUTHENTICATED');
  });

  it('is kept whole like any other', async () => {
    await known();
    const body = bodyOf({});
    await asked(body);
    const hits = () => figure(alice.url, 'stratograph_answers_total', { outcome: 'hit' });
    await expect
      .poll(async () => {
        const before = await hits();
        await asked(body);
        return (await hits()) - before;
      })
      .toBe(1);
  });

  it('counts as one request, one operation and one answer that was not kept', async () => {
    await known();
    const counts = () =>
      Promise.all([
        figure(alice.url, 'stratograph_http_requests_total', { method: 'POST', route: '/graphql' }),
        figure(alice.url, 'stratograph_graphql_operations_total', { type: 'query', outcome: 'ok' }),
        figure(alice.url, 'stratograph_answers_total', { outcome: 'miss' }),
      ]);
    const before = await counts();
    expect((await asked(bodyOf({}))).short).toBe(true);
    expect(await counts()).toEqual(before.map((count) => count + 1));
    expect((await asked(bodyOf({ variables: { first: 12 } }))).short).toBe(false);
    expect(await counts()).toEqual(before.map((count) => count + 2));
  });

  // The last: what a write has touched lives two seconds for a while, and others ask whether something is still known.
  it('shows a write that was answered', async () => {
    await known();
    const { nodes } = JSON.parse((await asked(bodyOf({}))).body).data.servers;
    const rename =
      'mutation ($id: ID!, $name: String!) { updateServer(id: $id, input: { name: $name }) { server { id } } }';
    for (const name of ['one', 'other']) {
      await alice.ask(rename, { id: nodes[0].id, name });
      expect((await asked(bodyOf({}))).body).toContain(`"${name}"`);
      await known();
    }
  });
});

/** What is refused names the request. */
function withoutIds({ status, headers, body }: Sent): Sent {
  return { status, headers, body: body.replaceAll(/req-[0-9a-f-]{36}/g, 'req') };
}
