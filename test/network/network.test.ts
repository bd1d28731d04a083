import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { network } from '../../src/services/network/network.js';
import { ADMIN, ALICE, BOB, type Client, type DemoGateway, startDemoGateway } from '../support/demo-gateway.js';
import { faultOf, idOf, made, restCalls } from '../support/rest-calls.js';

const ONE = (fields: string) => `query ($id: ID!) { network(id: $id) { ${fields} } }`;
const UPDATE = (fields: string) => `mutation ($id: ID!, $input: UpdateNetworkInput!) {
  updateNetwork(id: $id, input: $input) { network { ${fields} } }
}`;
const DELETE = 'mutation ($id: ID!) { deleteNetwork(id: $id) { id accepted } }';

let demo: DemoGateway;
let alice: Client;
let admin: Client;

beforeAll(async () => {
  demo = await startDemoGateway({ pace: 0 });
  [alice, admin] = await Promise.all([demo.login(ALICE), demo.login(ADMIN)]);
});

afterAll(() => demo.stop());

describe('a network', () => {
  it('keeps what an update does not name, and loses what it names as null', async () => {
    const id = await made(alice, 'createNetwork', { name: 'changing', description: 'before', mtu: 1400 });
    const fields = 'name description mtu adminStateUp';
    const change = async (input: object) => (await alice.ask(UPDATE(fields), { id, input })).data;
    const network = { name: 'changed', description: 'before', mtu: 1400, adminStateUp: false };
    expect(await change({ name: 'changed', adminStateUp: false })).toEqual({ updateNetwork: { network } });
    const cleared = { ...network, description: '' };
    expect(await change({ description: null })).toEqual({ updateNetwork: { network: cleared } });
    const list = await alice.ask('{ networks(filter: { name: "changed" }) { nodes { description } } }');
    expect(list.data).toEqual({ networks: { nodes: [{ description: '' }] } });
  });

  it('of a physical network tells an admin alone how it is carried', async () => {
    const create = `mutation { createNetwork(input: { name: "vlan", external: true, isDefault: false,
      providerNetworkType: "vlan", providerPhysicalNetwork: "physnet1", providerSegmentationId: 42 }) { network { id } } }`;
    const { data } = await admin.ask<{ createNetwork: { network: { id: string } } }>(create);
    const { id } = data.createNetwork.network;
    const fields = 'external isDefault providerNetworkType providerPhysicalNetwork providerSegmentationId';
    expect((await admin.ask(ONE(fields), { id })).data).toEqual({
      network: {
        external: true,
        isDefault: false,
        providerNetworkType: 'vlan',
        providerPhysicalNetwork: 'physnet1',
        providerSegmentationId: 42,
      },
    });
    expect((await alice.ask(ONE(fields), { id })).data).toMatchObject({
      network: { external: true, providerNetworkType: null, providerSegmentationId: null },
    });
    const forbidden = await alice.tell(create);
    expect(faultOf(forbidden)).toMatchObject({ code: 'FORBIDDEN', service: 'network', status: 403 });
    await admin.ask(DELETE, { id });
  });

  it('that an admin makes for a project shows in lists of that project that were cached', async () => {
    const bob = await demo.login(BOB);
    const seen = async (client: Client) =>
      JSON.stringify((await client.ask('{ networks { nodes { name } } }')).data).includes('"for-bob"');
    expect([await seen(bob), await seen(alice)]).toEqual([false, false]);
    const projectId = await idOf(admin, 'projects', 'demo-b');
    const id = await made(admin, 'createNetwork', { name: 'for-bob', projectId });
    expect([await seen(bob), await seen(alice)]).toEqual([true, false]);
    const shared = await admin.ask(UPDATE('shared'), { id, input: { shared: true } });
    expect(shared.data).toEqual({ updateNetwork: { network: { shared: true } } });
    expect([await seen(bob), await seen(alice)]).toEqual([true, true]);
    expect((await admin.ask(DELETE, { id })).data).toEqual({ deleteNetwork: { id, accepted: false } });
    expect([await seen(bob), await seen(alice)]).toEqual([false, false]);
  });

  it('goes with its subnets, but not while a port is on it', async () => {
    const networkId = await made(alice, 'createNetwork', { name: 'going' });
    const subnetId = await made(alice, 'createSubnet', { networkId, ipVersion: 4, cidr: '10.98.0.0/24' });
    const portId = await made(alice, 'createPort', { networkId });
    const query = `query ($id: ID!, $subnetId: ID!) {
      network(id: $id) { subnetIds subnets { id } ports { id } } subnet(id: $subnetId) { id } }`;
    const look = async () => (await alice.ask(query, { id: networkId, subnetId })).data;
    expect(await look()).toEqual({
      network: { subnetIds: [subnetId], subnets: [{ id: subnetId }], ports: [{ id: portId }] },
      subnet: { id: subnetId },
    });
    const refused = await alice.tell(DELETE, { id: networkId });
    expect(faultOf(refused)).toMatchObject({ code: 'CONFLICT', service: 'network', status: 409 });
    await alice.ask('mutation ($id: ID!) { deletePort(id: $id) { id } }', { id: portId });
    await alice.ask(DELETE, { id: networkId });
    expect(await look()).toEqual({ network: null, subnet: null });
  });

  it('shared by others is shown but not to be changed', async () => {
    const id = await idOf(alice, 'networks', 'shared-services');
    const shown = await alice.ask(ONE('shared subnets { cidr } project { name }'), { id });
    expect(shown.data).toEqual({
      network: { shared: true, subnets: [{ cidr: '10.200.0.0/22' }], project: null },
    });
    expect(shown.extensions?.refused).toMatchObject([{ field: 'Network.project', service: 'identity', rows: 1 }]);
    const answer = await alice.tell(UPDATE('id'), { id, input: { name: 'mine' } });
    expect(faultOf(answer)).toMatchObject({ code: 'FORBIDDEN', service: 'network', status: 403 });
  });
});

