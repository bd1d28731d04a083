import { expect, it } from 'vitest';
import type { Store } from '../../src/cache/store.js';
import { awaitedStore, cacheOver, HandClock, lookup, PLAIN, service, stamp } from './help.js';

/** A store as memcached would be, but for what `more` says. */
function storeWith(more: Partial<Store>, base: Store = awaitedStore()): Store {
  return { ...base, kind: 'memcached', ...more };
}

const never = () => new Promise<never>(() => {});

it('a query waits for a slow store no longer than one deadline in all, whichever of its steps is slow', async () => {
  for (const step of ['add', 'set', 'delete'] as const) {
    const cache = cacheOver(storeWith({ [step]: never }), { deadlines: { wave: 50 } });
    const { fetch, asked } = service(() => 'value');
    expect([...(await cache.read([lookup(step)], fetch, PLAIN)).values()]).toEqual(['value']);
    expect(asked).toHaveLength(1);
  }
});

it('what the cache had is a hit although the stamps of what it had not cannot be started in time', async () => {
  const base = awaitedStore();
  const { fetch, asked } = service((key) => key);
  await cacheOver(storeWith({}, base)).read([lookup('known')], fetch, PLAIN);
  const cache = cacheOver(storeWith({ add: never }, base), { deadlines: { wave: 50 } });
  await cache.read([lookup('known'), lookup('new')], fetch, PLAIN);
  expect(asked).toEqual([['Thing/row/known'], ['Thing/row/new']]);
});

it('an announcement that could not be taken back is taken back later, so that no replica waits for nobody', async () => {
  const base = awaitedStore();
  let failures = 1;
  const failing: Store['delete'] = async (key) => {
    failures -= 1;
    return failures < 0 ? base.delete(key) : false;
  };
  const [one, other] = [cacheOver(storeWith({ delete: failing }, base)), cacheOver(storeWith({}, base))];
  const { fetch, asked } = service(() => 'value');
  const unstored = lookup('a', { ttl: () => 0 });
  await one.read([unstored], fetch, PLAIN);
  const late = new Promise((resolve) => setTimeout(() => resolve('late'), 2000));
  expect(await Promise.race([other.read([unstored], fetch, PLAIN), late])).toBeInstanceOf(Map);
  expect(asked).toHaveLength(2);
});

it('what another replica stored between the look and the announcement is not fetched again', async () => {
  const base = awaitedStore();
  const wanted = lookup('a');
  const theirs = service(() => 'theirs');
  const ours = service(() => 'ours');
  const other = cacheOver(storeWith({}, base));
  // The other one fetches, stores and takes its announcement back before ours is made.
  const late: Store['add'] = async (key, ...rest) => {
    if (key.includes('/flight/')) await other.read([wanted], theirs.fetch, PLAIN);
    return base.add(key, ...rest);
  };
  const one = cacheOver(storeWith({ add: late }, base));
  expect((await one.read([wanted], ours.fetch, PLAIN)).get(wanted.key)).toBe('theirs');
  expect([theirs.asked.length, ours.asked.length]).toEqual([1, 0]);
  // Its own announcement has not stayed behind.
  const third = cacheOver(storeWith({}, base));
  expect((await third.read([wanted], ours.fetch, { ...PLAIN, noCache: true })).get(wanted.key)).toBe('ours');
});

it('a replica does not wait for what it has announced itself', async () => {
  const cache = cacheOver(storeWith({ delete: async () => false }), { deadlines: { poll: 60_000 } });
  const { fetch, asked } = service(() => 'value');
  const unstored = lookup('a', { ttl: () => 0 });
  await cache.read([unstored], fetch, PLAIN);
  await cache.read([unstored], fetch, PLAIN);
  expect(asked).toHaveLength(2);
});

it('a bump that was not acknowledged is made good within a second of the store answering again', async () => {
  const base = awaitedStore();
  let up = false;
  const increment: Store['increment'] = async (...args) => (up ? base.increment(...args) : null);
  const told: string[] = [];
  const clock = new HandClock();
  const pass = async (seconds: number) => {
    for (let passed = 0; passed < seconds; passed += 0.25) {
      clock.advance(0.25);
      await new Promise(setImmediate);
    }
  };
  const cache = cacheOver(storeWith({ increment }, base), { clock, onUnconfirmed: ({ state }) => told.push(state) });
  await cache.write({ stamps: [{ stamp: stamp('a'), settle: 5 }] }, async () => ({ value: 1, accepted: false }));
  await pass(60);
  up = true;
  await pass(1);
  expect(told).toEqual(['retrying', 'confirmed']);
});
