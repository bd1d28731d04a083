import { Fault } from '../rest/fault.js';
import type { Entry } from './entries.js';
import type { HoldState } from './holds.js';
import { LONGEST_LIFE } from './options.js';
import type { Rules } from './rules.js';

/** Statuses with which a service says that it, not the request, is at fault. */
const SERVICE_AT_FAULT: readonly number[] = [500, 502, 503, 504];

/** Whether the failure says nothing about the value itself: no connection, no answer in time, or the service at fault. */
export function isOutage(error: unknown): error is Fault {
  if (!(error instanceof Fault)) return false;
  const { code, status } = error;
  const outage = code === 'UPSTREAM_UNAVAILABLE' || code === 'UPSTREAM_TIMEOUT';
  return outage && (status === null || SERVICE_AT_FAULT.includes(status));
}

/**
 * Whether what the cache has may stand in for a service that fails; `before` has current stamps. Not what was read while
 * a write settled: the service has gone on since, and no stamp has moved for it.
 */
export function mayServeStale(rules: Rules, before: Entry, hold: HoldState, now: number): boolean {
  const held = (hold !== 'none' || before.unsettled) && rules.staleRespectsHolds;
  return !held && now - before.readAt <= LONGEST_LIFE * 1000 && now <= before.expiresAt;
}
