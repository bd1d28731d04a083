import { bodyOf, python } from '../compute/nova.js';
import { type Answer, type Call, HTML, isRecord, Refusal } from '../http.js';
import { isAdmin, mayWrite } from '../policy.js';
import type { Snapshot, Volume } from '../rows.js';
import { inMicroseconds, inZeroMicroseconds } from '../times.js';
import { denied, snapshotMissing, visibleSnapshot, visibleVolume } from './find.js';
import { checkChanges, textIn, textsIn } from './input.js';
import { type Listing, listRows } from './listing.js';
import { checkGigabytes, checkSnapshots } from './quota.js';
import { beginDeletion, changeSnapshot, isDeletable } from './snapshot-state.js';

const UPDATE = ['name', 'description', 'display_name', 'display_description'];
const CREATE = [...UPDATE, 'volume_id', 'force', 'metadata'];
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
/** The first microversion that makes snapshots of volumes in use without `force`. */
const IN_USE = 66;
/** Cinder's own spelling. */
const FORCED =
  "Since microversion 3.66 the 'force' flag is invalid for this request.  For backward compatability, however, when the 'force' flag is passed with a value evaluating to True, it is silently ignored.";

const LISTING: Listing<Snapshot> = {
  many: 'snapshots',
  table: (world) => world.snapshots,
  missing: snapshotMissing,
  filters: { volume_id: ({ volumeId }, wanted) => volumeId === wanted },
  adminFilters: {},
  sortKeys: { volume_id: ({ volumeId }) => volumeId, volume_size: ({ size }) => size },
};

export function listSnapshots(call: Call, detail: boolean): Answer {
  if (call.asker.projectId === null) throw denied('volume:get_all_snapshots');
  return listRows(call, LISTING, (snapshot) => showSnapshot(call, snapshot, detail ? 'read' : 'brief'));
}

export function getSnapshot(call: Call): Answer {
  return { status: 200, body: { snapshot: showSnapshot(call, visibleSnapshot(call), 'read') } };
}

/** `POST /snapshots`: 202 with the row, `creating`; `available` after a moment. */
export function createSnapshot(call: Call): Answer {
  const { world, asker } = call;
  const input = bodyOf(call, 'snapshot', CREATE, ['volume_id']);
  const volume = volumeIn(call, input['volume_id']);
  const force = forced(call, input['force']);
  checkVolume(call, volume, force);
  checkGigabytes(call, volume.size);
  checkSnapshots(call);
  const snapshot = world.snapshots.insert({
    id: world.random.uuid(),
    name: textIn(input, 'name', null),
    description: textIn(input, 'description', null),
    volumeId: volume.id,
    size: volume.size,
    status: 'creating',
    metadata: textsIn(input['metadata']),
    projectId: asker.projectId ?? '',
    userId: asker.userId,
    created: world.now(),
    updated: null,
  });
  world.later(500, () => changeSnapshot(world, snapshot.id, { status: 'available' }));
  return { status: 202, body: { snapshot: showSnapshot(call, snapshot, 'create') } };
}

function volumeIn(call: Call, id: unknown): Volume {
  if (id === null || (typeof id === 'string' && UUID.test(id))) return visibleVolume(call, id ?? 'None');
  const value = `Invalid input for field/attribute volume_id. Value: ${String(id)}.`;
  throw new Refusal(400, `${value} ${python(id)} is not valid under any of the given schemas`);
}

/** Whether volumes in use will do: `force` says so, and newer versions always do. */
function forced({ version }: Call, force: unknown): boolean {
  const on = /^(1|t|true|on|y|yes)$/i.test(String(force));
  if (version < IN_USE) return on;
  if (force !== undefined && !on) throw new Refusal(400, FORCED);
  return true;
}

