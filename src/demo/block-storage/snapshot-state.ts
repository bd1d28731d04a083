import type { Snapshot } from '../rows.js';
import type { World } from '../world.js';

/** Changes a snapshot and moves its `updated_at` on. */
export function changeSnapshot(world: World, id: string, patch: Partial<Snapshot>): Snapshot | undefined {
  return world.snapshots.update(id, { ...patch, updated: world.now() });
}

export function isDeletable({ status }: Snapshot): boolean {
  return status === 'available' || status === 'error';
}

/** Marks the snapshot as being deleted; it is gone after a moment. */
export function beginDeletion(world: World, { id }: Snapshot): void {
  changeSnapshot(world, id, { status: 'deleting' });
  world.later(500, () => world.snapshots.delete(id));
}
