import { Secret } from '../../src/auth/scope.js';
import type { Cache, Fetcher, Lookup, ReadPolicy, Stamp } from '../../src/cache/cache.js';
import { createEmbeddedStore, type EmbeddedOptions } from '../../src/cache/embedded.js';
import type { CacheOptions } from '../../src/cache/options.js';
import { createCache } from '../../src/cache/protocol.js';
import type { Store } from '../../src/cache/store.js';

export const SECRET = new Secret('0123456789abcdef0123456789abcdef');
export const PLAIN: ReadPolicy = { bypass: false };

export function stamp(name: string): Stamp {
  return `test/${name}` as Stamp;
}

/** A lookup for one stamp of the same name, an hour fresh. */
export function lookup<V = unknown>(name: string, more: Partial<Lookup<V>> = {}): Lookup<V> {
  return { key: `Thing/row/${name}`, stamps: [stamp(name)], ttl: () => 3600, stale: false, ...more };
}

export function cacheOver(store: Store, more: Partial<CacheOptions> = {}): Cache {
  return createCache({ store, secrets: [SECRET], ...more });
}

/** An embedded store that is waited for like any other, so that whoever wraps it sees all that is read. */
export function awaitedStore(options: EmbeddedOptions = {}): Store {
  const { getNow: _, ...store } = createEmbeddedStore(options);
  return store;
}

/** A service that answers every key with what `answer` says and counts how often it was asked for what. */
export function service<V>(answer: (key: string) => V | Error | Promise<V | Error>) {
  const asked: string[][] = [];
  const fetch: Fetcher<V> = async (missing) => {
    asked.push(missing.map(({ key }) => key));
    const settled = missing.map(async ({ key }) => [key, await answer(key)] as const);
    return new Map(await Promise.all(settled));
  };
  return { asked, fetch };
}

/** A promise to be settled by hand. */
export function gate<T = void>(): { readonly promise: Promise<T>; readonly open: (value: T) => void } {
  let open: (value: T) => void = () => {};
  const promise = new Promise<T>((resolve) => {
    open = resolve;
  });
  return { promise, open };
}

/** A clock that moves only when told. Sleepers wake when their time has come. */
export class HandClock {
  #now = 1_700_000_000_000;
  #sleepers: { readonly at: number; readonly wake: () => void }[] = [];

  now = (): number => this.#now;

  sleep = (ms: number): Promise<void> => {
    return new Promise((wake) => {
      this.#sleepers.push({ at: this.#now + ms, wake });
    });
  };

  advance(seconds: number): void {
    this.#now += seconds * 1000;
    const due = this.#sleepers.filter(({ at }) => at <= this.#now);
    this.#sleepers = this.#sleepers.filter(({ at }) => at > this.#now);
    for (const { wake } of due) wake();
  }
}
