import type { Lookup, Stamp } from './cache.js';
import type { Clock } from './clock.js';
import type { Entries, Entry } from './entries.js';
import type { CacheFigures } from './figures.js';
import type { HoldState } from './holds.js';
import { LONGEST_LIFE, LONGEST_NULL, SETTLING_LIFE, STAMP_LIFE } from './options.js';
import type { Parsed } from './parsed.js';
import type { Rules } from './rules.js';
import { distinctStamps, lookAtStamps, sameValues, stampKey, stampStart } from './sight.js';
import type { Store } from './store.js';

/** A value that was fetched, with what was known before its fetch began. */
export interface Fetched {
  readonly lookup: Lookup;
  readonly value: unknown;
  /** Milliseconds since 1970. */
  readonly readAt: number;
  /** The stamps before the fetch, in the lookup's order; null: not all were acknowledged. */
  readonly captured: readonly number[] | null;
  /** The strictest hold before the fetch. */
  readonly hold: HoldState;
  /** What the cache had, if nothing but time had made it unusable. */
  readonly before: Entry | null;
}

export interface Keeping {
  readonly store: Store;
  readonly entries: Entries;
  readonly parsed: Parsed;
  readonly clock: Clock;
  readonly rules: Rules;
  readonly figures: CacheFigures;
}

/** Stores what may be stored of `fetched`. Never throws; whatever is not acknowledged is not stored. */
export async function keep(tools: Keeping, fetched: readonly Fetched[]): Promise<void> {
  const { rules } = tools;
  const bumped = await bumpObserved(tools, fetched);
  const candidates = fetched.flatMap((one) => {
    const captured = afterOwnBumps(rules, one, bumped);
    const storable =
      (mayStore(rules, one.hold) || !rules.rememberHolds) && (captured !== null || !rules.storeOnlyAcknowledged);
    return storable ? [{ ...one, captured }] : [];
  });
  if (candidates.length === 0) return;
  const now = await lookAtStamps(tools, distinctStamps(candidates.map(({ lookup }) => lookup)));
  await Promise.all(
    candidates.map((one) => {
      const current = now.values(one.lookup.stamps);
      const captured = rules.captureBeforeFetch && one.captured !== null ? one.captured : current;
      const hold = rules.recheckHolds ? now.hold(one.lookup.stamps) : 'none';
      if (captured === null || !mayStore(rules, hold) || !sameValues(captured, current)) return undefined;
      return put(tools, { ...one, captured }, hold);
    }),
  );
}

/**
 * Somebody changed a row behind the gateway's back: its stamps move, so that lists and other askers' entries follow.
 * Answers with the values after the bumps; null where none was acknowledged.
 */
async function bumpObserved(tools: Keeping, fetched: readonly Fetched[]): Promise<Map<Stamp, number | null>> {
  const changed = new Set(
    fetched.flatMap(({ lookup, before, value, readAt }) =>
      before === null ? [] : changes(lookup, before.value, value, before.freshUntil > readAt),
    ),
  );
  const bumps = [...changed].map(async (stamp) => {
    const next = await tools.store.increment(stampKey(stamp), stampStart(tools.rules), STAMP_LIFE);
    return [stamp, next] as const;
  });
  return new Map(await Promise.all(bumps));
}

/** A row whose comparison fails is not compared: the reader has its answer already. */
function changes(lookup: Lookup, before: unknown, now: unknown, early: boolean): readonly Stamp[] {
  try {
    return lookup.changed?.(before, now, early) ?? [];
  } catch {
    return [];
  }
}

/** The captured stamps with this reader's own bumps counted in; null if anybody else has bumped, or may have. */
function afterOwnBumps(
  rules: Rules,
  { lookup, captured }: Fetched,
  bumped: ReadonlyMap<Stamp, number | null>,
): readonly number[] | null {
  if (captured === null) return null;
  const after = lookup.stamps.map((stamp, index) => {
    const before = captured[index] ?? null;
    const now = bumped.get(stamp);
    if (now === undefined || before === null) return before;
    return now === before + 1 || !rules.observedBumpAlone ? now : null;
  });
  return after.includes(null) ? null : after.filter((value) => value !== null);
}

function mayStore(rules: Rules, hold: HoldState): boolean {
  return hold === 'none' || hold === 'settling' || !rules.writingHold;
}

async function put(
  tools: Keeping,
  one: Fetched & { readonly captured: readonly number[] },
  hold: HoldState,
): Promise<void> {
  const { lookup, value, readAt, captured } = one;
  const settling = hold === 'settling' || (tools.rules.rememberHolds && one.hold === 'settling');
  const life = lifeOf(lookup, value, settling);
  if (life <= 0) return;
  const usefulLife = lookup.stale || lookup.changed !== undefined ? LONGEST_LIFE : life;
  const head = {
    readAt,
    freshUntil: readAt + life * 1000,
    expiresAt: readAt + usefulLife * 1000,
    captured,
    unsettled: settling,
  };
  const seconds = Math.ceil((head.expiresAt - tools.clock.now()) / 1000);
  tools.parsed.drop(lookup.key);
  if (seconds >= 1) await tools.entries.put(lookup, value, head, seconds);
}

/** Seconds that the value may be served; none where its type cannot say. */
function lifeOf(lookup: Lookup, value: unknown, settling: boolean): number {
  const wanted = wantedLife(lookup, value);
  const limits = [LONGEST_LIFE, value === null ? LONGEST_NULL : LONGEST_LIFE, settling ? SETTLING_LIFE : LONGEST_LIFE];
  return Number.isFinite(wanted) ? Math.min(wanted, ...limits) : 0;
}

function wantedLife(lookup: Lookup, value: unknown): number {
  try {
    return lookup.ttl(value);
  } catch {
    return 0;
  }
}
