import { type Call, Refusal } from '../http.js';
import { isAdmin } from '../policy.js';
import type { FloatingIp, Network, Port, Router } from '../rows.js';
import type { World } from '../world.js';
import { allocate, release } from './addresses.js';
import { textOr } from './input.js';
import { networkMissing } from './networks.js';
import { newPort } from './ports.js';
import type { Attribute, Kind } from './resource.js';

const reference: Attribute = { type: 'string', post: true, put: true, filter: true };

export const floatingIps: Kind<FloatingIp> = {
  one: 'floatingip',
  many: 'floatingips',
  path: '/floatingips',
  table: (world) => world.floatingIps,
  missing: (id) => new Refusal(404, `Floating IP ${id} could not be found`, 'FloatingIPNotFound'),
  quota: 'floatingip',
  attributes: {
    floating_network_id: { type: 'string', post: true, filter: true, required: true },
    floating_ip_address: { type: 'string', post: true, filter: true, adminOn: 'post' },
    fixed_ip_address: reference,
    port_id: { ...reference, type: 'uuid' },
    router_id: { type: 'any', filter: true },
    status: { type: 'any', filter: true },
    subnet_id: { type: 'string', post: true },
    qos_policy_id: { type: 'string', post: true, put: true },
    dns_name: { type: 'dns', post: true },
    dns_domain: { type: 'dns', post: true },
  },
  complete: (address, world) => ({ port_details: portDetails(world, address.port_id) }),
  create: (call, input, base) => {
    const { world } = call;
    const id = String(input['floating_network_id']);
    const network = world.networks.get(id);
    if (network === undefined) throw networkMissing(id);
    if (!network['router:external']) {
      throw new Refusal(400, `Bad floatingip request: Network ${id} is not a valid external network.`, 'BadRequest');
    }
    const [subnet] = world.subnets.by('network_id', id);
    if (subnet === undefined)
      throw new Refusal(409, `No more IP addresses available on network ${id}.`, 'IpAddressGenerationFailure');
    const wanted = input['floating_ip_address'];
    const row: FloatingIp = {
      ...base,
      floating_ip_address: allocate(world, subnet, typeof wanted === 'string' ? wanted : undefined),
      floating_network_id: id,
      router_id: null,
      port_id: null,
      fixed_ip_address: null,
      status: 'DOWN',
      qos_policy_id: null,
      port_details: null,
      dns_domain: '',
      dns_name: '',
      port_forwardings: [],
      revision_number: 1,
    };
    try {
      const associated = { ...row, ...associate(call, input, row) };
      if (associated.port_id !== null) activate(world, row.id);
      addPort(world, network, row);
      return associated;
    } catch (error) {
      release(world, subnet.id, row.floating_ip_address);
      throw error;
    }
  },
  update: (call, row, input) => {
    const patch = 'port_id' in input ? associate(call, input, row) : {};
    if (patch.port_id !== undefined && patch.port_id !== null) activate(call.world, row.id);
    return patch;
  },
  remove: ({ world }, address) => {
    const [subnet] = world.subnets.by('network_id', address.floating_network_id);
    if (subnet !== undefined) release(world, subnet.id, address.floating_ip_address);
    for (const port of world.ports.by('device_id', address.id)) world.ports.delete(port.id);
  },
};

/** Neutron keeps each address by a port of its own on the external network, which belongs to no project. */
function addPort(world: World, network: Network, address: FloatingIp): void {
  const [subnet] = world.subnets.by('network_id', network.id);
  const { tags, created_at, updated_at } = address;
  const nobody = { project_id: '', tenant_id: '', description: '', tags, created_at, updated_at, revision_number: 0 };
  const owner = { device_id: address.id, device_owner: 'network:floatingip', fixed_ips: [], security_groups: [] };
  const port = newPort(world, network, owner, { id: world.random.uuid(), ...nobody });
  const fixed_ips = [{ subnet_id: subnet?.id ?? '', ip_address: address.floating_ip_address }];
  world.ports.insert({ ...port, status: 'N/A', fixed_ips, port_security_enabled: false, revision_number: 2 });
}

/** The answer to an association still says DOWN; whoever looks right after it sees ACTIVE. */
function activate(world: World, id: string): void {
  queueMicrotask(() => world.floatingIps.update(id, { status: 'ACTIVE' }));
}

function associate(call: Call, input: Record<string, unknown>, own: FloatingIp): Partial<FloatingIp> {
  const portId = input['port_id'];
  if (portId === undefined || portId === null) {
    // No L3 agent tells it DOWN: go by `port_id`.
    return { port_id: null, fixed_ip_address: null, router_id: null };
  }
  const { world } = call;
  const port = world.ports.get(String(portId));
  if (port === undefined || (port.project_id !== call.asker.projectId && !isAdmin(call.asker))) {
    throw new Refusal(404, `Port ${String(portId)} could not be found.`, 'PortNotFound');
  }
  const fixed = textOr(input, 'fixed_ip_address', port.fixed_ips[0]?.ip_address ?? '');
  const network = own.floating_network_id;
  const router = routerBetween(world, port, network);
  if (router === undefined) {
    const subnet = port.fixed_ips[0]?.subnet_id ?? '';
    const way = `External network ${network} is not reachable from subnet ${subnet}.`;
    const message = `${way}  Therefore, cannot associate Port ${port.id} with a Floating IP.`;
    throw new Refusal(404, message, 'ExternalGatewayForFloatingIPNotFound');
  }
  const other = world.floatingIps
    .by('port_id', port.id)
    .find((each) => each.id !== own.id && each.fixed_ip_address === fixed);
  if (other !== undefined) {
    const already = `as that fixed IP already has a floating IP on external network ${network}.`;
    const cannot = `Cannot associate floating IP ${own.floating_ip_address} (${own.id}) with port ${port.id} using fixed IP ${fixed}`;
    throw new Refusal(409, `${cannot}, ${already}`, 'FloatingIPPortAlreadyAssociated');
  }
  return { port_id: port.id, fixed_ip_address: fixed, router_id: router.id };
}

function routerBetween(world: World, port: Port, external: string): Router | undefined {
  const faces = world.ports
    .by('network_id', port.network_id)
    .filter((each) => each.device_owner === 'network:router_interface');
  const ids = new Set(faces.map((each) => each.device_id));
  return world.routers.all().find((router) => {
    const gateway = router['external_gateway_info'];
    const leads =
      typeof gateway === 'object' && gateway !== null && 'network_id' in gateway && gateway.network_id === external;
    return ids.has(router.id) && leads;
  });
}

function portDetails(world: World, id: string | null): object | null {
  const port = id === null ? undefined : world.ports.get(id);
  if (port === undefined) return null;
  const { name, network_id, mac_address, admin_state_up, status, device_id, device_owner } = port;
  return { name, network_id, mac_address, admin_state_up, status, device_id, device_owner };
}
