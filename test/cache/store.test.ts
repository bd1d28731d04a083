import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createEmbeddedStore } from '../../src/cache/embedded.js';
import { createMemcachedStore } from '../../src/cache/memcached.js';
import type { Store } from '../../src/cache/store.js';
import { memcachedInstalled, onMemcached, type RunningMemcached, startMemcached, why } from '../memcached.js';

const text = (value: string) => Buffer.from(value);
let key = '';
let serial = 0;

function suite(store: () => Store): void {
  const fresh = () => {
    serial += 1;
    key = `stratograph/test/${serial}`;
    return key;
  };

  it('tells a key that is missing from one that is there', async () => {
    const [there, missing] = [fresh(), fresh()];
    expect(await store().set(there, text('value'), 60)).toBe(true);
    const found = await store().getMany([there, missing, there]);
    expect(found.get(there)?.value.toString()).toBe('value');
    expect(found.get(missing)).toBeNull();
  });

  it('keeps every byte of a value, none included', async () => {
    const bytes = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
    const [all, none] = [fresh(), fresh()];
    await store().set(all, bytes, 60);
    await store().set(none, Buffer.of(), 60);
    const found = await store().getMany([all, none]);
    expect(found.get(all)?.value).toEqual(bytes);
    expect(found.get(none)?.value).toEqual(Buffer.of());
  });

  it('gets a thousand values at once', async () => {
    const keys = Array.from({ length: 1000 }, fresh);
    await Promise.all(keys.map((one) => store().set(one, text(one.repeat(40)), 60)));
    const found = await store().getMany(keys);
    expect(keys.every((one) => found.get(one)?.value.toString() === one.repeat(40))).toBe(true);
  });

  it('adds only what is not there', async () => {
    expect(await store().add(fresh(), text('first'), 60)).toBe('stored');
    expect(await store().add(key, text('second'), 60)).toBe('exists');
    expect((await store().getMany([key])).get(key)?.value.toString()).toBe('first');
  });

  it('lets one of two writers that compare and set win', async () => {
    await store().set(fresh(), text('old'), 60);
    const cas = (await store().getMany([key])).get(key)?.cas ?? '';
    const results = await Promise.all([
      store().compareAndSet(key, text('mine'), cas, 60),
      store().compareAndSet(key, text('theirs'), cas, 60),
    ]);
    expect(results.sort()).toEqual(['changed', 'stored']);
    expect(await store().compareAndSet(fresh(), text('gone'), cas, 60)).toBe('changed');
  });

  it('deletes, also what is not there', async () => {
    await store().set(fresh(), text('value'), 60);
    expect(await store().delete(key)).toBe(true);
    expect(await store().delete(key)).toBe(true);
    expect((await store().getMany([key])).get(key)).toBeNull();
  });

  it('creates a counter where it is told, then counts, past 32 bits too', async () => {
    expect(await store().increment(fresh(), 41, 60)).toBe(41);
    expect(await store().increment(key, 7, 60)).toBe(42);
    expect((await store().getMany([key])).get(key)?.value.toString()).toBe('42');
    await store().set(fresh(), text('4294967295'), 60);
    expect(await store().increment(key, 1, 60)).toBe(4_294_967_296);
  });

  it('counts on from what was added as text', async () => {
    await store().add(fresh(), text('2147483647'), 60);
    expect(await store().increment(key, 1, 60)).toBe(2_147_483_648);
  });

  it('does not count what is no number', async () => {
    await store().set(fresh(), text('text'), 60);
    expect(await store().increment(key, 1, 60)).toBeNull();
  });

  it('refuses a value over the limit and drops the old one', async () => {
    await store().set(fresh(), text('old'), 60);
    expect(await store().set(key, Buffer.alloc(17 * 1024 * 1024), 60)).toBe(false);
    expect((await store().getMany([key])).get(key) ?? null).toBeNull();
  });

  it('says that it is well', async () => {
    expect(await store().health()).toMatchObject({ ok: true });
  });
}

describe('the embedded store', () => {
  const store = createEmbeddedStore();
  suite(() => store);

  it('drops what was used longest ago when it is full', async () => {
    let now = 0;
    const small = createEmbeddedStore({ maxBytes: 1000, now: () => now });
    for (const name of ['a', 'b', 'c']) await small.set(name, Buffer.alloc(150), 60);
    // What is used again within a second is as good as not used.
    now = 1000;
    await small.getMany(['a']);
    await small.set('d', Buffer.alloc(150), 60);
    const found = await small.getMany(['a', 'b', 'c', 'd']);
    expect([...found].filter(([, held]) => held !== null).map(([name]) => name)).toEqual(['a', 'c', 'd']);
  });

  it('gives a list of keys at once, the very same array while nothing has changed', async () => {
    let now = 0;
    const timed = createEmbeddedStore({ now: () => now });
    const keys = ['a', 'n', 'none'];
    const shown = () => timed.getNow?.(keys).map((held) => held?.value.toString() ?? null);
    await timed.set('a', text('value'), 10);
    await timed.increment('n', 5, 20);
    const first = timed.getNow?.(keys);
    expect(shown()).toEqual(['value', '5', null]);
    expect(timed.getNow?.(keys)).toBe(first);
    await timed.increment('n', 5, 20);
    expect(shown()).toEqual(['value', '6', null]);
    await timed.delete('a');
    expect(shown()).toEqual([null, '6', null]);
    await timed.add('none', text('some'), 10);
    expect(shown()).toEqual([null, '6', 'some']);
    now = 10_000;
    expect(shown()).toEqual([null, '6', null]);
    await timed.close();
    expect(shown()).toEqual([null, null, null]);
  });

  it('keeps what is looked at again and again, the rest goes first', async () => {
    let now = 0;
    const small = createEmbeddedStore({ maxBytes: 1000, now: () => now });
    for (const name of ['a', 'b', 'c']) await small.set(name, Buffer.alloc(150), 60);
    const keys = ['a'];
    for (now = 500; now < 2000; now += 300) small.getNow?.(keys);
    await small.set('d', Buffer.alloc(150), 60);
    expect(small.getNow?.(['a', 'b']).map((held) => held !== null)).toEqual([true, false]);
  });

  it('forgets what has had its time', async () => {
    let now = 0;
    const timed = createEmbeddedStore({ now: () => now });
    await timed.set('a', text('value'), 10);
    await timed.increment('n', 5, 10);
    now = 9_999;
    expect(await timed.increment('n', 5, 10)).toBe(6);
    now = 10_000;
    expect([...(await timed.getMany(['a', 'n'])).values()]).toEqual([null, null]);
  });
});

if (!memcachedInstalled) console.warn(`skipped: test/cache/store.test.ts over memcached (${why})`);

describe.skipIf(!memcachedInstalled)(onMemcached('the store on memcached'), () => {
  const servers: RunningMemcached[] = [];
  let store: Store;

  beforeAll(async () => {
    servers.push(await startMemcached(), await startMemcached());
    store = createMemcachedStore(
      servers.map(({ address }) => address),
      { deadline: 2000 },
    );
  });
  afterAll(async () => {
    await store?.close();
    await Promise.all(servers.map((server) => server.stop()));
  });

  suite(() => store);
});
