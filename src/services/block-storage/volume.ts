import type { MutationUpdateVolumeArgs } from '../../generated/types.js';
import type { WriteRequest } from '../../resource.js';
import { belongsTo, creates, deletes, hasListed, resource, updates } from '../../resource.js';
import { pathOf } from '../../rest/paths.js';
import { isObject, type Row, records, textOf } from '../../row.js';
import { exactly, metadataPairs, timeRange } from '../filters.js';
import { uuidUnder } from '../ids.js';
import { mergedMetadata } from './metadata.js';

type Wire = Readonly<Record<string, unknown>>;

/** States that stay until somebody does something (cinder/objects/fields.py, VolumeStatus); all others pass by themselves. */
const STEADY: readonly unknown[] = ['available', 'in-use', 'error', 'awaiting-transfer', 'maintenance'];

/** Statuses that Cinder does not write with underscores. */
const SPELLED: Readonly<Record<string, string>> = {
  AWAITING_TRANSFER: 'awaiting-transfer',
  BACKING_UP: 'backing-up',
  ERROR_BACKING_UP: 'error_backing-up',
  IN_USE: 'in-use',
  RESTORING_BACKUP: 'restoring-backup',
};

/** A block device. Wire names: cinder/api/v2/views/volumes.py, cinder/api/v3/views/volumes.py and cinder/api/contrib. */
export const volume = resource('Volume', {
  service: 'block-storage',
  path: '/volumes',
  list: '/volumes/detail',
  one: 'volume',
  many: 'volumes',
  batch: 'listOrGet',
  idFormat: 'uuid',
  ttl: (row) => (isSteady(row) ? 30 : 2),
  watch: ['status', 'updated_at', 'attachments'],
  project: 'os-vol-tenant-attr:tenant_id',
  // cinder/policies/volumes.py: volume:get and volume:get_all are SYSTEM_READER_OR_PROJECT_READER, "project_id:%(project_id)s".
  audience: 'project',
  confined: true,
  // Its attachments stand in the server's row too, and Nova's `updated` does not move with them.
  touches: ['Server'],
  since: {
    volumeTypeId: '3.63',
    encryptionKeyId: '3.64',
    groupId: '3.13',
    consumesQuota: '3.65',
    sharedTargets: '3.48',
    serviceId: '3.48',
    clusterName: '3.61',
    providerId: '3.21',
  },
  filtersSince: { nameMatches: '3.34', groupId: '3.13', consumesQuota: '3.65', createdAt: '3.60', updatedAt: '3.60' },
  inputsSince: { backupId: '3.47', groupId: '3.13' },
  fields: {
    statusText: 'status',
    projectId: 'os-vol-tenant-attr:tenant_id',
    imageId,
    imageMetadata: 'volume_image_metadata',
    sourceVolumeId: 'source_volid',
    consistencyGroupId: 'consistencygroup_id',
    serviceId: 'service_uuid',
    host: 'os-vol-host-attr:host',
    backendNameId: 'os-vol-mig-status-attr:name_id',
  },
  relations: {
    project: belongsTo('Project', 'os-vol-tenant-attr:tenant_id'),
    image: belongsTo('Image', imageId),
    sourceVolume: belongsTo('Volume', 'source_volid'),
  },
  extends: {
    Server: {
      volumes: hasListed('Volume', (server) =>
        records(server['os-extended-volumes:volumes_attached']).flatMap((attached) => textOf(attached, 'id') ?? []),
      ),
    },
  },
  values: { VolumeServerAttachment: { relations: { server: belongsTo('Server', 'server_id') } } },
  // The list's parameters hold for the count as well; no row is wanted with it.
  count: {
    query: [
      ['with_count', 'true'],
      ['limit', '0'],
    ],
    path: '/volumes',
    key: 'count',
  },
  filters: {
    name: exactly('name', 'name'),
    nameMatches: 'name~',
    status: (status: string) => ({ query: [['status', SPELLED[status] ?? status.toLowerCase()]] }),
    metadata: metadataPairs,
    sourceVolumeId: 'source_volid',
    // Of two ends Cinder takes either (it joins them by OR): one is sent, both are tested here.
    createdAt: timeRange('created_at', (ends) => ends.slice(0, 1)),
    updatedAt: timeRange('updated_at', (ends) => ends.slice(0, 1)),
  },
  write: {
    sourceVolumeId: 'source_volid',
    consistencyGroupId: 'consistencygroup_id',
  },
  mutations: {
    createVolume: creates({
      request: ({ input }, { scheduler_hints: _, ...wire }) => ({
        method: 'POST',
        path: '/volumes',
        body: {
          volume: wire,
          ...(input.schedulerHints ? { 'OS-SCH-HNT:scheduler_hints': input.schedulerHints } : {}),
        },
      }),
    }),
    updateVolume: updates({ request: updateRequest, fromRow: true }),
    deleteVolume: deletes({
      request: ({ id, cascade, force }) => ({
        method: 'DELETE',
        path: pathOf`/volumes/${id}`,
        query: [...flag('cascade', cascade), ...flag('force', force)],
      }),
      // Those that `cascade` deletes with it.
      touches: ['VolumeSnapshot'],
    }),
  },
});

function isSteady(row: Row): boolean {
  const migrates = ['starting', 'migrating', 'completing'].includes(String(row['migration_status']));
  const status = String(row['status']);
  return !migrates && (STEADY.includes(status) || status.startsWith('error_'));
}

function imageId(row: Row): string | null {
  return isObject(row['volume_image_metadata']) ? uuidUnder(row['volume_image_metadata'], 'image_id') : null;
}

/**
 * PUT takes metadata as the whole new set, so what the volume has goes along; POST to `metadata` adds to it, which is
 * safer against others who write at the same moment, but can do nothing else.
 */
function updateRequest(
  { id, input }: MutationUpdateVolumeArgs,
  { remove_metadata: _, metadata, ...others }: Wire,
  row: Row | null,
): WriteRequest {
  const path = pathOf`/volumes/${id}`;
  const removed = input.removeMetadata ?? [];
  const onlyAdds = isObject(metadata) && removed.length === 0 && Object.keys(others).length === 0;
  if (onlyAdds) return { method: 'POST', path: `${path}/metadata`, body: { metadata } };
  if (metadata === undefined && removed.length === 0) return { method: 'PUT', path, body: { volume: others } };
  return { method: 'PUT', path, body: { volume: { ...others, metadata: mergedMetadata(row, metadata, removed) } } };
}

function flag(name: string, on: boolean | undefined): readonly (readonly [string, string])[] {
  return on ? [[name, 'true']] : [];
}
