import type { Client } from '../../support/client.js';
import { idOf, made } from '../../support/rest-calls.js';
import type { ServiceName } from './page.js';

/** A mutation on its way. */
export interface Write {
  readonly query: string;
  readonly variables: object;
}

/** One of the gateway's mutations. */
export interface MutationKind {
  readonly name: string;
  readonly service: ServiceName;
  /** Whether the gateway has to read from the answer what was made. */
  readonly creates: boolean;
  /** Makes what it needs and says what to send. `settled` waits until the cloud has done what it was told. */
  readonly prepare: (client: Client, settled: () => Promise<void>) => Promise<Write>;
}

type Prepare = MutationKind['prepare'];
type Input = (client: Client) => Promise<object>;

let count = 0;
const fresh = (): string => {
  count += 1;
  return `made-${count}`;
};

type Made =
  | 'Server'
  | 'Volume'
  | 'VolumeSnapshot'
  | 'Network'
  | 'Subnet'
  | 'Port'
  | 'SecurityGroup'
  | 'SecurityGroupRule'
  | 'FloatingIp';

/** What a resource's create takes. */
const INPUTS: Readonly<Record<Made, Input>> = {
  Server: async (client) => ({
    name: fresh(),
    flavorId: await idOf(client, 'flavors', 'm1.tiny'),
    imageId: await idOf(client, 'images', 'debian-12'),
    networkAllocation: 'NONE',
  }),
  Volume: async () => ({ name: fresh(), size: 1 }),
  VolumeSnapshot: async (client) => ({ name: fresh(), volumeId: await make(client, 'Volume') }),
  Network: async () => ({ name: fresh() }),
  Subnet: async (client) => ({
    name: fresh(),
    networkId: await make(client, 'Network'),
    cidr: '10.99.0.0/24',
    ipVersion: 4,
  }),
  Port: async (client) => ({ name: fresh(), networkId: await make(client, 'Network') }),
  SecurityGroup: async () => ({ name: fresh() }),
  SecurityGroupRule: async (client) => ({
    securityGroupId: await make(client, 'SecurityGroup'),
    direction: 'INGRESS',
  }),
  FloatingIp: async (client) => ({ floatingNetworkId: await idOf(client, 'networks', 'public') }),
};

async function make(client: Client, type: Made): Promise<string> {
  return made(client, `create${type}`, await INPUTS[type](client));
}

const lower = (type: string): string => type.charAt(0).toLowerCase() + type.slice(1);

function kind(name: string, service: ServiceName, prepare: Prepare, creates = false): MutationKind {
  return { name, service, prepare, creates };
}

function creating(service: ServiceName, type: Made): MutationKind {
  const query = `mutation ($input: Create${type}Input!) { create${type}(input: $input) { ${lower(type)} { id } } }`;
  return kind(
    `create${type}`,
    service,
    async (client, settled) => {
      const input = await INPUTS[type](client);
      await settled();
      return { query, variables: { input } };
    },
    true,
  );
}

function updating(service: ServiceName, type: Made): MutationKind {
  const query = `mutation ($id: ID!, $input: Update${type}Input!) {
    update${type}(id: $id, input: $input) { ${lower(type)} { id description } } }`;
  return kind(`update${type}`, service, async (client, settled) => {
    const id = await make(client, type);
    await settled();
    return { query, variables: { id, input: { description: fresh() } } };
  });
}

/** Mutations of one id, with whatever they show. */
function acting(service: ServiceName, name: string, type: Made, shown: string): MutationKind {
  const query = `mutation ($id: ID!) { ${name}(id: $id) { ${shown} } }`;
  return kind(name, service, async (client, settled) => {
    const id = await make(client, type);
    await settled();
    if (name === 'startServer')
      await client.ask('mutation ($id: ID!) { stopServer(id: $id) { server { id } } }', { id });
    await settled();
    return { query, variables: { id } };
  });
}

function allOf(service: ServiceName, type: Made, updates = true): readonly MutationKind[] {
  return [
    creating(service, type),
    ...(updates ? [updating(service, type)] : []),
    acting(service, `delete${type}`, type, 'id accepted'),
  ];
}

const ATTACH = `mutation ($input: AttachVolumeInput!) {
  attachVolume(input: $input) { server { id } volume { id } } }`;
const DETACH = `mutation ($serverId: ID!, $volumeId: ID!) {
  detachVolume(serverId: $serverId, volumeId: $volumeId) { server { id } volume { id } } }`;

async function pair(client: Client, settled: () => Promise<void>) {
  const [serverId, volumeId] = [await make(client, 'Server'), await make(client, 'Volume')];
  await settled();
  return { serverId, volumeId };
}

/** Every mutation that writes to a service; `test/proofs/service-faults-writes.test.ts` holds that none is missing. */
export const MUTATIONS: readonly MutationKind[] = [
  ...allOf('compute', 'Server'),
  ...['startServer', 'stopServer', 'rebootServer'].map((name) =>
    acting('compute', name, 'Server', 'server { id status }'),
  ),
  kind('attachVolume', 'compute', async (client, settled) => ({
    query: ATTACH,
    variables: { input: await pair(client, settled) },
  })),
  kind('detachVolume', 'compute', async (client, settled) => {
    const both = await pair(client, settled);
    await client.ask(ATTACH, { input: both });
    await settled();
    return { query: DETACH, variables: both };
  }),
  ...allOf('block-storage', 'Volume'),
  ...allOf('block-storage', 'VolumeSnapshot'),
  ...allOf('network', 'Network'),
  ...allOf('network', 'Subnet'),
  ...allOf('network', 'Port'),
  ...allOf('network', 'SecurityGroup'),
  ...allOf('network', 'SecurityGroupRule', false),
  ...allOf('network', 'FloatingIp'),
];

/** What the writes of a service change, as far as anybody may see it. */
export const WORLDS: Readonly<Partial<Record<ServiceName, string>>> = {
  compute: `{ servers(first: 1000) { nodes { id name description status volumes { id } ports { id } } }
    volumes(first: 1000) { nodes { id status } } }`,
  'block-storage': `{ volumes(first: 1000) { nodes { id name description status } }
    volumeSnapshots(first: 1000) { nodes { id name description status } } }`,
  network: `{ networks(first: 1000) { nodes { id name description } } subnets(first: 1000) { nodes { id description } }
    ports(first: 1000) { nodes { id description } } floatingIps(first: 1000) { nodes { id description } }
    securityGroups(first: 1000) { nodes { id description } } securityGroupRules(first: 1000) { nodes { id } } }`,
};
