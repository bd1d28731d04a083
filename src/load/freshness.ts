import type { Row } from '../row.js';
import type { AnyResource } from '../services/registry.js';

/** Seconds that "there is no such row" is believed. */
const ABSENT = 5;

/** Seconds of a row that is changing right now. */
const TRANSITION = 2;

/** A row that has been in transition for longer than this (ms) is stuck: it is not worth asking every two seconds. */
const STUCK_AFTER = 600_000;

/** Seconds of a stuck row. */
const STUCK = 30;

/** How many seconds `row` may be served; an operator's override never prolongs a row in transition. */
export function rowTtl(resource: AnyResource, row: Row | null, override: number | undefined, now = Date.now()): number {
  if (row === null) return Math.min(ABSENT, override ?? ABSENT);
  const own = typeof resource.ttl === 'number' ? resource.ttl : resource.ttl(row);
  const ttl = own <= TRANSITION && isStuck(row, now) ? STUCK : own;
  if (override === undefined) return ttl;
  return ttl <= TRANSITION ? Math.min(ttl, override) : override;
}

/** How many seconds a list of `rows` may be served: as long as its shortest-lived row, an empty one as long as a stable row. */
export function listTtl(
  resource: AnyResource,
  rows: readonly Row[],
  override: number | undefined,
  now = Date.now(),
): number {
  const longest = override ?? (typeof resource.ttl === 'number' ? resource.ttl : STUCK);
  return rows.reduce((shortest, row) => Math.min(shortest, rowTtl(resource, row, override, now)), longest);
}

function isStuck(row: Row, now: number): boolean {
  const changed = row['updated'] ?? row['updated_at'] ?? row['created_at'];
  if (typeof changed !== 'string') return false;
  const since = Date.parse(/Z|[+-]\d\d:?\d\d$/.test(changed) ? changed : `${changed}Z`);
  return now - since > STUCK_AFTER;
}
