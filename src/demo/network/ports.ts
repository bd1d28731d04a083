import { type Call, isRecord, Refusal } from '../http.js';
import { isAdmin } from '../policy.js';
import type { FixedIp, Network, NetworkRow, Port } from '../rows.js';
import type { World } from '../world.js';
import { allocate, contains, release } from './addresses.js';
import { textOr } from './input.js';
import { networkMissing } from './networks.js';
import { type Attribute, type Kind, touched } from './resource.js';

const text: Attribute = { type: 'text', post: true, put: true, filter: true };
const flag: Attribute = { type: 'boolean', post: true, put: true, filter: true };
const always = () => true;
const list: Attribute = { type: 'optionalList', post: true, put: true };

/** `binding:vif_details` of a port on a host of the test control plane. */
export const VIF_DETAILS = {
  port_filter: true,
  ovs_hybrid_plug: false,
  bridge_name: 'br-int',
  connectivity: 'l2',
  datapath_type: 'system',
  bound_drivers: { 0: 'devcloud' },
};

export const ports: Kind<Port> = {
  one: 'port',
  many: 'ports',
  path: '/ports',
  table: (world) => world.ports,
  missing: (id) => new Refusal(404, `Port ${id} could not be found.`, 'PortNotFound'),
  attributes: {
    name: text,
    network_id: { type: 'string', post: true, filter: true, required: true },
    admin_state_up: flag,
    mac_address: { type: 'string', post: true, put: true, filter: true, adminOn: 'put', networkOwner: always },
    fixed_ips: { ...list, type: 'list', noList: "Invalid data format for fixed IP: '%s'.", networkOwner: always },
    status: { type: 'any', filter: true },
    device_id: text,
    device_owner: { ...text, networkOwner: (owner) => String(owner).startsWith('network:') },
    security_groups: list,
    allowed_address_pairs: { ...list, networkOwner: always },
    extra_dhcp_opts: list,
    qos_policy_id: { type: 'string', post: true, put: true },
    dns_name: { type: 'dns', post: true, put: true },
    dns_domain: { type: 'dns', post: true, put: true },
    'binding:vnic_type': { ...text, networkOwner: () => false },
    'binding:host_id': { ...text, type: 'string', admin: true },
    'binding:profile': { type: 'object', post: true, put: true, admin: true },
    'binding:vif_type': { type: 'any', filter: true, admin: true },
    'binding:vif_details': { type: 'any', admin: true },
    port_security_enabled: { ...flag, networkOwner: always },
    resource_request: { type: 'any', admin: true },
  },
  filters: {
    security_groups: (port, values) => port.security_groups.some((id) => values.includes(id)),
    fixed_ips: (port, values) =>
      fixedIpFilters(values).every((same) => same.some((value) => matchesFixedIp(port, value))),
    ip_allocation: () => true,
  },
  // Who made a port decides what becomes of it when its server goes; it never goes on the wire.
  complete: (port) => ({ dns_assignment: dnsOf(port), made_by_nova: undefined }),
  create: (call, input, base) => newPort(call.world, networkFor(call, input), input, base),
  update: (call, port, input) => ({
    ...('allowed_address_pairs' in input
      ? { allowed_address_pairs: pairsOf(input['allowed_address_pairs'], port.mac_address) }
      : {}),
    // No options at all leave those that there are.
    ...(isEmpty(input['extra_dhcp_opts']) ? { extra_dhcp_opts: port['extra_dhcp_opts'] } : {}),
    ...(input['fixed_ips'] === undefined ? {} : readdress(call.world, port, input['fixed_ips'])),
    ...(input['security_groups'] === undefined
      ? {}
      : { security_groups: groupsOf(call.world, port.project_id, input) }),
  }),
  remove: ({ world }, port) => {
    if (/^network:(router|floatingip)/.test(port.device_owner)) {
      const message = `Port ${port.id} cannot be deleted directly via the port API: has device owner ${port.device_owner}.`;
      throw new Refusal(409, message, 'ServicePortInUse');
    }
    forget(world, port);
  },
};

function isEmpty(value: unknown): boolean {
  return Array.isArray(value) && value.length === 0;
}

/** By name: several subnets mean any of them, a subnet and an address mean both (seen on a Zed control plane). */
function fixedIpFilters(values: readonly string[]): readonly (readonly string[])[] {
  const nameOf = (value: string) => value.split('=', 1)[0];
  return [...new Set(values.map(nameOf))].map((name) => values.filter((value) => nameOf(value) === name));
}

function matchesFixedIp(port: Port, value: string): boolean {
  const [name = '', wanted = ''] = value.split(/=(.*)/s);
  if (name === 'ip_address_substr') return port.fixed_ips.some((each) => each.ip_address.includes(wanted));
  return port.fixed_ips.some((each) => (name === 'subnet_id' ? each.subnet_id : each.ip_address) === wanted);
}

function dnsOf(port: Port): object[] {
  const name = String(port['dns_name'] ?? '');
  return port.fixed_ips.map(({ ip_address }) => {
    const hostname = name === '' ? `host-${ip_address.replaceAll(/[.:]/g, '-')}` : name;
    return { ip_address, hostname, fqdn: `${hostname}.devcloud.local.` };
  });
}

