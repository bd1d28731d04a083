import { Refusal } from '../http.js';
import type { Network, Subnet } from '../rows.js';
import type { World } from '../world.js';
import { firstAddress, isCidr, overlap, poolsOf } from './addresses.js';
import { textOr } from './input.js';
import { type Attribute, type Kind, touched } from './resource.js';

const text: Attribute = { type: 'text', post: true, put: true, filter: true };
const flag: Attribute = { type: 'boolean', post: true, put: true, filter: true };
const fixed: Attribute = { type: 'any', filter: true };

export function networkMissing(id: string): Refusal {
  return new Refusal(404, `Network ${id} could not be found.`, 'NetworkNotFound');
}

export const networks: Kind<Network> = {
  one: 'network',
  many: 'networks',
  path: '/networks',
  table: (world) => world.networks,
  missing: networkMissing,
  isPublic: (network) => network.shared || network['router:external'],
  quota: 'network',
  onCreate: { is_default: false },
  attributes: {
    name: text,
    admin_state_up: flag,
    shared: { ...flag, admin: true, shown: true },
    'router:external': { ...flag, admin: true, shown: true },
    is_default: { ...flag, admin: true, shown: true },
    mtu: { type: 'number', post: true, put: true, filter: true },
    status: fixed,
    port_security_enabled: { ...flag },
    qos_policy_id: { type: 'string', post: true, put: true },
    dns_domain: { type: 'dns', post: true, put: true },
    availability_zone_hints: { type: 'list', post: true },
    'provider:network_type': { ...text, type: 'string', admin: true },
    'provider:physical_network': { ...text, type: 'string', admin: true },
    'provider:segmentation_id': { type: 'number', nullable: true, post: true, put: true, filter: true, admin: true },
  },
  create: ({ world }, input, base) => ({
    ...base,
    name: textOr(input, 'name', ''),
    admin_state_up: input['admin_state_up'] ?? true,
    mtu: input['mtu'] ?? 1450,
    status: 'ACTIVE',
    subnets: [],
    shared: input['shared'] === true,
    availability_zone_hints: [],
    availability_zones: [],
    ipv4_address_scope: null,
    ipv6_address_scope: null,
    'router:external': input['router:external'] === true,
    ...(input['router:external'] === true ? { is_default: input['is_default'] === true } : {}),
    port_security_enabled: input['port_security_enabled'] ?? true,
    qos_policy_id: null,
    dns_domain: textOr(input, 'dns_domain', ''),
    revision_number: 1,
    'provider:network_type': textOr(input, 'provider:network_type', 'vxlan'),
    'provider:physical_network': input['provider:physical_network'] ?? null,
    'provider:segmentation_id':
      'provider:segmentation_id' in input ? input['provider:segmentation_id'] : world.number('segment'),
  }),
  update: () => ({}),
  remove: ({ world }, network) => {
    if (world.ports.by('network_id', network.id).length > 0) {
      const ids = world.ports.by('network_id', network.id).map(({ id }) => id);
      const used = `There are one or more ports still in use on the network, id for these ports is: ${ids.join(',')}.`;
      const message = `Unable to complete operation on network ${network.id}. ${used}`;
      throw new Refusal(409, message, 'NetworkInUse');
    }
    for (const subnet of world.subnets.by('network_id', network.id)) world.subnets.delete(subnet.id);
  },
};

