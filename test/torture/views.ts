import type { createDemoCloud } from '../../src/demo/index.js';

export type Cloud = Awaited<ReturnType<typeof createDemoCloud>>;

/** A row as the gateway shall show it. */
export interface View {
  readonly id: string;
  readonly project: string;
  /** Whether every project may see it. */
  readonly open: boolean;
  /** Where it stands in a list that nobody has sorted: smaller first. */
  readonly place: string;
  /** By GraphQL field, sets sorted. */
  readonly fields: Readonly<Record<string, unknown>>;
  /** `fields`, each as JSON: what answers are compared with. */
  readonly texts: Readonly<Record<string, string>>;
}

export type Raw = { readonly id: string } & Readonly<Record<string, unknown>>;

/** The rows of the cloud by table and id, as its log tells them. */
export class Mirror {
  readonly #cloud: Cloud;
  readonly #tables = new Map<string, Map<string, Raw>>();

  constructor(cloud: Cloud) {
    this.#cloud = cloud;
    for (const table of Object.values(TABLES)) {
      const rows = (cloud.rows(table) as readonly Raw[]).map((row) => [row.id, row] as const);
      this.#tables.set(table, new Map(rows));
    }
  }

  table(table: string): ReadonlyMap<string, Raw> {
    return this.#tables.get(table) ?? new Map();
  }

  /** What the table held under this id before. */
  put(table: string, id: string, row: Raw | null): Raw | undefined {
    const rows = this.#tables.get(table);
    const before = rows?.get(id);
    if (row === null) rows?.delete(id);
    else rows?.set(id, row);
    return before;
  }

  where(table: string, test: (row: Raw) => boolean): Raw[] {
    return [...this.table(table).values()].filter(test);
  }

  volumesOfServer(id: string): readonly string[] {
    return this.#cloud.volumesOfServer(id);
  }
}

/** The demo cloud's table of each type. */
export const TABLES = {
  Server: 'server',
  Port: 'port',
  FloatingIp: 'floatingip',
  SecurityGroup: 'security_group',
  SecurityGroupRule: 'security_group_rule',
  Network: 'network',
  Subnet: 'subnet',
  Volume: 'volume',
  VolumeSnapshot: 'snapshot',
} as const;

export type Type = keyof typeof TABLES;

const VIEWS: Readonly<Record<Type, (row: Raw, mirror: Mirror) => Omit<View, 'texts' | 'id'>>> = {
  Server: (row, mirror) => {
    const ports = mirror.where('port', (port) => port['device_id'] === row.id);
    return {
      project: text(row['projectId']),
      open: false,
      place: later(row['created'], row['number']),
      fields: {
        ...some(row, ['name', 'description', 'taskState', 'vmState']),
        statusText: statusOf(row),
        addresses: row['launchedAt'] === null ? [] : sorted(ports.flatMap((port) => addressesOf(port, mirror))),
        securityGroupNames: sorted(
          ports.flatMap((port) => list(port['security_groups']).map((id) => nameOf(mirror, text(id)))),
        ),
        volumesAttached: sorted(mirror.volumesOfServer(row.id)),
      },
    };
  },
  Port: (row) => ({
    ...ofNeutron(row),
    fields: {
      ...shared(row),
      name: row['name'],
      adminStateUp: row['admin_state_up'],
      deviceId: orNull(row['device_id']),
      deviceOwner: orNull(row['device_owner']),
      statusText: row['status'],
      networkId: row['network_id'],
      securityGroupIds: sorted(list(row['security_groups']).map(text)),
      fixedIps: sorted(list(row['fixed_ips']).map((fixed) => text((fixed as Raw)['ip_address']))),
    },
  }),
  FloatingIp: (row, mirror) => ({
    ...ofNeutron(row),
    fields: {
      ...shared(row),
      statusText: row['status'],
      portId: row['port_id'],
      fixedIpAddress: row['fixed_ip_address'],
      floatingIpAddress: row['floating_ip_address'],
      portDetails: detailsOf(mirror.table('port').get(text(row['port_id']))),
    },
  }),
  SecurityGroup: (row, mirror) => ({
    ...ofNeutron(row),
    fields: {
      ...shared(row),
      name: row['name'],
      rules: sorted(
        mirror.where('security_group_rule', (rule) => rule['security_group_id'] === row.id).map(({ id }) => id),
      ),
    },
  }),
  SecurityGroupRule: (row) => ({
    ...ofNeutron(row),
    fields: {
      securityGroupId: row['security_group_id'],
      directionText: row['direction'],
      protocol: row['protocol'],
      portRangeMin: row['port_range_min'],
    },
  }),
  Network: (row) => ({
    ...ofNeutron(row),
    open: row['shared'] === true || row['router:external'] === true,
    fields: {
      ...shared(row),
      name: row['name'],
      adminStateUp: row['admin_state_up'],
      shared: row['shared'],
      subnetIds: sorted(list(row['subnets']).map(text)),
    },
  }),
  Subnet: (row) => ({
    ...ofNeutron(row),
    open: row['shared'] === true,
    fields: { ...shared(row), name: row['name'], networkId: row['network_id'], cidr: row['cidr'] },
  }),
  Volume: (row) => ({
    project: text(row['projectId']),
    open: false,
    place: '',
    fields: {
      ...some(row, ['name', 'description']),
      statusText: row['status'],
      metadata: sorted(Object.entries(row['metadata'] as object).map(([key, value]) => `${key}=${String(value)}`)),
      attachments: sorted(list(row['attachments']).map((each) => text((each as Raw)['serverId']))),
    },
  }),
  VolumeSnapshot: (row) => ({
    project: text(row['projectId']),
    open: false,
    place: '',
    fields: { ...some(row, ['name', 'description', 'volumeId']), statusText: row['status'] },
  }),
};

