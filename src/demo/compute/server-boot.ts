import { attach, changeVolume, link, newAttachment } from '../block-storage/volume-state.js';
import { type Call, isRecord, Refusal } from '../http.js';
import { newPort, VIF_DETAILS } from '../network/ports.js';
import { touched } from '../network/resource.js';
import { isAdmin, owns } from '../policy.js';
import type { Network, Port, Server, Volume } from '../rows.js';
import { inSeconds } from '../times.js';
import type { World } from '../world.js';
import { change } from './server-actions.js';

/** Everything about a new server that Nova checks before it answers. */
export interface BootPlan {
  readonly imageId: string | null;
  readonly networks: readonly { readonly network: Network; readonly fixedIp: string | null }[];
  readonly ports: readonly Port[];
  /** Volumes to attach, the first one being the root disk when there is no image. */
  readonly volumes: readonly { readonly volume: Volume; readonly deleteOnTermination: boolean }[];
  readonly groupNames: readonly string[];
  readonly groupIds: readonly string[];
}

export function planBoot(call: Call, input: Record<string, unknown>): BootPlan {
  const groups = groupsOf(call, input);
  return {
    ...diskOf(call, input),
    ...networksOf(call, input),
    groupNames: groups.map(({ name }) => name),
    groupIds: groups.map(({ id }) => id),
    ...checkKey(call, input),
  };
}

function checkKey(call: Call, input: Record<string, unknown>): object {
  const name = input['key_name'];
  if (typeof name !== 'string' || call.world.keypairs.get(`${call.asker.userId}/${name}`) !== undefined) return {};
  throw new Refusal(400, 'Invalid key_name provided.');
}

function diskOf(call: Call, input: Record<string, unknown>): Pick<BootPlan, 'imageId' | 'volumes'> {
  const { world, asker } = call;
  const devices = Array.isArray(input['block_device_mapping_v2'])
    ? input['block_device_mapping_v2'].filter(isRecord)
    : [];
  const volumes = devices
    .filter((device) => device['source_type'] === 'volume')
    .map((device) => {
      const volume = world.volumes.get(String(device['uuid']));
      if (volume === undefined || !owns(asker, volume.projectId)) {
        throw new Refusal(400, `Block Device Mapping is Invalid: failed to get volume ${String(device['uuid'])}.`);
      }
      return { volume, deleteOnTermination: device['delete_on_termination'] === true };
    });
  const ref = input['imageRef'];
  if (ref === undefined || ref === '') {
    if (volumes.length === 0) throw new Refusal(400, 'Missing imageRef attribute');
    return { imageId: null, volumes };
  }
  const image = world.images.get(String(ref));
  const visible =
    image !== undefined && (image.visibility === 'public' || image.owner === asker.projectId || isAdmin(asker));
  if (!visible) throw new Refusal(400, 'Can not find requested image');
  if (image.status !== 'active') throw new Refusal(400, `Image ${image.id} is not active.`);
  return { imageId: image.id, volumes };
}

function networksOf(call: Call, input: Record<string, unknown>): Pick<BootPlan, 'networks' | 'ports'> {
  const { world, asker } = call;
  const wanted = input['networks'];
  if (wanted === 'none') return { networks: [], ports: [] };
  if (!Array.isArray(wanted)) {
    const [first] = world.networks.all().filter((each) => each.project_id === asker.projectId);
    return { networks: first === undefined ? [] : [{ network: first, fixedIp: null }], ports: [] };
  }
  const each = wanted.filter(isRecord);
  const networks = each
    .filter((one) => one['port'] === undefined)
    .map((one) => ({
      network: networkOf(call, String(one['uuid'])),
      fixedIp: typeof one['fixed_ip'] === 'string' ? one['fixed_ip'] : null,
    }));
  const ports = each.filter((one) => one['port'] !== undefined).map((one) => portOf(call, String(one['port'])));
  return { networks, ports };
}

function networkOf({ world, asker }: Call, id: string): Network {
  const network = world.networks.get(id);
  if (network !== undefined && (network.shared || owns(asker, network.project_id))) return network;
  throw new Refusal(400, `Network ${id} could not be found.`);
}

