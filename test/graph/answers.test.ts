import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { memcachedInstalled, type RunningMemcached, startMemcached, why } from '../memcached.js';
import { ALICE, BOB, Client, type DemoGateway, READER, startDemoGateway } from '../support/demo-gateway.js';
import { figure } from '../support/metrics.js';
import { idOf, made } from '../support/rest-calls.js';

const NETWORKS = '{ networks { nodes { id name subnets { id name } } } }';
/** Long enough that nothing ends by itself while a test runs. */
const LONG_TTL = { CACHE_TTL: 'Network=600,Subnet=600,Server=600,SecurityGroup=600,Volume=600' };

let demo: DemoGateway;
let alice: Client;

/** How many answers the gateway has sent whole. */
const whole = (url: string) => figure(url, 'stratograph_answers_total', { outcome: 'hit' });

/** Whether this client's request is answered whole. */
async function isWhole(client: Client, query: string, variables: object = {}, headers = {}): Promise<boolean> {
  const before = await whole(client.url);
  await client.tell(query, variables, headers);
  return (await whole(client.url)) === before + 1;
}

/** Asks until the answer is kept, which takes two times: the first learns what it depends on. */
async function keep(client: Client, query: string, variables: object = {}): Promise<void> {
  await client.tell(query, variables);
  await client.tell(query, variables);
}

interface Raw {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

async function raw(
  { url, token }: Client,
  query: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<Raw> {
  const answer = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-auth-token': token ?? '', ...headers },
    body: JSON.stringify({ query }),
  });
  const { date: _date, 'x-request-id': id = '', ...others } = Object.fromEntries(answer.headers);
  expect(id).toMatch(/^req-[0-9a-f-]{36}$/);
  return { status: answer.status, headers: others, body: await answer.text() };
}

