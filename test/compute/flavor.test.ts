import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ADMIN, ALICE, type Client, type DemoGateway, startDemoGateway } from '../support/demo-gateway.js';
import { idOf, made, restCalls } from '../support/rest-calls.js';

interface Flavors {
  readonly flavors: {
    readonly nodes: readonly { readonly name: string; readonly servers: readonly { readonly id: string }[] }[];
    readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string };
  };
}

let demo: DemoGateway;
let alice: Client;

beforeAll(async () => {
  demo = await startDemoGateway({ pace: 0 });
  alice = await demo.login(ALICE);
});

afterAll(() => demo.stop());

async function names(args: string, client = alice): Promise<readonly string[]> {
  const { data } = await client.ask<Flavors>(`{ flavors(${args}) { nodes { name } } }`);
  return data.flavors.nodes.map(({ name }) => name);
}

describe('flavors', () => {
  it('are read once, however they are filtered, sorted, paged or asked for one by one', async () => {
    const fresh = await demo.login(ALICE);
    await fresh.ask('{ flavors(first: 1) { nodes { id } } }', {}, { 'cache-control': 'no-cache' });
    const id = await idOf(fresh, 'flavors', 'm1.small');
    const answer = await fresh.ask(
      `query ($id: ID!) { flavor(id: $id) { name vcpus ram disk ephemeral swap isPublic disabled description }
        flavors(filter: { maxRam: 512 }, orderBy: { field: RAM }) { nodes { name } } }`,
      { id },
    );
    expect(restCalls(answer)).toEqual([]);
    const small = { name: 'm1.small', vcpus: 1, ram: 2048, disk: 20, ephemeral: 0, swap: 0, description: null };
    expect(answer.data).toEqual({
      flavor: { ...small, isPublic: true, disabled: false },
      flavors: { nodes: [{ name: 'm1.nano' }, { name: 'm1.tiny' }] },
    });
  });

  it('can be chosen by name, part of a name whatever the case, and size from and to', async () => {
    expect(await names('filter: { name: "m1.small" }')).toEqual(['m1.small']);
    expect(await names('filter: { name: "M1.small" }')).toEqual([]);
    expect(await names('filter: { name: "m1.s" }')).toEqual([]);
    expect(await names('filter: { nameMatches: "LARGE" }, orderBy: { field: NAME }')).toEqual(['c1.large', 'm1.large']);
    expect(await names('filter: { minVcpus: 4, maxVcpus: 8 }, orderBy: { field: VCPUS }')).toEqual([
      'm1.large',
      'c1.large',
    ]);
    expect(await names('filter: { minRam: 2048, maxRam: 4096, minDisk: 40 }, orderBy: { field: NAME }')).toEqual([
      'c1.large',
      'm1.medium',
    ]);
    expect(await names('filter: { isPublic: false }')).toEqual([]);
    expect(await names('filter: { disabled: true }')).toEqual([]);
    expect(await names('filter: { extraSpecs: [{ key: "hw:cpu_policy", value: "dedicated" }] }')).toEqual([]);
  });

  it('sort numbers as numbers, in both directions', async () => {
    const up = ['m1.nano', 'm1.tiny', 'm1.small', 'm1.medium', 'm1.large'];
    expect(await names('filter: { nameMatches: "m1." }, orderBy: { field: RAM }')).toEqual(up);
    expect(await names('filter: { nameMatches: "m1." }, orderBy: { field: RAM, direction: DESC }')).toEqual(
      [...up].reverse(),
    );
  });

  it('come page by page, each once', async () => {
    const seen: string[] = [];
    let after: string | null = null;
    do {
      const query = `query ($after: String) { flavors(first: 3, after: $after, orderBy: { field: NAME }) {
        nodes { name } pageInfo { hasNextPage endCursor } } }`;
      const { data }: { data: Flavors } = await alice.ask<Flavors>(query, { after });
      seen.push(...data.flavors.nodes.map(({ name }) => name));
      after = data.flavors.pageInfo.hasNextPage ? data.flavors.pageInfo.endCursor : null;
    } while (after !== null);
    expect(seen).toEqual([...(await names('first: 1000'))].sort());
  });

  it('that are none are null, whatever their ids look like', async () => {
    const { data } = await alice.ask('{ a: flavor(id: "42") { id } b: flavor(id: "no such flavor") { id } }');
    expect(data).toEqual({ a: null, b: null });
  });
});

describe("a flavor's servers", () => {
  const QUERY = 'query ($name: String!) { flavors(filter: { name: $name }) { nodes { servers { id } } } }';

  async function serversOf(client: Client, name: string): Promise<readonly string[]> {
    const { data } = await client.ask<Flavors>(QUERY, { name });
    return data.flavors.nodes[0]?.servers.map(({ id }) => id) ?? [];
  }

  it('cost a call per flavor and are those that name it back', async () => {
    const answer = await alice.ask<Flavors>(
      '{ flavors(filter: { nameMatches: "large" }) { nodes { name servers { name flavor { name } } } } }',
      {},
      { 'cache-control': 'no-cache' },
    );
    expect(restCalls(answer).filter((call) => call === 'GET /servers/detail')).toHaveLength(2);
    const { flavors } = answer.data as unknown as {
      readonly flavors: { readonly nodes: { name: string; servers: { flavor: { name: string } }[] }[] };
    };
    for (const { name, servers } of flavors.nodes) {
      expect(servers.length).toBeGreaterThan(0);
      expect(servers.every(({ flavor }) => flavor.name === name)).toBe(true);
    }
  });

  it("are every project's to an admin, the project's own to a member", async () => {
    const own = await serversOf(alice, 'm1.large');
    const all = await serversOf(await demo.login(ADMIN), 'm1.large');
    expect(all).toEqual(expect.arrayContaining([...own]));
    expect(all.length).toBeGreaterThan(own.length);
  });

  it('change with each server that comes or goes, though they were cached', async () => {
    const before = await serversOf(alice, 'm1.nano');
    const [flavorId, imageId] = await Promise.all([
      idOf(alice, 'flavors', 'm1.nano'),
      idOf(alice, 'images', 'debian-12'),
    ]);
    const input = { name: 'one-more', flavorId, imageId, networkAllocation: 'NONE' };
    const id = await made(alice, 'createServer', input);
    expect(await serversOf(alice, 'm1.nano')).toEqual([id, ...before]);
    await demo.cloud.settled();
    await alice.ask('mutation ($id: ID!) { deleteServer(id: $id) { id } }', { id });
    await demo.cloud.settled();
    expect(await serversOf(alice, 'm1.nano')).toEqual(before);
  });
});
