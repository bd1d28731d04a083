import fc from 'fast-check';
import { Header, type Response } from 'memjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { encodeAnswer, OPCODE, RESPONSE, renumber } from '../../src/cache/memcached/binary.js';
import { KeyList } from '../../src/cache/memcached/key-list.js';
import { createMemcachedStore } from '../../src/cache/memcached.js';
import type { Held, Store } from '../../src/cache/store.js';
import { memcachedInstalled, onMemcached, type RunningMemcached, startMemcached, why } from '../memcached.js';
import { type FaultyProxy, startProxy } from './proxy.js';

const OPAQUE = 7;

function answer(opcode: number, key: string, value: string): Response {
  const extras = Buffer.alloc(key === '' ? 0 : 4);
  const totalBodyLength = extras.length + key.length + value.length;
  const header = Header.fromBuffer(Buffer.alloc(24));
  Object.assign(header, {
    magic: RESPONSE,
    opcode,
    keyLength: key.length,
    extrasLength: extras.length,
    totalBodyLength,
    opaque: OPAQUE,
  });
  return { header, extras, key: Buffer.from(key), val: Buffer.from(value) };
}

describe('a list of keys', () => {
  const parts = [answer(OPCODE.getKeyQuiet, 'a', '1'), answer(OPCODE.getKeyQuiet, 'b', '22')];
  const end = answer(OPCODE.noop, '', '');
  const bytes = Buffer.concat([...parts, end].map(encodeAnswer));
  const learned = () => {
    const list = new KeyList(['a', 'b', 'c']);
    return { list, found: list.learn(parts, end) };
  };

  it('knows an answer again under any number, whatever comes behind it', () => {
    const { list, found } = learned();
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 31 - 1 }), fc.uint8Array(), (opaque, behind) => {
        const received = Buffer.concat([renumber(Buffer.from(bytes), opaque), behind]);
        expect(list.recognize(received, opaque)).toEqual({ found, end: bytes.length });
      }),
    );
    expect([...found].map(([key, held]) => [key, held?.value.toString()])).toEqual([
      ['a', '1'],
      ['b', '22'],
      ['c', undefined],
    ]);
  });

  it('takes no other bytes for it: not one that differs, not one too few', () => {
    const { list } = learned();
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const other = Buffer.from(bytes);
        other[at] = (other[at] ?? 0) ^ change;
        expect(list.recognize(other, OPAQUE)).toBeNull();
        expect(list.recognize(bytes.subarray(0, at), OPAQUE)).toBeNull();
      }),
    );
  });

  it('knows nothing again that it was never told', () => {
    expect(new KeyList(['a', 'b', 'c']).recognize(bytes, OPAQUE)).toBeNull();
  });
});

if (!memcachedInstalled) console.warn(`skipped: test/cache/key-list.test.ts over memcached (${why})`);

describe.skipIf(!memcachedInstalled)(onMemcached('a list that is asked for again'), () => {
  const servers: RunningMemcached[] = [];
  let proxy: FaultyProxy;
  const stores: Store[] = [];
  const KEYS = ['key/a', 'key/b', 'key/c', 'key/d', 'key/e'];

  beforeAll(async () => {
    servers.push(await startMemcached(), await startMemcached());
    proxy = await startProxy(servers[0]?.port ?? 0);
    const addresses = servers.map(({ address }) => address);
    for (const list of [[proxy.address], addresses]) stores.push(createMemcachedStore(list, { deadline: 2000 }));
  });
  afterAll(async () => {
    await Promise.all(stores.map((store) => store.close()));
    await proxy.close();
    await Promise.all(servers.map((server) => server.stop()));
  });

  const again = (store: Store, keys = KEYS) =>
    new Promise<ReadonlyMap<string, Held | null>>((resolve) => store.getAgain?.(keys, resolve));
  const shown = (found: ReadonlyMap<string, Held | null> | null) =>
    [...(found ?? [])].map(([key, held]) => [key, held?.value.toString(), held?.cas]).sort();

  const step = fc.record({ key: fc.constantFrom(...KEYS), value: fc.constantFrom('1', '22', null) });

  it.each([0, 1])('says what a first look says, whatever happens in between (store %i)', async (index) => {
    const store = stores[index] as Store;
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 6 }), async (steps) => {
        for (const { key, value } of steps) {
          await (value === null ? store.delete(key) : store.set(key, Buffer.from(value), 60));
          const [first, second, third] = await Promise.all([again(store), store.getMany(KEYS), again(store)]);
          expect(shown(first)).toEqual(shown(second));
          expect(shown(third)).toEqual(shown(second));
        }
      }),
      { numRuns: 40 },
    );
  });

  it('answers with the very map of before while nothing changes, and with another once something has', async () => {
    const [store] = stores as [Store];
    await store.set('key/a', Buffer.from('1'), 60);
    const first = await again(store);
    expect(await again(store)).toBe(first);
    await store.set('key/a', Buffer.from('1'), 60);
    const second = await again(store);
    expect(second).not.toBe(first);
    expect(await again(store)).toBe(second);
  });

  it.each([1, 30, 100])('takes an answer that comes in pieces of %i bytes', async (bytes) => {
    const [store] = stores as [Store];
    await store.set('key/a', Buffer.from('1'), 60);
    const whole = await again(store);
    proxy.chop(bytes);
    const halved = await again(store);
    proxy.chop(Number.POSITIVE_INFINITY);
    expect(shown(halved)).toEqual(shown(whole));
    expect(await again(store)).toBe(halved);
  });

  it('knows nothing by an answer that was changed on the way', async () => {
    const [store] = stores as [Store];
    await store.set('key/a', Buffer.from('1'), 60);
    const first = await again(store);
    expect(await again(store)).toBe(first);
    proxy.garble((bytes) => Buffer.from(bytes.toString('latin1').replace('key/a', 'key/z'), 'latin1'));
    expect(await again(store)).toEqual(new Map());
    proxy.garble((bytes) => bytes);
  });
});
