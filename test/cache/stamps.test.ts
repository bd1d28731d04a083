import { describe, expect, it } from 'vitest';
import { affectedStamps, listEntryStamps, rowEntryStamps } from '../../src/cache/stamps.js';

const PLACE = 'cloud/RegionOne';
const PORT_OF_A = { type: 'Port', id: 'port', project: 'a' };
const confinedToB = { confined: true, privileged: false, project: 'b' };

/** Whether a write of the port voids the entry. */
function voids(everywhere: boolean, entry: readonly string[]): boolean {
  const touches = [{ type: 'Server', projects: ['a'], everywhere }];
  const moved = new Set<string>(affectedStamps(PLACE, PORT_OF_A, touches).stamps.map(({ stamp }) => stamp));
  return entry.some((stamp) => moved.has(stamp));
}

describe('the stamps of a write that touches rows of another type', () => {
  const row = rowEntryStamps(PLACE, 'Server', 'server', confinedToB);
  const list = listEntryStamps(PLACE, 'Server', confinedToB);

  it("leave another project's entries alone where the writer's rows are tied to its own project only", () => {
    expect([voids(false, row), voids(false, list)]).toEqual([false, false]);
  });

  it("void another project's entries where the writer may be tied to anybody's: an admin at a tenant's port", () => {
    expect([voids(true, row), voids(true, list)]).toEqual([true, true]);
  });

  it('void entries that may hold rows of any project in either case', () => {
    const shared = rowEntryStamps(PLACE, 'Server', 'server', { ...confinedToB, privileged: true });
    expect([voids(false, shared), voids(true, shared)]).toEqual([true, true]);
  });
});
