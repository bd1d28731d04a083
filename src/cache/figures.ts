/** Why something that lay in the store was not used. Every reason but `expired` and `incomplete` is worth a look. */
export type RefusalReason =
  /** Nobody who knows the secret made it for this key and audience: rewritten, moved, or exchanged for another. */
  | 'forged'
  /** Sealed with a secret that this process does not have: before a rotation, or by a stranger. */
  | 'unknown_secret'
  /** Not an entry (or counter, or hold) at all: truncated, of another version, garbage. */
  | 'malformed'
  /** A piece of a large value is gone: evicted, or deleted. */
  | 'incomplete'
  /** Encrypted otherwise than `CACHE_ENCRYPT` says now. */
  | 'encryption'
  /** Older than its own time allows by more than clocks may differ: its store's expiry was put off. */
  | 'expired';

/** What the cache tells of itself. Labels are from closed sets but `type`, which is a GraphQL type's name. */
export interface CacheFigures {
  /** How many look-ups of a type ended so; a stale one is also a miss. */
  lookups(type: string, outcome: 'hit' | 'miss' | 'bypassed' | 'stale', count: number): void;
  /** A look-up was answered by a fetch that somebody else was making: in this process or at another replica. */
  joined(other: 'process' | 'replica'): void;
  refused(what: 'entry' | 'piece' | 'stamp' | 'hold', reason: RefusalReason): void;
  /** A look-up that missed met a hold; `unknown`: its server did not say, or said nonsense. */
  heldBy(state: 'settling' | 'writing' | 'unknown'): void;
}

/** What the client of one memcached server tells. `server` is `host:port` as configured. */
export interface StoreFigures {
  /** `spared`: not asked, since the server has just failed. */
  operation(server: string, outcome: 'answered' | 'timeout' | 'failed' | 'spared'): void;
  breaker(server: string, open: boolean): void;
}

/** Counts look-ups by type; nearly always, those of one call are of one. */
export function countLookups(
  figures: CacheFigures,
  keys: Iterable<string>,
  outcome: Parameters<CacheFigures['lookups']>[1],
): void {
  const counts = new Map<string, number>();
  for (const key of keys) {
    const type = key.slice(0, key.indexOf('/'));
    counts.set(type, (counts.get(type) ?? 0) + 1);
  }
  for (const [type, count] of counts) figures.lookups(type, outcome, count);
}

const nothing = (): void => {};

export const NO_CACHE_FIGURES: CacheFigures = {
  lookups: nothing,
  joined: nothing,
  refused: nothing,
  heldBy: nothing,
};

export const NO_STORE_FIGURES: StoreFigures = { operation: nothing, breaker: nothing };
