import { createHash } from 'node:crypto';
import type { Call } from '../http.js';
import { isAdmin } from '../policy.js';
import type { Port, Server } from '../rows.js';
import { inSeconds, inZeroMicroseconds } from '../times.js';
import type { World } from '../world.js';
import { linksTo } from './nova.js';

const REBOOTS: Readonly<Record<string, string>> = {
  rebooting: 'REBOOT',
  reboot_pending: 'REBOOT',
  reboot_started: 'REBOOT',
  rebooting_hard: 'HARD_REBOOT',
  reboot_pending_hard: 'HARD_REBOOT',
  reboot_started_hard: 'HARD_REBOOT',
};
const STATUSES = {
  building: 'BUILD',
  active: 'ACTIVE',
  stopped: 'SHUTOFF',
  error: 'ERROR',
  deleted: 'DELETED',
} as const;

/** Nova's `status`, which it derives from the VM's state and its task. */
export function statusOf(server: Server): string {
  if (server.vmState === 'active' && server.taskState !== null) return REBOOTS[server.taskState] ?? 'ACTIVE';
  return STATUSES[server.vmState];
}

/** Opaque per project and host, so that tenants can tell hosts apart without knowing them. */
export function hostIdOf(server: Server): string {
  if (server.host === null) return '';
  return createHash('sha224')
    .update(server.projectId + server.host)
    .digest('hex');
}

/** Addresses by network name, floating ones included. Empty until the server has been launched. */
export function addressesOf(world: World, server: Server): Record<string, object[]> {
  const addresses: Record<string, object[]> = {};
  if (server.launchedAt === null || server.vmState === 'deleted') return addresses;
  for (const port of world.ports.by('device_id', server.id)) {
    const name = world.networks.get(port.network_id)?.name ?? '';
    addresses[name] = [...(addresses[name] ?? []), ...addressesOfPort(world, port)];
  }
  return addresses;
}

function addressesOfPort(world: World, port: Port): object[] {
  const floating = world.floatingIps.by('port_id', port.id);
  const address = (addr: string, type: string) => ({
    version: addr.includes(':') ? 6 : 4,
    addr,
    'OS-EXT-IPS:type': type,
    'OS-EXT-IPS-MAC:mac_addr': port.mac_address,
  });
  return port.fixed_ips.flatMap((fixed) => [
    address(fixed.ip_address, 'fixed'),
    ...floating
      .filter((each) => each.fixed_ip_address === fixed.ip_address)
      .map((each) => address(each.floating_ip_address, 'floating')),
  ]);
}

/** Names, not ids, of the groups of all the server's ports; a group of two ports is there twice. */
function groupsOf(world: World, server: Server): { name: string }[] {
  const ids = world.ports.by('device_id', server.id).flatMap((port) => port.security_groups);
  return ids.map((id) => ({ name: world.securityGroups.get(id)?.name ?? '' }));
}

/** Id, name and links: a row of the brief list. */
export function showBrief(call: Call, server: Server): Record<string, unknown> {
  return { id: server.id, name: server.name, links: linksTo(call, 'servers', server.id) };
}

