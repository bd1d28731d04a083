import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ALICE, BOB, type Client, type DemoGateway, startDemoGateway } from '../support/demo-gateway.js';
import { faultOf, idOf, made } from '../support/rest-calls.js';

const ONE = (fields: string) => `query ($id: ID!) { server(id: $id) { ${fields} } }`;
const UPDATE = `mutation ($id: ID!, $input: UpdateServerInput!) {
  updateServer(id: $id, input: $input) { server { name description accessIpv4 hostname } }
}`;
const DELETE = 'mutation ($id: ID!) { deleteServer(id: $id) { id accepted } }';
const ATTACH = `mutation ($input: AttachVolumeInput!) {
  attachVolume(input: $input) { device server { id volumesAttached { volumeId } } }
}`;
const DETACH = `mutation ($serverId: ID!, $volumeId: ID!) {
  detachVolume(serverId: $serverId, volumeId: $volumeId) { server { id } }
}`;

interface Inputs {
  readonly flavorId: string;
  readonly imageId: string;
}

async function inputs(client: Client): Promise<Inputs> {
  const [flavorId, imageId] = await Promise.all([
    idOf(client, 'flavors', 'm1.tiny'),
    idOf(client, 'images', 'debian-12'),
  ]);
  return { flavorId, imageId };
}

