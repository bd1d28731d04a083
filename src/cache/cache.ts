/** The cache as the load and graph stages see it. `protocol.ts` implements it on a `Store`; `docs/cache.md` tells the story. */

import type { Seen } from './sight.js';

/**
 * The name of a stamp: a counter that moves whenever something it stands for may have changed. Made by `stamps.ts` only.
 */
export type Stamp = string & { readonly __stamp: true };

/** One thing to be read: what identifies it, what invalidates it, how long it may live. */
export interface Lookup<V = unknown> {
  /**
   * Identifies the value among all values of all askers: region, type, kind, id or canonical query, audience,
   * microversion. Any length; the cache hashes it. Begins with a readable prefix (`Server/row/`).
   */
  readonly key: string;
  /** The entry is valid only while all of these are what they were before its REST call. */
  readonly stamps: readonly Stamp[];
  /** Seconds that this value may be served. 0: never stored. */
  ttl(value: V): number;
  /**
   * Compares a fresh value with its cached predecessor of the same audience and names the stamps to bump where
   * somebody changed it behind the gateway's back. `early`: the predecessor's time is not over (the asker wanted a fresh
   * value), so that others go on showing it unless whatever differs counts.
   */
  changed?(before: V, now: V, early: boolean): readonly Stamp[];
  /** Whether a stale value may be served when the service fails; never so for identities. */
  readonly stale: boolean;
  /**
   * The stamps under which a whole made of many values holds this one: those of its type's lists, which every write of a row
   * moves too, so that their number grows with types and not with rows. Absent: nothing made of it is kept.
   */
  readonly wide?: readonly Stamp[];
}

/** How a reader wants to be served. */
export interface ReadPolicy {
  /** Token with access rules: neither read nor write the cache. */
  readonly bypass: boolean;
  /** Seconds; entries older than this are not used (`Cache-Control: max-age=N`). */
  readonly maxAge?: number;
  /** `Cache-Control: no-cache`: at most one refresh per key, user and second; `refresher` identifies the user. */
  readonly noCache?: boolean;
  readonly refresher?: string;
  /** Told of every lookup's fate, for `X-Explain` and metrics. */
  readonly observe?: (event: CacheEvent) => void;
  /** Stamps that were looked at since this asker asked: as good as another look, for values that this process has parsed. */
  readonly seen?: () => Seen;
  /** Told of every lookup with the times of the entry that answered it; null where anything but an entry did. */
  readonly part?: (lookup: Lookup, entry: EntryTimes | null) => void;
}

/** Milliseconds since 1970. */
export interface EntryTimes {
  readonly readAt: number;
  readonly freshUntil: number;
}

export type CacheEvent =
  | { readonly kind: 'hit' | 'miss' | 'bypassed'; readonly key: string }
  /** A value past its time was served because its service failed. `ageSeconds` since it was read. */
  | { readonly kind: 'stale'; readonly key: string; readonly ageSeconds: number; readonly cause: Error };

/**
 * Fetches what the cache did not have, in as few REST calls as it can. Must settle every key of `missing`: a value (null
 * for "known not to exist") or an Error. Anything thrown counts for all of them.
 */
export type Fetcher<V> = (missing: readonly Lookup<V>[]) => Promise<ReadonlyMap<string, V | Error>>;

/** What a mutation changes. */
export interface Affected {
  /** Bumped before the REST write and after it, held meanwhile. */
  readonly stamps: readonly HeldStamp[];
  /**
   * Stamps that `Written.store`'s lookups carry beside the bumped ones (the sweep of the row's own type): read between
   * the second bump and the caller's GET, never moved.
   */
  readonly alongside?: readonly Stamp[];
}

export interface HeldStamp {
  readonly stamp: Stamp;
  /** Seconds for which readers distrust the row after the write: 60 after a 202 and for touches, 5 otherwise. */
  readonly settle: number;
}

/** A fresh row that a mutation read after its write and wants stored, if nobody else has written meanwhile. */
export interface Fresh<V = unknown> {
  readonly lookup: Lookup<V>;
  readonly value: V;
}

/** How the REST write of a mutation ended, as `write` needs to know it. */
export interface WriteResult<T> {
  readonly value: T;
  /** The service said 202: it goes on working; holds settle for 60 s. */
  readonly accepted: boolean;
  /** Stamps known only from the answer (the id that a create chose). Bumped once, after the write. */
  readonly also?: readonly HeldStamp[];
}

export interface Written<T> {
  readonly value: T;
  /** Stamps whose bump no memcached acknowledged; they are retried in the background, and the answer must say so. */
  readonly unconfirmed: readonly Stamp[];
  /** Stores rows read after the write, if every second bump returned first + 1. Never throws. */
  store(fresh: readonly Fresh[]): Promise<void>;
}

export interface Cache {
  /**
   * Answers every lookup, by key: a value, or the Error that its fetch ended with. Entries and stamps are read in one
   * round trip per server that is sent after this call; misses go through single flight to `fetch`. Never throws, never
   * waits for a failing cache longer than the configured deadline.
   */
  read<V>(lookups: readonly Lookup<V>[], fetch: Fetcher<V>, policy: ReadPolicy): Promise<Map<string, V | Error>>;
  /**
   * Runs a REST write between two bumps. An error of `write` is rethrown after the second bump, or, when its outcome is
   * unknown (`Fault.outcome === 'UNKNOWN'`), with the holds left in place. Throws a `Fault` before writing when
   * `CACHE_WRITES=strict` and a first bump was not acknowledged. Runs to its end once begun, whoever waits for it.
   */
  write<T>(affected: Affected, write: () => Promise<WriteResult<T>>): Promise<Written<T>>;
  /** Whether the store answers; for `/readyz`. `embedded` says that this process is alone with its cache. */
  health(): Promise<{ readonly ok: boolean; readonly kind: 'memcached' | 'embedded'; readonly detail: string }>;
  /** Lets pending bumps finish (at most `seconds`), then closes. */
  close(seconds: number): Promise<void>;
}
