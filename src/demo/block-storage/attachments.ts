import { type Answer, type Call, Refusal } from '../http.js';
import type { Volume, VolumeAttachment } from '../rows.js';
import { inZeroMicroseconds } from '../times.js';
import { limitOf } from './listing.js';

interface Edge {
  readonly volume: Volume;
  readonly attachment: VolumeAttachment;
}

/** `GET /attachments`: every server-volume edge of the project in one call. */
export function listAttachments(call: Call, detail: boolean): Answer {
  const { query } = call;
  const edges = call.world.volumes
    .by('projectId', call.asker.projectId)
    .flatMap(edgesOf)
    .filter(({ volume }) => (query.get('volume_id') ?? volume.id) === volume.id)
    .filter(({ attachment }) => (query.get('instance_id') ?? attachment.serverId) === attachment.serverId);
  const rows = edges.slice(0, limitOf(call.query.get('limit')));
  return { status: 200, body: { attachments: rows.map((edge) => showEdge(edge, detail)) } };
}

export function getAttachment(call: Call): Answer {
  const id = call.parts['id'] ?? '';
  const edges = call.world.volumes.by('projectId', call.asker.projectId).flatMap(edgesOf);
  const edge = edges.find(({ attachment }) => attachment.id === id);
  if (edge === undefined) {
    throw new Refusal(404, `Volume attachment could not be found with filter: attachment_id = ${id}.`);
  }
  return { status: 200, body: { attachment: showEdge(edge, true) } };
}

function edgesOf(volume: Volume): Edge[] {
  return volume.attachments.map((attachment) => ({ volume, attachment }));
}

function showEdge({ volume, attachment }: Edge, detail: boolean): Record<string, unknown> {
  const brief = { id: attachment.id, status: 'attached', instance: attachment.serverId, volume_id: volume.id };
  if (!detail) return brief;
  const connection = {
    volume_id: volume.id,
    qos_specs: null,
    access_mode: 'rw',
    encrypted: false,
    cacheable: false,
    driver_volume_type: 'fake',
    attachment_id: attachment.id,
  };
  const at = inZeroMicroseconds(attachment.attachedAt);
  return { ...brief, attached_at: at, detached_at: '', attach_mode: 'rw', connection_info: connection };
}