function networkFor(call: Call, input: Record<string, unknown>): Network {
  const id = String(input['network_id']);
  const network = call.world.networks.get(id);
  const open =
    network !== undefined &&
    (network.shared || network['router:external'] || network.project_id === call.asker.projectId);
  if (network === undefined || !(open || isAdmin(call.asker))) throw networkMissing(id);
  const own = isAdmin(call.asker) || network.shared || network.project_id === call.asker.projectId;
  if (!own) {
    const message = `Tenant ${call.asker.projectId} not allowed to create port on this network`;
    throw new Refusal(403, message, 'HTTPForbidden');
  }
  return network;
}

/** A row for a new port: addresses from the network's subnets, the project's default group unless others are named. */
export function newPort(world: World, network: Network, input: Record<string, unknown>, base: NetworkRow): Port {
  const host = textOr(input, 'binding:host_id', '');
  const mac = textOr(input, 'mac_address', newMac(world));
  return {
    ...base,
    name: textOr(input, 'name', ''),
    network_id: network.id,
    mac_address: mac,
    admin_state_up: input['admin_state_up'] !== false,
    status: host === '' ? 'DOWN' : 'ACTIVE',
    device_id: textOr(input, 'device_id', ''),
    device_owner: textOr(input, 'device_owner', ''),
    fixed_ips: addressesFor(world, network, input['fixed_ips']),
    allowed_address_pairs: pairsOf(input['allowed_address_pairs'], mac),
    extra_dhcp_opts: input['extra_dhcp_opts'] ?? [],
    security_groups: groupsOf(world, base.project_id, input),
    'binding:vnic_type': textOr(input, 'binding:vnic_type', 'normal'),
    'binding:profile': input['binding:profile'] ?? {},
    'binding:host_id': host,
    'binding:vif_type': host === '' ? 'unbound' : 'ovs',
    'binding:vif_details': host === '' ? {} : VIF_DETAILS,
    port_security_enabled: input['port_security_enabled'] ?? true,
    qos_policy_id: null,
    qos_network_policy_id: null,
    dns_name: textOr(input, 'dns_name', ''),
    dns_assignment: [],
    dns_domain: textOr(input, 'dns_domain', ''),
    resource_request: null,
    revision_number: 1,
  };
}

/** A pair without a MAC address of its own has the port's. */
function pairsOf(value: unknown, mac: string): object[] {
  return Array.isArray(value) ? value.filter(isRecord).map((pair) => ({ mac_address: mac, ...pair })) : [];
}

export function newMac(world: World): string {
  const hex = world.random.hex(6);
  return `fa:16:3e:${hex.slice(0, 2)}:${hex.slice(2, 4)}:${hex.slice(4, 6)}`;
}

function groupsOf(world: World, projectId: string, input: Record<string, unknown>): string[] {
  if (input['port_security_enabled'] === false) return [];
  const named = input['security_groups'];
  if (Array.isArray(named)) {
    for (const id of named) {
      if (world.securityGroups.get(String(id)) !== undefined) continue;
      throw new Refusal(404, `Security group ${String(id)} does not exist`, 'SecurityGroupNotFound');
    }
    return named.map(String);
  }
  return world.securityGroups
    .by('project_id', projectId)
    .filter(({ name }) => name === 'default')
    .map(({ id }) => id);
}

function addressesFor(world: World, network: Network, wanted: unknown): FixedIp[] {
  const subnets = world.subnets.by('network_id', network.id);
  if (Array.isArray(wanted)) {
    return wanted.filter(isRecord).map((each) => {
      const address = typeof each['ip_address'] === 'string' ? each['ip_address'] : undefined;
      const named = subnets.find(({ id }) => id === each['subnet_id']);
      const subnet = named ?? subnets.find(({ cidr }) => address !== undefined && contains(cidr, address));
      if (subnet === undefined || (address !== undefined && !contains(subnet.cidr, address))) {
        const where = named === undefined ? 'any of the subnets on the specified network' : 'the specified subnet';
        const message = `IP address ${address ?? ''} is not a valid IP for ${where}.`;
        throw new Refusal(400, message, named === undefined ? 'InvalidIpForNetwork' : 'InvalidIpForSubnet');
      }
      return { subnet_id: subnet.id, ip_address: allocate(world, subnet, address) };
    });
  }
  const first = [4, 6].flatMap((version) => subnets.find((subnet) => subnet.ip_version === version) ?? []);
  return first.map((subnet) => ({ subnet_id: subnet.id, ip_address: allocate(world, subnet) }));
}

function readdress(world: World, port: Port, wanted: unknown): Partial<Port> {
  const network = world.networks.get(port.network_id);
  if (network === undefined) return {};
  for (const { subnet_id, ip_address } of port.fixed_ips) release(world, subnet_id, ip_address);
  return { fixed_ips: addressesFor(world, network, wanted) };
}

/** What else goes when a port goes: its addresses are free again, its floating IPs point nowhere. */
function forget(world: World, port: Port): void {
  for (const { subnet_id, ip_address } of port.fixed_ips) release(world, subnet_id, ip_address);
  for (const address of world.floatingIps.by('port_id', port.id)) {
    const none = { port_id: null, fixed_ip_address: null, router_id: null };
    world.floatingIps.update(address.id, { ...none, ...touched(world, address) });
  }
}

/** Deletes a port as Nova does with the ports that it has made. */
export function deletePort(world: World, port: Port): void {
  forget(world, port);
  world.ports.delete(port.id);
}
