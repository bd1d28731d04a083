import type { Secret } from '../auth/scope.js';
import type { Clock } from './clock.js';
import type { CacheFigures } from './figures.js';
import type { Store } from './store.js';

/** How long the cache waits for whom. All have defaults. */
export interface Deadlines {
  /**
   * Milliseconds that one read waits for the store, all steps together. Beyond that it fetches what it has not got, does
   * not announce it, and lets the storing go on behind it. Default 100, as memcached's own.
   */
  readonly wave?: number;
  /** Milliseconds that a query waits for somebody else's fetch of the same value. Default 3000. */
  readonly flight?: number;
  /** Milliseconds between two looks at whether another replica's fetch has ended. Default 40. */
  readonly poll?: number;
  /** Seconds for which a writer that says nothing more is feared; longer than any REST write may take. Default 180. */
  readonly write?: number;
}

export interface CacheOptions {
  readonly store: Store;
  /**
   * What entries are sealed with: the first seals, all open, so that a secret can be changed without a full stop. None:
   * a random one, which only an embedded store can work with.
   */
  readonly secrets: readonly Secret[];
  /** AES-256-GCM for values beside the MAC. Default false. */
  readonly encrypt?: boolean;
  readonly deadlines?: Deadlines;
  /** `CACHE_WRITES=strict`: a mutation whose first bump nobody acknowledged is refused. Default false. */
  readonly strictWrites?: boolean;
  /** Bytes of the largest item that the store takes, memcached's `-I`. Default 1 MiB. */
  readonly itemBytes?: number;
  /** Bytes of values that stay parsed in this process; 0: none. Default `PARSED_BYTES`. */
  readonly parsedBytes?: number;
  /** Told of bumps that are still unconfirmed and of those that were given up; for logs and metrics. */
  readonly onUnconfirmed?: (event: {
    readonly stamp: string;
    readonly state: 'retrying' | 'confirmed' | 'given up';
  }) => void;
  readonly figures?: CacheFigures;
  readonly clock?: Clock;
}

/** Seconds that a value may be served at most, whatever its descriptor or an operator says; and stale values too. */
export const LONGEST_LIFE = 3600;
/** Seconds that "there is none" may be served at most. */
export const LONGEST_NULL = 5;
/** Seconds that a value read while a write settles may be served. */
export const SETTLING_LIFE = 2;
/** Seconds that a stamp's counter is kept: longer than any entry; when it goes, its entries are void. */
export const STAMP_LIFE = 86_400;
/** Seconds for which readers distrust a stamp after a 202. */
export const ACCEPTED_SETTLE = 60;
