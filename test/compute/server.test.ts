import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ADMIN, ALICE, type Client, type DemoGateway, startDemoGateway } from '../support/demo-gateway.js';
import { faultOf, idOf, made, restCalls } from '../support/rest-calls.js';

const ONE = (fields: string) => `query ($id: ID!) { server(id: $id) { ${fields} } }`;

interface Servers {
  readonly servers: {
    readonly nodes: readonly {
      readonly id: string;
      readonly name: string;
      readonly status: string;
      readonly flavor: { readonly id: string };
    }[];
  };
}

let demo: DemoGateway;
let alice: Client;
let admin: Client;
let flavorId: string;
let imageId: string;

beforeAll(async () => {
  demo = await startDemoGateway({ pace: 0 });
  [alice, admin] = await Promise.all([demo.login(ALICE), demo.login(ADMIN)]);
  [flavorId, imageId] = await Promise.all([idOf(alice, 'flavors', 'm1.tiny'), idOf(alice, 'images', 'debian-12')]);
});

afterAll(() => demo.stop());

async function newServer(name: string, more: object = {}): Promise<string> {
  const id = await made(alice, 'createServer', { name, flavorId, imageId, networkAllocation: 'NONE', ...more });
  await demo.cloud.settled();
  return id;
}

describe('a server', () => {
  it('tells power as a word, addresses of every network as one list, and "" as null', async () => {
    const id = await idOf(alice, 'servers', 'web-001');
    const fields =
      'status powerState vmState taskState accessIpv4 terminatedAt configDrive addresses { networkName version type } ports { macAddress } addressesAgain: addresses { macAddress }';
    const { data } = await alice.ask<{ server: { ports: { macAddress: string }[] } }>(ONE(fields), { id });
    const [port] = data.server.ports;
    expect(data.server).toMatchObject({
      status: 'ACTIVE',
      powerState: 'RUNNING',
      vmState: 'active',
      taskState: null,
      accessIpv4: null,
      terminatedAt: null,
      configDrive: false,
      addresses: [
        { networkName: 'front', version: 4, type: 'fixed' },
        { networkName: 'front', version: 4, type: 'floating' },
      ],
      addressesAgain: [{ macAddress: port?.macAddress }, { macAddress: port?.macAddress }],
    });
    const off = await alice.ask(ONE('status powerState'), { id: await idOf(alice, 'servers', 'app-007') });
    expect(off.data).toEqual({ server: { status: 'SHUTOFF', powerState: 'SHUTDOWN' } });
  });

  it('finds its flavor by the name that it remembers, and its groups by way of its ports', async () => {
    const fields =
      'flavor { id name ram } flavorSnapshot { originalName ram } securityGroups { name } securityGroupNames';
    const tiny = await alice.ask<Servers>('query ($id: ID!) { servers(filter: { flavorId: $id }) { nodes { id } } }', {
      id: flavorId,
    });
    const { data } = await alice.ask(ONE(fields), { id: tiny.data.servers.nodes[0]?.id });
    expect(data).toEqual({
      server: {
        flavor: { id: flavorId, name: 'm1.tiny', ram: 512 },
        flavorSnapshot: { originalName: 'm1.tiny', ram: 512 },
        securityGroups: [{ name: 'ssh' }, { name: 'monitoring' }],
        securityGroupNames: ['ssh', 'monitoring'],
      },
    });
  });

  it('has no image where it boots from a volume, which knows it', async () => {
    const volumeId = await made(alice, 'createVolume', { name: 'root', size: 1, imageId });
    await demo.cloud.settled();
    const blockDevices = [{ sourceType: 'VOLUME', sourceId: volumeId, deleteOnTermination: true }];
    const id = await newServer('from-volume', { imageId: undefined, blockDevices });
    const fields =
      'imageId image { id } volumes { id imageId image { name } } volumesAttached { volumeId deleteOnTermination volume { name } }';
    expect((await alice.ask(ONE(fields), { id })).data).toEqual({
      server: {
        imageId: null,
        image: null,
        volumes: [{ id: volumeId, imageId, image: { name: 'debian-12' } }],
        volumesAttached: [{ volumeId, deleteOnTermination: true, volume: { name: 'root' } }],
      },
    });
  });

  it('costs a call for its fault only where the list left it out', async () => {
    const broken = await alice.ask<Servers>('{ servers(filter: { status: [ERROR] }) { nodes { id } } }');
    const id = broken.data.servers.nodes[0]?.id;
    const answer = await alice.ask<{ servers: { nodes: { id: string; fault: { code: number } | null }[] } }>(
      '{ servers(first: 60) { nodes { id fault { code message details } } } }',
      {},
      { 'cache-control': 'no-cache' },
    );
    expect(restCalls(answer)).toEqual([`GET /servers/${id}`, 'GET /servers/detail']);
    const faults = answer.data.servers.nodes.filter(({ fault }) => fault !== null);
    expect(faults).toEqual([{ id, fault: { code: 500, message: 'No valid host was found. ', details: null } }]);
  });

  it('costs a call per row for what only a GET has', async () => {
    const query = '{ servers(first: 3) { nodes { serverGroupIds } } }';
    const answer = await alice.ask(query, {}, { 'cache-control': 'no-cache' });
    expect(restCalls(answer).filter((call) => call !== 'GET /servers/detail')).toHaveLength(3);
    expect(answer.data).toEqual({ servers: { nodes: Array.from({ length: 3 }, () => ({ serverGroupIds: [] })) } });
  });

  it('shows its host to an admin alone', async () => {
    const id = await idOf(alice, 'servers', 'web-001');
    const fields = 'host hypervisorHostname instanceName hostStatus rootDeviceName';
    const [member, operator] = await Promise.all([alice, admin].map((who) => who.ask(ONE(fields), { id })));
    expect(member?.data).toEqual({
      server: { host: null, hypervisorHostname: null, instanceName: null, hostStatus: null, rootDeviceName: null },
    });
    expect(operator?.data).toMatchObject({
      server: { host: expect.stringMatching(/^compute-/), hostStatus: 'UP', rootDeviceName: expect.any(String) },
    });
  });

  it('reads all relations of all rows in one call per type', async () => {
    const fields =
      'project { name } flavor { id } image { id } ports { id network { id } } floatingIps { id } securityGroups { id } volumes { id }';
    const answer = await alice.ask(
      `{ servers(first: 60) { nodes { ${fields} } } }`,
      {},
      { 'cache-control': 'no-cache' },
    );
    expect(restCalls(answer)).toEqual([
      'GET /flavors/detail',
      'GET /floatingips',
      'GET /images',
      'GET /networks',
      'GET /ports',
      expect.stringMatching(/^GET \/projects\//),
      'GET /security-groups',
      'GET /servers/detail',
      'GET /volumes/detail',
    ]);
  });
});

describe('servers(filter)', () => {
  async function names(filter: object, client = alice, more = ''): Promise<readonly string[]> {
    const query = `query ($filter: ServerFilter) { servers(first: 1000, filter: $filter${more}) { nodes { name } } }`;
    const { data } = await client.ask<{ servers: { nodes: { name: string }[] } }>(query, { filter });
    return data.servers.nodes.map(({ name }) => name).sort();
  }

  it('takes a name as it is, not as the regular expression that Nova would', async () => {
    for (const name of ['dot.1', 'dotX1', 'dot.10', 'DOT.1', 'a|b']) await newServer(name, { hostname: 'dotted' });
    expect(await names({ name: 'dot.1' })).toEqual(['dot.1']);
    expect(await names({ name: 'a|b' })).toEqual(['a|b']);
    expect(await names({ name: '.*' })).toEqual([]);
    expect(await names({ nameMatches: '^dot.1' })).toEqual(['DOT.1', 'dot.1', 'dot.10', 'dotX1']);
    expect(await names({ hostname: 'dotte' })).toEqual([]);
  });

  it('takes any of several states, power as a word, and what no server has', async () => {
    const { data } = await alice.ask<Servers>('{ servers(first: 1000) { nodes { name status flavor { id } } } }');
    const where = (test: (server: Servers['servers']['nodes'][number]) => boolean) =>
      data.servers.nodes
        .filter(test)
        .map(({ name }) => name)
        .sort();
    const off = where(({ status }) => status === 'SHUTOFF');
    expect(off).toContain('app-007');
    expect(await names({ powerState: 'SHUTDOWN' })).toEqual(off);
    const broken = where(({ status }) => status === 'ERROR');
    expect(await names({ status: ['SHUTOFF', 'ERROR'] })).toEqual([...off, ...broken].sort());
    const tiny = where(({ flavor }) => flavor.id === flavorId);
    expect(tiny.length).toBeGreaterThan(0);
    expect(await names({ flavorId })).toEqual(tiny);
    expect(await names({ locked: true })).toEqual([]);
  });

  it('gives a member nothing, not everything, for a filter that Nova keeps for admins', async () => {
    for (const filter of [{ host: 'compute-1' }, { hypervisorHostname: 'compute-1' }, { descriptionMatches: 'x' }]) {
      expect(await names(filter)).toEqual([]);
    }
    const onHost = await names({ host: 'compute-1' }, admin);
    expect(onHost.length).toBeGreaterThan(3);
    const all = await names({ host: 'compute-1' }, admin, ', allProjects: true');
    expect(all.length).toBeGreaterThan(onHost.length);
  });

  it('refuses an empty list of values, since it would mean all', async () => {
    const answer = await alice.tell('{ servers(filter: { tags: [] }) { nodes { id } } }');
    expect(faultOf(answer)).toMatchObject({ code: 'BAD_USER_INPUT', argument: 'filter.tags' });
  });
});
