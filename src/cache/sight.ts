import { randomInt } from 'node:crypto';
import type { Lookup, Stamp } from './cache.js';
import { type Entries, entryKey } from './entries.js';
import type { CacheFigures } from './figures.js';
import { type HoldState, holdKey, holdState, stricter } from './holds.js';
import { rememberedKeys } from './keys.js';
import { STAMP_LIFE } from './options.js';
import type { Rules } from './rules.js';
import type { SealedEntry } from './seal.js';
import type { Held, Store } from './store.js';

/** memjs, like JavaScript's bit operations, knows 32 bits: other clients of the same stamps could be such. */
const STAMP_START_LIMIT = 2 ** 31;

export const stampKey: (stamp: Stamp) => string = rememberedKeys('stamp');

/** Where a missing stamp starts: at random, so that it cannot meet the value of an older life. */
export function stampStart(rules: Rules): number {
  return rules.randomStart ? randomInt(1, STAMP_START_LIMIT) : 1;
}

/** What one look at the store told of stamps and holds. */
export class Sight {
  readonly #stamps: ReadonlyMap<Stamp, number>;
  readonly #holds: ReadonlyMap<Stamp, HoldState>;

  constructor(stamps: ReadonlyMap<Stamp, number>, holds: ReadonlyMap<Stamp, HoldState>) {
    this.#stamps = stamps;
    this.#holds = holds;
  }

