import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { port } from '../../src/services/network/port.js';
import { ADMIN, ALICE, BOB, type Client, type DemoGateway, startDemoGateway } from '../support/demo-gateway.js';
import { faultOf, idOf, made, restCalls } from '../support/rest-calls.js';

const SUBNET = '42a28301-b402-4d0d-acf4-a220db05f4fc';

const DELETE = 'mutation ($id: ID!) { deletePort(id: $id) { id accepted } }';
const FIELDS =
  'name description adminStateUp status deviceId deviceOwner securityGroupIds allowedAddressPairs { ipAddress }';
const UPDATE = `mutation ($id: ID!, $input: UpdatePortInput!) { updatePort(id: $id, input: $input) { port { ${FIELDS} } } }`;

describe('a port over the demo cloud', () => {
  let demo: DemoGateway;
  let alice: Client;
  let front: string;

  beforeAll(async () => {
    demo = await startDemoGateway({ pace: 0 });
    alice = await demo.login(ALICE);
    front = await idOf(alice, 'networks', 'front');
  });

  afterAll(() => demo.stop());

  it('has an address of its network and the default group unless told otherwise', async () => {
    const query = `mutation ($input: CreatePortInput!) { createPort(input: $input) { port {
      status deviceId deviceOwner device { __typename } fixedIps { subnet { name } } securityGroups { name } network { name } } } }`;
    const shown = { status: 'DOWN', deviceId: null, deviceOwner: null, device: null, network: { name: 'front' } };
    const plain = await alice.ask(query, { input: { networkId: front } });
    const usual = { fixedIps: [{ subnet: { name: 'front-v4' } }], securityGroups: [{ name: 'default' }] };
    expect(plain.data).toEqual({ createPort: { port: { ...shown, ...usual } } });
    const bare = await alice.ask(query, { input: { networkId: front, fixedIps: [], securityGroupIds: [] } });
    expect(bare.data).toEqual({ createPort: { port: { ...shown, fixedIps: [], securityGroups: [] } } });
  });

  it('keeps what an update does not name, and loses what it names as null or empty', async () => {
    const groups = [await idOf(alice, 'securityGroups', 'ssh'), await idOf(alice, 'securityGroups', 'web')];
    const given = { name: 'changing', description: 'before', securityGroupIds: groups, deviceOwner: 'by:hand' };
    const pairs = [{ ipAddress: '10.10.1.1' }];
    const id = await made(alice, 'createPort', { networkId: front, ...given, allowedAddressPairs: pairs });
    const change = async (input: object) => (await alice.ask(UPDATE, { id, input })).data;
    const kept = { ...given, name: 'changed', adminStateUp: false, allowedAddressPairs: pairs };
    const updated = { adminStateUp: false, name: 'changed' };
    expect(await change(updated)).toMatchObject({ updatePort: { port: kept } });
    const cleared = { ...kept, description: '', deviceOwner: null, securityGroupIds: [], allowedAddressPairs: [] };
    const nothing = { description: null, deviceOwner: null, securityGroupIds: [], allowedAddressPairs: [] };
    expect(await change(nothing)).toMatchObject({ updatePort: { port: cleared } });
  });

  it('deleted is gone from its server, network and group and loosens its floating IP, all of which were cached', async () => {
    const query = `query ($server: ID!, $network: ID!, $group: ID!, $floatingIp: ID!) {
      server(id: $server) { ports { id } addresses { address } floatingIps { id } }
      network(id: $network) { ports { id } } securityGroup(id: $group) { ports { id } }
      floatingIp(id: $floatingIp) { portId port { id } fixedIpAddress routerId portDetails { deviceId } } }`;
    interface Seen {
      readonly server: { ports: { id: string }[]; addresses: object[]; floatingIps: { id: string }[] };
      readonly network: { ports: { id: string }[] };
      readonly securityGroup: { ports: { id: string }[] };
      readonly floatingIp: object;
    }
    const server = await idOf(alice, 'servers', 'web-001');
    const first = await alice.ask<Seen>('query ($id: ID!) { server(id: $id) { ports { id } floatingIps { id } } }', {
      id: server,
    });
    const [id] = first.data.server.ports.map((one) => one.id);
    const [floatingIp] = first.data.server.floatingIps.map((one) => one.id);
    const group = await idOf(alice, 'securityGroups', 'web');
    const variables = { server, network: front, group, floatingIp };
    const before = (await alice.ask<Seen>(query, variables)).data;
    expect(before.floatingIp).toMatchObject({ portId: id, port: { id }, portDetails: { deviceId: server } });
    expect(before.network.ports).toContainEqual({ id });
    expect(before.securityGroup.ports).toContainEqual({ id });
    expect(before.server.addresses).toHaveLength(2);

    expect((await alice.ask(DELETE, { id })).data).toEqual({ deletePort: { id, accepted: false } });
    const after = (await alice.ask<Seen>(query, variables)).data;
    expect(after.server).toEqual({ ports: [], addresses: [], floatingIps: [] });
    expect(after.network.ports).toEqual(before.network.ports.filter((one) => one.id !== id));
    expect(after.securityGroup.ports).toEqual(before.securityGroup.ports.filter((one) => one.id !== id));
    const loose = { portId: null, port: null, fixedIpAddress: null, routerId: null, portDetails: null };
    expect(after.floatingIp).toEqual(loose);
  });

  it("of another project that an admin changes or deletes is so in that project's cached answers", async () => {
    const [admin, bob] = await Promise.all([demo.login(ADMIN), demo.login(BOB)]);
    const id = await idOf(bob, 'servers', 'web-001');
    const query = 'query ($id: ID!) { server(id: $id) { ports { id name } floatingIps { id } addresses { type } } }';
    interface Seen {
      readonly server: { readonly ports: { readonly id: string }[] };
    }
    const look = async () => (await bob.ask<Seen>(query, { id })).data.server;
    const before = await look();
    const port = before.ports[0]?.id;
    await admin.ask(UPDATE, { id: port, input: { name: 'renamed' } });
    expect(await look()).toEqual({ ...before, ports: [{ id: port, name: 'renamed' }] });
    await admin.ask(DELETE, { id: port });
    expect(await look()).toEqual({ ports: [], floatingIps: [], addresses: [] });
  });

  it("given to other groups tells the server's groups anew", async () => {
    const id = await idOf(alice, 'servers', 'web-003');
    const query = 'query ($id: ID!) { server(id: $id) { ports { id } securityGroupNames securityGroups { name } } }';
    const look = async () => (await alice.ask<{ server: { ports: { id: string }[] } }>(query, { id })).data.server;
    const before = await look();
    expect(before).toMatchObject({
      securityGroupNames: ['ssh', 'web'],
      securityGroups: [{ name: 'ssh' }, { name: 'web' }],
    });
    const db = await idOf(alice, 'securityGroups', 'db');
    await alice.ask(UPDATE, { id: before.ports[0]?.id, input: { securityGroupIds: [db] } });
    expect(await look()).toMatchObject({ securityGroupNames: ['db'], securityGroups: [{ name: 'db' }] });
  });

  it("of a router cannot be deleted, and neither router's nor free ports have a server", async () => {
    const query = `query ($owner: [String!]) { ports(filter: { deviceOwner: $owner }) {
      nodes { id deviceId deviceOwner device { __typename } } } }`;
    const { data } = await alice.ask<{
      ports: { nodes: { id: string; deviceId: string | null; device: object | null }[] };
    }>(query, { owner: ['network:router_interface'] });
    expect(data.ports.nodes).toHaveLength(3);
    expect(data.ports.nodes.every(({ deviceId, device }) => deviceId !== null && device === null)).toBe(true);
    const answer = await alice.tell(DELETE, { id: data.ports.nodes[0]?.id });
    expect(faultOf(answer)).toMatchObject({ code: 'CONFLICT', service: 'network', status: 409 });
  });

  it('tells an admin alone where it is bound', async () => {
    const id = await idOf(alice, 'servers', 'web-004');
    const query =
      'query ($id: ID!) { server(id: $id) { ports { bindingVnicType bindingHostId bindingVifType bindingProfile } } }';
    const host = (await (await demo.login(ADMIN)).ask(query, { id })).data;
    expect(host).toEqual({
      server: {
        ports: [
          {
            bindingVnicType: 'normal',
            bindingHostId: expect.stringMatching(/^compute-/),
            bindingVifType: 'ovs',
            bindingProfile: {},
          },
        ],
      },
    });
    const none = { bindingVnicType: 'normal', bindingHostId: null, bindingVifType: null, bindingProfile: null };
    expect((await alice.ask(query, { id })).data).toEqual({ server: { ports: [none] } });
  });

  it('is found by its address, part of it, its subnet, its group, its server', async () => {
    const [server, subnet, group] = await Promise.all([
      idOf(alice, 'servers', 'mon-001'),
      idOf(alice, 'subnets', 'data-v4'),
      idOf(alice, 'securityGroups', 'monitoring'),
    ]);
    const find = async (filter: string) => {
      const query = `{ ports(filter: { ${filter} }, first: 1000) { nodes { deviceId fixedIps { ipAddress subnetId } securityGroupIds } } }`;
      interface Found {
        readonly ports: {
          readonly nodes: {
            readonly deviceId: string;
            readonly fixedIps: { ipAddress: string; subnetId: string }[];
            readonly securityGroupIds: string[];
          }[];
        };
      }
      return (await alice.ask<Found>(query)).data.ports.nodes;
    };
    const [own, ...more] = await find(`deviceId: ["${server}"]`);
    const address = own?.fixedIps[0]?.ipAddress ?? '';
    expect(more).toEqual([]);
    expect(await find(`ipAddress: "${address}"`)).toEqual([own]);
    expect(await find(`ipAddress: "${address.slice(0, -1)}"`)).toEqual([]);
    const similar = await find(`ipAddressMatches: "${address.slice(0, -1)}"`);
    expect(similar).toContainEqual(own);
    expect(similar.every(({ fixedIps }) => fixedIps[0]?.ipAddress.includes(address.slice(0, -1)))).toBe(true);
    const onData = await find(`subnetId: ["${subnet}"]`);
    expect(onData.length).toBeGreaterThan(3);
    expect(onData.every(({ fixedIps }) => fixedIps[0]?.subnetId === subnet)).toBe(true);
    const guarded = await find(`securityGroupId: ["${group}"], status: [ACTIVE]`);
    expect(guarded).toContainEqual(own);
    expect(guarded.every(({ securityGroupIds }) => securityGroupIds.includes(group))).toBe(true);
    expect(await find(`securityGroupId: ["${group}"], status: [N_A, BUILD]`)).toEqual([]);
  });

  it('reads what belongs to all of them in one call per type', async () => {
    const fields =
      'network { id } device { ... on Server { name } } securityGroups { id } fixedIps { subnet { id } } floatingIps { id }';
    const answer = await alice.ask(
      `{ ports(first: 500) { nodes { ${fields} } } }`,
      {},
      { 'cache-control': 'no-cache' },
    );
    expect(restCalls(answer)).toEqual([
      'GET /floatingips',
      'GET /networks',
      'GET /ports',
      'GET /security-groups',
      'GET /servers/detail',
      'GET /subnets',
    ]);
  });
});

