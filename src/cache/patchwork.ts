import { LRUCache } from 'lru-cache';
import type { EntryTimes, ReadPolicy, Stamp } from './cache.js';
import type { Composition } from './composition.js';
import { captureStamps, type Glance, NOTHING_SEEN, type Seen, sameValues } from './sight.js';
import { isFresh } from './survey.js';
import type { Tools } from './tools.js';
import { joinedStamps, type WholeBounds } from './whole.js';

/** What pieces that were made together were made of. */
interface Origin extends EntryTimes {
  /** Look-ups. */
  readonly entries: number;
}

interface Piece<V> {
  readonly value: V;
  readonly origin: Origin;
}

/** The pieces under one key. All are true while `stamps` have these values, and none is before they are known. */
interface Known<K extends object, V> {
  readonly stamps: readonly Stamp[];
  /** Null: nobody has looked at these stamps before making anything. */
  readonly captured: readonly number[] | null;
  readonly pieces: WeakMap<K, Piece<V>>;
  readonly bytes: number;
  /** Milliseconds since 1970: until then some may be shown. */
  readonly freshUntil: number;
}

/** Pieces that were made, for their maker to hand in. */
export interface MadePieces<K extends object, V> {
  readonly pieces: readonly (readonly [of: K, value: V])[];
  readonly bytes: number;
  readonly parts: Composition;
  /** Whether anything went into them that the cache knows nothing of. */
  readonly hasMore: boolean;
}

/** Pieces as one look found them. */
export interface Patches<K extends object, V> {
  /** Whether it is in vain to ask for any. */
  readonly isEmpty: boolean;
  /** What the look has seen. */
  readonly seen: Seen;
  /** The pieces of all of these, which then count among what `parts` is made of; null where one is missing or out of date. */
  of(keys: readonly K[], parts: Composition): readonly V[] | null;
  /** Keeps what was made since the look, if it may be kept. */
  keep(made: MadePieces<K, V>): void;
}

/** About what a record takes beside its key and its pieces. */
const OVERHEAD = 400;

/**
 * Values made of many entries, kept in this process as `Wholes` are, but for parts of answers: pieces under one key are made at
 * different times and are all valid while the stamps hold that everything under the key depends on, each no longer than
 * what it was made of. A piece lives with the object that it is of.
 */
export class Patchwork<K extends object, V> {
  readonly #tools: Tools;
  readonly #known: LRUCache<string, Known<K, V>>;
  readonly #bounds: WholeBounds;

  /** Of `bounds`, `valueBytes` are those of all pieces under one key: beyond, it begins anew. */
  constructor(tools: Tools, bounds: WholeBounds) {
    this.#tools = tools;
    this.#bounds = bounds;
    this.#known = new LRUCache({ max: bounds.count, maxSize: bounds.bytes });
  }

  /** One look at the stamps, sent after this call: whatever is made afterwards may be kept as true under them. Never throws. */
  async look(key: string, policy: Pick<ReadPolicy, 'maxAge'>): Promise<Patches<K, V>> {
    const stamps = this.#known.get(key)?.stamps;
    if (stamps === undefined) return this.#patches(key, null, policy, NOTHING_SEEN);
    const seen = await this.#tools.glances.at(stamps);
    const known = this.#known.get(key);
    if (known?.stamps === stamps && this.#isCurrent(known, seen))
      return this.#patches(key, known, policy, { stamps, seen });
    const captured = await captureStamps(this.#tools, stamps, seen);
    return this.#patches(key, captured && empty(stamps, captured), policy, NOTHING_SEEN);
  }

  #isCurrent({ captured }: Known<K, V>, seen: readonly Glance[]): boolean {
    return captured !== null && (sameValues(captured, seen) || !this.#tools.rules.wholeChecksStamps);
  }

  #patches(key: string, known: Known<K, V> | null, policy: Pick<ReadPolicy, 'maxAge'>, seen: Seen): Patches<K, V> {
    return {
      isEmpty: known === null || known.freshUntil <= this.#tools.clock.now(),
      seen,
      of: (keys, parts) => known && this.#find(known, keys, policy, parts),
      keep: (made) => this.#keep(key, known, made),
    };
  }

  #find(
    { stamps, pieces }: Known<K, V>,
    keys: readonly K[],
    policy: Pick<ReadPolicy, 'maxAge'>,
    parts: Composition,
  ): readonly V[] | null {
    const values: V[] = [];
    const origins = new Set<Origin>();
    for (const key of keys) {
      const piece = pieces.get(key);
      if (piece === undefined) return null;
      values.push(piece.value);
      origins.add(piece.origin);
    }
    if (![...origins].every((origin) => this.#mayShow(origin, policy))) return null;
    for (const origin of origins) parts.include(stamps, origin, origin.entries);
    return values;
  }

  #mayShow(times: EntryTimes, policy: Pick<ReadPolicy, 'maxAge'>): boolean {
    const { clock, store, rules } = this.#tools;
    if (!rules.wholeEndsWithParts) return true;
    return isFresh(times, policy, clock.now()) && times.readAt >= (store.since?.() ?? 0);
  }

  #keep(key: string, looked: Known<K, V> | null, { pieces, bytes, parts, hasMore }: MadePieces<K, V>): void {
    const touched = hasMore ? null : parts.stamps();
    if (touched === null) return;
    const known = this.#known.get(key);
    const stamps = joinedStamps(known?.stamps ?? [], touched);
    if (looked?.stamps !== stamps) {
      // Whoever looks next looks at all of them.
      if (known?.stamps !== stamps) this.#set(key, empty(stamps, null));
      return;
    }
    if (this.#tools.rules.wholeIsOfEntries && !parts.isOfEntries) return;
    const into = this.#roomFor(bytes, known, looked);
    if (into === null) return;
    const origin = { ...parts.times(this.#tools.clock.now()), entries: parts.entries };
    for (const [of, value] of pieces) into.pieces.set(of, { value, origin });
    const freshUntil = Math.max(into.freshUntil, origin.freshUntil);
    this.#set(key, { ...into, bytes: into.bytes + bytes, freshUntil });
  }

  /** Where pieces that are true under what was looked at may be added: to what is known, if it is of the same stamps' values. */
  #roomFor(bytes: number, known: Known<K, V> | undefined, looked: Known<K, V>): Known<K, V> | null {
    const { stamps, captured } = looked;
    if (captured === null || bytes > this.#bounds.valueBytes) return null;
    if (known === undefined || !this.#isUnder(known, captured)) return empty(stamps, captured);
    return known.bytes + bytes > this.#bounds.valueBytes ? empty(stamps, captured) : known;
  }

  #isUnder({ captured }: Known<K, V>, looked: readonly number[]): boolean {
    return captured !== null && (sameValues(captured, looked) || !this.#tools.rules.pieceCapturesFirst);
  }

  #set(key: string, known: Known<K, V>): void {
    this.#known.set(key, known, { size: key.length + OVERHEAD + known.bytes });
  }
}

function empty<K extends object, V>(stamps: readonly Stamp[], captured: readonly number[] | null): Known<K, V> {
  return { stamps, captured, pieces: new WeakMap(), bytes: 0, freshUntil: 0 };
}
