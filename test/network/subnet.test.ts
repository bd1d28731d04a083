import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { subnet } from '../../src/services/network/subnet.js';
import { ALICE, type Client, type DemoGateway, startDemoGateway } from '../support/demo-gateway.js';
import { faultOf, idOf, made, restCalls } from '../support/rest-calls.js';

let demo: DemoGateway;
let alice: Client;
let networkId: string;

beforeAll(async () => {
  demo = await startDemoGateway({ pace: 0, servers: 20 });
  alice = await demo.login(ALICE);
  networkId = await made(alice, 'createNetwork', { name: 'of-the-test' });
});

afterAll(() => demo.stop());

const FIELDS = `id name description cidr ipVersion gatewayIp enableDhcp dnsNameservers
  allocationPools { start end } hostRoutes { destination nexthop }`;
const CREATE = `mutation ($input: CreateSubnetInput!) { createSubnet(input: $input) { subnet { ${FIELDS} } } }`;
const UPDATE = `mutation ($id: ID!, $input: UpdateSubnetInput!) {
  updateSubnet(id: $id, input: $input) { subnet { ${FIELDS} } }
}`;

interface Made {
  readonly createSubnet: { readonly subnet: { readonly id: string } };
}

describe('a subnet', () => {
  it('is made with its pools and routes, and shows at its network, which was cached', async () => {
    const query = 'query ($id: ID!) { network(id: $id) { subnetIds subnets { name network { name } } } }';
    const look = async () => (await alice.ask(query, { id: networkId })).data;
    expect(await look()).toEqual({ network: { subnetIds: [], subnets: [] } });
    const input = {
      networkId,
      name: 'made',
      ipVersion: 4,
      cidr: '10.97.0.0/24',
      allocationPools: [{ start: '10.97.0.10', end: '10.97.0.20' }],
      hostRoutes: [{ destination: '10.96.0.0/16', nexthop: '10.97.0.2' }],
      dnsNameservers: ['192.0.2.53', '192.0.2.54'],
      enableDhcp: false,
    };
    const { data } = await alice.ask<Made>(CREATE, { input });
    const { networkId: _, ...shown } = input;
    const { subnet: got } = data.createSubnet;
    expect(got).toEqual({ id: got.id, description: '', gatewayIp: '10.97.0.1', ...shown });
    expect(await look()).toEqual({
      network: { subnetIds: [got.id], subnets: [{ name: 'made', network: { name: 'of-the-test' } }] },
    });
    const gone = await alice.ask('mutation ($id: ID!) { deleteSubnet(id: $id) { id accepted } }', { id: got.id });
    expect(gone.data).toEqual({ deleteSubnet: { id: got.id, accepted: false } });
    expect(await look()).toEqual({ network: { subnetIds: [], subnets: [] } });
  });

  it('has the first address as gateway, none where null asks for none', async () => {
    const gateway = async (more: object) => {
      const input = { networkId, ipVersion: 4, cidr: '10.95.0.0/24', ...more };
      const { data } = await alice.ask<{ createSubnet: { subnet: { gatewayIp: string | null } } }>(CREATE, { input });
      return data.createSubnet.subnet.gatewayIp;
    };
    expect(await gateway({})).toBe('10.95.0.1');
    expect(await gateway({ cidr: '10.94.0.0/24', gatewayIp: null })).toBeNull();
  });

  it('keeps what an update does not name, and loses what it names as null', async () => {
    const more = { name: 'changing', description: 'before', dnsNameservers: ['192.0.2.53'] };
    const id = await made(alice, 'createSubnet', { networkId, ipVersion: 4, cidr: '10.93.0.0/24', ...more });
    const change = async (input: object) => (await alice.ask(UPDATE, { id, input })).data;
    const subnet = { ...more, name: 'changed', gatewayIp: '10.93.0.1' };
    expect(await change({ name: 'changed' })).toMatchObject({ updateSubnet: { subnet } });
    const cleared = { ...subnet, gatewayIp: null, description: '' };
    expect(await change({ gatewayIp: null, description: null })).toMatchObject({ updateSubnet: { subnet: cleared } });
  });

  it('with ports on it stays; its ports are those with an address of it', async () => {
    const [front, frontV4] = await Promise.all([idOf(alice, 'networks', 'front'), idOf(alice, 'subnets', 'front-v4')]);
    const second = await made(alice, 'createSubnet', { networkId: front, ipVersion: 4, cidr: '10.92.0.0/24' });
    const query = `query ($id: ID!) { subnet(id: $id) { ports { fixedIps { subnetId subnet { cidr } } } } }`;
    expect((await alice.ask(query, { id: second })).data).toEqual({ subnet: { ports: [] } });
    const fixedIps = [{ subnetId: second }, { subnetId: second }, { subnetId: frontV4 }];
    await made(alice, 'createPort', { networkId: front, fixedIps });
    const here = { subnetId: second, subnet: { cidr: '10.92.0.0/24' } };
    const there = { subnetId: frontV4, subnet: { cidr: '10.10.0.0/20' } };
    expect((await alice.ask(query, { id: second })).data).toEqual({
      subnet: { ports: [{ fixedIps: [here, here, there] }] },
    });
    const refused = await alice.tell('mutation ($id: ID!) { deleteSubnet(id: $id) { id } }', { id: second });
    expect(faultOf(refused)).toMatchObject({ code: 'CONFLICT', service: 'network', status: 409 });
  });
});