describe('Port.device', () => {
  const { device } = port.relations;

  it('is the server where the owner is compute with any availability zone', () => {
    expect(pick({ device_id: 'a', device_owner: 'compute:nova' })).toEqual({ type: 'Server', id: 'a' });
    expect(pick({ device_id: 'a', device_owner: 'compute:' })).toEqual({ type: 'Server', id: 'a' });
  });

  it('is nothing where a router, DHCP or nobody uses the port', () => {
    expect(pick({ device_id: 'a', device_owner: 'network:router_interface' })).toBeNull();
    expect(pick({ device_id: 'a', device_owner: '' })).toBeNull();
    expect(pick({ device_id: '', device_owner: 'compute:nova' })).toBeNull();
  });

  function pick(row: Record<string, unknown>) {
    if (device.kind !== 'oneOf') throw new Error(`expected a choice of types, got ${device.kind}`);
    return device.pick(row);
  }
});

describe('Subnet.ports', () => {
  const { ports } = port.extends.Subnet;
  if (ports.kind !== 'reverse') throw new Error(`expected a reverse edge, got ${ports.kind}`);

  it('asks for what the ports found point at', () => {
    const asked = ports.key({ id: SUBNET });
    expect(ports.pointsAt({ fixed_ips: [{ subnet_id: SUBNET, ip_address: '10.0.0.2' }] }, [])).toEqual([asked]);
  });

  it('counts a port with two addresses of a subnet once', () => {
    const fixedIps = [{ subnet_id: SUBNET }, { subnet_id: SUBNET }, { subnet_id: 'other' }];
    expect(ports.pointsAt({ fixed_ips: fixedIps }, [])).toEqual([`subnet_id=${SUBNET}`, 'subnet_id=other']);
  });
});

describe('a filter of ports', () => {
  it('names the state that Neutron does not track as Neutron does', () => {
    const status: unknown = port.filters?.status;
    if (typeof status !== 'function') throw new Error('expected the filter to be worked out by a function');
    expect(status(['N_A', 'ACTIVE'])).toEqual({
      query: [
        ['status', 'N/A'],
        ['status', 'ACTIVE'],
      ],
    });
  });
});
