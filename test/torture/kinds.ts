import type { Random } from '../../src/demo/random.js';
import { sorted, type Type, type View } from './views.js';

/** A filter with what it lets through. */
export interface Filter {
  readonly input: Readonly<Record<string, unknown>>;
  readonly test: (view: View) => boolean;
}

/** A relation to one row, to the rows that point back, or to rows whose ids the row lists. */
export type Relation =
  | { readonly to: Type; readonly one: (node: Node) => string | null; readonly wrap?: string }
  | { readonly to: Type; readonly many: (id: string) => (view: View) => boolean }
  | { readonly to: Type; readonly listed: (node: Node) => readonly string[] };

/** A row in an answer. */
export type Node = { readonly id: string } & Readonly<Record<string, unknown>>;

/** What the torture asks of one type. */
export interface Kind {
  readonly type: Type;
  readonly one: string;
  readonly many: string;
  /** GraphQL selection of each checked field. */
  readonly fields: Readonly<Record<string, string>>;
  readonly relations: Readonly<Record<string, Relation>>;
  readonly filters: (random: Random, some: View | null) => readonly Filter[];
  /** Whether its lists come in an order that never changes, so that pages can be checked. */
  readonly paged: boolean;
}

const texts = (...names: string[]): Record<string, string> => Object.fromEntries(names.map((name) => [name, name]));
const id = (name: string) => (node: Node) => (typeof node[name] === 'string' ? (node[name] as string) : null);
const points = (name: string) => (parent: string) => (view: View) => view.fields[name] === parent;
const holds = (name: string) => (parent: string) => (view: View) => (view.fields[name] as string[]).includes(parent);
const equal = (name: string, value: unknown, given: unknown = value): Filter => ({
  input: { [name]: given },
  test: (view) => view.fields[name === 'status' ? 'statusText' : name] === value,
});
const byName = (some: View | null): Filter[] => (some === null ? [] : [equal('name', some.fields['name'])]);

