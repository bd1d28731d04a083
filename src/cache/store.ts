/** What the cache protocol needs of its storage: `memcached.ts` and `embedded.ts` implement it and pass the same tests. */

/** A value with memcached's compare-and-set token. */
export interface Held {
  readonly value: Buffer;
  readonly cas: string;
}

/**
 * A volatile key-value store. Keys are at most 250 printable bytes. No method throws and none waits longer than the
 * deadline: an absent answer (`null`, `false`) means "not acknowledged", which the protocol treats as the worst case.
 */
export interface Store {
  readonly kind: 'memcached' | 'embedded';
  /**
   * Milliseconds since 1970: what was read before must not be used, because bumps may have gone elsewhere since. Absent
   * where there is no elsewhere.
   */
  since?(): number;
  /**
   * Values and counters in one round trip per server. A key that is missing is `null` in the map; a key whose server did
   * not answer is not in the map.
   */
  getMany(keys: readonly string[]): Promise<ReadonlyMap<string, Held | null>>;
  /**
   * The same of a list that is asked for again and again, and never changes; tells `then`, once. Where the answer is the one
   * before, it is the very same map. Absent where asking again costs no less.
   */
  getAgain?(keys: readonly string[], then: (found: ReadonlyMap<string, Held | null>) => void): void;
  /** The same at once, in the keys' order, where nothing has to be waited for; absent elsewhere. */
  getNow?(keys: readonly string[]): readonly (Held | null)[];
  /** `seconds` >= 1. False: not acknowledged (it may have happened). Too large a value: false, and the old value is gone. */
  set(key: string, value: Buffer, seconds: number): Promise<boolean>;
  /** Stores only if absent. `exists` if somebody else's is there; `null` if not acknowledged. */
  add(key: string, value: Buffer, seconds: number): Promise<'stored' | 'exists' | null>;
  /** Stores only if `cas` is still current. `changed` if not (or gone); `null` if not acknowledged. */
  compareAndSet(key: string, value: Buffer, cas: string, seconds: number): Promise<'stored' | 'changed' | null>;
  /** True also if there was nothing to delete. */
  delete(key: string): Promise<boolean>;
  /** Adds 1 to a counter, creating it at `initial` if absent; the new value, or `null` if not acknowledged. */
  increment(key: string, initial: number, seconds: number): Promise<number | null>;
  health(): Promise<{ readonly ok: boolean; readonly detail: string }>;
  close(): Promise<void>;
}