describe('networks', () => {
  it('read what is on all of them in one call per type', async () => {
    const fields = 'subnets { id } ports { id fixedIps { subnet { id } } } floatingIps { id } project { name }';
    const answer = await admin.ask(`{ networks { nodes { ${fields} } } }`, {}, { 'cache-control': 'no-cache' });
    const calls = restCalls(answer).filter((call) => !call.startsWith('GET /projects'));
    expect(calls).toEqual(['GET /floatingips', 'GET /networks', 'GET /ports', 'GET /subnets']);
  });

  it('are filtered by whole name, sharing, way outside and state', async () => {
    const names = async (filter: string) => {
      const query = `{ networks(filter: { ${filter} }, orderBy: { field: NAME }) { nodes { name } } }`;
      const { data } = await alice.ask<{ networks: { nodes: { name: string }[] } }>(query);
      return data.networks.nodes.map(({ name }) => name);
    };
    expect(await names('name: "front"')).toEqual(['front']);
    expect(await names('name: "Front"')).toEqual([]);
    expect(await names('external: true')).toEqual(['public']);
    expect(await names('shared: true')).toEqual(['shared-services']);
    expect(await names('shared: false, external: false, status: [ACTIVE]')).toEqual(
      expect.arrayContaining(['back', 'data', 'front']),
    );
    expect(await names('status: [DOWN, ERROR]')).toEqual([]);
    const [front, back] = await Promise.all([idOf(alice, 'networks', 'front'), idOf(alice, 'networks', 'back')]);
    expect(await names(`id: ["${front}", "${back}"]`)).toEqual(['back', 'front']);
  });

  it('take a region by name, and refuse one that there is not', async () => {
    const { data } = await alice.ask('{ networks(region: "RegionOne", first: 1) { nodes { region } } }');
    expect(data).toEqual({ networks: { nodes: [{ region: 'RegionOne' }] } });
    const answer = await alice.tell('{ networks(region: "Atlantis") { nodes { id } } }');
    expect(faultOf(answer)).toMatchObject({ code: 'BAD_USER_INPUT', argument: 'region' });
    const write = await alice.tell('mutation { createNetwork(input: {}, region: "Atlantis") { network { id } } }');
    expect(faultOf(write)).toMatchObject({ code: 'BAD_USER_INPUT', argument: 'region' });
    expect(restCalls(write)).toEqual([]);
  });

  it('refuse a page that is none and an id that is none', async () => {
    for (const [query, argument] of [
      ['{ networks(first: 0) { nodes { id } } }', 'first'],
      ['{ networks(first: 1001) { nodes { id } } }', 'first'],
      ['{ networks(after: "x") { nodes { id } } }', 'after'],
      ['{ network(id: "front") { id } }', 'id'],
    ] as const) {
      expect(faultOf(await alice.tell(query))).toMatchObject({ code: 'BAD_USER_INPUT', argument });
    }
  });
});

describe('an input of a network', () => {
  it('names the segments as the provider extension does, and leaves out what was not given', () => {
    const written = write(network.write, 'segments', [{ providerNetworkType: 'vlan', providerSegmentationId: 7 }]);
    expect(written).toEqual({ segments: [{ 'provider:network_type': 'vlan', 'provider:segmentation_id': 7 }] });
  });
});

function write(sources: object | undefined, input: string, value: unknown): unknown {
  const source: unknown = Object.entries(sources ?? {}).find(([name]) => name === input)?.[1];
  if (typeof source !== 'function') throw new Error(`expected ${input} to be written by a function`);
  return source(value);
}
