import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ADMIN, ALICE, BOB, type Client, type DemoGateway, startDemoGateway } from '../support/demo-gateway.js';
import { faultOf, idOf, made, restCalls } from '../support/rest-calls.js';

const FIELDS =
  'description status portId fixedIpAddress routerId port { id } portDetails { deviceId network { name } }';
const ONE = `query ($id: ID!) { floatingIp(id: $id) { ${FIELDS} } }`;
const UPDATE = `mutation ($id: ID!, $input: UpdateFloatingIpInput!) {
  updateFloatingIp(id: $id, input: $input) { floatingIp { ${FIELDS} } }
}`;
const DELETE = 'mutation ($id: ID!) { deleteFloatingIp(id: $id) { id accepted } }';
const LOOSE = { portId: null, fixedIpAddress: null, routerId: null, port: null, portDetails: null };

interface Servers {
  readonly server: {
    readonly ports: readonly { readonly id: string; readonly fixedIps: readonly { readonly ipAddress: string }[] }[];
    readonly addresses: readonly { readonly address: string }[];
  };
}

let demo: DemoGateway;
let alice: Client;
let floatingNetworkId: string;

beforeAll(async () => {
  demo = await startDemoGateway({ pace: 0 });
  alice = await demo.login(ALICE);
  floatingNetworkId = await idOf(alice, 'networks', 'public');
});

afterAll(() => demo.stop());

async function serverNamed(name: string) {
  const id = await idOf(alice, 'servers', name);
  const query = `query ($id: ID!) { server(id: $id) {
    ports { id fixedIps { ipAddress } floatingIps { floatingIpAddress } } floatingIps { id } addresses { address type } } }`;
  const look = async () => (await alice.ask<Servers>(query, { id })).data.server;
  return { id, look };
}

describe('a floating IP', () => {
  it('that is bound, moved and loosened shows so at ports and servers, which were cached', async () => {
    const [one, other] = [await serverNamed('web-002'), await serverNamed('web-004')];
    const [atOne, atOther] = [await one.look(), await other.look()];
    const [onePort, otherPort] = [atOne.ports[0], atOther.ports[0]];
    const create = `mutation ($input: CreateFloatingIpInput!) { createFloatingIp(input: $input) {
      floatingIp { id floatingIpAddress floatingNetwork { name } ${FIELDS} } } }`;
    const { data } = await alice.ask<{ createFloatingIp: { floatingIp: { id: string; floatingIpAddress: string } } }>(
      create,
      {
        input: { floatingNetworkId, description: 'mine' },
      },
    );
    const { id, floatingIpAddress } = data.createFloatingIp.floatingIp;
    const loose = { description: 'mine', floatingNetwork: { name: 'public' }, status: 'DOWN', ...LOOSE };
    expect(data.createFloatingIp.floatingIp).toEqual({ id, floatingIpAddress, ...loose });

    const bound = await alice.ask(UPDATE, { id, input: { portId: onePort?.id } });
    expect(bound.data).toMatchObject({
      updateFloatingIp: {
        floatingIp: {
          description: 'mine',
          portId: onePort?.id,
          port: { id: onePort?.id },
          fixedIpAddress: onePort?.fixedIps[0]?.ipAddress,
          portDetails: { deviceId: one.id, network: { name: 'front' } },
        },
      },
    });
    const floating = { ports: [{ floatingIps: [{ floatingIpAddress }] }], floatingIps: [{ id }] };
    expect(await one.look()).toMatchObject(floating);
    expect((await one.look()).addresses).toContainEqual({ address: floatingIpAddress, type: 'floating' });

    await alice.ask(UPDATE, { id, input: { portId: otherPort?.id } });
    expect(await one.look()).toEqual(atOne);
    expect(await other.look()).toMatchObject(floating);

    await alice.ask(UPDATE, { id, input: { portId: null } });
    expect(await other.look()).toEqual(atOther);
    expect((await alice.ask(ONE, { id })).data).toMatchObject({ floatingIp: { description: 'mine', ...LOOSE } });
    await alice.ask(DELETE, { id });
  });

  it('deleted is gone from its port at once', async () => {
    const server = await serverNamed('web-005');
    const before = await server.look();
    const { data } = await alice.ask<{ floatingIps: { nodes: { id: string }[] } }>(
      'query ($portId: [ID!]) { floatingIps(filter: { portId: $portId }) { nodes { id } } }',
      { portId: [before.ports[0]?.id] },
    );
    const id = data.floatingIps.nodes[0]?.id;
    expect(before).toMatchObject({ floatingIps: [{ id }] });
    expect((await alice.ask(DELETE, { id })).data).toEqual({ deleteFloatingIp: { id, accepted: false } });
    expect(await server.look()).toMatchObject({
      floatingIps: [],
      ports: [{ floatingIps: [] }],
      addresses: [{ type: 'fixed' }],
    });
    expect((await alice.ask(ONE, { id })).data).toEqual({ floatingIp: null });
    expect(faultOf(await alice.tell(DELETE, { id }))).toMatchObject({ code: 'NOT_FOUND', argument: 'id' });
  });

  it('keeps what an update does not name, and loses its description to null', async () => {
    const id = await made(alice, 'createFloatingIp', { floatingNetworkId, description: 'before' });
    const server = await serverNamed('web-006');
    const portId = (await server.look()).ports[0]?.id;
    const change = async (input: object) => (await alice.ask(UPDATE, { id, input })).data;
    expect(await change({ portId })).toMatchObject({
      updateFloatingIp: { floatingIp: { description: 'before', portId } },
    });
    expect(await change({ description: null })).toMatchObject({
      updateFloatingIp: { floatingIp: { description: '', portId } },
    });
  });

  it('is refused where it cannot be: inside, at a taken address, at a port without a way out', async () => {
    const create =
      'mutation ($input: CreateFloatingIpInput!) { createFloatingIp(input: $input) { floatingIp { id } } }';
    const [front, lonely, taken] = await Promise.all([
      idOf(alice, 'networks', 'front'),
      made(alice, 'createNetwork', { name: 'lonely' }),
      serverNamed('web-001'),
    ]);
    await made(alice, 'createSubnet', { networkId: lonely, ipVersion: 4, cidr: '10.91.0.0/24' });
    const nowhere = await made(alice, 'createPort', { networkId: lonely });
    const inside = await alice.tell(create, { input: { floatingNetworkId: front } });
    expect(faultOf(inside)).toMatchObject({ code: 'BAD_USER_INPUT', service: 'network', status: 400 });
    const port = (await taken.look()).ports[0]?.id;
    const twice = await alice.tell(create, { input: { floatingNetworkId, portId: port } });
    expect(faultOf(twice)).toMatchObject({ code: 'CONFLICT', service: 'network', status: 409 });
    const unreachable = await alice.tell(create, { input: { floatingNetworkId, portId: nowhere } });
    expect(faultOf(unreachable)).toMatchObject({ code: 'NOT_FOUND', service: 'network', status: 404 });
  });

  it('that an admin bound to another tenant’s port is gone from that server once its owner has loosened it', async () => {
    const [bob, admin] = [await demo.login(BOB), await demo.login(ADMIN)];
    const { look } = await serverNamed('app-001');
    const id = await made(bob, 'createFloatingIp', { floatingNetworkId });
    const { data } = await bob.ask<{ floatingIp: { floatingIpAddress: string } }>(
      'query ($id: ID!) { floatingIp(id: $id) { floatingIpAddress } }',
      { id },
    );
    const addresses = async () => (await look()).addresses.map(({ address }) => address);
    await admin.ask(UPDATE, { id, input: { portId: (await look()).ports[0]?.id } });
    expect(await addresses()).toContain(data.floatingIp.floatingIpAddress);
    await bob.ask(UPDATE, { id, input: { portId: null } });
    expect(await addresses()).not.toContain(data.floatingIp.floatingIpAddress);
  });

  it("of another project is nobody else's", async () => {
    const id = await made(alice, 'createFloatingIp', { floatingNetworkId });
    const bob = await demo.login(BOB);
    expect((await bob.ask(ONE, { id })).data).toEqual({ floatingIp: null });
    const query = 'query ($id: ID!) { network(id: $id) { floatingIps { id } } }';
    const of = async (client: Client) => JSON.stringify((await client.ask(query, { id: floatingNetworkId })).data);
    expect(await of(alice)).toContain(id);
    expect(await of(bob)).not.toContain(id);
  });
});

