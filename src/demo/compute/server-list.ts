import { type Answer, type Call, Refusal } from '../http.js';
import { compareBy } from '../paging.js';
import { isAdmin } from '../policy.js';
import type { Server } from '../rows.js';
import { denied, novaPage } from './nova.js';
import { addressesOf, showBrief, showServer, statusOf } from './server-view.js';

const SORT_KEYS: Readonly<Record<string, (server: Server) => unknown>> = {
  created_at: (server) => server.created,
  display_name: (server) => server.name.toLowerCase(),
  display_description: (server) => server.description,
  updated_at: (server) => server.updated,
  uuid: (server) => server.id,
  hostname: (server) => server.hostname,
  key_name: (server) => server.keyName,
  vm_state: (server) => server.vmState,
  power_state: (server) => server.powerState,
  user_id: (server) => server.userId,
  project_id: (server) => server.projectId,
  host: (server) => server.host,
  image_ref: (server) => server.imageId,
  availability_zone: (server) => server.availabilityZone,
};
/** Nova takes these too, but fails with 500 on their nulls. */
const FAILING_SORT_KEYS = ['task_state', 'launched_at', 'terminated_at'];
const OTHER_SORT_KEYS = [
  'locked',
  'access_ip_v4',
  'access_ip_v6',
  'auto_disk_config',
  'config_drive',
  'instance_type_id',
  'kernel_id',
  'launch_index',
  'locked_by',
  'node',
  'progress',
  'ramdisk_id',
  'root_device_name',
];

const KNOWN_STATUSES = [
  'ACTIVE',
  'BUILD',
  'DELETED',
  'ERROR',
  'HARD_REBOOT',
  'MIGRATING',
  'PASSWORD',
  'PAUSED',
  'REBOOT',
  'REBUILD',
  'RESCUE',
  'RESIZE',
  'REVERT_RESIZE',
  'SHELVED',
  'SHELVED_OFFLOADED',
  'SHUTOFF',
  'SOFT_DELETED',
  'SUSPENDED',
  'UNKNOWN',
  'VERIFY_RESIZE',
];

type Matches = (server: Server, values: readonly string[], call: Call) => boolean;

const last = (values: readonly string[]): string => values.at(-1) ?? '';
/** A MySQL regular expression: case-insensitive, unanchored; Nova escapes `|`. */
const regex =
  (of: (server: Server) => string | null): Matches =>
  (server, values) =>
    patternOf(last(values)).test(of(server) ?? '');
const equal =
  (of: (server: Server) => unknown): Matches =>
  (server, values) =>
    String(of(server)) === last(values);
const tagsOf = (values: readonly string[]): string[] => last(values).split(',');

function ofProject(server: Server, values: readonly string[], call: Call): boolean {
  return !wantsAll(call) || server.projectId === last(values);
}

/** Filters that everybody may use. */
const FILTERS: Readonly<Record<string, Matches>> = {
  name: regex((server) => server.name),
  display_name: regex((server) => server.name),
  hostname: regex((server) => server.hostname),
  reservation_id: regex((server) => server.reservationId),
  status: (server, values) => values.some((value) => value.toUpperCase() === statusOf(server)),
  flavor: equal((server) => server.flavor.id),
  image: equal((server) => server.imageId),
  ip: (server, values, call) => hasAddress(call, server, last(values)),
  ip6: (server, values, call) => hasAddress(call, server, last(values)),
  tags: (server, values) => tagsOf(values).every((tag) => server.tags.includes(tag)),
  'tags-any': (server, values) => tagsOf(values).some((tag) => server.tags.includes(tag)),
  'not-tags': (server, values) => !tagsOf(values).every((tag) => server.tags.includes(tag)),
  'not-tags-any': (server, values) => !tagsOf(values).some((tag) => server.tags.includes(tag)),
  locked: (_server, values) => !/^(true|1|yes|on|t|y)$/i.test(last(values)),
  'changes-since': (server, values) => server.updated >= Math.floor(Date.parse(zoned(last(values))) / 1000) * 1000,
  'changes-before': (server, values) => server.updated <= Date.parse(zoned(last(values))),
};
/** Filters that a member has since 2.83, an administrator always. */
const LATER_FILTERS: Readonly<Record<string, Matches>> = {
  availability_zone: regex((server) => server.availabilityZone),
  key_name: regex((server) => server.keyName),
  vm_state: equal((server) => server.vmState),
  task_state: equal((server) => server.taskState),
  power_state: equal((server) => server.powerState),
  user_id: equal((server) => server.userId),
  config_drive: equal((server) => (server.configDrive ? 'True' : '')),
  progress: equal(() => 0),
  created_at: () => true,
  launched_at: () => true,
  terminated_at: () => true,
};
/** Filters of an administrator; Nova silently ignores them for a member. */
const ADMIN_FILTERS: Readonly<Record<string, Matches>> = {
  uuid: equal((server) => server.id),
  host: equal((server) => server.host),
  node: regex((server) => server.host),
  // Without all_tenants Nova puts the token's own project in the place of these.
  project_id: ofProject,
  tenant_id: ofProject,
  description: regex((server) => server.description),
  deleted: () => true,
  launch_index: equal(() => 0),
  root_device_name: regex(() => '/dev/sda'),
};
const OPTIONS = ['limit', 'marker', 'sort_key', 'sort_dir', 'all_tenants'];

