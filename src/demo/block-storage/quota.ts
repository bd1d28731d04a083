import { type Call, Refusal } from '../http.js';

/** Refuses `size` GiB more than the project may have: snapshots count as much as volumes. */
export function checkGigabytes({ world, asker }: Call, size: number): void {
  const rows = [...world.volumes.by('projectId', asker.projectId), ...world.snapshots.by('projectId', asker.projectId)];
  const used = rows.reduce((sum, row) => sum + row.size, 0);
  if (used + size <= world.quotas.gigabytes) return;
  const asked = `Requested ${size}G, quota is ${world.quotas.gigabytes}G and ${used}G has been consumed.`;
  throw tooMuch(
    `VolumeSizeExceedsAvailableQuota: Requested volume or snapshot exceeds allowed gigabytes quota. ${asked}`,
  );
}

/** Refuses one snapshot more than the project may have. */
export function checkSnapshots({ world, asker }: Call): void {
  const allowed = world.quotas.snapshots;
  if (world.snapshots.by('projectId', asker.projectId).length < allowed) return;
  throw tooMuch(`SnapshotLimitExceeded: Maximum number of snapshots allowed (${allowed}) exceeded`);
}

function tooMuch(message: string): Refusal {
  return new Refusal(413, message, '', { 'retry-after': '0' });
}