describe('one gateway', () => {
  beforeEach(async () => {
    demo = await startDemoGateway({ pace: 0 }, LONG_TTL);
    alice = await demo.login(ALICE);
  });
  afterEach(() => demo.stop());

  it('answers a query whole from the third time on, with nothing asked and nothing looked up', async () => {
    expect(await isWhole(alice, NETWORKS)).toBe(false);
    expect(await isWhole(alice, NETWORKS)).toBe(false);
    const lookups = await figure(alice.url, 'stratograph_cache_lookups_total');
    expect(await isWhole(alice, NETWORKS)).toBe(true);
    expect(await figure(alice.url, 'stratograph_cache_lookups_total')).toBe(lookups);
  });

  it.each([{}, { 'x-explain': '1' }, { accept: 'application/graphql-response+json' }])(
    'sends the same to the byte as executing does, with %o',
    async (headers) => {
      await keep(alice, NETWORKS);
      await raw(alice, NETWORKS, headers);
      await raw(alice, NETWORKS, headers);
      const before = await whole(alice.url);
      const kept = await raw(alice, NETWORKS, headers);
      expect(await whole(alice.url)).toBe(before + 1);
      // Other white space makes it another query with the same answer.
      await raw(alice, `${NETWORKS} `, headers);
      const executed = await raw(alice, `${NETWORKS} `, headers);
      expect(await whole(alice.url)).toBe(before + 1);
      expect(kept).toEqual(executed);
    },
  );

  it('shares what it keeps between those who want an explanation and those who do not', async () => {
    const plain = { 'x-explain': '0' };
    await alice.tell(NETWORKS, {}, plain);
    await alice.tell(NETWORKS, {}, plain);
    expect(await isWhole(alice, NETWORKS)).toBe(true);
    const { extensions } = await alice.tell(NETWORKS);
    expect(extensions?.explain?.rest).toEqual([]);
    expect(extensions?.explain?.cache).toMatchObject({ misses: 0, bypassed: 0 });
    expect((await alice.tell(NETWORKS, {}, plain)).extensions).toBeUndefined();
  });

  it('counts it and logs it as an operation', async () => {
    await keep(alice, NETWORKS);
    const count = () => figure(alice.url, 'stratograph_graphql_operations_total', { type: 'query', outcome: 'ok' });
    const before = await count();
    expect(await isWhole(alice, NETWORKS)).toBe(true);
    expect(await count()).toBe(before + 1);
  });

  it('forgets it with a mutation of a row, of a new row and of a related row', async () => {
    const network = await made(alice, 'createNetwork', { name: 'first' });
    const rename =
      'mutation ($id: ID!, $name: String!) { updateNetwork(id: $id, input: { name: $name }) { network { name } } }';
    const names = async () => {
      const { data } = await alice.ask<{ networks: { nodes: { name: string; subnets: { name: string }[] }[] } }>(
        NETWORKS,
      );
      return JSON.stringify(data);
    };
    await keep(alice, NETWORKS);
    expect(await isWhole(alice, NETWORKS)).toBe(true);
    await alice.ask(rename, { id: network, name: 'second' });
    expect(await names()).toContain('"second"');
    await keep(alice, NETWORKS);
    expect(await isWhole(alice, NETWORKS)).toBe(true);
    await made(alice, 'createNetwork', { name: 'third' });
    expect(await names()).toContain('"third"');
  });

  it('forgets a row that it knows by its id alone', async () => {
    const network = await made(alice, 'createNetwork', { name: 'first' });
    const one = `{ network(id: "${network}") { name } }`;
    await keep(alice, one);
    expect(await isWhole(alice, one)).toBe(true);
    await alice.ask(`mutation { updateNetwork(id: "${network}", input: { name: "second" }) { network { id } } }`);
    const { data } = await alice.ask<{ network: { name: string } }>(one);
    expect(data.network.name).toBe('second');
  });

  it('is refreshed by no-cache, and shows nothing older than max-age allows', async () => {
    await keep(alice, NETWORKS);
    expect(await isWhole(alice, NETWORKS, {}, { 'cache-control': 'max-age=60' })).toBe(true);
    expect(await isWhole(alice, NETWORKS, {}, { 'cache-control': 'no-cache' })).toBe(false);
    await new Promise((resolve) => setTimeout(resolve, 1100));
    expect(await isWhole(alice, NETWORKS, {}, { 'cache-control': 'max-age=1' })).toBe(false);
  });

  it('keeps users, projects and roles apart', async () => {
    await keep(alice, NETWORKS);
    for (const user of [READER, BOB]) {
      const other = await demo.login(user);
      expect(await isWhole(other, NETWORKS), user.name).toBe(false);
    }
    const again = await demo.login(ALICE);
    expect(await isWhole(again, NETWORKS)).toBe(true);
  });

  it('keeps variables and operations apart, however the variables are written', async () => {
    const query = `query A($filter: NetworkFilter, $first: Int) { networks(filter: $filter, first: $first) { nodes { name } } }
      query B { networks(first: 1) { nodes { id } } }`;
    const ask = async (body: object) => {
      const before = await whole(alice.url);
      const answer = await fetch(`${alice.url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-auth-token': alice.token ?? '' },
        body: JSON.stringify({ query, ...body }),
      });
      return { text: await answer.text(), isWhole: (await whole(alice.url)) > before };
    };
    const variables = { filter: { name: 'private', shared: false }, first: 5 };
    for (let time = 0; time < 2; time += 1) await ask({ operationName: 'A', variables });
    const turned = { first: 5, filter: { shared: false, name: 'private' } };
    expect((await ask({ operationName: 'A', variables: turned })).isWhole).toBe(true);
    expect((await ask({ operationName: 'A', variables: { ...variables, first: 6 } })).isWhole).toBe(false);
    const other = await ask({ operationName: 'B', variables });
    expect(other.isWhole).toBe(false);
    expect(other.text).toContain('"id"');
  });

  it.each([
    ['an error beside data', '{ networks { nodes { name } } servers(first: 5000) { nodes { id } } }'],
    ['the total of a list', '{ networks(first: 1) { totalCount nodes { name } } }'],
    ['what is about the asker', '{ me { user { name } } networks { nodes { name } } }'],
  ])('never keeps %s', async (_what, query) => {
    for (let time = 0; time < 4; time += 1) expect(await isWhole(alice, query), `time ${time}`).toBe(false);
  });

  it('does not answer whoever shows no token, or one that was taken back', async () => {
    await keep(alice, NETWORKS);
    expect(await isWhole(alice, NETWORKS)).toBe(true);
    const nobody = await new Client(alice.url, null).tell(NETWORKS);
    expect(nobody.status).toBe(401);
    await alice.ask('mutation { revokeToken { revoked } }');
    const { status, data } = await alice.tell(NETWORKS);
    expect([status, data ?? null]).toEqual([401, null]);
  });

  it('answers whoever asks at the same time from one execution', async () => {
    await keep(alice, NETWORKS);
    await made(alice, 'createNetwork', { name: 'another' });
    await alice.tell(NETWORKS);
    const executed = await figure(alice.url, 'stratograph_answers_total', { outcome: 'miss' });
    const answers = await Promise.all(Array.from({ length: 10 }, () => alice.ask<object>(NETWORKS)));
    expect(new Set(answers.map(({ data }) => JSON.stringify(data))).size).toBe(1);
    expect(await figure(alice.url, 'stratograph_answers_total', { outcome: 'miss' })).toBeLessThan(executed + 10);
  });

  it('executes a text that is new once for all who ask for it at the same time', async () => {
    const query = '{ networks { nodes { id adminStateUp } } }';
    const misses = () => figure(alice.url, 'stratograph_answers_total', { outcome: 'miss' });
    const before = await misses();
    const answers = await Promise.all(Array.from({ length: 12 }, () => alice.ask<object>(query)));
    expect(new Set(answers.map(({ data }) => JSON.stringify(data))).size).toBe(1);
    // One learns what it depends on, one is kept; beside them those that came before the first was known to be a query.
    expect((await misses()) - before).toBeLessThan(6);
  });

  it('has nobody wait for a mutation of the same text', async () => {
    const query = 'mutation ($name: String!) { createNetwork(input: { name: $name }) { network { name } } }';
    const names = ['one', 'two', 'three'];
    const made = await Promise.all(names.map((name) => alice.ask<object>(query, { name })));
    expect(made.map(({ data }) => data)).toEqual(names.map((name) => ({ createNetwork: { network: { name } } })));
  });
});

it('is switched off by name', async () => {
  const off = await startDemoGateway({ pace: 0 }, { ...LONG_TTL, SHORTCUTS_OFF: 'answers' });
  const client = await off.login(ALICE);
  for (let time = 0; time < 4; time += 1) expect(await isWhole(client, NETWORKS)).toBe(false);
  await off.stop();
});

if (!memcachedInstalled) console.warn(`skipped: whole answers at two gateways (${why})`);

describe.runIf(memcachedInstalled)('two gateways with one memcached', () => {
  let memcached: RunningMemcached;
  beforeAll(async () => {
    memcached = await startMemcached();
    const env = {
      ...LONG_TTL,
      MEMCACHED_SERVERS: memcached.address,
      CACHE_SECRET: 'a secret that is long enough for it',
    };
    demo = await startDemoGateway({ pace: 0 }, env, 2);
    alice = await demo.login(ALICE);
  });
  afterAll(async () => {
    await demo.stop();
    await memcached.stop();
  });

  it('forget at once what the other has changed', async () => {
    const other = alice.at(demo.urls[1] ?? '');
    const id = await made(alice, 'createNetwork', { name: 'first' });
    const shown = async () => JSON.stringify((await alice.ask<object>(NETWORKS)).data);
    await keep(alice, NETWORKS);
    expect(await isWhole(alice, NETWORKS)).toBe(true);
    await other.ask(`mutation { updateNetwork(id: "${id}", input: { name: "second" }) { network { id } } }`);
    expect(await shown()).toContain('"second"');
    expect(await idOf(other, 'networks', 'second')).toBe(id);
  });
});
