import { randomBytes } from 'node:crypto';
import { isIP } from 'node:net';
import { changeVolume, detach } from '../block-storage/volume-state.js';
import { type Answer, type Call, isRecord, Refusal } from '../http.js';
import { deletePort } from '../network/ports.js';
import { touched } from '../network/resource.js';
import { mayWrite } from '../policy.js';
import type { Flavor, Server } from '../rows.js';
import type { World } from '../world.js';
import { ownServer, serverOf } from './find.js';
import { bodyOf, denied, linksTo, python } from './nova.js';
import { change } from './server-actions.js';
import { type BootPlan, boot, planBoot } from './server-boot.js';
import { showServer } from './server-view.js';

const CREATE = [
  'name',
  'flavorRef',
  'imageRef',
  'networks',
  'key_name',
  'metadata',
  'tags',
  'security_groups',
  'description',
  'user_data',
  'config_drive',
  'availability_zone',
  'block_device_mapping_v2',
  'accessIPv4',
  'accessIPv6',
  'OS-DCF:diskConfig',
  'adminPass',
  'hostname',
  'min_count',
  'max_count',
  'return_reservation_id',
  'personality',
  'trusted_image_certificates',
  'host',
  'hypervisor_hostname',
];
const UPDATE = ['name', 'description', 'accessIPv4', 'accessIPv6', 'OS-DCF:diskConfig', 'auto_disk_config', 'hostname'];

export function getServer(call: Call): Answer {
  return { status: 200, body: { server: showServer(call, serverOf(call), true) } };
}

/** `POST /servers`: answers 202 with next to nothing; the server builds in the background. */
export function createServer(call: Call): Answer {
  const { world, asker } = call;
  if (!mayWrite(asker)) throw denied('servers:create');
  const input = bodyOf(call, 'server', CREATE, ['name', 'flavorRef', ...(call.version >= 37 ? ['networks'] : [])]);
  checkName(input);
  const flavor = world.flavors.get(String(input['flavorRef']));
  if (flavor === undefined) throw new Refusal(400, `Flavor ${String(input['flavorRef'])} could not be found.`);
  const plan = planBoot(call, input);
  checkQuota(call, input, flavor);
  const server = newServer(call, input, flavor, plan);
  world.servers.insert(server);
  boot(world, server, plan);
  const body = {
    id: server.id,
    links: linksTo(call, 'servers', server.id),
    'OS-DCF:diskConfig': server.diskConfig,
    security_groups: plan.groupNames.map((name) => ({ name })),
    adminPass: typeof input['adminPass'] === 'string' ? input['adminPass'] : randomBytes(9).toString('base64url'),
  };
  return { status: 202, body: { server: body }, headers: { location: `${call.root}/v2.1/servers/${server.id}` } };
}

function checkName(input: Record<string, unknown>): void {
  const { name } = input;
  if (typeof name === 'string' && name.trim() !== '' && name.length <= 255) return;
  const reason =
    typeof name !== 'string'
      ? `${python(name)} is not of type 'string'`
      : name.length > 255
        ? `'${name}' is too long`
        : `'${name}' is too short`;
  throw new Refusal(400, `Invalid input for field/attribute name. Value: ${String(name)}. ${reason}`);
}

function checkQuota(call: Call, input: Record<string, unknown>, flavor: Flavor): void {
  const { world, asker } = call;
  const count = Math.max(Number(input['min_count'] ?? 1), Number(input['max_count'] ?? 1));
  const servers = world.servers.by('projectId', asker.projectId);
  const cores = servers.reduce((sum, server) => sum + server.flavor.vcpus, 0);
  const asked = { cores: count * flavor.vcpus, instances: count };
  const used = { cores, instances: servers.length };
  const over = (['cores', 'instances'] as const).filter((name) => used[name] + asked[name] > world.quotas[name]);
  if (over.length === 0) return;
  const list = (of: (name: 'cores' | 'instances') => number) => over.map(of).join(', ');
  const usage = `${list((name) => used[name])} of ${list((name) => world.quotas[name])} ${over.join(', ')}`;
  throw new Refusal(
    403,
    `Quota exceeded for ${over.join(', ')}: Requested ${list((name) => asked[name])}, but already used ${usage}`,
  );
}

function newServer(call: Call, input: Record<string, unknown>, flavor: Flavor, plan: BootPlan): Server {
  const { world, asker } = call;
  const now = world.now();
  const name = String(input['name']);
  const text = (key: string) => (typeof input[key] === 'string' ? input[key] : null);
  return {
    id: world.random.uuid(),
    number: world.number('server'),
    name,
    hostname: text('hostname') ?? hostnameOf(name),
    description: text('description'),
    projectId: asker.projectId ?? '',
    userId: asker.userId,
    flavor,
    imageId: plan.imageId,
    keyName: text('key_name'),
    metadata: isRecord(input['metadata'])
      ? Object.fromEntries(Object.entries(input['metadata']).map(([k, v]) => [k, String(v)]))
      : {},
    tags: Array.isArray(input['tags']) ? input['tags'].map(String) : [],
    configDrive: String(input['config_drive']).toLowerCase() === 'true',
    userData: text('user_data'),
    accessIPv4: text('accessIPv4') ?? '',
    accessIPv6: text('accessIPv6') ?? '',
    diskConfig: text('OS-DCF:diskConfig') ?? 'MANUAL',
    reservationId: `r-${world.random.hex(8)}`,
    host: null,
    availabilityZone: 'nova',
    vmState: 'building',
    taskState: 'scheduling',
    powerState: 0,
    created: now,
    updated: now,
    launchedAt: null,
    terminatedAt: null,
    fault: null,
    serverGroups: [],
  };
}

