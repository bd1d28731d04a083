import { ownBytes } from './bytes.js';
import { wallClock } from './clock.js';
import type { Held, Store } from './store.js';

export interface EmbeddedOptions {
  /** Bytes of keys and values that are kept; what was used longest ago goes first. Default 64 MiB. */
  readonly maxBytes?: number;
  /** Bytes of the largest single value. Default 16 MiB. */
  readonly maxValueBytes?: number;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
}

interface Item extends Held {
  readonly expiresAt: number;
  /** Milliseconds; when it was last put behind all others. */
  usedAt: number;
}

/** What a list of keys held when it was last looked at. */
interface Seen {
  readonly held: readonly (Item | null)[];
  readonly revision: number;
  /** Milliseconds; from then on something may have expired, or has to be used again to keep its place. */
  readonly until: number;
}

/** Whatever is used again within so many milliseconds keeps its place: counters that every request looks at would go round and round. */
const SAME_USE_MS = 1000;

/** What an item takes beside its key and value, about. */
const OVERHEAD = 120;
const MIB = 1024 * 1024;

/** memcached's semantics inside one process, for running without memcached. Every call is acknowledged. */
export function createEmbeddedStore(options: EmbeddedOptions = {}): Store {
  const items = new LruItems(options);
  return {
    kind: 'embedded',
    getNow: (keys) => items.again(keys),
    async getMany(keys) {
      return new Map(keys.map((key) => [key, items.get(key)]));
    },
    async set(key, value, seconds) {
      return items.put(key, value, seconds);
    },
    async add(key, value, seconds) {
      if (items.get(key) !== null) return 'exists';
      return items.put(key, value, seconds) ? 'stored' : null;
    },
    async compareAndSet(key, value, cas, seconds) {
      if (items.get(key)?.cas !== cas) return 'changed';
      return items.put(key, value, seconds) ? 'stored' : null;
    },
    async delete(key) {
      items.drop(key);
      return true;
    },
    async increment(key, initial, seconds) {
      return items.increment(key, initial, seconds);
    },
    async health() {
      return { ok: true, detail: `embedded store, ${items.count} items, ${items.bytes} bytes; this process only` };
    },
    async close() {
      items.clear();
    },
  };
}

/** A `Map` keeps its keys in the order of insertion: whatever is used is inserted again, so the first is one of the oldest. */
class LruItems {
  readonly #items = new Map<string, Item>();
  readonly #now: () => number;
  readonly #maxBytes: number;
  readonly #maxValueBytes: number;
  #cas = 0;
  /** Moves with every change. */
  #revision = 0;
  readonly #seen = new WeakMap<readonly string[], Seen>();
  bytes = 0;

  constructor(options: EmbeddedOptions) {
    this.#now = options.now ?? wallClock.now;
    this.#maxBytes = options.maxBytes ?? 64 * MIB;
    this.#maxValueBytes = options.maxValueBytes ?? 16 * MIB;
  }

  get count(): number {
    return this.#items.size;
  }

  /** The very array of the last time where nothing has changed: two dozen counters cost more than all else that is done for an answer. */
  again(keys: readonly string[]): readonly (Held | null)[] {
    const now = this.#now();
    const seen = this.#seen.get(keys);
    if (seen !== undefined && seen.revision === this.#revision && now < seen.until) return seen.held;
    const held = keys.map((key) => this.get(key, now));
    const ends = held.map((item) => item?.expiresAt ?? Number.POSITIVE_INFINITY);
    this.#seen.set(keys, { held, revision: this.#revision, until: Math.min(now + SAME_USE_MS, ...ends) });
    return held;
  }

  get(key: string, now = this.#now()): Item | null {
    const item = this.#items.get(key);
    if (item === undefined) return null;
    if (item.expiresAt <= now) {
      this.drop(key);
      return null;
    }
    if (now - item.usedAt >= SAME_USE_MS) {
      item.usedAt = now;
      this.#items.delete(key);
      this.#items.set(key, item);
    }
    return item;
  }

  put(key: string, value: Buffer, seconds: number): boolean {
    return this.#keep(key, value, this.#now() + seconds * 1000);
  }

  /** As memcached does it: an existing counter keeps its time. */
  increment(key: string, initial: number, seconds: number): number | null {
    const held = this.get(key);
    if (held === null) return this.put(key, Buffer.from(String(initial)), seconds) ? initial : null;
    const next = Number(held.value.toString('latin1')) + 1;
    if (!Number.isSafeInteger(next)) return null;
    const expiresAt = this.#items.get(key)?.expiresAt ?? 0;
    return this.#keep(key, Buffer.from(String(next)), expiresAt) ? next : null;
  }

  drop(key: string): void {
    const item = this.#items.get(key);
    if (item === undefined) return;
    this.bytes -= sizeOf(key, item.value);
    this.#revision += 1;
    this.#items.delete(key);
  }

  clear(): void {
    this.#revision += 1;
    this.#items.clear();
    this.bytes = 0;
  }

  #keep(key: string, value: Buffer, expiresAt: number): boolean {
    this.drop(key);
    const size = sizeOf(key, value);
    if (value.length > this.#maxValueBytes || size > this.#maxBytes) return false;
    this.#cas += 1;
    this.#revision += 1;
    this.#items.set(key, { value: ownBytes(value), cas: String(this.#cas), expiresAt, usedAt: this.#now() });
    this.bytes += size;
    for (const oldest of this.#items.keys()) {
      if (this.bytes <= this.#maxBytes) break;
      this.drop(oldest);
    }
    return true;
  }
}

function sizeOf(key: string, value: Buffer): number {
  return key.length + value.length + OVERHEAD;
}