describe('subnets', () => {
  it('read networks and ports of all rows in one call each, whether by their ids or all of them', async () => {
    const query =
      'query ($first: Int) { subnets(first: $first) { nodes { network { name } ports { id fixedIps { subnet { name } } } } } }';
    const answer = await alice.ask(query, {}, { 'cache-control': 'no-cache' });
    const few = await alice.ask(query, { first: 10 });
    expect(few.data).toEqual(answer.data);
    expect(restCalls(few).filter((call) => call.includes('/ports'))).toHaveLength(1);
    expect(JSON.stringify(answer.data)).toContain('back-v4');
    expect(restCalls(answer)).toEqual(['GET /networks', 'GET /ports', 'GET /subnets']);
  });

  it('are filtered by range, gateway, version and network', async () => {
    const names = async (filter: string) => {
      const query = `{ subnets(filter: { ${filter} }, orderBy: { field: NAME }) { nodes { name } } }`;
      const { data } = await alice.ask<{ subnets: { nodes: { name: string }[] } }>(query);
      return data.subnets.nodes.map(({ name }) => name);
    };
    const [back, data] = await Promise.all([idOf(alice, 'networks', 'back'), idOf(alice, 'networks', 'data')]);
    expect(await names('cidr: "10.10.0.0/20"')).toEqual(['front-v4']);
    expect(await names('gatewayIp: "10.11.0.1"')).toEqual(['back-v4']);
    expect(await names(`networkId: ["${back}", "${data}"], ipVersion: 4, enableDhcp: true`)).toEqual([
      'back-v4',
      'data-v4',
    ]);
    expect(await names('ipVersion: 6')).toEqual([]);
    expect(await names('name: "FRONT-v4"')).toEqual([]);
  });
});

describe('an input of a subnet', () => {
  it('spells IPv6 modes with dashes and keeps null', () => {
    expect(write(subnet.write, 'ipv6RaMode', 'DHCPV6_STATEFUL')).toEqual({ ipv6_ra_mode: 'dhcpv6-stateful' });
    expect(write(subnet.write, 'ipv6AddressMode', null)).toEqual({ ipv6_address_mode: null });
  });
});

function write(sources: object | undefined, input: string, value: unknown): unknown {
  const source: unknown = Object.entries(sources ?? {}).find(([name]) => name === input)?.[1];
  if (typeof source !== 'function') throw new Error(`expected ${input} to be written by a function`);
  return source(value);
}