/** What the gateway shall show of the row that the mirror has now; null where there is none. */
export function viewOf(mirror: Mirror, type: Type, id: string): View | null {
  const row = mirror.table(TABLES[type]).get(id);
  if (row === undefined) return null;
  const view = VIEWS[type](row, mirror);
  const texts = Object.entries(view.fields).map(([name, value]) => [name, JSON.stringify(value ?? null)]);
  return { ...view, id, texts: Object.fromEntries(texts) };
}

/** The rows whose views may have changed with a row of `table`: itself, and those that tell of it. */
export function changedWith(
  mirror: Mirror,
  table: string,
  row: Raw,
  before: Raw | undefined,
): (readonly [Type, string])[] {
  const own = (Object.keys(TABLES) as Type[])
    .filter((type) => TABLES[type] === table)
    .map((type) => [type, row.id] as const);
  return [...own, ...[row, ...(before ? [before] : [])].flatMap((each) => OTHERS[table]?.(each, mirror) ?? [])];
}

type Others = (row: Raw, mirror: Mirror) => (readonly [Type, string])[];

const OTHERS: Readonly<Record<string, Others>> = {
  port: (row, mirror) => [
    ['Server', text(row['device_id'])],
    ...mirror.where('floatingip', (each) => each['port_id'] === row.id).map(({ id }) => ['FloatingIp', id] as const),
  ],
  floatingip: (row, mirror) => {
    const port = mirror.table('port').get(text(row['port_id']));
    return port ? [['Server', text(port['device_id'])]] : [];
  },
  security_group: (row, mirror) =>
    mirror
      .where('port', (port) => list(port['security_groups']).includes(row.id))
      .map((port) => ['Server', text(port['device_id'])]),
  security_group_rule: (row) => [['SecurityGroup', text(row['security_group_id'])]],
  // The server counts a volume before the volume names the server.
  volume: (row, mirror) =>
    mirror.where('server', (server) => server['projectId'] === row['projectId']).map(({ id }) => ['Server', id]),
};

function ofNeutron(row: Raw): Pick<View, 'project' | 'open' | 'place'> {
  return { project: text(row['project_id']), open: false, place: row.id };
}

function shared(row: Raw): Record<string, unknown> {
  return { description: row['description'], revisionNumber: row['revision_number'] };
}

function some(row: Raw, names: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(names.map((name) => [name, row[name] ?? null]));
}

/** nova/api/openstack/common.py, as far as the demo cloud goes. */
function statusOf({ vmState, taskState }: Raw): string {
  const task = String(taskState);
  if (vmState === 'active' && task.startsWith('reboot')) return task.endsWith('hard') ? 'HARD_REBOOT' : 'REBOOT';
  return STATUSES[String(vmState)] ?? '';
}

const STATUSES: Readonly<Record<string, string>> = {
  building: 'BUILD',
  active: 'ACTIVE',
  stopped: 'SHUTOFF',
  error: 'ERROR',
};

function addressesOf(port: Raw, mirror: Mirror): string[] {
  const floating = mirror.where('floatingip', (each) => each['port_id'] === port.id);
  return list(port['fixed_ips']).flatMap((fixed) => {
    const address = text((fixed as Raw)['ip_address']);
    const outside = floating.filter((each) => each['fixed_ip_address'] === address);
    return [address, ...outside.map((each) => text(each['floating_ip_address']))];
  });
}

function detailsOf(port: Raw | undefined): object | null {
  if (port === undefined) return null;
  return { name: port['name'], adminStateUp: port['admin_state_up'], deviceId: orNull(port['device_id']) };
}

function nameOf(mirror: Mirror, group: string): string {
  return text(mirror.table('security_group').get(group)?.['name']);
}

/** Newest first. */
function later(created: unknown, number: unknown): string {
  return String(1e16 - Number(created)) + String(1e9 - Number(number));
}

export function sorted(values: readonly string[]): string[] {
  return [...values].sort();
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function orNull(value: unknown): unknown {
  return value === '' ? null : value;
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