export const subnets: Kind<Subnet> = {
  one: 'subnet',
  many: 'subnets',
  path: '/subnets',
  table: (world) => world.subnets,
  missing: (id) => new Refusal(404, `Subnet ${id} could not be found.`, 'SubnetNotFound'),
  isPublic: (subnet) => subnet['shared'] === true,
  quota: 'subnet',
  attributes: {
    name: text,
    ip_version: { type: 'number', post: true, filter: true, required: true },
    network_id: { type: 'string', post: true, filter: true, required: true },
    cidr: { type: 'string', post: true, filter: true },
    gateway_ip: { ...text, type: 'string' },
    enable_dhcp: flag,
    dns_nameservers: { type: 'optionalList', post: true, put: true },
    host_routes: { type: 'optionalList', post: true, put: true },
    allocation_pools: { type: 'list', post: true, put: true, noList: "Invalid data format for IP pool: '%s'." },
    ipv6_ra_mode: { type: 'string', post: true, filter: true },
    ipv6_address_mode: { type: 'string', post: true, filter: true },
    subnetpool_id: { type: 'string', post: true, filter: true },
    service_types: { type: 'list', post: true, put: true },
  },
  // The column `shared` is the network's; it never goes on the wire.
  complete: () => ({ shared: undefined }),
  create: ({ world, asker }, input, base) => {
    const network = world.networks.get(String(input['network_id']));
    if (network === undefined || !networkOpen(network, asker)) throw networkMissing(String(input['network_id']));
    const cidr = cidrFor(world, network, input['cidr']);
    const gateway = input['gateway_ip'] === undefined ? firstAddress(cidr) : input['gateway_ip'];
    const gatewayIp = gateway === null ? null : String(gateway);
    world.networks.update(network.id, { subnets: [...network.subnets, base.id], ...touched(world, network) });
    return {
      ...base,
      name: textOr(input, 'name', ''),
      network_id: network.id,
      ip_version: Number(input['ip_version']),
      subnetpool_id: null,
      enable_dhcp: input['enable_dhcp'] ?? true,
      ipv6_ra_mode: input['ipv6_ra_mode'] ?? null,
      ipv6_address_mode: input['ipv6_address_mode'] ?? null,
      gateway_ip: gatewayIp,
      cidr,
      allocation_pools: input['allocation_pools'] ?? poolsOf(cidr, gatewayIp),
      host_routes: input['host_routes'] ?? [],
      dns_nameservers: input['dns_nameservers'] ?? [],
      service_types: input['service_types'] ?? [],
      shared: network.shared,
    };
  },
  update: ({ world }, subnet) => {
    const network = world.networks.get(subnet.network_id);
    if (network !== undefined) world.networks.update(network.id, touched(world, network));
    return {};
  },
  remove: ({ world }, subnet) => {
    const used = world.ports
      .by('network_id', subnet.network_id)
      .some((port) => port.fixed_ips.some((address) => address.subnet_id === subnet.id));
    if (used) {
      const message = `Unable to complete operation on subnet ${subnet.id}: One or more ports have an IP allocation from this subnet.`;
      throw new Refusal(409, message, 'SubnetInUse');
    }
    const network = world.networks.get(subnet.network_id);
    if (network === undefined) return;
    world.networks.update(network.id, {
      subnets: network.subnets.filter((id) => id !== subnet.id),
      ...touched(world, network),
    });
  },
};

function cidrFor(world: World, network: Network, wanted: unknown): string {
  if (wanted === undefined || wanted === null) {
    throw new Refusal(
      400,
      'Bad subnets request: a subnetpool must be specified in the absence of a cidr.',
      'BadRequest',
    );
  }
  const cidr = String(wanted);
  const invalid = (reason: string) => new Refusal(400, `Invalid input for operation: ${reason}.`, 'InvalidInput');
  if (!isCidr(cidr)) throw invalid(`${cidr} is not in a CIDR format`);
  if (world.subnets.by('network_id', network.id).some((other) => overlap(other.cidr, cidr))) {
    throw invalid(`Requested subnet with cidr: ${cidr} for network: ${network.id} overlaps with another subnet`);
  }
  return cidr;
}

function networkOpen(network: Network, asker: { projectId: string | null; roles: readonly string[] }): boolean {
  return (
    asker.roles.includes('admin') ||
    network.shared ||
    network['router:external'] ||
    network.project_id === asker.projectId
  );
}
