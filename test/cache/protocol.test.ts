import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { Secret } from '../../src/auth/scope.js';
import type { Cache, CacheEvent, Lookup } from '../../src/cache/cache.js';
import { createEmbeddedStore } from '../../src/cache/embedded.js';
import { createMemcachedStore } from '../../src/cache/memcached.js';
import { createCache } from '../../src/cache/protocol.js';
import type { Store } from '../../src/cache/store.js';
import { Fault } from '../../src/rest/fault.js';
import { memcachedInstalled, onMemcached, type RunningMemcached, startMemcached, why } from '../memcached.js';
import { cacheOver, gate, HandClock, lookup, PLAIN, SECRET, service, stamp } from './help.js';

const affected = (...names: string[]) => ({ stamps: names.map((name) => ({ stamp: stamp(name), settle: 5 })) });
const done = async () => ({ value: null, accepted: false });
const down = () => new Fault({ code: 'UPSTREAM_UNAVAILABLE', message: 'down', service: 'compute', status: 503 });
let serial = 0;

function suite(storeFor: (clock: HandClock) => Store): void {
  let clock: HandClock;
  let cache: Cache;
  let store: Store;
  let a: Lookup;
  let name: string;

  beforeEach(() => {
    serial += 1;
    name = `a${serial}`;
    a = lookup(name);
    clock = new HandClock();
    store = storeFor(clock);
    cache = cacheOver(store, { clock });
  });

  const readA = async (fetch: ReturnType<typeof service>['fetch'], policy = PLAIN, what = a, by = cache) =>
    (await by.read([what], fetch, policy)).get(what.key);

  it('fetches once and answers from the store afterwards', async () => {
    const { asked, fetch } = service(() => ({ version: 1 }));
    expect(await readA(fetch)).toEqual({ version: 1 });
    expect(await readA(fetch)).toEqual({ version: 1 });
    expect(asked).toEqual([[a.key]]);
  });

  it('fetches what is missing in one go, each key once', async () => {
    const { asked, fetch } = service((key) => key);
    await readA(fetch);
    const [b, c] = [lookup(`${name}b`), lookup(`${name}c`)];
    await cache.read([a, b, c, b], fetch, PLAIN);
    expect(asked).toEqual([[a.key], [b.key, c.key]]);
  });

  it('lets readers of the same value share one fetch', async () => {
    const opened = gate();
    const { asked, fetch } = service(async () => {
      await opened.promise;
      return 'value';
    });
    const readers = Promise.all([1, 2, 3].map(() => readA(fetch)));
    await vi.waitFor(() => expect(asked).toHaveLength(1));
    opened.open();
    expect(await readers).toEqual(['value', 'value', 'value']);
    expect(asked).toHaveLength(1);
  });

  it('lets followers of a failed fetch go on with their own', async () => {
    const opened = gate();
    const refused = new Fault({ code: 'FORBIDDEN', message: 'no', status: 403 });
    const leader = service(async () => {
      await opened.promise;
      return refused;
    });
    const follower = service(() => 'mine');
    const first = readA(leader.fetch);
    await vi.waitFor(() => expect(leader.asked).toHaveLength(1));
    const second = readA(follower.fetch);
    opened.open();
    expect(await first).toBe(refused);
    expect(await second).toBe('mine');
  });

  it('answers with the error of a fetch that throws or leaves a key out, and stores nothing', async () => {
    const failure = new Error('broken');
    expect(await readA(() => Promise.reject(failure))).toBe(failure);
    expect(await readA(async () => new Map())).toMatchObject({ message: expect.stringContaining('did not settle') });
    expect(await readA(service(() => 'value').fetch)).toBe('value');
  });

  it('forgets at the first bump what was stored, and stores nothing while a write runs', async () => {
    const { asked, fetch } = service(() => 'value');
    await readA(fetch);
    await cache.write(affected(name), async () => {
      await readA(fetch);
      await readA(fetch);
      return { value: null, accepted: false };
    });
    expect(asked).toHaveLength(3);
  });

  it('keeps what is read while a write settles for two seconds', async () => {
    const { asked, fetch } = service(() => 'value');
    await cache.write(affected(name), done);
    await readA(fetch);
    await readA(fetch);
    expect(asked).toHaveLength(1);
    clock.advance(2);
    await readA(fetch);
    expect(asked).toHaveLength(2);
  });

  it('goes on fearing a writer when another one of the same stamp ends', async () => {
    const other = cacheOver(store, { clock });
    const { asked, fetch } = service(() => 'value');
    await cache.write(affected(name), async () => {
      await other.write(affected(name), done);
      await readA(fetch);
      await readA(fetch);
      return { value: null, accepted: false };
    });
    expect(asked).toHaveLength(2);
  });

  it('rethrows the error of a write and forgets what was read before it', async () => {
    const { asked, fetch } = service(() => 'value');
    await readA(fetch);
    const conflict = new Fault({ code: 'CONFLICT', message: 'busy', status: 409 });
    await expect(cache.write(affected(name), () => Promise.reject(conflict))).rejects.toBe(conflict);
    await readA(fetch);
    await readA(fetch);
    expect(asked).toHaveLength(2);
  });

  it('stores nothing after a write of unknown outcome', async () => {
    const { asked, fetch } = service(() => 'value');
    const unknown = new Fault({ code: 'UPSTREAM_TIMEOUT', message: 'no answer', outcome: 'UNKNOWN' });
    await expect(cache.write(affected(name), () => Promise.reject(unknown))).rejects.toBe(unknown);
    await readA(fetch);
    await readA(fetch);
    expect(asked).toHaveLength(2);
  });

  it('stores the row that a write has read, unless somebody else has written beside it', async () => {
    const { asked, fetch } = service(() => 'fetched');
    const written = await cache.write(affected(name), done);
    await written.store([{ lookup: a, value: 'fresh' }]);
    expect(await readA(fetch)).toBe('fresh');
    const disturbed = await cache.write(affected(name), async () => {
      await cache.write(affected(name), done);
      return { value: null, accepted: false };
    });
    await disturbed.store([{ lookup: a, value: 'fresh again' }]);
    expect(await readA(fetch)).toBe('fetched');
    expect(asked).toHaveLength(1);
  });

  it('stores the row of an id that only the answer told, with the sweep stamp beside it', async () => {
    const created = lookup(name, { stamps: [stamp(name), stamp(`${name}/sweep`)] });
    const also = [{ stamp: stamp(name), settle: 5 }];
    const stamps = { ...affected(`${name}/list`), alongside: [stamp(`${name}/sweep`)] };
    const { asked, fetch } = service(() => 'fetched');
    const written = await cache.write(stamps, async () => ({ value: 'id', accepted: true, also }));
    await written.store([{ lookup: created, value: 'fresh' }]);
    expect(await readA(fetch, PLAIN, created)).toBe('fresh');
    expect(asked).toHaveLength(0);
  });

  it('serves a value past its time when its service is down, and says so', async () => {
    const events: CacheEvent[] = [];
    const policy = { bypass: false, observe: (event: CacheEvent) => events.push(event) };
    const flavor = lookup(name, { stale: true, ttl: () => 30 });
    await readA(service(() => 'value').fetch, PLAIN, flavor);
    clock.advance(600);
    const cause = down();
    expect(await readA(service(() => cause).fetch, policy, flavor)).toBe('value');
    expect(events.at(-1)).toEqual({ kind: 'stale', key: flavor.key, ageSeconds: 600, cause });
  });

  it.each([
    ['the request was refused', () => new Fault({ code: 'FORBIDDEN', message: 'no', status: 403 }), 600, true],
    ['the service says 501', () => new Fault({ code: 'UPSTREAM_UNAVAILABLE', message: 'no', status: 501 }), 600, true],
    ['the value is over an hour old', down, 3601, true],
    ['the type forbids it', down, 600, false],
  ])('serves no value past its time when %s', async (_why, fault, age, stale) => {
    const flavor = lookup(name, { stale, ttl: () => 30 });
    await readA(service(() => 'value').fetch, PLAIN, flavor);
    clock.advance(age);
    expect(await readA(service(fault).fetch, PLAIN, flavor)).toBeInstanceOf(Fault);
  });

  it('serves no value past its time once a write has touched it', async () => {
    const flavor = lookup(name, { stale: true, ttl: () => 30 });
    await readA(service(() => 'value').fetch, PLAIN, flavor);
    await cache.write(affected(name), done);
    clock.advance(40);
    expect(await readA(service(down).fetch, PLAIN, flavor)).toBeInstanceOf(Fault);
  });

  it('keeps "there is none" for five seconds at most, and a value of no life not at all', async () => {
    const none = service(() => null);
    await readA(none.fetch);
    clock.advance(4.9);
    expect(await readA(none.fetch)).toBeNull();
    expect(none.asked).toHaveLength(1);
    clock.advance(0.2);
    await readA(none.fetch);
    expect(none.asked).toHaveLength(2);
    const fleeting = service(() => 'value');
    const never = lookup(`${name}/never`, { ttl: () => 0 });
    await readA(fleeting.fetch, PLAIN, never);
    await readA(fleeting.fetch, PLAIN, never);
    expect(fleeting.asked).toHaveLength(2);
  });

  it('neither reads nor writes for a token that bypasses the cache', async () => {
    const { asked, fetch } = service(() => 'value');
    await readA(fetch);
    await readA(fetch, { bypass: true });
    await readA(fetch);
    expect(asked).toHaveLength(2);
  });

  it('takes nothing older than max-age', async () => {
    const { asked, fetch } = service(() => 'value');
    await readA(fetch);
    clock.advance(20);
    await readA(fetch, { bypass: false, maxAge: 30 });
    expect(asked).toHaveLength(1);
    await readA(fetch, { bypass: false, maxAge: 10 });
    expect(asked).toHaveLength(2);
  });

  it('refreshes for whoever says no-cache, once a second', async () => {
    const { asked, fetch } = service(() => 'value');
    const policy = (refresher: string) => ({ bypass: false, noCache: true, refresher });
    await readA(fetch);
    await readA(fetch, policy('alice'));
    expect(asked).toHaveLength(2);
    await readA(fetch, policy('alice'));
    expect(asked).toHaveLength(2);
    await readA(fetch, policy('bob'));
    expect(asked).toHaveLength(3);
  });

  it('moves the stamps of a row that somebody else has changed, and keeps what it read', async () => {
    const list = lookup(`${name}/list`);
    const row = lookup(name, {
      changed: (before, now) => (before === now ? [] : [stamp(name), stamp(`${name}/list`)]),
      ttl: () => 30,
    });
    let version = 1;
    const { asked, fetch } = service(() => version);
    await cache.read([row, list], fetch, PLAIN);
    version = 2;
    clock.advance(31);
    expect(await readA(fetch, PLAIN, row)).toBe(2);
    expect(await readA(fetch, PLAIN, row)).toBe(2);
    expect(await readA(fetch, PLAIN, list)).toBe(2);
    expect(asked).toEqual([[row.key, list.key], [row.key], [list.key]]);
  });

  it('keeps a value over the item limit in pieces, and none that is far over it', async () => {
    const small = cacheOver(store, { clock, itemBytes: 20_000 });
    const large = { text: 'ä'.repeat(60_000) };
    const { asked, fetch } = service(() => large);
    expect(await readA(fetch, PLAIN, a, small)).toEqual(large);
    expect(await readA(fetch, PLAIN, a, small)).toEqual(large);
    expect(asked).toHaveLength(1);
    const huge = service(() => 'x'.repeat(400_000));
    const b = lookup(`${name}/huge`);
    await readA(huge.fetch, PLAIN, b, small);
    await readA(huge.fetch, PLAIN, b, small);
    expect(huge.asked).toHaveLength(2);
  });

  it('reads what either of two secrets has sealed, and nothing sealed with another', async () => {
    const [old, next, foreign] = ['o', 'n', 'f'].map((letter) => new Secret(letter.repeat(32))) as [
      Secret,
      Secret,
      Secret,
    ];
    const { asked, fetch } = service(() => 'value');
    await readA(fetch, PLAIN, a, createCache({ store, clock, secrets: [old] }));
    await readA(fetch, PLAIN, a, createCache({ store, clock, secrets: [next, old] }));
    expect(asked).toHaveLength(1);
    await readA(fetch, PLAIN, a, createCache({ store, clock, secrets: [foreign] }));
    expect(asked).toHaveLength(2);
  });
}