describe('floatingIps', () => {
  it('read ports, servers and networks of all rows in one call each', async () => {
    const fields =
      'port { device { ... on Server { name } } } floatingNetwork { name } portDetails { network { name } }';
    const answer = await alice.ask(`{ floatingIps { nodes { ${fields} } } }`, {}, { 'cache-control': 'no-cache' });
    // Few servers are read one by one, since Nova's list costs more.
    const calls = restCalls(answer).filter((call) => !call.startsWith('GET /servers/'));
    expect(calls).toEqual(['GET /floatingips', 'GET /networks', 'GET /ports']);
  });

  it('are found by either address, by state and by port', async () => {
    const find = async (filter: string) => {
      const query = `{ floatingIps(filter: { ${filter} }) { nodes { floatingIpAddress fixedIpAddress status portId } } }`;
      interface Found {
        readonly floatingIps: {
          readonly nodes: { floatingIpAddress: string; fixedIpAddress: string; status: string; portId: string }[];
        };
      }
      return (await alice.ask<Found>(query)).data.floatingIps.nodes;
    };
    const active = await find('status: [ACTIVE]');
    expect(active.length).toBeGreaterThan(2);
    expect(active.every(({ portId, status }) => portId !== null && status === 'ACTIVE')).toBe(true);
    const [one] = active;
    expect(await find(`floatingIpAddress: "${one?.floatingIpAddress}"`)).toEqual([one]);
    expect(await find(`fixedIpAddress: "${one?.fixedIpAddress}"`)).toEqual([one]);
    expect(await find(`portId: ["${one?.portId}"]`)).toEqual([one]);
    expect(await find('floatingIpAddress: "203.0.112"')).toEqual([]);
    const loose = await find('status: [DOWN]');
    expect(loose.length).toBeGreaterThanOrEqual(2);
    expect(loose.every(({ portId }) => portId === null)).toBe(true);
  });
});