export const KINDS: Readonly<Record<Type, Kind>> = {
  Server: {
    type: 'Server',
    one: 'server',
    many: 'servers',
    fields: {
      ...texts('name', 'description', 'taskState', 'vmState', 'statusText', 'securityGroupNames'),
      addresses: 'addresses { address }',
      volumesAttached: 'volumesAttached { volumeId }',
    },
    relations: {
      ports: { to: 'Port', many: points('deviceId') },
      volumes: { to: 'Volume', listed: (node) => canonical(node, 'volumesAttached') as string[] },
    },
    filters: (random, some) => [
      ...['ACTIVE', 'SHUTOFF'].map((status) => equal('status', status, [status])),
      equal('vmState', random.pick(['active', 'stopped'])),
      ...byName(some),
    ],
    paged: true,
  },
  Port: {
    type: 'Port',
    one: 'port',
    many: 'ports',
    fields: {
      ...texts('name', 'description', 'adminStateUp', 'deviceId', 'deviceOwner', 'statusText', 'revisionNumber'),
      ...texts('networkId', 'securityGroupIds'),
      fixedIps: 'fixedIps { ipAddress }',
    },
    relations: {
      network: { to: 'Network', one: id('networkId') },
      device: {
        to: 'Server',
        one: (node) => (String(node['deviceOwner']).startsWith('compute:') ? id('deviceId')(node) : null),
        wrap: '... on Server',
      },
      securityGroups: { to: 'SecurityGroup', listed: (node) => (node['securityGroupIds'] ?? []) as string[] },
      floatingIps: { to: 'FloatingIp', many: points('portId') },
    },
    filters: (random, some) => [
      ...['ACTIVE', 'DOWN'].map((status) => equal('status', status, [status])),
      equal('adminStateUp', random.next() < 0.5),
      ...(some === null ? [] : [equal('networkId', some.fields['networkId'], [some.fields['networkId']])]),
      ...(typeof some?.fields['deviceId'] === 'string'
        ? [equal('deviceId', some.fields['deviceId'], [some.fields['deviceId']])]
        : []),
      ...(some === null ? [] : bySecurityGroup(random, some)),
    ],
    paged: true,
  },
  FloatingIp: {
    type: 'FloatingIp',
    one: 'floatingIp',
    many: 'floatingIps',
    fields: {
      ...texts('description', 'statusText', 'portId', 'fixedIpAddress', 'floatingIpAddress', 'revisionNumber'),
      portDetails: 'portDetails { name adminStateUp deviceId }',
    },
    relations: { port: { to: 'Port', one: id('portId') } },
    filters: (_random, some) => [
      ...['ACTIVE', 'DOWN'].map((status) => equal('status', status, [status])),
      ...(typeof some?.fields['portId'] === 'string'
        ? [equal('portId', some.fields['portId'], [some.fields['portId']])]
        : []),
    ],
    paged: true,
  },
  SecurityGroup: {
    type: 'SecurityGroup',
    one: 'securityGroup',
    many: 'securityGroups',
    fields: { ...texts('name', 'description', 'revisionNumber'), rules: 'rules { id }' },
    relations: { ports: { to: 'Port', many: holds('securityGroupIds') } },
    filters: (_random, some) => byName(some),
    paged: true,
  },
  SecurityGroupRule: {
    type: 'SecurityGroupRule',
    one: 'securityGroupRule',
    many: 'securityGroupRules',
    fields: texts('securityGroupId', 'directionText', 'protocol', 'portRangeMin'),
    relations: { securityGroup: { to: 'SecurityGroup', one: id('securityGroupId') } },
    filters: (_random, some) =>
      some === null ? [] : [equal('securityGroupId', some.fields['securityGroupId'], [some.fields['securityGroupId']])],
    paged: true,
  },
  Network: {
    type: 'Network',
    one: 'network',
    many: 'networks',
    fields: texts('name', 'description', 'adminStateUp', 'shared', 'subnetIds', 'revisionNumber'),
    relations: {
      subnets: { to: 'Subnet', many: points('networkId') },
      ports: { to: 'Port', many: points('networkId') },
    },
    filters: (random, some) => [equal('shared', random.next() < 0.5), ...byName(some)],
    paged: true,
  },
  Subnet: {
    type: 'Subnet',
    one: 'subnet',
    many: 'subnets',
    fields: texts('name', 'description', 'networkId', 'cidr', 'revisionNumber'),
    relations: { network: { to: 'Network', one: id('networkId') } },
    filters: (_random, some) => byName(some),
    paged: true,
  },
  Volume: {
    type: 'Volume',
    one: 'volume',
    many: 'volumes',
    fields: {
      ...texts('name', 'description', 'statusText'),
      metadata: 'metadata { key value }',
      attachments: 'attachments { serverId }',
    },
    relations: { snapshots: { to: 'VolumeSnapshot', many: points('volumeId') } },
    filters: (_random, some) => [
      equal('status', 'available', 'AVAILABLE'),
      equal('status', 'in-use', 'IN_USE'),
      ...byName(some),
    ],
    paged: false,
  },
  VolumeSnapshot: {
    type: 'VolumeSnapshot',
    one: 'volumeSnapshot',
    many: 'volumeSnapshots',
    fields: texts('name', 'description', 'statusText', 'volumeId'),
    relations: { volume: { to: 'Volume', one: id('volumeId') } },
    filters: (_random, some) => [equal('status', 'available', 'AVAILABLE'), ...byName(some)],
    paged: false,
  },
};

function bySecurityGroup(random: Random, some: View): Filter[] {
  const groups = some.fields['securityGroupIds'] as string[];
  const group = groups[random.between(0, groups.length || 1)];
  return group === undefined
    ? []
    : [{ input: { securityGroupId: group }, test: (view) => holds('securityGroupIds')(group)(view) }];
}

/** Lists of objects, by the one text that names each. */
const NAMING: Readonly<Record<string, (each: Readonly<Record<string, unknown>>) => unknown>> = {
  addresses: (each) => each['address'],
  volumesAttached: (each) => each['volumeId'],
  fixedIps: (each) => each['ipAddress'],
  rules: (each) => each['id'],
  attachments: (each) => each['serverId'],
  metadata: (each) => `${String(each['key'])}=${String(each['value'])}`,
};

/** A field of an answer in the form of `View.fields`. */
export function canonical(node: Node, field: string): unknown {
  const value = node[field];
  if (!Array.isArray(value)) return value ?? null;
  const naming = NAMING[field];
  return sorted(naming === undefined ? value : value.map((each) => String(naming(each))));
}
