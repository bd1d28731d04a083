import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { KeptTexts } from '../../src/graph/texts.js';
import {
  ADMIN,
  ALICE,
  BOB,
  Client,
  type DemoGateway,
  startDemoGateway,
  startGatewayAt,
} from '../support/demo-gateway.js';
import { TWIN_ENV } from '../support/twins.js';

/** Nothing ends by itself while a test runs, and every query is executed. */
const ENV = {
  CACHE_TTL: 'Server=600,Flavor=600,Image=600,Port=600,Network=600,SecurityGroup=600,FloatingIp=600,Volume=600',
  SHORTCUTS_OFF: 'answers',
};
const ROW = `id name status flavor { name } image { name }
  ports { id network { name } securityGroups { name } floatingIps { floatingIpAddress } } volumes { id name size }`;
const PAGE = `query ($first: Int!, $show: Boolean = true) {
  page: servers(first: $first) { pageInfo { endCursor } nodes { ${ROW} }
    edges { cursor server: node { name tags @include(if: $show) } node { id } } some: nodes { volumes { name } } } }`;

let demo: DemoGateway;
let plain: Awaited<ReturnType<typeof startGatewayAt>>;
let alice: Client;
interface Snapshots {
  readonly volumeSnapshots: { readonly nodes: readonly { readonly volume: { id: string; name: string } }[] };
}

/** What the executor was asked to run since a test last looked. */
let parts: string[] = [];

beforeAll(async () => {
  demo = await startDemoGateway({ pace: 0, servers: 90 }, ENV);
  plain = await startGatewayAt(demo.cloud.authUrl, TWIN_ENV);
  alice = await demo.login(ALICE);
}, 60_000);

afterAll(async () => {
  await plain.stop();
  await demo.stop();
});

beforeEach(() => {
  parts = [];
  const execute = KeptTexts.prototype.execute;
  vi.spyOn(KeptTexts.prototype, 'execute').mockImplementation(function (this: KeptTexts, operation, context, run) {
    return execute.call(this, operation, context, (part) => {
      parts.push(part);
      return run(part);
    });
  });
});

afterEach(() => vi.restoreAllMocks());

async function textFrom(url: string, { token }: Client, query: string, variables: object): Promise<string> {
  const headers = { 'content-type': 'application/json', 'x-auth-token': token ?? '' };
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers,
    body: JSON.stringify({ query, variables }),
  });
  // A refusal names the request to the service, of which there are two.
  return (await response.text()).replaceAll(/"requestId":"[^"]*"/g, '');
}

/** The answer, which has to be the plain gateway's to the byte, and what was run for it. */
async function asked(client: Client, query: string, variables: object = {}) {
  parts = [];
  const text = await textFrom(client.url, client, query, variables);
  expect(text).toBe(await textFrom(plain.url, client, query, variables));
  return { text, ran: parts };
}

/** Asks until rows come out of the cache as the objects that they stay: for two seconds after a write they do not. */
async function known(client: Client, query: string, variables: object): Promise<void> {
  const ran = async () => (await asked(client, query, variables)).ran;
  await expect.poll(ran, { timeout: 15_000, interval: 50 }).toEqual(['outline']);
}

