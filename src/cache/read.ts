import { Budget } from './budget.js';
import type { Fetcher, Lookup, ReadPolicy } from './cache.js';
import { within } from './clock.js';
import { type CacheFigures, countLookups } from './figures.js';
import type { Landing } from './flight.js';
import { keep } from './keep.js';
import { type Announced, announce, awaitOthers, landedMeanwhile, retract } from './replicas.js';
import { isOutage, mayServeStale } from './stale.js';
import { type Open, survey } from './survey.js';
import type { Tools } from './tools.js';

/** One call of `Cache.read` under way. */
interface Call {
  readonly tools: Tools;
  readonly fetch: Fetcher<unknown>;
  readonly policy: ReadPolicy;
  readonly answers: Map<string, unknown>;
  readonly budget: Budget;
}

/** `Cache.read`: what the cache has, then what others are fetching, then what must be fetched, in one fetch each. */
export async function read<V>(
  tools: Tools,
  lookups: readonly Lookup<V>[],
  fetch: Fetcher<V>,
  policy: ReadPolicy,
): Promise<Map<string, V | Error>> {
  // A value comes back only under the key of its own lookup, whose type says what it is.
  const distinct = [...new Map(lookups.map((lookup) => [lookup.key, lookup])).values()] as unknown as Lookup[];
  const call: Call = {
    tools,
    policy,
    fetch: fetch as unknown as Fetcher<unknown>,
    answers: new Map(),
    budget: new Budget(tools.clock, tools.deadlines.wave),
  };
  if (policy.bypass) await bypass(call, distinct);
  else if (distinct.length > 0) await serve(call, distinct);
  return call.answers as Map<string, V | Error>;
}

async function bypass(call: Call, lookups: readonly Lookup[]): Promise<void> {
  for (const lookup of lookups) {
    call.policy.observe?.({ kind: 'bypassed', key: lookup.key });
    call.policy.part?.(lookup, null);
  }
  countLookups(call.tools.figures, keysOf(lookups), 'bypassed');
  for (const [key, value] of await fetchAll(call.fetch, lookups)) call.answers.set(key, value);
}

async function serve(call: Call, lookups: readonly Lookup[]): Promise<void> {
  const { tools, policy, answers } = call;
  const { hits, open } = await survey(tools, lookups, policy, call.budget);
  for (const [key, value] of hits) {
    answers.set(key, value);
    policy.observe?.({ kind: 'hit', key });
  }
  for (const { lookup } of open) {
    policy.observe?.({ kind: 'miss', key: lookup.key });
    policy.part?.(lookup, null);
  }
  tellOf(tools.figures, hits, open);
  if (open.length > 0) await fill(call, open);
}

function tellOf(figures: CacheFigures, hits: ReadonlyMap<string, unknown>, open: readonly Open[]): void {
  countLookups(figures, hits.keys(), 'hit');
  countLookups(figures, keysOf(open.map(({ lookup }) => lookup)), 'miss');
  for (const { lookup, sight } of open) {
    const hold = sight.hold(lookup.stamps);
    if (hold !== 'none') figures.heldBy(hold);
  }
}

function keysOf(lookups: readonly Lookup[]): readonly string[] {
  return lookups.map(({ key }) => key);
}

/** Joins the flights that there are, leads those that there are not, and fetches alone what came of neither. */
async function fill(call: Call, open: readonly Open[]): Promise<void> {
  const { joined, begun, alone } = lanesOf(call.tools, open);
  const landings = new Map(begun.map(({ one, land }) => [one.lookup.key, land]));
  const land: Land = (key, landing) => landings.get(key)?.(landing);
  try {
    const { ours, theirs } = await announce(
      call.tools,
      begun.map(({ name, one }) => [name, one]),
      call.budget,
    );
    const meanwhile = await landedMeanwhile(call.tools, ours, call.budget);
    const spared = ours.filter(({ open }) => meanwhile.has(open.lookup.key));
    const mine = ours.filter(({ open }) => !meanwhile.has(open.lookup.key));
    call.tools.background(retract(call.tools, spared));
    const led = fetchAndKeep(call, [...alone, ...mine.map(({ open }) => open)], land, mine);
    const [, fromReplicas, fromFlights] = await Promise.all([
      led,
      awaitOthers(call.tools, theirs),
      awaitFlights(call.tools, joined),
    ]);
    const waited = [...spared, ...theirs].map(({ open }) => open);
    const left = [...waited, ...joined.map(([one]) => one)].filter(({ lookup: { key } }) => {
      const landing = meanwhile.get(key) ?? fromReplicas.get(key) ?? fromFlights.get(key) ?? null;
      if (landing !== null) {
        call.answers.set(key, landing.value);
        call.tools.figures.joined(fromFlights.has(key) ? 'process' : 'replica');
        land(key, landing);
      }
      return landing === null;
    });
    await fetchAndKeep(call, left, land);
  } finally {
    for (const end of landings.values()) end(null);
  }
}