/** A name as Nova makes a host name of it. */
export function hostnameOf(name: string): string {
  return name
    .toLowerCase()
    .replaceAll(/[ _.]/g, '-')
    .replaceAll(/[^a-z0-9-]/g, '')
    .slice(0, 63);
}

type Check = readonly [fits: (value: string) => boolean, otherwise: (shown: string) => string];
const HOSTNAME = '^[a-zA-Z0-9]+[a-zA-Z0-9-]*[a-zA-Z0-9]+$';
/** What an update checks of each attribute's text. */
const CHECKS: Readonly<Record<string, readonly Check[]>> = {
  accessIPv4: [[(value) => isIP(value) === 4, (shown) => `${shown} is not a 'ipv4'`]],
  accessIPv6: [[(value) => isIP(value) === 6, (shown) => `${shown} is not a 'ipv6'`]],
  'OS-DCF:diskConfig': [
    [(value) => ['AUTO', 'MANUAL'].includes(value), (shown) => `${shown} is not one of ['AUTO', 'MANUAL']`],
  ],
  hostname: [
    [(value) => value !== '', (shown) => `${shown} is too short`],
    [(value) => new RegExp(HOSTNAME).test(value), (shown) => `${shown} does not match '${HOSTNAME}'`],
  ],
  description: [],
};

function checkUpdate(input: Record<string, unknown>): void {
  if ('name' in input) checkName(input);
  for (const [name, checks] of Object.entries(CHECKS)) {
    const value = input[name];
    if (value === undefined || (name === 'description' && value === null)) continue;
    const plain = typeof value === 'string' ? value : python(value);
    const where = `Invalid input for field/attribute ${name}. Value: ${plain}.`;
    const types = name === 'description' ? "'string', 'null'" : "'string'";
    if (typeof value !== 'string') throw new Refusal(400, `${where} ${python(value)} is not of type ${types}`);
    const broken = checks.find(([fits]) => !fits(value));
    if (broken !== undefined) throw new Refusal(400, `${where} ${broken[1](python(value))}`);
  }
}

/** `PUT /servers/:id`: answers with the fresh server. */
export function updateServer(call: Call): Answer {
  const input = bodyOf(call, 'server', UPDATE);
  checkUpdate(input);
  const server = ownServer(call, 'servers:update');
  const text = (key: string, otherwise: string) => (typeof input[key] === 'string' ? input[key] : otherwise);
  const description = 'description' in input ? input['description'] : server.description;
  const changed = change(call.world, server.id, {
    name: text('name', server.name),
    description: typeof description === 'string' ? description : null,
    accessIPv4: text('accessIPv4', server.accessIPv4),
    accessIPv6: text('accessIPv6', server.accessIPv6),
    diskConfig: text('OS-DCF:diskConfig', server.diskConfig),
    hostname: text('hostname', server.hostname),
  });
  return { status: 200, body: { server: showServer(call, changed ?? server, true) } };
}

/** `DELETE /servers/:id`: 204 at once, gone after a moment. */
export function deleteServer(call: Call): Answer {
  const server = ownServer(call, 'servers:delete');
  if (server.taskState === 'deleting') return { status: 204, headers: { 'content-type': 'application/json' } };
  change(call.world, server.id, { taskState: 'deleting' });
  call.world.later(1000, () => remove(call.world, server.id));
  return { status: 204, headers: { 'content-type': 'application/json' } };
}

function remove(world: World, id: string): void {
  const server = world.servers.get(id);
  if (server === undefined) return;
  for (const port of world.ports.by('device_id', id)) {
    if (port['made_by_nova'] === true) deletePort(world, port);
    else world.ports.update(port.id, { ...UNBOUND, ...touched(world, port) });
  }
  for (const volumeId of world.volumesOfServer.get(id) ?? []) {
    const goes = world.volumes
      .get(volumeId)
      ?.attachments.some((each) => each.serverId === id && each.deleteOnTermination);
    detach(world, volumeId, id);
    if (goes) {
      changeVolume(world, volumeId, { status: 'deleting' });
      world.later(300, () => world.volumes.delete(volumeId));
    }
  }
  world.volumesOfServer.delete(id);
  const now = world.now();
  const gone = { vmState: 'deleted', taskState: null, powerState: 0, updated: now, terminatedAt: now } as const;
  world.deletedServers.push({ ...server, ...gone });
  world.servers.delete(id);
}

const UNBOUND = {
  device_id: '',
  device_owner: '',
  status: 'DOWN',
  dns_name: '',
  'binding:host_id': '',
  'binding:vif_type': 'unbound',
  'binding:vif_details': {},
  'binding:profile': {},
};
