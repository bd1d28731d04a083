import { attach, newAttachment, nextDevice } from '../block-storage/volume-state.js';
import type { Asker } from '../http.js';
import { allocate } from '../network/addresses.js';
import { newPort, VIF_DETAILS } from '../network/ports.js';
import type { Flavor, Keypair, Network, Server } from '../rows.js';
import { inSeconds } from '../times.js';
import type { World } from '../world.js';
import { baseRow, type TenantBase } from './networks.js';
import type { Operated } from './operator.js';

interface Tier {
  readonly name: string;
  /** Percent of all servers. */
  readonly share: number;
  readonly network: string;
  readonly groups: readonly string[];
  readonly flavors: readonly [string, ...string[]];
}

const TIERS: readonly Tier[] = [
  { name: 'web', share: 30, network: 'front', groups: ['ssh', 'web'], flavors: ['m1.small', 'm1.medium'] },
  { name: 'app', share: 25, network: 'back', groups: ['ssh', 'web'], flavors: ['m1.medium', 'm1.large'] },
  { name: 'worker', share: 20, network: 'back', groups: ['ssh'], flavors: ['c1.large', 'm1.medium'] },
  { name: 'db', share: 15, network: 'data', groups: ['ssh', 'db'], flavors: ['m1.large'] },
  { name: 'cache', share: 5, network: 'data', groups: ['ssh', 'db'], flavors: ['m1.medium'] },
  { name: 'mon', share: 5, network: 'back', groups: ['ssh', 'monitoring'], flavors: ['m1.tiny', 'm1.nano'] },
];
/** From so many servers on, a project's last one cannot be scheduled. */
const WITH_ERROR = 30;

export interface Tenant {
  readonly asker: Asker;
  readonly name: string;
  readonly base: TenantBase;
  readonly operated: Operated;
}

export function seedKeypairs(world: World, asker: Asker, at: number): void {
  for (const name of ['laptop', 'deploy', 'ci']) {
    const blob = Buffer.concat([
      Buffer.from([0, 0, 0, 11]),
      Buffer.from('ssh-ed25519'),
      Buffer.from([0, 0, 0, 32]),
      Buffer.from(world.random.hex(64), 'hex'),
    ]);
    const fingerprint = (world.random.hex(32).match(/../g) ?? []).join(':');
    const publicKey = `ssh-ed25519 ${blob.toString('base64')} ${name}`;
    const key: Keypair = {
      id: `${asker.userId}/${name}`,
      number: world.number('keypair'),
      userId: asker.userId,
      name,
      publicKey,
      fingerprint,
      createdAt: at,
    };
    world.keypairs.insert(key);
  }
}

/** `count` servers of a project with their ports, floating IPs and volumes. One is created each second from `at` on. */
export function seedServers(world: World, tenant: Tenant, count: number, at: number): void {
  const numbers = new Map<string, number>();
  for (let index = 0; index < count; index += 1) {
    const tier = pickTier(world);
    const number = (numbers.get(tier.name) ?? 0) + 1;
    numbers.set(tier.name, number);
    const name = `${tier.name}-${String(number).padStart(3, '0')}`;
    const fails = count >= WITH_ERROR && index === count - 1;
    addServer(world, tenant, { tier, name, number, fails, created: at + index * 1000 });
  }
  addVolumes(world, tenant, at + count * 1000);
  for (let spare = 0; spare < 2; spare += 1) addFloatingIp(world, tenant, null, '', at);
}

function pickTier(world: World): Tier {
  let left = world.random.between(0, 100);
  for (const tier of TIERS) {
    if (left < tier.share) return tier;
    left -= tier.share;
  }
  throw new Error('the shares of the tiers add up to 100');
}

interface Plan {
  readonly tier: Tier;
  readonly name: string;
  readonly number: number;
  readonly fails: boolean;
  readonly created: number;
}

function addServer(world: World, tenant: Tenant, plan: Plan): void {
  const { random } = world;
  const { tier, name, created, fails } = plan;
  const flavor = known(tenant.operated.flavors, fails ? 'x1.impossible' : random.pick(tier.flavors));
  const stopped = (tier.name === 'worker' || tier.name === 'app') && plan.number % 10 === 7;
  const launchedAt = created + 3000;
  const server: Server = {
    id: random.uuid(),
    number: world.number('server'),
    name,
    hostname: name,
    description: null,
    projectId: tenant.asker.projectId ?? '',
    userId: tenant.asker.userId,
    flavor,
    imageId: tenant.operated.images[random.between(0, tenant.operated.images.length)]?.id ?? null,
    keyName: random.pick(['laptop', 'deploy', 'ci']),
    metadata: { tier: tier.name, env: random.pick(['prod', 'prod', 'staging', 'test']) },
    tags: [tier.name],
    configDrive: false,
    userData: null,
    accessIPv4: '',
    accessIPv6: '',
    diskConfig: 'MANUAL',
    reservationId: `r-${random.hex(8)}`,
    host: fails ? null : `compute-${random.between(1, 4)}`,
    availabilityZone: 'nova',
    ...(fails ? FAILED : stopped ? STOPPED : RUNNING),
    taskState: null,
    created,
    updated: fails ? created : launchedAt,
    launchedAt: fails ? null : launchedAt,
    terminatedAt: null,
    fault: fails ? noHost(created) : null,
    serverGroups: [],
  };
  world.servers.insert(server);
  if (!fails) addPort(world, tenant, server, plan);
}

