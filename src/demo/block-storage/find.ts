import { type Call, Refusal } from '../http.js';
import { owns } from '../policy.js';
import type { Snapshot, Volume } from '../rows.js';

/** The volume with this id, or the one that the path names, if the asker may see it. */
export function visibleVolume({ world, asker, parts }: Call, id = parts['id'] ?? ''): Volume {
  const volume = world.volumes.get(id);
  if (volume === undefined || !owns(asker, volume.projectId)) throw volumeMissing(id);
  return volume;
}

/** The snapshot with this id, or the one that the path names, if the asker may see it. */
export function visibleSnapshot({ world, asker, parts }: Call, id = parts['id'] ?? ''): Snapshot {
  const snapshot = world.snapshots.get(id);
  if (snapshot === undefined || !owns(asker, snapshot.projectId)) throw snapshotMissing(id);
  return snapshot;
}

export function volumeMissing(id: string): Refusal {
  return new Refusal(404, `Volume ${id} could not be found.`);
}

export function snapshotMissing(id: string): Refusal {
  return new Refusal(404, `Snapshot ${id} could not be found.`);
}

export function denied(action: string): Refusal {
  return new Refusal(403, `Policy doesn't allow ${action} to be performed.`);
}
