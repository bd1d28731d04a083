import { LRUCache } from 'lru-cache';
import type { EntryTimes, ReadPolicy, Stamp } from './cache.js';
import { within } from './clock.js';
import type { Composition } from './composition.js';
import { Flights } from './flight.js';
import { LONGEST_LIFE } from './options.js';
import { captureStamps, type Glance, sameValues } from './sight.js';
import { isFresh } from './survey.js';
import type { Tools } from './tools.js';

/** A whole that is kept: `value` may be shown while `stamps` have these values, until it ends. */
interface Kept<V> extends EntryTimes {
  readonly stamps: readonly Stamp[];
  readonly captured: readonly number[];
  readonly value: V;
  readonly bytes: number;
}

/** What is known of the whole under a key: the stamps to look at, and whether it is worth looking. */
interface Known<V> {
  /** Null: it is made of more than the cache's values, and is never kept. */
  readonly stamps: readonly Stamp[] | null;
  readonly kept: Kept<V> | null;
}

/** A whole that was made, for its maker to hand in. */
export interface Made<V> {
  /** The value and its bytes; called where it is kept, so that nothing is copied in vain. */
  readonly build: () => { readonly value: V; readonly bytes: number };
  readonly parts: Composition;
  /** Whether anything went into it that the cache knows nothing of. */
  readonly hasMore: boolean;
}

/** The value that is kept, or the turn to make it: then `made` is called once, with null where nothing came of it. */
export type Turn<V> = { readonly kept: V } | { readonly made: (made: Made<V> | null) => void };

export interface WholeBounds {
  /** Bytes of all values together. */
  readonly bytes: number;
  /** Bytes of the largest. */
  readonly valueBytes: number;
  readonly count: number;
}

/** About what a record takes beside its key and its value. */
const OVERHEAD = 400;
/** Whoever waited in vain waits once more: the first maker fetched what was missing, the second finds it in the cache. */
const ROUNDS = 2;

/**
 * Values made of many entries, kept in this process. They are valid only as long as every entry that they were made of:
 * `docs/cache.md` tells how, `docs/decisions/shortcuts.md` why that is so.
 */
export class Wholes<V> {
  readonly #tools: Tools;
  readonly #flights = new Flights();
  readonly #known: LRUCache<string, Known<V>>;
  readonly #bounds: WholeBounds;

  constructor(tools: Tools, bounds: WholeBounds) {
    this.#tools = tools;
    this.#bounds = bounds;
    this.#known = new LRUCache({ max: bounds.count, maxSize: bounds.bytes });
  }

  /**
   * One look at the stamps, sent after this call: what is kept and still true, or the turn to make it. Never throws. `alone`: waits
   * for nobody who makes the same, and nobody waits for this.
   */
  async find(key: string, policy: Pick<ReadPolicy, 'maxAge'>, alone = false): Promise<Turn<V>> {
    const first = this.#known.get(key) === undefined && !alone ? await this.#learning(key) : null;
    if (first !== null) return first;
    const stamps = this.#known.get(key)?.stamps ?? null;
    if (stamps === null) return { made: (made) => this.learn(key, made) };
    const seen = await this.#tools.glances.at(stamps);
    const kept = this.#current(this.#keptUnder(key), stamps, seen);
    if (kept !== null && this.#mayShow(kept, policy)) return { kept: kept.value };
    const captured = await captureStamps(this.#tools, stamps, seen);
    if (captured === null) return { made: (made) => this.learn(key, made) };
    if (alone) return { made: (made) => void this.#settle(key, { stamps, captured }, made) };
    return this.#joinOrLead(key, stamps, captured, policy);
  }

  /** What is kept under `key` and still true, at once where that can be; null where it is to be found, or made, by `find`. Never throws. */
  glimpse(key: string): V | Promise<V | null> | null {
    const known = this.#known.get(key);
    if (known?.stamps === null || known?.stamps === undefined || known.kept === null) return null;
    const { stamps, kept } = known;
    const now = this.#tools.glances.now(stamps);
    if (now !== null) return this.#glimpsed(kept, stamps, now);
    return this.#tools.glances.at(stamps).then((seen) => this.#glimpsed(this.#keptUnder(key), stamps, seen));
  }

  #glimpsed(kept: Kept<V> | null, stamps: readonly Stamp[], seen: readonly Glance[]): V | null {
    const current = this.#current(kept, stamps, seen);
    return current !== null && this.#mayShow(current, {}) ? current.value : null;
  }

  /** Learns which stamps a whole depends on that was made without knowing: it cannot be kept, the next one can. */
  learn(key: string, made: Made<V> | null): void {
    void this.#settle(key, null, made);
  }

  /** Of all who ask for what nobody has made yet, one makes it; the others wait until it is known what it depends on. */
  async #learning(key: string): Promise<Turn<V> | null> {
    const { clock, deadlines } = this.#tools;
    const name = `learn\0${key}`;
    const flight = this.#flights.find(name);
    if (flight !== undefined) {
      await within(clock, deadlines.flight, flight, null);
      return null;
    }
    const land = this.#flights.begin(name);
    return {
      made: (made) => {
        this.learn(key, made);
        land(null);
      },
    };
  }

  #keptUnder(key: string): Kept<V> | null {
    return this.#known.get(key)?.kept ?? null;
  }

