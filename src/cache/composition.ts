import type { EntryTimes, Lookup, Stamp } from './cache.js';

/** What a whole was made of, as far as it came through `Cache.read`: give `add` to `ReadPolicy.part`. */
export class Composition {
  readonly #stamps = new Set<readonly Stamp[]>();
  #entries = 0;
  #others = 0;
  #isNarrow = false;
  #readAt = Number.POSITIVE_INFINITY;
  #freshUntil = Number.POSITIVE_INFINITY;

  readonly add = ({ wide }: Lookup, entry: EntryTimes | null): void => {
    if (wide === undefined) this.#isNarrow = true;
    else this.#stamps.add(wide);
    if (entry === null) this.#others += 1;
    else {
      this.#entries += 1;
      this.#readAt = Math.min(this.#readAt, entry.readAt);
      this.#freshUntil = Math.min(this.#freshUntil, entry.freshUntil);
    }
  };

  /** Counts in what is kept under these wide stamps and was made of so many entries. */
  include(stamps: readonly Stamp[], { readAt, freshUntil }: EntryTimes, entries: number): void {
    this.#stamps.add(stamps);
    this.#entries += entries;
    this.#readAt = Math.min(this.#readAt, readAt);
    this.#freshUntil = Math.min(this.#freshUntil, freshUntil);
  }

  /** How many lookups the cache answered from an entry. */
  get entries(): number {
    return this.#entries;
  }

  /** Whether every lookup was answered from an entry. */
  get isOfEntries(): boolean {
    return this.#entries > 0 && this.#others === 0;
  }

  /** Each once, in one order; null where something cannot be held under wide stamps, or there is nothing. */
  stamps(): readonly Stamp[] | null {
    if (this.#isNarrow || this.#stamps.size === 0) return null;
    return [...new Set([...this.#stamps].flat())].sort();
  }

  /** When its oldest part was read and its first part ends; `readAt` of nothing is now. */
  times(now: number): EntryTimes {
    return { readAt: Math.min(now, this.#readAt), freshUntil: this.#freshUntil };
  }
}
