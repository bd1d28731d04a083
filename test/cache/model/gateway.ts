import type { Cache, Lookup } from '../../../src/cache/cache.js';
import type { Patchwork } from '../../../src/cache/patchwork.js';
import { createCache } from '../../../src/cache/protocol.js';
import type { Rules } from '../../../src/cache/rules.js';
import type { Held, Store } from '../../../src/cache/store.js';
import type { Wholes } from '../../../src/cache/whole.js';
import { SECRET } from '../help.js';
import type { Memory, World } from './world.js';

interface Piece {
  readonly key: string;
}

/** One replica: a cache with a process of its own, which can die between any two events. */
export class Gateway {
  readonly cache: Cache;
  readonly wholes: Wholes<ReadonlyMap<string, unknown>>;
  readonly pieces: Patchwork<Piece, unknown>;
  readonly #pieces = new Map<string, Piece>();
  readonly #world: World;
  readonly #dieAt: number;
  #events = 0;

  /** `dieAt`: the event at which the process is killed; Infinity for one that lives. `wave`: how long a read waits for the store. */
  constructor(world: World, rules: Rules, dieAt: number, wave: number) {
    this.#world = world;
    this.#dieAt = dieAt;
    const cache = createCache(
      {
        store: new ModelStore(this, world),
        secrets: [SECRET],
        clock: { now: world.clock.now, sleep: (ms) => this.whileAlive(() => world.clock.sleep(ms)) },
        deadlines: { wave, flight: 80, poll: 40, write: 180 },
      },
      rules,
    );
    this.cache = cache;
    const bounds = { bytes: 1_000_000, valueBytes: 1_000, count: 100 };
    this.wholes = cache.wholes(bounds);
    this.pieces = cache.patchwork(bounds);
  }

  /** What a kept piece is of: the same for a look-up each time. */
  pieceOf({ key }: Lookup): Piece {
    const piece = this.#pieces.get(key) ?? { key };
    this.#pieces.set(key, piece);
    return piece;
  }

  get isDead(): boolean {
    return this.#events >= this.#dieAt;
  }

  /** An event of this process; never comes if it is dead by then. */
  async event(label: string): Promise<void> {
    await this.whileAlive(() => this.#world.event(label));
    this.#events += 1;
    if (this.isDead) await never;
  }

  async whileAlive<T>(wait: () => Promise<T>): Promise<T> {
    if (this.isDead) await never;
    const waited = await wait();
    if (this.isDead) await never;
    return waited;
  }
}

const never = new Promise<never>(() => {});

/** The modelled memcached as one gateway sees it: events before and after each operation, and mishaps. */
class ModelStore implements Store {
  readonly kind = 'memcached';
  readonly #gateway: Gateway;
  readonly #world: World;

  constructor(gateway: Gateway, world: World) {
    this.#gateway = gateway;
    this.#world = world;
  }

  async getMany(keys: readonly string[]): Promise<Map<string, Held | null>> {
    const found = new Map<string, Held | null>();
    const parts = this.#world.memory.map(async (memory) => {
      const own = keys.filter((key) => this.#world.memoryOf(key) === memory);
      if (own.length === 0) return;
      await this.#operate('get', () => {
        for (const key of own) {
          const item = memory.get(key);
          found.set(key, item === null ? null : { value: item.value, cas: String(item.cas) });
        }
        return own;
      }).then((asked) => {
        if (asked === null) for (const key of own) found.delete(key);
      });
    });
    await Promise.all(parts);
    await this.#gateway.event('got');
    return found;
  }

  async set(key: string, value: Buffer, seconds: number): Promise<boolean> {
    const done = await this.#on('set', key, (memory) => memory.put(key, value, seconds) ?? true);
    return done !== null;
  }

  add(key: string, value: Buffer, seconds: number): Promise<'stored' | 'exists' | null> {
    return this.#on('add', key, (memory) => {
      if (memory.get(key) !== null) return 'exists';
      memory.put(key, value, seconds);
      return 'stored';
    });
  }

  compareAndSet(key: string, value: Buffer, cas: string, seconds: number): Promise<'stored' | 'changed' | null> {
    return this.#on('cas', key, (memory) => {
      if (String(memory.get(key)?.cas) !== cas) return 'changed';
      memory.put(key, value, seconds);
      return 'stored';
    });
  }

  async delete(key: string): Promise<boolean> {
    return (await this.#on('delete', key, (memory) => memory.drop(key) ?? true)) !== null;
  }

  increment(key: string, initial: number, seconds: number): Promise<number | null> {
    return this.#on('increment', key, (memory) => memory.increment(key, initial, seconds));
  }

  async health(): Promise<{ readonly ok: boolean; readonly detail: string }> {
    return { ok: true, detail: 'modelled' };
  }

  async close(): Promise<void> {}

  #on<T>(label: string, key: string, operation: (memory: Memory) => T): Promise<T | null> {
    return this.#operate(`${label} ${key.slice(12, -44)}`, () => operation(this.#world.memoryOf(key)));
  }

  async #operate<T>(label: string, operation: () => T): Promise<T | null> {
    await this.#gateway.event(label);
    const mishap = this.#world.mishap();
    if (mishap === 'late') void this.#world.event(`late ${label}`).then(operation);
    if (mishap === 'slow') await this.#gateway.whileAlive(() => this.#world.lag(25));
    const isDone = mishap === undefined || mishap === 'silent' || mishap === 'slow';
    const result = isDone ? operation() : null;
    if (label !== 'get') await this.#gateway.event(`${label} done`);
    return mishap === undefined || mishap === 'slow' ? result : null;
  }
}