  /** What is kept, if it is under the stamps as they were just seen. */
  #current(kept: Kept<V> | null, stamps: readonly Stamp[], seen: readonly Glance[]): Kept<V> | null {
    if (kept?.stamps !== stamps) return null;
    return sameValues(kept.captured, seen) || !this.#tools.rules.wholeChecksStamps ? kept : null;
  }

  async #joinOrLead(
    key: string,
    stamps: readonly Stamp[],
    captured: readonly number[],
    policy: Pick<ReadPolicy, 'maxAge'>,
  ): Promise<Turn<V>> {
    const { clock, deadlines, rules } = this.#tools;
    const name = rules.wholeFlightNamesStamps ? [key, ...captured].join('\0') : key;
    for (let round = 0; round < ROUNDS; round += 1) {
      const flight = this.#flights.find(name);
      if (flight === undefined) break;
      const landing = await within(clock, deadlines.flight, flight, null);
      const kept = landing?.value as Kept<V> | undefined;
      if (kept !== undefined && this.#mayShow(kept, policy)) return { kept: kept.value };
    }
    const land = this.#flights.begin(name);
    const settled = async (made: Made<V> | null) => {
      const kept = await this.#settle(key, { stamps, captured }, made);
      land(kept === null ? null : { value: kept });
    };
    return { made: (made) => void settled(made) };
  }

  #mayShow(kept: Kept<V>, policy: Pick<ReadPolicy, 'maxAge'>): boolean {
    const { clock, store } = this.#tools;
    return isFresh(kept, policy, clock.now()) && kept.readAt >= (store.since?.() ?? 0);
  }

  /** Learns what the whole was made of, and keeps it if it may. */
  async #settle(
    key: string,
    before: Pick<Kept<V>, 'stamps' | 'captured'> | null,
    made: Made<V> | null,
  ): Promise<Kept<V> | null> {
    if (made === null) return null;
    const touched = made.hasMore ? null : made.parts.stamps();
    const known = this.#known.get(key);
    const stamps = touched === null ? null : joinedStamps(known?.stamps ?? [], touched);
    const kept = stamps === null || before?.stamps !== stamps ? null : await this.#keptOf(before, made);
    const left = kept ?? (known?.stamps === stamps ? known?.kept : null) ?? null;
    this.#known.set(key, { stamps, kept: left }, { size: key.length + OVERHEAD + (left?.bytes ?? 0) });
    return kept;
  }

  async #keptOf(
    { stamps, captured: first }: Pick<Kept<V>, 'stamps' | 'captured'>,
    { parts, build }: Made<V>,
  ): Promise<Kept<V> | null> {
    const { rules, clock } = this.#tools;
    if (rules.wholeIsOfEntries && !parts.isOfEntries) return null;
    const { value, bytes } = build();
    if (bytes > this.#bounds.valueBytes) return null;
    const captured = rules.wholeCapturesFirst
      ? first
      : await captureStamps(this.#tools, stamps, await this.#tools.glances.at(stamps));
    if (captured === null) return null;
    const now = clock.now();
    const { readAt, freshUntil } = parts.times(now);
    const end = rules.wholeEndsWithParts ? freshUntil : now + LONGEST_LIFE * 1000;
    return { stamps, captured, value, bytes, readAt, freshUntil: end };
  }
}

/** `known` itself where it has all of `touched`: whoever looked at it has looked at all. */
export function joinedStamps(known: readonly Stamp[], touched: readonly Stamp[]): readonly Stamp[] {
  const all = new Set(known);
  return touched.every((stamp) => all.has(stamp)) ? known : [...new Set([...known, ...touched])].sort();
}