/** `GET /servers` and `GET /servers/detail`. */
export function listServers(call: Call, detail: boolean): Answer {
  if (call.asker.projectId === null) throw denied(detail ? 'servers:detail' : 'servers:index');
  check(call);
  const all = visible(call).filter(filterOf(call)).sort(sortOf(call));
  const page = novaPage(call, all, (server) => server.id);
  const servers = page.rows.map((server) => (detail ? showServer(call, server, false) : showBrief(call, server)));
  return { status: 200, body: { servers, ...(page.links.length > 0 ? { servers_links: page.links } : {}) } };
}

function check(call: Call): void {
  const { query, version } = call;
  const known = new Set([...OPTIONS, ...Object.keys({ ...FILTERS, ...LATER_FILTERS, ...ADMIN_FILTERS })]);
  for (const name of query.keys()) {
    if (version >= 75 && !known.has(name)) throw new Refusal(400, `'${name}' does not match any of the regexes: '^_'`);
  }
  for (const name of ['changes-since', 'changes-before']) {
    const value = query.get(name);
    if (value === null || !Number.isNaN(Date.parse(zoned(value)))) continue;
    throw new Refusal(
      400,
      `Invalid input for query parameters ${name}. Value: ${value}. '${value}' is not a 'date-time'`,
    );
  }
  for (const key of query.getAll('sort_key')) {
    if (FAILING_SORT_KEYS.includes(key)) throw new Refusal(500, 'Unexpected API Error.');
    if (key in SORT_KEYS || OTHER_SORT_KEYS.includes(key)) continue;
    const keys = [...Object.keys(SORT_KEYS), ...FAILING_SORT_KEYS, ...OTHER_SORT_KEYS]
      .map((each) => `'${each}'`)
      .join(', ');
    throw new Refusal(
      400,
      `Invalid input for query parameters sort_key. Value: ${key}. '${key}' is not one of [${keys}]`,
    );
  }
  const statuses = query.getAll('status').map((status) => status.toUpperCase());
  if (statuses.length > 0 && !statuses.some((status) => KNOWN_STATUSES.includes(status))) {
    throw new Refusal(400, 'Invalid status value');
  }
  if (isAdmin(call.asker)) return;
  if (statuses.includes('DELETED')) throw new Refusal(403, 'Only administrators may list deleted instances');
  if (wantsAll(call)) throw denied('servers:index:get_all_tenants');
}

function wantsAll({ query }: Call): boolean {
  return query.has('all_tenants') && !/^(0|false|f|no|n|off)$/i.test(query.get('all_tenants') ?? '');
}

/** The servers of the caller's project; deleted ones too for those who ask what changed since. */
function visible(call: Call): Server[] {
  const { world, asker, query } = call;
  const everything = isAdmin(asker) && wantsAll(call);
  const living = everything ? world.servers.all() : world.servers.by('projectId', asker.projectId);
  if (!query.has('changes-since')) return living;
  return [...living, ...world.deletedServers.filter((server) => everything || server.projectId === asker.projectId)];
}

function filterOf(call: Call): (server: Server) => boolean {
  const admin = isAdmin(call.asker);
  const mine = { ...FILTERS, ...(admin || call.version >= 83 ? LATER_FILTERS : {}), ...(admin ? ADMIN_FILTERS : {}) };
  const asked = [...new Set(call.query.keys())].flatMap((name) => {
    const matches = mine[name as keyof typeof mine];
    return matches === undefined ? [] : [{ matches, values: call.query.getAll(name) }];
  });
  return (server) => asked.every(({ matches, values }) => matches(server, values, call));
}

function sortOf({ query }: Call): (a: Server, b: Server) => number {
  const directions = query.getAll('sort_dir');
  const keys = query.getAll('sort_key').map((key, at) => ({
    of: SORT_KEYS[key] ?? (() => null),
    descending: (directions[at] ?? 'desc') === 'desc',
  }));
  const rest = (keys.at(-1)?.descending ?? true) === true;
  return compareBy<Server>([
    ...keys,
    { of: (server) => server.created, descending: rest },
    { of: (server) => server.number, descending: rest },
  ]);
}

function patternOf(text: string): RegExp {
  try {
    return new RegExp(text.replaceAll('|', '\\|'), 'i');
  } catch {
    throw new Refusal(400, 'Invalid filter');
  }
}

function hasAddress(call: Call, server: Server, part: string): boolean {
  return Object.values(addressesOf(call.world, server))
    .flat()
    .some((address) => 'addr' in address && String(address.addr).includes(part));
}

/** Nova reads a time without a zone as UTC, JavaScript as local time. */
function zoned(time: string): string {
  return /^\d{4}-\d\d-\d\dT[\d:.]+$/.test(time) ? `${time}Z` : time;
}