describe('the cache over the embedded store', () => {
  suite((clock) => createEmbeddedStore({ now: clock.now }));

  it('stores again once the hold of a dead writer has expired', async () => {
    const clock = new HandClock();
    const cache = cacheOver(createEmbeddedStore({ now: clock.now }), { clock });
    const { asked, fetch } = service(() => 'value');
    void cache.write(affected('a'), () => gate<{ value: null; accepted: boolean }>().promise);
    await new Promise(setImmediate);
    await cache.read([lookup('a')], fetch, PLAIN);
    clock.advance(200);
    await cache.read([lookup('a')], fetch, PLAIN);
    await cache.read([lookup('a')], fetch, PLAIN);
    expect(asked).toHaveLength(2);
  });

  it('asks for secrets that are fit', () => {
    const store = createEmbeddedStore();
    expect(() => createCache({ store, secrets: [new Secret('short')] })).toThrow('expected 32 bytes or more, got 5');
    expect(() => createCache({ store, secrets: [SECRET, SECRET, SECRET] })).toThrow('at most two');
    expect(() => createCache({ store: createMemcachedStore(['localhost']), secrets: [] })).toThrow('CACHE_SECRET');
  });
});

if (!memcachedInstalled) console.warn(`skipped: test/cache/protocol.test.ts over memcached (${why})`);

describe.skipIf(!memcachedInstalled)(onMemcached('the cache over memcached'), () => {
  const servers: RunningMemcached[] = [];
  let store: Store;

  beforeAll(async () => {
    servers.push(await startMemcached(), await startMemcached());
    store = createMemcachedStore(
      servers.map(({ address }) => address),
      { deadline: 2000, marks: false },
    );
  });
  afterAll(async () => {
    await store?.close();
    await Promise.all(servers.map((server) => server.stop()));
  });

  suite(() => store);
});
