import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Cache } from '../../src/cache/cache.js';
import { createMemcachedStore } from '../../src/cache/memcached.js';
import type { Store } from '../../src/cache/store.js';
import { memcachedInstalled, onMemcached, type RunningMemcached, startMemcached, why } from '../memcached.js';
import { say } from '../proofs/memcached-faults/pool.js';
import { cacheOver, lookup, PLAIN, service, stamp } from './help.js';

if (!memcachedInstalled) console.warn(`skipped: test/cache/ring-change.test.ts (${why})`);

describe.skipIf(!memcachedInstalled)(
  onMemcached('a list of memcached servers that changes between two full stops'),
  () => {
    const names = Array.from({ length: 40 }, (_, index) => `row${index}`);
    const lookups = names.map((name) => lookup(name));
    let servers: RunningMemcached[] = [];
    let version = 1;
    const { fetch, asked } = service(() => version);

    /** Gateways start with these servers, do something, and stop. */
    const during = async (list: readonly RunningMemcached[], work: (cache: Cache, store: Store) => unknown) => {
      const store = createMemcachedStore(
        list.map(({ address }) => address),
        { deadline: 2000 },
      );
      const cache = cacheOver(store);
      // A mark of this very ring is there, or has been found.
      await vi.waitFor(async () => {
        for (const server of list) expect(await say(server, 'get stratograph/ring')).toContain('VALUE');
      });
      await work(cache, store);
      await cache.close(1);
    };
    const readAll = async (cache: Cache) => [...new Set((await cache.read(lookups, fetch, PLAIN)).values())];
    const changeAll = async (cache: Cache) => {
      version += 1;
      const stamps = names.map((name) => ({ stamp: stamp(name), settle: 5 }));
      await cache.write({ stamps }, async () => ({ value: null, accepted: false }));
    };

    beforeEach(async () => {
      servers = await Promise.all([startMemcached(), startMemcached()]);
    });
    afterEach(async () => {
      await Promise.all(servers.map((server) => server.stop()));
    });

    it('a server that comes back shows nothing of what it kept from before it left', async () => {
      await during(servers, readAll);
      await during(servers.slice(0, 1), changeAll);
      await during(servers, async (cache) => expect(await readAll(cache)).toEqual([version]));
    });

    it('whatever servers come and go, in whatever order they are listed, what was changed meanwhile is shown', async () => {
      const [one, two] = servers;
      if (one === undefined || two === undefined) throw new Error('expected two servers');
      for (const list of [[one, two], [one], [two, one], [two], [one, two]]) {
        await during(list, async (cache) => {
          expect(await readAll(cache)).toEqual([version]);
          await changeAll(cache);
          expect(await readAll(cache)).toEqual([version]);
        });
      }
    });

    it('after a full stop with the same list what was cached is still used', async () => {
      let since = 0;
      await during(servers, async (cache, store) => {
        since = store.since?.() ?? 0;
        await readAll(cache);
      });
      const before = asked.length;
      await during([...servers].reverse(), async (cache, store) => {
        await vi.waitFor(() => expect(store.since?.()).toBe(since));
        await readAll(cache);
      });
      expect(asked.length).toBe(before);
    });
  },
);
