import type { Budget } from './budget.js';
import type { EntryTimes, Lookup, ReadPolicy, Stamp } from './cache.js';
import type { Entry } from './entries.js';
import { CLOCK_SKEW } from './holds.js';
import { storeKey } from './keys.js';
import type { SealedEntry } from './seal.js';
import { distinctStamps, look, type Sight, sameValues, seenBefore, startStamps } from './sight.js';
import type { Tools } from './tools.js';

/** A lookup that the cache could not answer, with what was seen before its fetch. */
export interface Open {
  readonly lookup: Lookup;
  readonly sight: Sight;
  /** The stamps in the lookup's order; null: not all were acknowledged. */
  readonly captured: readonly number[] | null;
  /** What the cache has, unusable only for its age. */
  readonly before: Entry | null;
  /** The asker wants this one fetched anew, whoever is fetching it already. */
  readonly refresh: boolean;
}

export interface Survey {
  readonly hits: ReadonlyMap<string, unknown>;
  readonly open: readonly Open[];
}

/** A refresh is refused to whoever had one within so many seconds; a value so young satisfies any `max-age`. */
const REFRESH_EVERY = 1;

/** What the cache has for the lookups; the stamps of what it has not are ready for its fetch. */
export async function survey(
  tools: Tools,
  lookups: readonly Lookup[],
  policy: ReadPolicy,
  budget: Budget,
): Promise<Survey> {
  const parsed = await surveyParsed(tools, lookups, policy, budget);
  const left = parsed.size === 0 ? lookups : lookups.filter(({ key }) => !parsed.has(key));
  if (left.length === 0) return { hits: parsed, open: [] };
  const { hits, open } = await surveyStore(tools, left, policy, budget);
  return { hits: new Map([...parsed, ...hits]), open };
}

/** What this process has parsed before and may still use: a look at stamps alone, which costs no round trip where there is nothing. */
async function surveyParsed(
  tools: Tools,
  lookups: readonly Lookup[],
  policy: ReadPolicy,
  budget: Budget,
): Promise<Map<string, unknown>> {
  const hits = new Map<string, unknown>();
  if (policy.noCache === true) return hits;
  const now = tools.clock.now();
  const known = lookups.flatMap((lookup) => {
    const entry = tools.parsed.find(lookup);
    return entry !== undefined && isFresh(entry, policy, now) ? [[lookup, entry] as const] : [];
  });
  if (known.length === 0) return hits;
  const stamps = distinctStamps(known.map(([lookup]) => lookup));
  const seen = seenBefore(policy.seen?.(), stamps) ?? (await budget.spend(() => tools.glances.at(stamps)));
  const values = new Map(stamps.map((stamp, index) => [stamp, seen[index]]));
  const since = tools.store.since?.() ?? 0;
  for (const [lookup, entry] of known) {
    const isCurrent = lookup.stamps.every((stamp, index) => values.get(stamp) === entry.captured[index]);
    if (!(isCurrent || !tools.rules.checkStamps) || entry.readAt < since || !isFresh(entry, policy, tools.clock.now()))
      continue;
    hits.set(lookup.key, entry.value);
    policy.part?.(lookup, entry);
  }
  return hits;
}

async function surveyStore(
  tools: Tools,
  lookups: readonly Lookup[],
  policy: ReadPolicy,
  budget: Budget,
): Promise<Survey> {
  const { store, entries, rules } = tools;
  const { sealed, missing, sight } = await budget.spend(() => look(tools, lookups));
  const isCurrent = (lookup: Lookup, captured: readonly number[]) => sameValues(captured, sight.values(lookup.stamps));
  const of = lookups.flatMap((lookup) => {
    const entry = sealed.get(lookup.key);
    const wanted =
      entry !== undefined &&
      isAlive(tools, entry) &&
      (isCurrent(lookup, entry.captured) || !rules.staleChecksStamps || !rules.checkStamps);
    return wanted ? [[lookup, entry] as const] : [];
  });
  // What came whole is here already, however long that took: only pieces are still to be waited for.
  const isHere = !of.some(([, { inPieces }]) => inPieces);
  const load = () => entries.load(of);
  const known = isHere ? await load() : await budget.within(load, new Map<string, Entry>());
  for (const lookup of lookups) {
    const entry = known.get(lookup.key);
    if (entry !== undefined) tools.parsed.keep(lookup, entry);
  }
  const refreshes = await claimRefreshes(tools, [...known.keys()], policy);
  const hits = new Map<string, unknown>();
  const missed: Lookup[] = [];
  for (const lookup of lookups) {
    const entry = known.get(lookup.key);
    const usable = entry !== undefined && (isCurrent(lookup, entry.captured) || !rules.checkStamps);
    if (usable && !refreshes.has(lookup.key) && isFresh(entry, policy, tools.clock.now())) {
      hits.set(lookup.key, entry.value);
      policy.part?.(lookup, entry);
    } else missed.push(lookup);
  }
  const needed = new Set(missed.flatMap(({ stamps }) => stamps));
  const toStart = missing.filter((stamp) => needed.has(stamp));
  const start = () => startStamps(store, rules, toStart);
  const started =
    toStart.length === 0 ? new Map<Stamp, number>() : await budget.within(start, new Map<Stamp, number>());
  const after = sight.with(started);
  const open = missed.map((lookup) => ({
    lookup,
    sight: after,
    captured: after.values(lookup.stamps),
    before: known.get(lookup.key) ?? null,
    refresh: refreshes.has(lookup.key),
  }));
  return { hits, open };
}

/** Its own time counts, whatever its store says: whoever can write there can put an expiry off. */
function isAlive({ clock, figures }: Tools, { expiresAt }: SealedEntry): boolean {
  const overdue = clock.now() - expiresAt;
  if (overdue > CLOCK_SKEW) figures.refused('entry', 'expired');
  return overdue < 0;
}

/** Whether something read then may be shown to an asker of this policy. */
export function isFresh(entry: EntryTimes, policy: Pick<ReadPolicy, 'maxAge'>, now: number): boolean {
  const oldest = Math.max(REFRESH_EVERY, policy.maxAge ?? Number.POSITIVE_INFINITY);
  return now < entry.freshUntil && now - entry.readAt <= oldest * 1000;
}

/** Of the keys that the cache has, those that this asker may have fetched anew. */
async function claimRefreshes(tools: Tools, keys: readonly string[], policy: ReadPolicy): Promise<Set<string>> {
  if (policy.noCache !== true) return new Set();
  const claims = keys.map(async (key) => {
    const name = storeKey('refresh', `${key}\0${policy.refresher ?? ''}`);
    return (await tools.store.add(name, Buffer.of(), REFRESH_EVERY)) === 'exists' ? [] : [key];
  });
  return new Set((await Promise.all(claims)).flat());
}
