import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { memcachedInstalled, type RunningMemcached, startMemcached, why } from './memcached.js';
import { ADMIN, ALICE, BOB, Client, type DemoGateway, READER, startDemoGateway } from './support/demo-gateway.js';

const PAGE = `{ servers(first: 60) { nodes {
  id name status flavor { name } image { name size }
  ports { id network { name } securityGroups { name } floatingIps { floatingIpAddress } } volumes { id name }
} } }`;

interface Nodes {
  readonly servers: {
    readonly nodes: readonly { readonly id: string; readonly name: string; readonly status: string }[];
  };
}

describe('a gateway over the demo cloud', () => {
  let demo: DemoGateway;
  let alice: Client;

  beforeAll(async () => {
    demo = await startDemoGateway({ pace: 0 });
    alice = await demo.login(ALICE);
  });

  afterAll(() => demo.stop());

  it('answers the instances page in one REST call per type, and again in none', async () => {
    const cold = await alice.ask<Nodes>(PAGE);
    const calls = cold.extensions?.explain?.rest.filter(({ path }) => path !== '/') ?? [];
    expect(cold.data.servers.nodes.length).toBeGreaterThan(30);
    expect(calls.length).toBeLessThanOrEqual(10);
    const warm = await alice.ask<Nodes>(PAGE);
    expect(warm.extensions?.explain?.rest).toEqual([]);
    expect(warm.data).toEqual(cold.data);
  });

  it('shows bob nothing of what alice has cached, and the reader all of it', async () => {
    const [bob, reader] = await Promise.all([demo.login(BOB), demo.login(READER)]);
    const ids = async (client: Client) => (await client.ask<Nodes>(PAGE)).data.servers.nodes.map(({ id }) => id);
    const [ofAlice, ofBob, ofReader] = await Promise.all([ids(alice), ids(bob), ids(reader)]);
    expect(ofReader).toEqual(ofAlice);
    expect(ofBob.length).toBeGreaterThan(0);
    expect(ofBob.filter((id) => ofAlice.includes(id))).toEqual([]);
    const asked = await bob.ask<{ server: null }>('query ($id: ID!) { server(id: $id) { name } }', { id: ofAlice[0] });
    expect(asked.data.server).toBeNull();
  });

  it('gives a refused relation as null with one note for all rows, and the rest of the answer', async () => {
    const admin = await demo.login(ADMIN);
    const all = await admin.ask<Nodes>(
      '{ servers(allProjects: true, first: 60) { nodes { id name status project { name } } } }',
    );
    expect(all.data.servers.nodes).toHaveLength(60);
    const refused = await alice.tell<{ servers: null }>(
      '{ servers(allProjects: true) { nodes { id } } me { user { name } } }',
    );
    expect(refused.errors?.[0]?.extensions).toMatchObject({ code: 'FORBIDDEN', service: 'compute', status: 403 });
    expect(refused.data).toEqual({ servers: null, me: { user: { name: 'alice' } } });
  });

  it('calls nothing but Keystone for a token that is none, and says UNAUTHENTICATED', async () => {
    for (const token of [null, 'not-a-token', 'gAAAAABnotreal']) {
      const answer = await new Client(demo.urls[0] ?? '', token).tell<null>(PAGE);
      expect(answer.status).toBe(401);
      expect(answer.errors?.[0]?.extensions['code']).toBe('UNAUTHENTICATED');
      const services = answer.extensions?.explain?.rest.map(({ service }) => service) ?? [];
      expect(services.every((service) => service === 'identity')).toBe(true);
    }
  });

  it('pages through a list so that every row comes once, and refuses a cursor of another list', async () => {
    interface Page {
      readonly servers: {
        readonly nodes: readonly { readonly id: string }[];
        readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string };
      };
    }
    const query =
      'query ($after: String, $filter: ServerFilter) { servers(first: 7, after: $after, filter: $filter) { nodes { id } pageInfo { hasNextPage endCursor } } }';
    const seen: string[] = [];
    let after: string | null = null;
    do {
      const { data }: { data: Page } = await alice.ask<Page>(query, { after });
      seen.push(...data.servers.nodes.map(({ id }) => id));
      after = data.servers.pageInfo.hasNextPage ? data.servers.pageInfo.endCursor : null;
    } while (after !== null);
    const whole = (await alice.ask<Nodes>('{ servers(first: 1000) { nodes { id name status } } }')).data.servers.nodes;
    expect(seen).toEqual(whole.map(({ id }) => id));
    const { data } = await alice.ask<Page>(query);
    const other = await alice.tell(query, { after: data.servers.pageInfo.endCursor, filter: { name: 'web-001' } });
    expect(other.errors?.[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT', argument: 'after' });
  });

  it('shows a password once, and keeps it nowhere', async () => {
    const { data } = await alice.ask<{
      flavors: { nodes: { id: string; name: string }[] };
      images: { nodes: { id: string }[] };
    }>('{ flavors { nodes { id name } } images { nodes { id } } }');
    const input = {
      name: 'with-password',
      flavorId: data.flavors.nodes.find(({ name }) => name === 'm1.tiny')?.id,
      imageId: data.images.nodes[0]?.id,
      networkAllocation: 'NONE',
    };
    const create =
      'mutation ($input: CreateServerInput!) { createServer(input: $input) { adminPassword server { id } } }';
    const made = await alice.ask<{ createServer: { adminPassword: string; server: { id: string } } }>(create, {
      input,
    });
    const { adminPassword, server } = made.data.createServer;
    expect(adminPassword).toMatch(/\S{8,}/);
    const again = await alice.ask('query ($id: ID!) { server(id: $id) { id name metadata { key value } } }', server);
    expect(JSON.stringify(again)).not.toContain(adminPassword);
    await alice.ask('mutation ($id: ID!) { deleteServer(id: $id) { id } }', server);
  });

  it('logs in once per operation', async () => {
    const input = { password: { username: 'alice', password: 'alice-secret', userDomainName: 'Default' } };
    const twice =
      'mutation ($input: IssueTokenInput!) { a: issueToken(input: $input) { token } b: issueToken(input: $input) { token } }';
    const answer = await alice.tell(twice, { input });
    expect(answer.errors?.map(({ extensions }) => extensions['code'])).toEqual(['BAD_USER_INPUT', 'BAD_USER_INPUT']);
  });
});

if (!memcachedInstalled) console.warn(`skipped: two gateways with one memcached (${why})`);

describe.runIf(memcachedInstalled)('two gateways with one memcached', () => {
  let memcached: RunningMemcached;
  let demo: DemoGateway;
  let here: Client;
  let there: Client;

  beforeAll(async () => {
    memcached = await startMemcached();
    const env = { MEMCACHED_SERVERS: memcached.address, CACHE_SECRET: 'of-no-worth-yet-thirty-two-bytes-long' };
    demo = await startDemoGateway({ pace: 0 }, env, 2);
    here = await demo.login(ALICE);
    there = here.at(demo.urls[1] ?? '');
  });

  afterAll(async () => {
    await demo.stop();
    await memcached.stop();
  });

  const NETWORK = 'query ($id: ID!) { network(id: $id) { name } networks(first: 1000) { nodes { id name } } }';
  interface Seen {
    readonly network: { readonly name: string } | null;
    readonly networks: { readonly nodes: readonly { readonly id: string; readonly name: string }[] };
  }

  async function seenAt(client: Client, id: string): Promise<readonly (string | undefined)[]> {
    const { data } = await client.ask<Seen>(NETWORK, { id });
    return [data.network?.name, data.networks.nodes.find((network) => network.id === id)?.name];
  }

  it('share what either has read', async () => {
    await here.ask(PAGE);
    const answer = await there.ask(PAGE);
    expect(answer.extensions?.explain?.rest.filter(({ path }) => path !== '/')).toEqual([]);
  });

  it('never show at the one the state before a mutation at the other', async () => {
    const made = await here.ask<{ createNetwork: { network: { id: string } } }>(
      'mutation { createNetwork(input: { name: "round-0" }) { network { id } } }',
    );
    const { id } = made.data.createNetwork.network;
    for (let round = 1; round <= 20; round += 1) {
      expect(await seenAt(there, id)).toEqual([`round-${round - 1}`, `round-${round - 1}`]);
      const writer = round % 2 === 0 ? here : there;
      const other = round % 2 === 0 ? there : here;
      await seenAt(other, id);
      await writer.ask(
        'mutation ($id: ID!, $name: String!) { updateNetwork(id: $id, input: { name: $name }) { network { name } } }',
        {
          id,
          name: `round-${round}`,
        },
      );
      expect(await seenAt(other, id)).toEqual([`round-${round}`, `round-${round}`]);
    }
    await here.ask('mutation ($id: ID!) { deleteNetwork(id: $id) { id accepted } }', { id });
    expect(await seenAt(there, id)).toEqual([undefined, undefined]);
  });

  it('refuse a revoked token at once, and nobody else with it', async () => {
    const other = await demo.login(ALICE);
    await other.ask('mutation { revokeToken { revoked } }');
    const refused = await other.tell('{ me { user { name } } }');
    expect(refused.status).toBe(401);
    expect((await there.ask('{ me { user { name } } }')).status).toBe(200);
  });

  it('go on answering when memcached is killed', async () => {
    await memcached.kill();
    const answer = await there.ask<Nodes>(PAGE);
    expect(answer.data.servers.nodes.length).toBeGreaterThan(30);
    await memcached.start();
  });
});