function portOf({ world, asker }: Call, id: string): Port {
  const port = world.ports.get(id);
  if (port === undefined || !owns(asker, port.project_id)) throw new Refusal(400, `Port id ${id} could not be found.`);
  if (port.device_id !== '') throw new Refusal(409, `Port ${id} is still in use.`);
  return port;
}

function groupsOf({ world, asker }: Call, input: Record<string, unknown>): { id: string; name: string }[] {
  const named = Array.isArray(input['security_groups'])
    ? input['security_groups'].filter(isRecord)
    : [{ name: 'default' }];
  const mine = world.securityGroups.by('project_id', asker.projectId);
  return named.map(({ name }) => {
    const group = mine.find((each) => each.id === name || each.name === name);
    if (group === undefined) throw new Refusal(400, `Unable to find security_group with name or id '${String(name)}'`);
    return { id: group.id, name: String(name) };
  });
}

/** Takes a server from BUILD to ACTIVE, or to ERROR where no host can hold it. */
export function boot(world: World, server: Server, plan: BootPlan): void {
  const { id } = server;
  if (server.flavor.vcpus > 256 || server.flavor.ram > 1024 * 1024) {
    world.later(300, () => fail(world, id));
    return;
  }
  for (const { volume } of plan.volumes) {
    changeVolume(world, volume.id, { status: 'reserved' });
    link(world, id, volume.id);
  }
  const step = (ms: number, run: () => void) =>
    world.later(ms, () => {
      if (world.servers.get(id) !== undefined && world.servers.get(id)?.taskState !== 'deleting') run();
    });
  step(200, () => change(world, id, { host: `compute-${world.random.between(1, 4)}`, taskState: 'networking' }));
  step(700, () => plug(world, id, plan));
  step(1000, () => change(world, id, { taskState: 'spawning' }));
  step(1500, () => launch(world, id, plan));
}

function fail(world: World, id: string): void {
  const created = world.now();
  const fault = {
    code: 500,
    created,
    message: 'No valid host was found. ',
    details: 'Traceback: NoValidHost: No valid host was found. \n',
  };
  change(world, id, { vmState: 'error', taskState: null, fault });
}

/** Ports come into being DOWN and are bound as the server starts. */
function plug(world: World, id: string, plan: BootPlan): void {
  const server = world.servers.get(id);
  if (server === undefined) return;
  for (const { network, fixedIp } of plan.networks) {
    const input = {
      device_id: id,
      security_groups: plan.groupIds,
      dns_name: server.hostname,
      ...(fixedIp === null ? {} : { fixed_ips: [{ ip_address: fixedIp }] }),
    };
    const now = inSeconds(world.now());
    const owner = { project_id: server.projectId, tenant_id: server.projectId };
    const base = {
      id: world.random.uuid(),
      ...owner,
      description: '',
      tags: [],
      created_at: now,
      updated_at: now,
      revision_number: 1,
    };
    world.ports.insert({ ...newPort(world, network, input, base), made_by_nova: true });
  }
  for (const port of plan.ports)
    world.ports.update(port.id, { device_id: id, dns_name: server.hostname, ...touched(world, port) });
}

function launch(world: World, id: string, plan: BootPlan): void {
  const server = world.servers.get(id);
  if (server === undefined) return;
  for (const port of world.ports.by('device_id', id)) {
    const bound = { 'binding:host_id': server.host, 'binding:vif_type': 'ovs', 'binding:vif_details': VIF_DETAILS };
    world.ports.update(port.id, {
      device_owner: 'compute:nova',
      status: 'ACTIVE',
      ...bound,
      ...touched(world, port),
      revision_number: 3,
    });
  }
  plan.volumes.forEach(({ volume, deleteOnTermination }, at) => {
    const letter = String.fromCharCode('a'.charCodeAt(0) + at + (plan.imageId === null ? 0 : 1));
    const current = world.volumes.get(volume.id);
    if (current !== undefined)
      attach(world, current, newAttachment(world, server, `/dev/sd${letter}`, deleteOnTermination));
  });
  change(world, id, { vmState: 'active', powerState: 1, taskState: null, launchedAt: world.now() });
}