function checkVolume({ asker }: Call, volume: Volume, force: boolean): void {
  const invalid = (reason: string) => new Refusal(400, `Invalid volume: ${reason}`);
  if (volume.backend === null) throw invalid('volume is not assigned to a host');
  if (!mayWrite(asker)) throw denied('volume:create_snapshot');
  if (volume.status === 'error') throw invalid('The snapshot cannot be created when the volume is in error status.');
  const fit = force ? ['available', 'in-use'] : ['available'];
  if (fit.includes(volume.status)) return;
  const is = `but current status is: ${volume.status}`;
  throw invalid(`Volume ${volume.id} status must be ${fit.join(', ')}, ${is}.`);
}

/** `PUT /snapshots/:id`, whatever its state: metadata has a path of its own. */
export function updateSnapshot(call: Call): Answer {
  const input = bodyOf(call, 'snapshot', UPDATE);
  checkChanges('snapshot', input);
  const snapshot = visibleSnapshot(call);
  if (!mayWrite(call.asker)) throw denied('volume:update_snapshot');
  const changed = changeSnapshot(call.world, snapshot.id, {
    name: textIn(input, 'name', snapshot.name),
    description: textIn(input, 'description', snapshot.description),
  });
  // It answers with `updated_at` as it was before.
  const shown = { ...(changed ?? snapshot), updated: snapshot.updated };
  return { status: 200, body: { snapshot: showSnapshot(call, shown, 'update') } };
}

/** `DELETE /snapshots/:id`: 202, `deleting`, gone after a moment. A wrong state is 400. */
export function deleteSnapshot(call: Call): Answer {
  const snapshot = visibleSnapshot(call);
  if (!mayWrite(call.asker)) throw denied('volume:delete_snapshot');
  if (!isDeletable(snapshot)) {
    const must = 'Snapshot status must be available or error and must not be part of a group.';
    throw new Refusal(400, `Invalid snapshot: ${must}`);
  }
  beginDeletion(call.world, snapshot);
  return { status: 202, headers: { ...HTML, 'x-compute-request-id': '' } };
}

/** `POST /snapshots/:id/action`: of the actions, `os-force_delete` alone. */
export function actOnSnapshot(call: Call): Answer {
  const [action = ''] = isRecord(call.body) ? Object.keys(call.body) : [];
  if (action !== 'os-force_delete') {
    const advice = 'Verify the request body and Content-Type header and try again.';
    throw new Refusal(400, `There is no such action: ${action}. ${advice}`);
  }
  const snapshot = visibleSnapshot(call);
  if (!isAdmin(call.asker)) throw denied('volume_extension:snapshot_admin_actions:force_delete');
  beginDeletion(call.world, snapshot);
  return { status: 202, headers: { 'content-type': 'application/json' } };
}

/** A snapshot as Cinder 3.0 to 3.70 shows it: the plain list leaves most out, answers to writes the extended attributes. */
function showSnapshot(
  { version }: Call,
  snapshot: Snapshot,
  occasion: 'read' | 'brief' | 'create' | 'update',
): Record<string, unknown> {
  const { created, updated } = snapshot;
  const brief = {
    id: snapshot.id,
    created_at: occasion === 'create' ? inMicroseconds(created) : inZeroMicroseconds(created),
    updated_at: updated === null ? null : inZeroMicroseconds(updated),
    name: snapshot.name,
    description: snapshot.description,
    volume_id: snapshot.volumeId,
    status: snapshot.status,
    size: snapshot.size,
    metadata: snapshot.metadata,
  };
  if (occasion === 'brief') return brief;
  return {
    ...brief,
    ...(version >= 14 ? { group_snapshot_id: null } : {}),
    ...(version >= 41 ? { user_id: snapshot.userId } : {}),
    ...(version >= 65 ? { consumes_quota: true } : {}),
    ...(occasion === 'read' ? extended(snapshot) : {}),
  };
}

function extended({ projectId, status }: Snapshot): Record<string, unknown> {
  return {
    'os-extended-snapshot-attributes:project_id': projectId,
    'os-extended-snapshot-attributes:progress': status === 'creating' ? '0%' : '100%',
  };
}
