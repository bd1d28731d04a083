import { attach, changeVolume, detach, link, newAttachment, nextDevice } from '../block-storage/volume-state.js';
import { type Answer, type Call, Refusal } from '../http.js';
import { owns } from '../policy.js';
import type { Server, Volume } from '../rows.js';
import { ownServer, serverOf } from './find.js';
import { bodyOf, novaPage } from './nova.js';

const UUID = /^[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}$/i;

export function listAttachments(call: Call): Answer {
  const server = serverOf(call);
  const volumes = (call.world.volumesOfServer.get(server.id) ?? []).flatMap((id) => call.world.volumes.get(id) ?? []);
  const rows = novaPage(call, volumes, ({ id }) => id).rows.map((volume) => show(call, server, volume));
  return { status: 200, body: { volumeAttachments: rows } };
}

export function getAttachment(call: Call): Answer {
  const server = serverOf(call);
  return { status: 200, body: { volumeAttachment: show(call, server, attachedVolume(call, server)) } };
}

function attachedVolume(call: Call, server: Server): Volume {
  const id = call.parts['volume'] ?? '';
  const volume = call.world.volumes.get(id);
  if (volume !== undefined && (call.world.volumesOfServer.get(server.id) ?? []).includes(id)) return volume;
  throw new Refusal(404, `Instance ${server.id} is not attached to volume ${id}`);
}

function show(call: Call, server: Server, volume: Volume): Record<string, unknown> {
  const attachment = volume.attachments.find(({ serverId }) => serverId === server.id);
  const { version } = call;
  const answer = call.method === 'POST';
  return {
    ...(version < 89 || answer ? { id: volume.id } : {}),
    volumeId: volume.id,
    serverId: server.id,
    device: attachment?.device ?? null,
    ...(version >= 70 ? { tag: null } : {}),
    ...(version >= 79 ? { delete_on_termination: attachment?.deleteOnTermination ?? false } : {}),
    ...(version >= 89 && !answer ? { attachment_id: attachment?.id ?? null, bdm_uuid: attachment?.bdmId ?? null } : {}),
  };
}

/** `POST /servers/:id/os-volume_attachments`: the volume is `reserved`, `attaching` and after a moment `in-use`. */
export function attachVolume(call: Call): Answer {
  const { world } = call;
  const known = ['volumeId', 'device', 'tag', 'delete_on_termination'];
  const input = bodyOf(call, 'volumeAttachment', known, ['volumeId']);
  const server = ownServer(call, 'os-volumes-attachments:create');
  const id = String(input['volumeId']);
  if (!UUID.test(id))
    throw new Refusal(400, `Invalid input for field/attribute volumeId. Value: ${id}. '${id}' is not a 'uuid'`);
  const volume = world.volumes.get(id);
  if (volume === undefined || !owns(call.asker, volume.projectId))
    throw new Refusal(404, `Volume ${id} could not be found.`);
  if (server.vmState !== 'active' && server.vmState !== 'stopped') {
    throw new Refusal(409, `Cannot 'attach_volume' instance ${server.id} while it is in vm_state ${server.vmState}`);
  }
  if (volume.attachments.length > 0) {
    const servers = volume.attachments.map(({ serverId }) => serverId).join(', ');
    throw new Refusal(400, `Invalid volume: volume ${id} is already attached to instances: ${servers}`);
  }
  if (volume.status !== 'available') {
    const state = `volume ${id} status must be available or downloading to reserve, but the current status is ${volume.status}.`;
    throw new Refusal(400, `Invalid volume: Invalid volume: ${state} (HTTP 400) (Request-ID: req-0)`);
  }
  const attachment = newAttachment(world, server, nextDevice(world, server), input['delete_on_termination'] === true);
  link(world, server.id, id);
  changeVolume(world, id, { status: 'reserved', attachments: [] });
  world.later(200, () => changeVolume(world, id, { status: 'attaching' }));
  world.later(600, () => {
    const current = world.volumes.get(id);
    if (current !== undefined) attach(world, current, attachment);
  });
  const shown = { ...volume, attachments: [attachment] };
  return { status: 200, body: { volumeAttachment: show(call, server, shown) } };
}

/** `DELETE …/os-volume_attachments/:volume`: `detaching`, then `available`. */
export function detachVolume(call: Call): Answer {
  const { world } = call;
  const server = ownServer(call, 'os-volumes-attachments:delete');
  const id = call.parts['volume'] ?? '';
  const known = world.volumes.get(id);
  if (known === undefined || !owns(call.asker, known.projectId))
    throw new Refusal(404, `Volume ${id} could not be found.`);
  attachedVolume(call, server);
  if (known.status !== 'in-use') {
    const state = `Unable to detach volume. Volume status must be 'in-use' and attach_status must be 'attached' to detach.`;
    throw new Refusal(400, `Invalid volume: Invalid volume: ${state} (HTTP 400) (Request-ID: req-0)`);
  }
  changeVolume(world, id, { status: 'detaching' });
  world.later(500, () => detach(world, id, server.id));
  return { status: 202, headers: { 'content-type': 'application/json' } };
}

export function listInterfaces(call: Call): Answer {
  const server = serverOf(call);
  const interfaceAttachments = call.world.ports.by('device_id', server.id).map((port) => ({
    net_id: port.network_id,
    port_id: port.id,
    mac_addr: port.mac_address,
    port_state: port.status,
    fixed_ips: port.fixed_ips,
    ...(call.version >= 70 ? { tag: null } : {}),
  }));
  return { status: 200, body: { interfaceAttachments } };
}
