import type { Asker, Call } from '../http.js';
import { allocate, firstAddress } from '../network/addresses.js';
import { networks, subnets } from '../network/networks.js';
import { newPort } from '../network/ports.js';
import type { Kind } from '../network/resource.js';
import { securityGroupRules, securityGroups } from '../network/security-groups.js';
import type { Network, NetworkRow, Router, SecurityGroup, Subnet } from '../rows.js';
import { inSeconds } from '../times.js';
import type { World } from '../world.js';

const NETWORKS = ['front', 'back', 'data'];
type Rule = readonly [protocol: string, first: number | null, last: number | null, source: string];
const GROUPS: Readonly<Record<string, readonly Rule[]>> = {
  ssh: [
    ['tcp', 22, 22, '0.0.0.0/0'],
    ['icmp', null, null, '0.0.0.0/0'],
  ],
  web: [
    ['tcp', 80, 80, '0.0.0.0/0'],
    ['tcp', 443, 443, '0.0.0.0/0'],
  ],
  db: [
    ['tcp', 3306, 3306, '10.0.0.0/8'],
    ['tcp', 5432, 5432, '10.0.0.0/8'],
  ],
  monitoring: [
    ['tcp', 9100, 9100, '10.0.0.0/8'],
    ['udp', 161, 161, '10.0.0.0/8'],
  ],
};

/** A call as a seeding user would make it, for the code that serves real ones. */
function seedCall(world: World, asker: Asker): Call {
  return {
    world,
    asker,
    method: 'POST',
    path: '/',
    rawPath: '/',
    parts: {},
    query: new URLSearchParams(),
    header: () => undefined,
    body: undefined,
    text: '',
    root: '',
    cloud: '',
    version: 0,
  };
}

export function baseRow(world: World, project: string, at: number, description = ''): NetworkRow {
  const time = inSeconds(at);
  const owner = { tenant_id: project, project_id: project };
  return {
    id: world.random.uuid(),
    ...owner,
    description,
    tags: [],
    created_at: time,
    updated_at: time,
    revision_number: 0,
  };
}

function add<T extends NetworkRow>(
  kind: Kind<T>,
  world: World,
  asker: Asker,
  input: Record<string, unknown>,
  at: number,
): T {
  if (kind.create === undefined) throw new Error(`${kind.many} cannot be created`);
  const description = typeof input['description'] === 'string' ? input['description'] : '';
  const base = baseRow(world, asker.projectId ?? '', at, description);
  return kind.table(world).insert(kind.create(seedCall(world, asker), input, base));
}

export function addNetwork(world: World, asker: Asker, input: Record<string, unknown>, at: number): Network {
  return add(networks, world, asker, input, at);
}

export function addSubnet(world: World, asker: Asker, input: Record<string, unknown>, at: number): Subnet {
  return add(subnets, world, asker, input, at);
}

export interface TenantBase {
  readonly networks: ReadonlyMap<string, Network>;
  readonly groups: ReadonlyMap<string, SecurityGroup>;
  readonly router: Router;
}

/** Networks, router and security groups of a project; the second byte of its addresses is `number` and an index. */
export function seedTenantNetworks(
  world: World,
  asker: Asker,
  tenant: { readonly name: string; readonly number: number; readonly bits: number },
  publicNetwork: Network,
  at: number,
): TenantBase {
  const router = addRouter(world, asker, publicNetwork, at);
  const made = NETWORKS.map((name, index) => {
    const network = addNetwork(world, asker, { name }, at);
    const cidr = `10.${tenant.number}${index}.0.0/${tenant.bits}`;
    const dns = { dns_nameservers: ['192.0.2.53'] };
    const subnet = addSubnet(
      world,
      asker,
      { name: `${name}-v4`, network_id: network.id, ip_version: 4, cidr, ...dns },
      at,
    );
    addInterface(world, asker, router, network, subnet, at);
    return [name, network] as const;
  });
  return { networks: new Map(made), groups: seedGroups(world, asker, tenant.name, at), router };
}

function seedGroups(world: World, asker: Asker, tenant: string, at: number): Map<string, SecurityGroup> {
  const fallback = add(securityGroups, world, asker, { name: 'default', description: 'Default security group' }, at);
  for (const ethertype of ['IPv4', 'IPv6']) {
    const rule = { security_group_id: fallback.id, direction: 'ingress', ethertype, remote_group_id: fallback.id };
    const added = add(securityGroupRules, world, asker, rule, at);
    world.securityGroupRules.update(added.id, { description: null });
  }
  // Neutron makes this group with its rules at once, so they do not move its revision on.
  world.securityGroups.update(fallback.id, { revision_number: 1 });
  const groups = new Map([['default', fallback]]);
  for (const [name, rules] of Object.entries(GROUPS)) {
    const group = add(securityGroups, world, asker, { name, description: `${name} for ${tenant}` }, at);
    for (const [protocol, port_range_min, port_range_max, remote_ip_prefix] of rules) {
      const ends = { port_range_min, port_range_max, remote_ip_prefix };
      add(
        securityGroupRules,
        world,
        asker,
        { security_group_id: group.id, direction: 'ingress', protocol, ...ends },
        at,
      );
    }
    groups.set(name, group);
  }
  return groups;
}

function addRouter(world: World, asker: Asker, publicNetwork: Network, at: number): Router {
  const [subnet] = world.subnets.by('network_id', publicNetwork.id);
  if (subnet === undefined) throw new Error('the public network has no subnet');
  const fixed = { subnet_id: subnet.id, ip_address: allocate(world, subnet) };
  const base = baseRow(world, asker.projectId ?? '', at);
  const router = world.routers.insert({
    ...base,
    name: 'edge',
    admin_state_up: true,
    status: 'ACTIVE',
    external_gateway_info: { network_id: publicNetwork.id, external_fixed_ips: [fixed], enable_snat: true },
    availability_zones: [],
    distributed: false,
    ha: false,
    availability_zone_hints: [],
    routes: [],
    flavor_id: null,
    revision_number: 6,
  });
  const gateway = newPort(
    world,
    publicNetwork,
    { device_id: router.id, device_owner: 'network:router_gateway', fixed_ips: [] },
    baseRow(world, '', at),
  );
  world.ports.insert({ ...gateway, fixed_ips: [fixed], security_groups: [], revision_number: 2 });
  return router;
}

function addInterface(world: World, asker: Asker, router: Router, network: Network, subnet: Subnet, at: number): void {
  const fixed = { subnet_id: subnet.id, ip_address: firstAddress(subnet.cidr) };
  const owner = { device_id: router.id, device_owner: 'network:router_interface', fixed_ips: [] };
  const port = newPort(world, network, owner, baseRow(world, asker.projectId ?? '', at));
  const unguarded = { security_groups: [], port_security_enabled: false };
  world.ports.insert({ ...port, fixed_ips: [fixed], ...unguarded, revision_number: 3 });
}