/** How each open look-up comes to its value: with a flight that is under way, as the leader of one, or alone. */
interface Lanes {
  readonly joined: readonly (readonly [Open, Promise<Landing>])[];
  readonly begun: readonly { readonly name: string; readonly one: Open; readonly land: (landing: Landing) => void }[];
  readonly alone: readonly Open[];
}

function lanesOf(tools: Tools, open: readonly Open[]): Lanes {
  const joined: Lanes['joined'][number][] = [];
  const begun: Lanes['begun'][number][] = [];
  const alone: Open[] = [];
  for (const one of open) {
    const name = flightName(tools, one);
    const flight = name === null ? undefined : tools.flights.find(name);
    if (name === null) alone.push(one);
    else if (flight !== undefined) joined.push([one, flight]);
    else begun.push({ name, one, land: tools.flights.begin(name) });
  }
  return { joined, begun, alone };
}

type Land = (key: string, landing: Landing) => void;

/** Whoever joins a flight must have read the very stamps that it captured; a refresh joins none. */
function flightName(tools: Tools, { lookup, captured, refresh }: Open): string | null {
  if (captured === null || refresh) return null;
  return tools.rules.flightNamesStamps ? [lookup.key, ...captured].join('\0') : lookup.key;
}

async function awaitFlights(
  { clock, deadlines }: Tools,
  joined: readonly (readonly [Open, Promise<Landing>])[],
): Promise<Map<string, Landing>> {
  const landed = joined.map(async ([{ lookup }, flight]) => {
    return [lookup.key, await within(clock, deadlines.flight, flight, null)] as const;
  });
  return new Map(await Promise.all(landed));
}

/** Answers and lands at once, then stores, then takes announcements back; waits for the storing only so long. */
async function fetchAndKeep(
  call: Call,
  open: readonly Open[],
  land: Land,
  announced: readonly Announced[] = [],
): Promise<void> {
  if (open.length === 0) return;
  const { tools } = call;
  const fetched = await fetchAll(
    call.fetch,
    open.map(({ lookup }) => lookup),
  );
  const readAt = tools.clock.now();
  const values = open.flatMap((one) => {
    const value = fetched.get(one.lookup.key);
    land(one.lookup.key, value instanceof Error ? null : { value });
    call.answers.set(one.lookup.key, value instanceof Error ? inPlaceOf(call, one, value) : value);
    const { lookup, captured, before, sight } = one;
    return value instanceof Error ? [] : [{ lookup, value, readAt, captured, before, hold: sight.hold(lookup.stamps) }];
  });
  const kept = keep(tools, values);
  tools.background(kept.then(() => retract(tools, announced)));
  await call.budget.within(() => kept, undefined);
}

/** What the asker gets where a fetch failed: a value past its time where that is allowed, else the error. */
function inPlaceOf({ tools, policy }: Call, { lookup, before, sight }: Open, error: Error): unknown {
  const now = tools.clock.now();
  if (!lookup.stale || before === null || !isOutage(error)) return error;
  if (!mayServeStale(tools.rules, before, sight.hold(lookup.stamps), now)) return error;
  const ageSeconds = Math.round((now - before.readAt) / 1000);
  policy.observe?.({ kind: 'stale', key: lookup.key, ageSeconds, cause: error });
  countLookups(tools.figures, [lookup.key], 'stale');
  return before.value;
}

/** Calls the fetcher and holds it to its word: every key settled, nothing thrown. */
async function fetchAll(fetch: Fetcher<unknown>, lookups: readonly Lookup[]): Promise<Map<string, unknown>> {
  let fetched: ReadonlyMap<string, unknown> = new Map();
  let failure: Error | null = null;
  try {
    fetched = await fetch(lookups);
  } catch (error) {
    failure = error instanceof Error ? error : new Error('the fetch failed', { cause: error });
  }
  return new Map(
    lookups.map(({ key }) => {
      const value = fetched.get(key);
      return [key, value === undefined ? (failure ?? new Error(`the fetch did not settle ${key}`)) : value];
    }),
  );
}