describe('the rows of a page that was asked for before', { timeout: 60_000 }, () => {
  it('are not resolved again, wherever they stand in the answer', async () => {
    await known(alice, PAGE, { first: 50 });
    const { text } = await asked(alice, PAGE, { first: 50 });
    expect(JSON.parse(text)).toMatchObject({ data: { page: { nodes: expect.arrayContaining([expect.anything()]) } } });
  });

  it('are others where conditions select otherwise', async () => {
    await known(alice, PAGE, { first: 50 });
    expect((await asked(alice, PAGE, { first: 50, show: false })).ran).not.toEqual(['outline']);
  });

  it('are put between whatever else is asked for', async () => {
    const query = `query ($first: Int!, $id: ID!) { __typename server(id: $id) { name ports { id } }
      servers(first: $first) { nodes { ${ROW} } } subnets(first: 30) { nodes { cidr } } }`;
    const ids = JSON.parse((await asked(alice, '{ servers { nodes { id } } }')).text).data.servers.nodes;
    await known(alice, query, { first: 40, id: ids[0].id });
    expect((await asked(alice, query, { first: 40, id: ids[1].id })).ran).toContain('outline');
  });

  it('are resolved again once one of them has changed, or what they show of others', async () => {
    const query = `query ($first: Int!) { servers(first: $first) { nodes { ${ROW} } } }`;
    await known(alice, query, { first: 60 });
    const { nodes } = JSON.parse((await asked(alice, query, { first: 60 })).text).data.servers;
    const [server] = nodes;
    const { volumes } = nodes.find((node: { volumes: unknown[] }) => node.volumes.length > 0);
    await alice.tell('mutation ($id: ID!) { updateServer(id: $id, input: { name: "renamed" }) { server { id } } }', {
      id: server.id,
    });
    expect((await asked(alice, query, { first: 60 })).text).toContain('"renamed"');
    await known(alice, query, { first: 60 });
    await alice.tell('mutation ($id: ID!) { updateVolume(id: $id, input: { name: "moved" }) { volume { id } } }', {
      id: volumes[0].id,
    });
    expect((await asked(alice, query, { first: 60 })).text).toContain('"moved"');
    await known(alice, query, { first: 60 });
  });

  it('make whole answers that are true no longer than what the texts were made of', async () => {
    const whole = await startGatewayAt(demo.cloud.authUrl, { ...ENV, SHORTCUTS_OFF: 'collections' });
    const client = new Client(whole.url, alice.token);
    // A write to a volume moves no stamp of snapshots: only what the texts are of tells.
    const query = `query ($first: Int!) { volumeSnapshots(first: $first) { nodes { volume { id name } } } }`;
    const ask = async (variables: object) => {
      parts = [];
      return (await client.ask<Snapshots>(query, { first: 7, ...variables })).data.volumeSnapshots.nodes;
    };
    const runs = async (variables: object) => {
      await ask(variables);
      return parts;
    };
    let number = 0;
    await expect.poll(() => runs({ number: ++number }), { timeout: 15_000 }).toEqual(['outline']);
    // The same question again and again is answered by outline and texts until it is kept whole.
    await expect.poll(() => runs({}), { timeout: 15_000 }).toEqual([]);
    const [before] = await ask({});
    const id = before?.volume.id;
    await client.ask('mutation ($id: ID!) { updateVolume(id: $id, input: { name: "other" }) { volume { id } } }', {
      id,
    });
    const [after] = await ask({});
    await whole.stop();
    expect(before?.volume.name).not.toBe('other');
    expect(after?.volume).toEqual({ id, name: 'other' });
  });

  it("are each asker's own", async () => {
    const query = `query ($first: Int!) { servers(first: $first) { nodes { ${ROW} } } }`;
    await known(alice, query, { first: 45 });
    const bob = await demo.login(BOB);
    const { text, ran } = await asked(bob, query, { first: 45 });
    expect(ran).toEqual(['whole']);
    expect(text).not.toBe((await asked(alice, query, { first: 45 })).text);
  });

  it.each([
    ['rows found by their ids', ADMIN, `query ($first: Int!) { servers(first: $first) { nodes { ${ROW} } } }`],
    [
      'rows of several types',
      ALICE,
      'query ($first: Int!) { floatingIps(first: $first) { nodes { id port { device { __typename ... on Server { name } } } } } }',
    ],
    ['few rows', ALICE, 'query ($first: Int!) { servers(first: $first) { nodes { name flavor { name } } } }'],
  ])('are not resolved again with %s', async (_what, user, query) => {
    await known(await demo.login(user), query, { first: 3 });
  });

  it.each([
    [
      'something refused',
      ALICE,
      'query ($first: Int!) { networks(first: $first) { nodes { name project { name } } } }',
    ],
    [
      'fragments that hide them',
      ALICE,
      'query ($first: Int!) { servers(first: $first) { ...P } } fragment P on ServerConnection { nodes { name } }',
    ],
    ['the asker', ALICE, 'query ($first: Int!) { me { user { name } } servers(first: $first) { nodes { name } } }'],
  ])('are resolved each time with %s', async (what, user, query) => {
    const client = await demo.login(user);
    for (let times = 0; times < 5; times += 1) {
      const { text, ran } = await asked(client, query, { first: 50 });
      expect(ran).not.toContain('outline');
      if (what === 'something refused') expect(text).toContain('"extensions":{"refused":[');
    }
  });
});
