import type { WriteRequest } from '../../resource.js';
import { acts, belongsTo, creates, deletes, hasThrough, resource, updates } from '../../resource.js';
import { pathOf } from '../../rest/paths.js';
import { isObject, type Row, records, textOf } from '../../row.js';
import { anchored, anyOf, exactly, joined } from '../filters.js';
import { createServerBody } from './server-create.js';

/** nova/objects/fields.py, InstancePowerState: the numbers of `OS-EXT-STS:power_state`. */
const POWER_STATES: Readonly<Record<number, string>> = {
  0: 'NOSTATE',
  1: 'RUNNING',
  3: 'PAUSED',
  4: 'SHUTDOWN',
  6: 'CRASHED',
  7: 'SUSPENDED',
};

const POWER_NUMBERS = new Map(Object.entries(POWER_STATES).map(([number, state]) => [state, number]));

/** A virtual machine. Wire names: nova/api/openstack/compute/views/servers.py. */
export const server = resource('Server', {
  service: 'compute',
  path: '/servers',
  list: '/servers/detail',
  one: 'server',
  many: 'servers',
  batch: 'listOrGet',
  // Nova pays per row: the list of a project of a hundred costs as much as ten to twenty single GETs.
  listFrom: 9,
  idFormat: 'uuid',
  ttl: (row) => (row['OS-EXT-STS:task_state'] === null ? 30 : 2),
  watch: ['status', 'updated', 'OS-EXT-STS:task_state'],
  project: 'tenant_id',
  // nova/policies/servers.py: index, detail and show are PROJECT_READER_OR_ADMIN, rule "project_id:%(project_id)s".
  audience: 'project',
  confined: true,
  touches: ['Port', 'Volume', 'FloatingIp'],
  secrets: ['adminPass', 'OS-EXT-SRV-ATTR:user_data'],
  since: {
    description: '2.19',
    tags: '2.26',
    locked: '2.9',
    lockedReason: '2.73',
    hostStatus: '2.16',
    serverGroupIds: '2.71',
    trustedImageCertificates: '2.63',
    hostname: '2.3',
    flavorSnapshot: '2.47',
  },
  filtersSince: {
    tags: '2.26',
    tagsAny: '2.26',
    notTags: '2.26',
    notTagsAny: '2.26',
    locked: '2.73',
    changesBefore: '2.66',
    ip6AddressMatches: '2.5',
  },
  inputsSince: { description: '2.19', tags: '2.52', hostname: '2.90', host: '2.74', trustedImageCertificates: '2.63' },
  fields: {
    statusText: 'status',
    taskState: 'OS-EXT-STS:task_state',
    vmState: 'OS-EXT-STS:vm_state',
    powerState: (row) => POWER_STATES[Number(row['OS-EXT-STS:power_state'])] ?? row['OS-EXT-STS:power_state'],
    projectId: 'tenant_id',
    hostId: (row) => textOf(row, 'hostId'),
    hostname: 'OS-EXT-SRV-ATTR:hostname',
    imageId: (row) => imageId(row),
    flavorSnapshot: 'flavor',
    addresses,
    accessIpv4: (row) => textOf(row, 'accessIPv4'),
    accessIpv6: (row) => textOf(row, 'accessIPv6'),
    diskConfig: 'OS-DCF:diskConfig',
    availabilityZone: (row) => textOf(row, 'OS-EXT-AZ:availability_zone'),
    serverGroupIds: 'server_groups',
    securityGroupNames: (row) => records(row['security_groups']).map((group) => group['name']),
    volumesAttached: 'os-extended-volumes:volumes_attached',
    createdAt: 'created',
    updatedAt: 'updated',
    launchedAt: 'OS-SRV-USG:launched_at',
    terminatedAt: 'OS-SRV-USG:terminated_at',
    host: 'OS-EXT-SRV-ATTR:host',
    hypervisorHostname: 'OS-EXT-SRV-ATTR:hypervisor_hostname',
    instanceName: 'OS-EXT-SRV-ATTR:instance_name',
    // "" for a server that never reached a host.
    hostStatus: (row) => textOf(row, 'host_status'),
    launchIndex: 'OS-EXT-SRV-ATTR:launch_index',
    reservationId: 'OS-EXT-SRV-ATTR:reservation_id',
    kernelId: 'OS-EXT-SRV-ATTR:kernel_id',
    ramdiskId: 'OS-EXT-SRV-ATTR:ramdisk_id',
    rootDeviceName: 'OS-EXT-SRV-ATTR:root_device_name',
  },
  onlyInGet: {
    serverGroupIds: () => true,
    // The list leaves the fault out for a server that never got a host.
    fault: (row) => row['status'] === 'ERROR' && row['fault'] === undefined,
  },
  values: {
    ServerFault: { fields: { createdAt: 'created' } },
    ServerVolumeAttachment: {
      fields: { volumeId: 'id' },
      relations: { volume: belongsTo('Volume', 'id') },
    },
  },
  relations: {
    project: belongsTo('Project', 'tenant_id'),
    image: belongsTo('Image', imageId),
    // From 2.47 on a server embeds its flavor without the id (nova/api/openstack/compute/views/servers.py, _get_flavor).
    flavor: belongsTo('Flavor', flavorName, { by: 'name' }),
    securityGroups: hasThrough('SecurityGroup', 'ports', 'securityGroups'),
  },
  filters: {
    name: exactly('name', 'name', anchored),
    nameMatches: 'name',
    status: anyOf('status'),
    imageId: 'image',
    flavorId: 'flavor',
    ipAddressMatches: 'ip',
    ip6AddressMatches: 'ip6',
    tags: joined('tags'),
    tagsAny: joined('tags-any'),
    notTags: joined('not-tags'),
    notTagsAny: joined('not-tags-any'),
    changesSince: 'changes-since',
    changesBefore: 'changes-before',
    // Nova reads these as regular expressions, as it does `name` (nova/db/main/api.py, _regex_instance_filter).
    hostname: exactly('hostname', 'OS-EXT-SRV-ATTR:hostname', anchored),
    keyName: exactly('key_name', 'key_name', anchored),
    availabilityZone: exactly('availability_zone', 'OS-EXT-AZ:availability_zone', anchored),
    // Another regular expression, over a text that is "True" or "" (nova/db/main/api.py, _regex_instance_filter).
    configDrive: (wanted: boolean) => ({
      query: [['config_drive', wanted ? '.' : '^$']],
      accept: (row) => (textOf(row, 'config_drive') !== null) === wanted,
    }),
    reservationId: (id: string) => ({ query: [['reservation_id', anchored(id)]] }),
    powerState: (state: string) => ({ query: [['power_state', POWER_NUMBERS.get(state) ?? state]] }),
    // Nova ignores these for others than admins, and would list everything.
    descriptionMatches: (pattern: string) => ({
      query: [['description', pattern]],
      accept: (row) => 'OS-EXT-SRV-ATTR:host' in row,
    }),
    host: exactly('host', 'OS-EXT-SRV-ATTR:host'),
    hypervisorHostname: exactly('node', 'OS-EXT-SRV-ATTR:hypervisor_hostname'),
    projectId: exactly('project_id', 'tenant_id'),
  },
  orders: { NAME: 'display_name', STATUS: 'vm_state' },
  write: {
    accessIpv4: 'accessIPv4',
    accessIpv6: 'accessIPv6',
    diskConfig: 'OS-DCF:diskConfig',
    flavorId: 'flavorRef',
    imageId: 'imageRef',
    adminPassword: 'adminPass',
  },
  mutations: {
    createServer: creates({
      request: (args, wire) => ({ method: 'POST', path: '/servers', body: createServerBody(args.input, wire) }),
      payload: (body) => ({
        adminPassword: isObject(body) && isObject(body['server']) ? body['server']['adminPass'] : null,
      }),
    }),
    updateServer: updates(),
    deleteServer: deletes(),
    startServer: acts({ target: (args) => args.id, request: (args) => action(args.id, { 'os-start': null }) }),
    stopServer: acts({ target: (args) => args.id, request: (args) => action(args.id, { 'os-stop': null }) }),
    rebootServer: acts({
      target: (args) => args.id,
      request: (args) => action(args.id, { reboot: { type: args.type } }),
    }),
    attachVolume: acts({
      target: (args) => args.input.serverId,
      request: ({ input }, wire) => {
        const { server_id: _, volume_id: volumeId, ...rest } = wire;
        const body = { volumeAttachment: { volumeId, ...rest } };
        return { method: 'POST', path: pathOf`/servers/${input.serverId}/os-volume_attachments`, body };
      },
      rows: ({ input }) => ({ volume: { type: 'Volume', id: input.volumeId } }),
      payload: (body) => ({
        device: isObject(body) && isObject(body['volumeAttachment']) ? body['volumeAttachment']['device'] : null,
      }),
    }),
    detachVolume: acts({
      target: (args) => args.serverId,
      request: (args) => ({
        method: 'DELETE',
        path: pathOf`/servers/${args.serverId}/os-volume_attachments/${args.volumeId}`,
      }),
      rows: (args) => ({ volume: { type: 'Volume', id: args.volumeId } }),
    }),
  },
});

/** `""` when booted from a volume, an object with the id otherwise. */
function imageId(row: Row): string | null {
  return isObject(row['image']) ? textOf(row['image'], 'id') : null;
}

function flavorName(row: Row): string | null {
  return isObject(row['flavor']) ? textOf(row['flavor'], 'original_name') : null;
}

/** `{ <network name>: [{ addr, version, OS-EXT-IPS:type, OS-EXT-IPS-MAC:mac_addr }] }` as one list. */
function addresses(row: Row): unknown {
  if (!isObject(row['addresses'])) return null;
  return Object.entries(row['addresses']).flatMap(([networkName, list]) =>
    records(list).map((entry) => ({
      network_name: networkName,
      address: entry['addr'],
      version: entry['version'],
      type: entry['OS-EXT-IPS:type'],
      mac_address: entry['OS-EXT-IPS-MAC:mac_addr'],
    })),
  );
}

function action(id: string, body: unknown): WriteRequest {
  return { method: 'POST', path: pathOf`/servers/${id}/action`, body };
}
