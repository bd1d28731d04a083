import type { Call } from '../http.js';
import { isAdmin } from '../policy.js';
import type { Volume } from '../rows.js';
import { inMicroseconds, inZeroMicroseconds } from '../times.js';

export function linksTo(call: Call, collection: string, id: string): object[] {
  // The project is in the links of those who have it in their path.
  const project = /^\/v3(\/[0-9a-f-]{32,36})?\//.exec(call.rawPath)?.[1] ?? '';
  return [
    { rel: 'self', href: `${call.root}/v3${project}/${collection}/${id}` },
    { rel: 'bookmark', href: `${call.root}${project}/${collection}/${id}` },
  ];
}

export function showBrief(call: Call, { id, name }: Volume): Record<string, unknown> {
  return { id, name, links: linksTo(call, 'volumes', id) };
}

/** What a row answers: answers to writes lack fields that only a read fills in. */
export type Occasion = 'read' | 'create' | 'update';

/** A volume as Cinder 3.0 to 3.70 shows it. */
export function showVolume(call: Call, volume: Volume, occasion: Occasion = 'read'): Record<string, unknown> {
  const created = occasion === 'create';
  const read = occasion === 'read';
  const { world, version } = call;
  const admin = isAdmin(call.asker);
  const type = world.volumeTypes.get(volume.typeId);
  return {
    id: volume.id,
    status: volume.status,
    size: volume.size,
    availability_zone: 'nova',
    created_at: created ? inMicroseconds(volume.created) : inZeroMicroseconds(volume.created),
    updated_at: volume.updated === null || created ? null : inZeroMicroseconds(volume.updated),
    name: volume.name,
    description: volume.description,
    volume_type: type?.name ?? null,
    snapshot_id: volume.snapshotId,
    source_volid: volume.sourceVolumeId,
    metadata: volume.metadata,
    links: linksTo(call, 'volumes', volume.id),
    user_id: volume.userId,
    bootable: String(volume.bootable),
    encrypted: false,
    replication_status: null,
    consistencygroup_id: null,
    multiattach: volume.multiattach,
    attachments: volume.attachments.map((each) => ({
      id: volume.id,
      attachment_id: each.id,
      volume_id: volume.id,
      server_id: each.serverId,
      host_name: admin ? each.hostName : null,
      device: each.device,
      attached_at: inZeroMicroseconds(each.attachedAt),
    })),
    ...(volume.imageMetadata === null || created ? {} : { volume_image_metadata: volume.imageMetadata }),
    ...newerFields(volume, version),
    ...(admin ? adminFields(version) : {}),
    ...(!read ? {} : { 'os-vol-tenant-attr:tenant_id': volume.projectId }),
    ...(admin && read ? hostFields(volume) : {}),
  };
}

function newerFields(volume: Volume, version: number): Record<string, unknown> {
  return {
    ...(version >= 13 ? { group_id: null } : {}),
    ...(version >= 48 ? { shared_targets: volume.backend === null, service_uuid: serviceOf(volume) } : {}),
    ...(version >= 63 ? { volume_type_id: volume.typeId } : {}),
    ...(version >= 65 ? { consumes_quota: true } : {}),
  };
}

/** Cinder's own id of the backend that holds the volume. */
function serviceOf({ backend }: Volume): string | null {
  if (backend === null) return null;
  return backend === 'hdd' ? 'ad96bfe8-0947-4451-971b-332ba12b3dc3' : '665ba58a-47e5-4e68-b5b5-436ff36a16b5';
}

function adminFields(version: number): Record<string, unknown> {
  const clustered = version >= 61 ? { cluster_name: null } : {};
  return { migration_status: null, ...(version >= 21 ? { provider_id: null } : {}), ...clustered };
}

/** The pool that holds the volume: `host@backend#pool`. */
export function hostOf({ backend }: Volume): string | null {
  return backend === null ? null : `devcloud@${backend}#${backend}`;
}

function hostFields(volume: Volume): Record<string, unknown> {
  return {
    'os-vol-mig-status-attr:migstat': null,
    'os-vol-mig-status-attr:name_id': null,
    'os-vol-host-attr:host': hostOf(volume),
  };
}