const RUNNING = { vmState: 'active', powerState: 1 } as const;
const STOPPED = { vmState: 'stopped', powerState: 4 } as const;
const FAILED = { vmState: 'error', powerState: 0 } as const;

function noHost(created: number) {
  const message = 'No valid host was found. ';
  return { code: 500, created, message, details: `Traceback: NoValidHost: ${message}\n` };
}

function addPort(world: World, tenant: Tenant, server: Server, plan: Plan): void {
  const network: Network = known(tenant.base.networks, plan.tier.network);
  const input = {
    device_id: server.id,
    device_owner: 'compute:nova',
    dns_name: server.hostname,
    security_groups: plan.tier.groups.map((group) => known(tenant.base.groups, group).id),
    'binding:host_id': server.host,
  };
  const base = baseRow(world, server.projectId, plan.created + 1000);
  const bound = { 'binding:vif_details': VIF_DETAILS, updated_at: inSeconds(plan.created + 3000), revision_number: 3 };
  const port = world.ports.insert({ ...newPort(world, network, input, base), ...bound, made_by_nova: true });
  if (plan.tier.name === 'web' && plan.number % 2 === 1)
    addFloatingIp(world, tenant, port, server.name, plan.created + 4000);
}

function addFloatingIp(
  world: World,
  { asker, base, operated }: Tenant,
  port: { id: string; fixed_ips: readonly { ip_address: string }[] } | null,
  description: string,
  at: number,
): void {
  const network = operated.publicNetwork;
  const [subnet] = world.subnets.by('network_id', network.id);
  if (subnet === undefined) throw new Error('the public network has no subnet');
  world.floatingIps.insert({
    ...baseRow(world, asker.projectId ?? '', at, description),
    floating_ip_address: allocate(world, subnet),
    floating_network_id: network.id,
    router_id: port === null ? null : base.router.id,
    port_id: port?.id ?? null,
    fixed_ip_address: port?.fixed_ips[0]?.ip_address ?? null,
    status: port === null ? 'DOWN' : 'ACTIVE',
    qos_policy_id: null,
    port_details: null,
    dns_domain: '',
    dns_name: '',
    port_forwardings: [],
    revision_number: 1,
  });
}

/** A data volume for each database server and some others, a few left unattached. */
function addVolumes(world: World, tenant: Tenant, at: number): void {
  const active = world.servers.by('projectId', tenant.asker.projectId).filter(({ vmState }) => vmState === 'active');
  const wanted = active.filter(({ name }) => name.startsWith('db') || world.random.next() < 0.12);
  for (const server of wanted) {
    const volume = addVolume(world, tenant, `${server.name}-data`, at);
    const attachment = { ...newAttachment(world, server, nextDevice(world, server), false), attachedAt: at + 2000 };
    attach(world, volume, attachment);
    world.volumes.update(volume.id, { updated: at + 2000 });
  }
  for (let number = 1; number < 4 + Math.floor(active.length / 40); number += 1) {
    const volume = addVolume(world, tenant, `spare-${number}`, at);
    if (number > 2) continue;
    const owner = { projectId: volume.projectId, userId: volume.userId };
    world.snapshots.insert({
      id: world.random.uuid(),
      name: `${volume.name}-snap`,
      description: null,
      volumeId: volume.id,
      size: volume.size,
      status: 'available',
      metadata: {},
      ...owner,
      created: at,
      updated: at,
    });
  }
}

function addVolume(world: World, { asker }: Tenant, name: string, created: number) {
  const type = world.volumeTypes.all()[world.random.between(0, 2)];
  if (type === undefined) throw new Error('volume types are seeded before volumes');
  return world.volumes.insert({
    id: world.random.uuid(),
    name,
    description: null,
    projectId: asker.projectId ?? '',
    userId: asker.userId,
    size: world.random.pick([1, 10, 20, 50, 100]),
    status: 'available',
    typeId: type.id,
    backend: type.name,
    metadata: { purpose: 'data' },
    bootable: false,
    snapshotId: null,
    sourceVolumeId: null,
    multiattach: false,
    imageMetadata: null,
    attachments: [],
    created,
    updated: created,
  });
}

function known<T extends Flavor | Network | { readonly id: string }>(map: ReadonlyMap<string, T>, name: string): T {
  const value = map.get(name);
  if (value === undefined) throw new Error(`the demo's seed has no ${name}`);
  return value;
}
