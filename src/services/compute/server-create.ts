import type { CreateServerInput, ServerBlockDeviceInput, ServerNetworkInput } from '../../generated/types.js';
import { badInput } from '../../rest/fault.js';
import { isObject } from '../../row.js';

type Wire = Readonly<Record<string, unknown>>;

/** Inputs that Nova wants in a shape of its own: they are written by `createServerBody` below. */
const SHAPED = [
  'networks',
  'network_allocation',
  'server_group_id',
  'scheduler_hints',
  'block_devices',
  'security_groups',
];

/** The body of POST /servers (nova/api/openstack/compute/schemas/servers.py, base_create_v290). */
export function createServerBody(input: CreateServerInput, wire: Wire): Wire {
  const plain = Object.fromEntries(Object.entries(wire).filter(([name]) => !SHAPED.includes(name)));
  const devices = input.blockDevices?.map(blockDevice);
  const server = {
    ...plain,
    networks: networks(input),
    ...(input.securityGroups ? { security_groups: input.securityGroups.map((name) => ({ name })) } : {}),
    ...(devices ? { block_device_mapping_v2: devices } : {}),
  };
  return { server, ...schedulerHints(input) };
}

function schedulerHints({ serverGroupId, schedulerHints: others }: CreateServerInput): Wire {
  if (others && !isObject(others)) throw badInput('input.schedulerHints', 'an object', others);
  if (!serverGroupId && !others) return {};
  return { 'os:scheduler_hints': { ...(others ?? {}), ...(serverGroupId ? { group: serverGroupId } : {}) } };
}

/** Nova wants a list, `auto` or `none`; `auto` is also what absent meant before microversion 2.37. */
function networks({ networks: wanted, networkAllocation }: CreateServerInput): unknown {
  if (!wanted) return networkAllocation?.toLowerCase() ?? 'auto';
  if (networkAllocation) throw badInput('input.networkAllocation', 'nothing beside `networks`', networkAllocation);
  return wanted.map(network);
}

function network({ networkId, portId, fixedIp, tag }: ServerNetworkInput, index: number): Wire {
  if (!networkId === !portId) {
    throw badInput(`input.networks[${index}]`, 'either networkId or portId', { networkId, portId });
  }
  return {
    ...(networkId ? { uuid: networkId } : { port: portId }),
    ...(fixedIp ? { fixed_ip: fixedIp } : {}),
    ...(tag ? { tag } : {}),
  };
}

function blockDevice(device: ServerBlockDeviceInput, index: number): Wire {
  const source = device.sourceType.toLowerCase();
  if (source !== 'blank' && !device.sourceId) {
    throw badInput(`input.blockDevices[${index}].sourceId`, `the id of the ${source}`, device.sourceId);
  }
  const all = {
    source_type: source,
    destination_type: (device.destinationType ?? 'VOLUME').toLowerCase(),
    uuid: device.sourceId,
    boot_index: device.bootIndex ?? index,
    volume_size: device.volumeSize,
    volume_type: device.volumeType,
    delete_on_termination: device.deleteOnTermination,
    device_name: device.deviceName,
    device_type: device.deviceType,
    disk_bus: device.diskBus,
    guest_format: device.guestFormat,
    tag: device.tag,
  };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== null && value !== undefined));
}