  /** The stamps' values in their order; null unless every one was acknowledged. */
  values(stamps: readonly Stamp[]): readonly number[] | null {
    const values = stamps.map((stamp) => this.#stamps.get(stamp));
    return values.includes(undefined) ? null : values.filter((value) => value !== undefined);
  }

  /** The same sight with stamps that were started since. */
  with(started: ReadonlyMap<Stamp, number>): Sight {
    return started.size === 0 ? this : new Sight(new Map([...this.#stamps, ...started]), this.#holds);
  }

  /** The strictest hold on any of the stamps. */
  hold(stamps: readonly Stamp[]): HoldState {
    return stamps.map((stamp) => this.#holds.get(stamp) ?? 'unknown').reduce(stricter, 'none');
  }
}

/** What a look at the store takes. */
export interface Looking {
  readonly store: Store;
  readonly figures: CacheFigures;
}

/** Looks at stamps and holds, and at the lookups' entries with them, in one round trip per server. */
export async function look(
  { store, entries, figures }: Looking & { readonly entries: Entries },
  lookups: readonly Lookup[],
): Promise<{
  readonly sealed: ReadonlyMap<string, SealedEntry>;
  readonly missing: readonly Stamp[];
  readonly sight: Sight;
}> {
  const stamps = distinctStamps(lookups);
  const found = await store.getMany([...lookups.map(entryKey), ...stampAndHoldKeys(stamps)]);
  const sealed = new Map<string, SealedEntry>();
  for (const lookup of lookups) {
    const entry = entries.open(lookup, found.get(entryKey(lookup)));
    if (entry !== null) sealed.set(lookup.key, entry);
  }
  return {
    sealed,
    missing: stamps.filter((stamp) => found.get(stampKey(stamp)) === null),
    sight: sightOf(stamps, found, figures),
  };
}

/** What a look at one stamp alone brought: `missing` in the store, or `unknown` since nobody acknowledged the question. */
export type Glance = number | 'missing' | 'unknown';

/** Stamps as one look has seen them, in their order. */
export interface Seen {
  readonly stamps: readonly Stamp[];
  readonly seen: readonly Glance[];
}

export const NOTHING_SEEN: Seen = { stamps: [], seen: [] };

/** What `before` has seen of the stamps, in their order; null where it has not seen all. */
export function seenBefore(before: Seen | undefined, stamps: readonly Stamp[]): readonly Glance[] | null {
  if (before === undefined || before.stamps.length === 0) return null;
  const places = placesOf(before.stamps);
  const seen: Glance[] = [];
  for (const stamp of stamps) {
    const glance = before.seen[places.get(stamp) ?? -1];
    if (glance === undefined) return null;
    seen.push(glance);
  }
  return seen;
}

/** Looks at stamps alone, in their order. */
export async function glanceAt(store: Store, stamps: readonly Stamp[]): Promise<readonly Glance[]> {
  return glancesOf(stamps, await store.getMany(stamps.map(stampKey)));
}

/** The same of a list that is looked at again and again; tells `then`, since promises are a good part of what such a look costs. */
export function glanceAgain(store: Store, stamps: readonly Stamp[], then: (seen: readonly Glance[]) => void): void {
  if (store.getAgain === undefined) void glanceAt(store, stamps).then(then);
  else store.getAgain(keysOf(stamps), (found) => then(readOnce(found, () => glancesOf(stamps, found))));
}

/** The same at once, where the store can; null where it cannot. */
export function glanceNow({ getNow }: Store, stamps: readonly Stamp[]): readonly Glance[] | null {
  if (getNow === undefined) return null;
  const held = getNow(keysOf(stamps));
  return readOnce(held, () => held.map(glanceOf));
}

/** What was read of an answer that may come again. */
const GLANCES = new WeakMap<object, readonly Glance[]>();

function readOnce(answer: object, read: () => readonly Glance[]): readonly Glance[] {
  let glances = GLANCES.get(answer);
  if (glances === undefined) {
    glances = read();
    GLANCES.set(answer, glances);
  }
  return glances;
}

function glancesOf(stamps: readonly Stamp[], found: Found): readonly Glance[] {
  return stamps.map((stamp) => glanceOf(found.get(stampKey(stamp))));
}

function glanceOf(held: Held | null | undefined): Glance {
  return held === null ? 'missing' : (stampValue(held) ?? 'unknown');
}

/** Looks at stamps and holds alone. */
export async function lookAtStamps({ store, figures }: Looking, stamps: readonly Stamp[]): Promise<Sight> {
  if (stamps.length === 0) return new Sight(new Map(), new Map());
  return sightOf(stamps, await store.getMany(stampAndHoldKeys(stamps)), figures);
}

/**
 * Starts those of the stamps that are still missing and answers with the values of all that anybody acknowledged. What
 * another replica started meanwhile is read, never moved.
 */
export async function startStamps(store: Store, rules: Rules, missing: readonly Stamp[]): Promise<Map<Stamp, number>> {
  const started = new Map<Stamp, number>();
  const others: Stamp[] = [];
  await Promise.all(
    missing.map(async (stamp) => {
      const start = stampStart(rules);
      const added = await store.add(stampKey(stamp), Buffer.from(String(start)), STAMP_LIFE);
      if (added === 'stored') started.set(stamp, start);
      if (added === 'exists') others.push(stamp);
    }),
  );
  if (others.length === 0) return started;
  const found = await store.getMany(others.map(stampKey));
  for (const stamp of others) {
    const value = stampValue(found.get(stampKey(stamp)));
    if (value !== null) started.set(stamp, value);
  }
  return started;
}

/** What a glance has seen, the missing ones started as a reader of entries does it. Null: not all were acknowledged. */
export async function captureStamps(
  { store, rules }: Pick<Looking, 'store'> & { readonly rules: Rules },
  stamps: readonly Stamp[],
  seen: readonly Glance[],
): Promise<readonly number[] | null> {
  const missing = stamps.filter((_, index) => seen[index] === 'missing');
  const started = missing.length === 0 ? null : await startStamps(store, rules, missing);
  const values = stamps.map((stamp, index) => started?.get(stamp) ?? seen[index]);
  return values.every((value) => typeof value === 'number') ? values : null;
}

/** Whether stamps have the values that were captured before; one that is not known is the same as none. */
export function sameValues(captured: readonly number[], seen: readonly Glance[] | null): boolean {
  return seen?.length === captured.length && captured.every((value, index) => value === seen[index]);
}

export function distinctStamps(lookups: readonly Lookup[]): Stamp[] {
  return [...new Set(lookups.flatMap(({ stamps }) => stamps))];
}

function stampAndHoldKeys(stamps: readonly Stamp[]): string[] {
  return stamps.flatMap((stamp) => [stampKey(stamp), holdKey(stamp)]);
}

type Found = ReadonlyMap<string, Held | null>;

function countersOf(stamps: readonly Stamp[], found: Found, figures: CacheFigures): Map<Stamp, number> {
  const values = new Map<Stamp, number>();
  for (const stamp of stamps) {
    const counter = found.get(stampKey(stamp));
    const value = stampValue(counter);
    if (value !== null) values.set(stamp, value);
    else if (counter) figures.refused('stamp', 'malformed');
  }
  return values;
}

function sightOf(stamps: readonly Stamp[], found: Found, figures: CacheFigures): Sight {
  const values = countersOf(stamps, found, figures);
  const holds = new Map<Stamp, HoldState>();
  for (const stamp of stamps) {
    const held = found.get(holdKey(stamp));
    const hold = holdState(held);
    if (hold === 'unknown' && held) figures.refused('hold', 'malformed');
    holds.set(stamp, hold);
  }
  return new Sight(values, holds);
}

/** The same lists are looked at again and again: what is made of one is made once. */
function perList<T>(make: (stamps: readonly Stamp[]) => T): (stamps: readonly Stamp[]) => T {
  const made = new WeakMap<readonly Stamp[], { readonly value: T }>();
  return (stamps) => {
    let known = made.get(stamps);
    if (known === undefined) {
      known = { value: make(stamps) };
      made.set(stamps, known);
    }
    return known.value;
  };
}

const keysOf = perList((stamps) => stamps.map(stampKey));

const placesOf = perList((stamps) => new Map(stamps.map((stamp, index) => [stamp, index])));

const ZERO = 0x30;
const NINE = 0x39;
const BLANK = 0x20;
const MOST_DIGITS = 15;

/** Digit by digit: a page looks at so many counters that a regular expression for each would be felt. memcached pads with blanks. */
function stampValue(held: Held | null | undefined): number | null {
  if (held === null || held === undefined) return null;
  const { value } = held;
  let end = value.length;
  while (end > 0 && value[end - 1] === BLANK) end -= 1;
  if (end === 0 || end > MOST_DIGITS) return null;
  let number = 0;
  for (let index = 0; index < end; index += 1) {
    const digit = value[index] ?? 0;
    if (digit < ZERO || digit > NINE) return null;
    number = number * 10 + digit - ZERO;
  }
  return number;
}
