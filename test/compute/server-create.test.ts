import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ALICE, type Client, type DemoGateway, READER, startDemoGateway } from '../support/demo-gateway.js';
import { faultOf, idOf, made, restCalls } from '../support/rest-calls.js';

const ONE = (fields: string) => `query ($id: ID!) { server(id: $id) { ${fields} } }`;

let demo: DemoGateway;
let alice: Client;
let flavorId: string;
let imageId: string;

beforeAll(async () => {
  demo = await startDemoGateway({ pace: 0 });
  alice = await demo.login(ALICE);
  [flavorId, imageId] = await Promise.all([idOf(alice, 'flavors', 'm1.tiny'), idOf(alice, 'images', 'debian-12')]);
});

afterAll(() => demo.stop());

async function newServer(name: string, more: object = {}): Promise<string> {
  const id = await made(alice, 'createServer', { name, flavorId, imageId, networkAllocation: 'NONE', ...more });
  await demo.cloud.settled();
  return id;
}

describe('createServer', () => {
  const CREATE = 'mutation ($input: CreateServerInput!) { createServer(input: $input) { server { id } } }';

  it('connects the networks and ports in their order and passes on what Nova shows again', async () => {
    const [networkId, back] = await Promise.all([idOf(alice, 'networks', 'front'), idOf(alice, 'networks', 'back')]);
    const portId = await made(alice, 'createPort', { networkId: back, name: 'by-hand' });
    const id = await newServer('connected', {
      networkAllocation: undefined,
      networks: [{ networkId, fixedIp: '10.10.9.9' }, { portId }],
      securityGroups: ['web'],
      metadata: [{ key: 'tier', value: 'test' }],
      tags: ['one', 'two'],
      keyName: 'laptop',
      accessIpv4: '192.0.2.7',
      description: 'by a test',
    });
    const fields =
      'keyName accessIpv4 description tags metadata { key value } ports { name device { __typename ... on Server { id } } network { name } }';
    const { data } = await alice.ask<{ server: { ports: object[] } }>(ONE(fields), { id });
    expect(data.server).toMatchObject({
      keyName: 'laptop',
      accessIpv4: '192.0.2.7',
      description: 'by a test',
      tags: ['one', 'two'],
      metadata: [{ key: 'tier', value: 'test' }],
    });
    const device = { __typename: 'Server', id };
    expect(data.server.ports).toHaveLength(2);
    expect(data.server.ports).toEqual(
      expect.arrayContaining([
        { name: '', device, network: { name: 'front' } },
        { name: 'by-hand', device, network: { name: 'back' } },
      ]),
    );
    const { data: found } = await alice.ask('{ servers(filter: { ipAddressMatches: "10.10.9.9" }) { nodes { id } } }');
    expect(found).toEqual({ servers: { nodes: [{ id }] } });
  });

  it.each([
    ['a network and a port at once', { networks: [{ networkId: 'x', portId: 'y' }] }, 'input.networks[0]'],
    ['neither network nor port', { networks: [{ portId: 'y' }, { tag: 'eth1' }] }, 'input.networks[1]'],
    ['networks beside an allocation', { networks: [], networkAllocation: 'AUTO' }, 'input.networkAllocation'],
    ['a disk without its source', { blockDevices: [{ sourceType: 'IMAGE' }] }, 'input.blockDevices[0].sourceId'],
    ['hints that are no object', { schedulerHints: ['same_host'] }, 'input.schedulerHints'],
  ])('refuses %s before it calls', async (_, odd, argument) => {
    const answer = await alice.tell(CREATE, { input: { name: 'odd', flavorId, ...odd } });
    expect(faultOf(answer)).toMatchObject({ code: 'BAD_USER_INPUT', argument });
    expect(restCalls(answer)).toEqual([]);
  });

  it('hands on what Nova says of a flavor that there is none of', async () => {
    const bad = await alice.tell(CREATE, {
      input: { name: 'odd', flavorId: 'none', imageId, networkAllocation: 'NONE' },
    });
    expect(faultOf(bad)).toMatchObject({ code: 'BAD_USER_INPUT', service: 'compute', status: 400 });
    expect(bad.data).toEqual({ createServer: null });
  });

  it('is forbidden to a reader', async () => {
    const reader = await demo.login(READER);
    const answer = await reader.tell(CREATE, { input: { name: 'no', flavorId, imageId, networkAllocation: 'NONE' } });
    expect(faultOf(answer)).toMatchObject({ code: 'FORBIDDEN', service: 'compute', status: 403 });
  });
});
