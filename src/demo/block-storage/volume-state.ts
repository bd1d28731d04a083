import type { Server, Volume, VolumeAttachment } from '../rows.js';
import type { World } from '../world.js';

/** Changes a volume and moves its `updated_at` on. */
export function changeVolume(world: World, id: string, patch: Partial<Volume>): Volume | undefined {
  return world.volumes.update(id, { ...patch, updated: world.now() });
}

/** `/dev/sdb`, `/dev/sdc`… in the order of attachment. */
export function nextDevice(world: World, server: Server): string {
  const used = new Set(
    (world.volumesOfServer.get(server.id) ?? []).flatMap((id) =>
      (world.volumes.get(id)?.attachments ?? []).map(({ device }) => device),
    ),
  );
  for (const letter of 'bcdefghijklmnopqrstuvwxyz') if (!used.has(`/dev/sd${letter}`)) return `/dev/sd${letter}`;
  return '/dev/sdz';
}

export function newAttachment(
  world: World,
  server: Server,
  device: string,
  deleteOnTermination: boolean,
): VolumeAttachment {
  return {
    id: world.random.uuid(),
    serverId: server.id,
    hostName: server.host ?? '',
    device,
    attachedAt: world.now(),
    bdmId: world.random.uuid(),
    deleteOnTermination,
  };
}

/** Puts the attachment in both places that know of it. */
export function attach(world: World, volume: Volume, attachment: VolumeAttachment): void {
  link(world, attachment.serverId, volume.id);
  changeVolume(world, volume.id, { status: 'in-use', attachments: [...volume.attachments, attachment] });
}

/** The server knows of an attachment before the volume is in use. */
export function link(world: World, serverId: string, volumeId: string): void {
  const known = world.volumesOfServer.get(serverId) ?? [];
  if (!known.includes(volumeId)) world.volumesOfServer.set(serverId, [...known, volumeId]);
}

export function detach(world: World, volumeId: string, serverId: string): void {
  const rest = (world.volumesOfServer.get(serverId) ?? []).filter((id) => id !== volumeId);
  world.volumesOfServer.set(serverId, rest);
  const attachments = (world.volumes.get(volumeId)?.attachments ?? []).filter((each) => each.serverId !== serverId);
  changeVolume(world, volumeId, { attachments, status: attachments.length > 0 ? 'in-use' : 'available' });
}