describe('over a cloud that is done at once', () => {
  let demo: DemoGateway;
  let alice: Client;
  let base: Inputs;

  beforeAll(async () => {
    demo = await startDemoGateway({ pace: 0, servers: 20 });
    alice = await demo.login(ALICE);
    base = await inputs(alice);
  });

  afterAll(() => demo.stop());

  async function newServer(name: string, more: object = {}): Promise<string> {
    const id = await made(alice, 'createServer', { name, ...base, networkAllocation: 'NONE', ...more });
    await demo.cloud.settled();
    return id;
  }

  async function act(id: string, mutation: string, more = ''): Promise<unknown> {
    await alice.ask(`mutation ($id: ID!) { ${mutation}(id: $id${more}) { server { id } } }`, { id });
    await demo.cloud.settled();
    const answer = await alice.ask(ONE('status powerState taskState'), { id }, { 'cache-control': 'no-cache' });
    return answer.data;
  }

  it('updateServer leaves what is absent and clears what is null', async () => {
    const id = await newServer('to-change', { description: 'before', accessIpv4: '192.0.2.7' });
    const change = async (input: object) => (await alice.ask(UPDATE, { id, input })).data;
    const server = { name: 'changed', description: 'before', accessIpv4: '192.0.2.7', hostname: 'to-change' };
    expect(await change({ name: 'changed' })).toEqual({ updateServer: { server } });
    const cleared = { ...server, description: null };
    expect(await change({ description: null })).toEqual({ updateServer: { server: cleared } });
    const { data } = await alice.ask('{ servers(filter: { name: "changed" }) { nodes { name description } } }');
    expect(data).toEqual({ servers: { nodes: [{ name: 'changed', description: null }] } });
  });

  it('stopServer, startServer and rebootServer do what they say', async () => {
    const id = await newServer('switched');
    expect(await act(id, 'stopServer')).toEqual({
      server: { status: 'SHUTOFF', powerState: 'SHUTDOWN', taskState: null },
    });
    const running = { server: { status: 'ACTIVE', powerState: 'RUNNING', taskState: null } };
    expect(await act(id, 'startServer')).toEqual(running);
    expect(await act(id, 'rebootServer', ', type: HARD')).toEqual(running);
    const again = await alice.tell('mutation ($id: ID!) { startServer(id: $id) { server { id } } }', { id });
    expect(faultOf(again)).toMatchObject({ code: 'CONFLICT', service: 'compute', status: 409 });
    expect(again.data).toEqual({ startServer: null });
  });

  it('attachVolume and detachVolume show at the server and at the volume, both of which were cached', async () => {
    const [serverId, volumeId] = await Promise.all([
      newServer('with-disk'),
      made(alice, 'createVolume', { name: 'disk', size: 1 }),
    ]);
    await demo.cloud.settled();
    const query = `query ($volumeId: ID!) { volume(id: $volumeId) { status attachments { server { name } } }
      servers(filter: { name: "with-disk" }) { nodes { volumes { name } volumesAttached { volumeId } } } }`;
    const look = async () => (await alice.ask(query, { volumeId })).data;
    const alone = {
      volume: { status: 'AVAILABLE', attachments: [] },
      servers: { nodes: [{ volumes: [], volumesAttached: [] }] },
    };
    expect(await look()).toEqual(alone);

    const { data } = await alice.ask(ATTACH, { input: { serverId, volumeId } });
    const server = { id: serverId, volumesAttached: [{ volumeId }] };
    expect(data).toEqual({ attachVolume: { device: expect.stringMatching(/^\/dev\//), server } });
    await demo.cloud.settled();
    expect(await look()).toEqual({
      volume: { status: 'IN_USE', attachments: [{ server: { name: 'with-disk' } }] },
      servers: { nodes: [{ volumes: [{ name: 'disk' }], volumesAttached: [{ volumeId }] }] },
    });

    await alice.ask(DETACH, { serverId, volumeId });
    await demo.cloud.settled();
    expect(await look()).toEqual(alone);
    const twice = await alice.tell(DETACH, { serverId, volumeId });
    expect(faultOf(twice)).toMatchObject({ code: 'NOT_FOUND', service: 'compute', status: 404 });
  });

  it('attachVolume names the argument that is no id, and what it does not find', async () => {
    const serverId = await newServer('no-disk');
    const odd = await alice.tell(ATTACH, { input: { serverId, volumeId: '../volumes' } });
    expect(faultOf(odd)).toMatchObject({ code: 'BAD_USER_INPUT', argument: expect.stringMatching(/volumeId$/) });
    const bob = await demo.login(BOB);
    const none = await bob.tell(ATTACH, { input: { serverId, volumeId: serverId } });
    expect(faultOf(none)).toMatchObject({ code: 'NOT_FOUND' });
  });

  it('deleteServer takes along the ports that Nova made and lets go of other ports, floating IPs and volumes', async () => {
    const [front, external] = await Promise.all([idOf(alice, 'networks', 'front'), idOf(alice, 'networks', 'public')]);
    const portId = await made(alice, 'createPort', { networkId: front, name: 'kept' });
    const networks = [{ networkId: front }, { portId }];
    const id = await newServer('to-delete', { networkAllocation: undefined, networks });
    const { data } = await alice.ask<{ server: { ports: { id: string; name: string }[] } }>(ONE('ports { id name }'), {
      id,
    });
    const novas = data.server.ports.find((port) => port.id !== portId)?.id;
    const floatingIpId = await made(alice, 'createFloatingIp', { floatingNetworkId: external, portId: novas });
    const volumeId = await made(alice, 'createVolume', { name: 'left-behind', size: 1 });
    await demo.cloud.settled();
    await alice.ask(ATTACH, { input: { serverId: id, volumeId } });
    await demo.cloud.settled();
    const query = `query ($portId: ID!, $novas: ID!, $floatingIpId: ID!, $volumeId: ID!) {
      servers(filter: { name: "to-delete" }) { nodes { floatingIps { id } } }
      kept: port(id: $portId) { deviceId device { __typename } } gone: port(id: $novas) { id }
      floatingIp(id: $floatingIpId) { portId fixedIpAddress } volume(id: $volumeId) { status attachments { serverId } }
    }`;
    const look = async () => (await alice.ask(query, { portId, novas, floatingIpId, volumeId })).data;
    expect(await look()).toMatchObject({
      servers: { nodes: [{ floatingIps: [{ id: floatingIpId }] }] },
      kept: { deviceId: id, device: { __typename: 'Server' } },
      gone: { id: novas },
      floatingIp: { portId: novas },
      volume: { status: 'IN_USE', attachments: [{ serverId: id }] },
    });
    expect((await alice.ask(DELETE, { id })).data).toMatchObject({ deleteServer: { id } });
    await demo.cloud.settled();
    expect(await look()).toEqual({
      servers: { nodes: [] },
      kept: { deviceId: null, device: null },
      gone: null,
      floatingIp: { portId: null, fixedIpAddress: null },
      volume: { status: 'AVAILABLE', attachments: [] },
    });
    // The row that the mutation read may say for two seconds that it is being deleted.
    const again = await alice.tell(DELETE, { id }, { 'cache-control': 'no-cache' });
    expect(faultOf(again)).toMatchObject({ code: 'NOT_FOUND' });
  });
});

describe('over a cloud that takes its time', () => {
  let demo: DemoGateway;
  let alice: Client;
  let base: Inputs;

  beforeAll(async () => {
    demo = await startDemoGateway({ pace: 1000, servers: 10 });
    alice = await demo.login(ALICE);
    base = await inputs(alice);
  });

  afterAll(() => demo.stop());

  async function anyServer(): Promise<string | undefined> {
    const { data } = await alice.ask<{ servers: { nodes: { id: string }[] } }>(
      '{ servers(filter: { status: [ACTIVE] }) { nodes { id } } }',
    );
    return data.servers.nodes[0]?.id;
  }

  it('createServer shows the server being built, whose fields that come later are null', async () => {
    const { data } = await alice.ask(
      `mutation ($input: CreateServerInput!) { createServer(input: $input) {
        adminPassword server { name status powerState progress taskState availabilityZone hostId addresses { address } }
      } }`,
      { input: { name: 'slow', ...base, networkAllocation: 'NONE', adminPassword: 'of-my-own-1' } },
    );
    expect(data).toEqual({
      createServer: {
        adminPassword: 'of-my-own-1',
        server: {
          name: 'slow',
          status: 'BUILD',
          powerState: 'NOSTATE',
          progress: 0,
          taskState: 'scheduling',
          availabilityZone: null,
          hostId: null,
          addresses: [],
        },
      },
    });
  });

  it('deleteServer and deleteVolume say that the cloud is still at it', async () => {
    const id = await made(alice, 'createServer', { name: 'slow-to-go', ...base, networkAllocation: 'NONE' });
    expect((await alice.ask(DELETE, { id })).data).toEqual({ deleteServer: { id, accepted: true } });
    expect((await alice.ask(ONE('taskState'), { id })).data).toEqual({ server: { taskState: 'deleting' } });
    const volumeId = await idOf(alice, 'volumes', 'spare-3');
    const { data } = await alice.ask('mutation ($id: ID!) { deleteVolume(id: $id) { id accepted } }', { id: volumeId });
    expect(data).toEqual({ deleteVolume: { id: volumeId, accepted: true } });
    const volume = await alice.ask('query ($id: ID!) { volume(id: $id) { status } }', { id: volumeId });
    expect(volume.data).toEqual({ volume: { status: 'DELETING' } });
  });

  it('attachVolume shows the volume on its way', async () => {
    const [serverId, volumeId] = await Promise.all([anyServer(), idOf(alice, 'volumes', 'spare-2')]);
    const attach =
      'mutation ($input: AttachVolumeInput!) { attachVolume(input: $input) { volume { statusText attachments { device } } } }';
    const { data } = await alice.ask(attach, { input: { serverId, volumeId } });
    expect(data).toEqual({ attachVolume: { volume: { statusText: 'reserved', attachments: [] } } });
    const busy = await alice.tell(attach, { input: { serverId, volumeId } });
    expect(faultOf(busy)).toMatchObject({ service: 'compute', status: 400 });
  });

  it('an action on a server in the midst of another is a conflict', async () => {
    const id = await anyServer();
    const stop = 'mutation ($id: ID!) { stopServer(id: $id) { server { taskState } } }';
    expect((await alice.ask(stop, { id })).data).toEqual({ stopServer: { server: { taskState: 'powering-off' } } });
    expect(faultOf(await alice.tell(stop, { id }))).toMatchObject({ code: 'CONFLICT', status: 409 });
  });
});
