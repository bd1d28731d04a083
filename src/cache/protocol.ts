import type { Secret } from '../auth/scope.js';
import type { Cache } from './cache.js';
import { wallClock, within } from './clock.js';
import { Entries } from './entries.js';
import { NO_CACHE_FIGURES } from './figures.js';
import { Flights } from './flight.js';
import { Glances } from './glances.js';
import { Holds } from './holds.js';
import type { CacheOptions } from './options.js';
import { PARSED_BYTES, Parsed } from './parsed.js';
import { Patchwork } from './patchwork.js';
import { read } from './read.js';
import { ALL_RULES, type Rules } from './rules.js';
import { Sealer } from './seal.js';
import type { Tools } from './tools.js';
import { Unconfirmed } from './unconfirmed.js';
import { type WholeBounds, Wholes } from './whole.js';
import { write } from './write.js';

const DEADLINES = { wave: 100, flight: 3000, poll: 40, write: 180 };
const SECRET_BYTES = 32;
const ITEM_BYTES = 1024 * 1024;

/** A cache that also keeps what is made of many of its values. */
export interface WholeCache extends Cache {
  /** A new place in this process for such wholes, within these bounds. */
  wholes<V>(bounds: WholeBounds): Wholes<V>;
  /** The same for pieces of them. */
  patchwork<K extends object, V>(bounds: WholeBounds): Patchwork<K, V>;
}

/**
 * The cache over a store. `docs/cache.md` tells the life of an entry, `docs/decisions/cache-protocol.md` why it is so.
 * Throws where the secrets are unfit. `rules` is for the model's tests alone.
 */
export function createCache(options: CacheOptions, rules: Rules = ALL_RULES): WholeCache {
  const { store, clock = wallClock, figures = NO_CACHE_FIGURES } = options;
  checkSecrets(options);
  const running = new Set<Promise<unknown>>();
  const tools: Tools = {
    store,
    clock,
    rules,
    figures,
    entries: new Entries(
      store,
      new Sealer(options.secrets, options.encrypt ?? false, figures),
      options.itemBytes ?? ITEM_BYTES,
      figures,
    ),
    glances: new Glances(store),
    parsed: new Parsed(options.parsedBytes ?? PARSED_BYTES),
    holds: new Holds(store, clock, rules),
    flights: new Flights(),
    deadlines: { ...DEADLINES, ...options.deadlines },
    background: (work) => {
      const tracked = work.catch(() => undefined).finally(() => running.delete(tracked));
      running.add(tracked);
    },
  };
  const unconfirmed = new Unconfirmed(tools, options.onUnconfirmed);
  return {
    read: (lookups, fetch, policy) => read(tools, lookups, fetch, policy),
    write: (affected, work) => {
      const written = write(tools, unconfirmed, options.strictWrites ?? false, affected, work);
      tools.background(written);
      return written;
    },
    wholes: (bounds) => new Wholes(tools, bounds),
    patchwork: (bounds) => new Patchwork(tools, bounds),
    health: async () => ({ ...(await store.health()), kind: store.kind }),
    close: async (seconds) => {
      await within(clock, seconds * 1000, Promise.all(running), undefined);
      unconfirmed.close();
      await store.close();
    },
  };
}

function checkSecrets({ store, secrets }: CacheOptions): void {
  if (secrets.length === 0 && store.kind === 'memcached') {
    throw new Error('CACHE_SECRET: expected a secret of 32 bytes or more to go with MEMCACHED_SERVERS, got none');
  }
  if (secrets.length > 2) throw new Error(`CACHE_SECRET: expected at most two secrets, got ${secrets.length}`);
  for (const secret of secrets) {
    const bytes = Buffer.byteLength((secret satisfies Secret).reveal());
    if (bytes < SECRET_BYTES) throw new Error(`CACHE_SECRET: expected ${SECRET_BYTES} bytes or more, got ${bytes}`);
  }
}
