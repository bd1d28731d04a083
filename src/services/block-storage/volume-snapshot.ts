import type { MutationUpdateVolumeSnapshotArgs } from '../../generated/types.js';
import type { WriteRequest } from '../../resource.js';
import { belongsTo, creates, deletes, hasMany, resource, updates } from '../../resource.js';
import { badInput } from '../../rest/fault.js';
import { pathOf } from '../../rest/paths.js';
import { isObject, type Row } from '../../row.js';
import { exactly, metadataPairs } from '../filters.js';
import { mergedMetadata } from './metadata.js';

type Wire = Readonly<Record<string, unknown>>;

/** States that stay until somebody does something (cinder/objects/fields.py, SnapshotStatus). */
const STEADY: readonly unknown[] = ['available', 'error', 'error_deleting'];

/** The one status that Cinder does not write with an underscore. */
const SPELLED: Readonly<Record<string, string>> = { BACKING_UP: 'backing-up' };

/** A volume's data at one instant. Wire names: cinder/api/v3/views/snapshots.py and cinder/api/contrib. */
export const volumeSnapshot = resource('VolumeSnapshot', {
  service: 'block-storage',
  path: '/snapshots',
  list: '/snapshots/detail',
  one: 'snapshot',
  many: 'snapshots',
  batch: 'listOrGet',
  idFormat: 'uuid',
  ttl: (row) => (STEADY.includes(row['status']) ? 30 : 2),
  watch: ['status', 'updated_at'],
  project: 'os-extended-snapshot-attributes:project_id',
  // cinder/policies/snapshots.py: get_all_snapshots and get_snapshot are SYSTEM_READER_OR_PROJECT_READER.
  audience: 'project',
  confined: true,
  // A volume's row says nothing of its snapshots, not even `updated_at` moves; a volume made of one keeps its `snapshot_id`.
  touches: [],
  since: { groupSnapshotId: '3.14', userId: '3.41', consumesQuota: '3.65' },
  filtersSince: { consumesQuota: '3.65' },
  fields: {
    statusText: 'status',
    progress: 'os-extended-snapshot-attributes:progress',
    projectId: 'os-extended-snapshot-attributes:project_id',
  },
  relations: {
    volume: belongsTo('Volume', 'volume_id'),
    project: belongsTo('Project', 'os-extended-snapshot-attributes:project_id'),
  },
  extends: {
    Volume: {
      // A repeated volume_id finds the snapshots of one of them only.
      snapshots: hasMany('VolumeSnapshot', { filter: 'volume_id', batched: false, adminQuery: [['all_tenants', '1']] }),
      snapshot: belongsTo('VolumeSnapshot', 'snapshot_id'),
    },
  },
  // Cinder's availability_zone is left out: it turns the other filters on the volume (`name`) or into a 500 (`volume_id`),
  // since filter_by() means the table joined last (cinder/db/sqlalchemy/api.py, _process_snaps_filters).
  filters: {
    name: exactly('name', 'name'),
    status: (status: string) => ({ query: [['status', SPELLED[status] ?? status.toLowerCase()]] }),
    metadata: metadataPairs,
  },
  orders: { SIZE: 'volume_size' },
  // cinder/api/v3/snapshots.py: from 3.66 on `force` is ignored when true and refused when false.
  write: { force: (force: boolean | null) => (force ? { force: true } : {}) },
  mutations: {
    createVolumeSnapshot: creates(),
    updateVolumeSnapshot: updates({ request: updateRequest, fromRow: true }),
    deleteVolumeSnapshot: deletes({
      request: ({ id, force }) => {
        const path = pathOf`/snapshots/${id}`;
        return force
          ? { method: 'POST', path: `${path}/action`, body: { 'os-force_delete': {} } }
          : { method: 'DELETE', path };
      },
    }),
  },
});

/** PUT of the snapshot takes no metadata (cinder/api/schemas/snapshots.py), and one mutation is one write. */
function updateRequest(
  { id, input }: MutationUpdateVolumeSnapshotArgs,
  { remove_metadata: _, metadata, ...others }: Wire,
  row: Row | null,
): WriteRequest {
  const path = pathOf`/snapshots/${id}`;
  const removed = input.removeMetadata ?? [];
  if (metadata === undefined && removed.length === 0) return { method: 'PUT', path, body: { snapshot: others } };
  if (Object.keys(others).length > 0) {
    throw badInput('input', 'metadata in a mutation of its own, as Cinder changes it', Object.keys(input));
  }
  // POST adds, which is safer against others who write at the same moment; PUT replaces all.
  if (isObject(metadata) && removed.length === 0) {
    return { method: 'POST', path: `${path}/metadata`, body: { metadata } };
  }
  const body = { metadata: mergedMetadata(row, metadata, removed) };
  return { method: 'PUT', path: `${path}/metadata`, body };
}