/** A server as Nova 2.1 to 2.93 shows it to the caller; `one` for the GET of one, which holds more than a list. */
export function showServer(call: Call, server: Server, one: boolean): Record<string, unknown> {
  const { world, version } = call;
  const fault = server.fault !== null && (one || server.host !== null) ? { fault: faultOf(call, server.fault) } : {};
  const groups = server.vmState === 'deleted' ? [] : groupsOf(world, server);
  return {
    id: server.id,
    name: server.name,
    status: statusOf(server),
    tenant_id: server.projectId,
    user_id: server.userId,
    metadata: server.metadata,
    hostId: hostIdOf(server),
    image: server.imageId === null ? '' : { id: server.imageId, links: [linkTo(call, 'images', server.imageId)] },
    flavor: showFlavor(call, server),
    created: inSeconds(server.created),
    updated: inSeconds(server.updated),
    addresses: addressesOf(world, server),
    accessIPv4: server.accessIPv4,
    accessIPv6: server.accessIPv6,
    links: linksTo(call, 'servers', server.id),
    'OS-DCF:diskConfig': server.diskConfig,
    ...(server.vmState === 'active' || server.vmState === 'building' ? { progress: 0 } : {}),
    ...fault,
    'OS-EXT-AZ:availability_zone': server.host === null ? '' : server.availabilityZone,
    config_drive: server.configDrive ? 'True' : '',
    key_name: server.keyName,
    'OS-SRV-USG:launched_at': server.launchedAt === null ? null : inZeroMicroseconds(server.launchedAt),
    'OS-SRV-USG:terminated_at': server.terminatedAt === null ? null : inZeroMicroseconds(server.terminatedAt),
    'OS-EXT-STS:task_state': server.taskState,
    'OS-EXT-STS:vm_state': server.vmState,
    'OS-EXT-STS:power_state': server.powerState,
    'os-extended-volumes:volumes_attached': volumesOf(call, server),
    ...(groups.length > 0 ? { security_groups: groups } : {}),
    ...(isAdmin(call.asker) ? adminFields(server, version) : {}),
    ...newerFields(server, version, one),
  };
}

function faultOf(call: Call, fault: NonNullable<Server['fault']>): Record<string, unknown> {
  const { code, message } = fault;
  const details = isAdmin(call.asker) ? { details: fault.details } : {};
  return { code, created: inSeconds(fault.created), message, ...details };
}

function linkTo(call: Call, collection: string, id: string): object {
  return { rel: 'bookmark', href: `${call.root}/${collection}/${id}` };
}

function showFlavor(call: Call, { flavor }: Server): Record<string, unknown> {
  if (call.version < 47) return { id: flavor.id, links: [linkTo(call, 'flavors', flavor.id)] };
  const { vcpus, ram, disk, name } = flavor;
  return { vcpus, ram, disk, ephemeral: 0, swap: 0, original_name: name, extra_specs: {} };
}

function volumesOf(call: Call, server: Server): object[] {
  const ids = call.world.volumesOfServer.get(server.id) ?? [];
  if (call.version < 3) return ids.map((id) => ({ id }));
  return ids.map((id) => {
    const attachment = call.world.volumes.get(id)?.attachments.find((each) => each.serverId === server.id);
    return { id, delete_on_termination: attachment?.deleteOnTermination ?? false };
  });
}

function adminFields(server: Server, version: number): Record<string, unknown> {
  const basic = {
    'OS-EXT-SRV-ATTR:host': server.host,
    'OS-EXT-SRV-ATTR:instance_name': `instance-${server.number.toString(16).padStart(8, '0')}`,
    'OS-EXT-SRV-ATTR:hypervisor_hostname': server.host,
  };
  const since3 = {
    'OS-EXT-SRV-ATTR:reservation_id': server.reservationId,
    'OS-EXT-SRV-ATTR:launch_index': 0,
    'OS-EXT-SRV-ATTR:hostname': server.hostname,
    'OS-EXT-SRV-ATTR:kernel_id': '',
    'OS-EXT-SRV-ATTR:ramdisk_id': '',
    'OS-EXT-SRV-ATTR:root_device_name': server.host === null ? null : '/dev/sda',
    'OS-EXT-SRV-ATTR:user_data': server.userData,
  };
  const since16 = { host_status: server.host === null ? '' : 'UP' };
  return { ...basic, ...(version >= 3 ? since3 : {}), ...(version >= 16 ? since16 : {}) };
}

function newerFields(server: Server, version: number, one: boolean): Record<string, unknown> {
  return {
    ...(version >= 9 ? { locked: false } : {}),
    ...(version >= 19 ? { description: server.description } : {}),
    ...(version >= 26 ? { tags: server.tags } : {}),
    ...(version >= 63 ? { trusted_image_certificates: null } : {}),
    ...(version >= 71 && one ? { server_groups: server.serverGroups } : {}),
    ...(version >= 73 ? { locked_reason: null } : {}),
    ...(version >= 90 ? { 'OS-EXT-SRV-ATTR:hostname': server.hostname } : {}),
  };
}
