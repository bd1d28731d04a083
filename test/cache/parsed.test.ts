import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Entry } from '../../src/cache/entries.js';
import { Parsed } from '../../src/cache/parsed.js';
import { stampKey } from '../../src/cache/sight.js';
import type { Store } from '../../src/cache/store.js';
import { awaitedStore, cacheOver, HandClock, lookup, PLAIN, service, stamp } from './help.js';

const entryOf = (value: unknown, bytes: number): Entry => ({
  value,
  bytes,
  readAt: 0,
  freshUntil: 1,
  expiresAt: 2,
  captured: [1],
  inPieces: false,
  unsettled: false,
});

describe('values that stay parsed', () => {
  it('are those used last, within so many bytes', () => {
    const uses = fc.array(fc.record({ name: fc.integer({ min: 0, max: 9 }), bytes: fc.integer({ min: 1, max: 60 }) }));
    fc.assert(
      fc.property(uses, (all) => {
        const parsed = new Parsed(100);
        const order: { name: number; bytes: number }[] = [];
        for (const use of all) {
          parsed.keep(lookup(`${use.name}`), entryOf(use.name, use.bytes));
          const before = order.findIndex(({ name }) => name === use.name);
          if (before >= 0) order.splice(before, 1);
          order.push(use);
          while (order.reduce((sum, { bytes }) => sum + bytes, 0) > 100) order.shift();
        }
        const found = Array.from({ length: 10 }, (_, name) => parsed.find(lookup(`${name}`))?.value ?? null);
        const expected = Array.from({ length: 10 }, (_, name) =>
          order.some((one) => one.name === name) ? name : null,
        );
        expect(found).toEqual(expected);
      }),
    );
  });

  it('belong to the stamps that they were read under', () => {
    const parsed = new Parsed(100);
    parsed.keep(lookup('a'), entryOf('value', 10));
    expect(parsed.find(lookup('a', { stamps: [stamp('other')] }))).toBeUndefined();
    expect(parsed.find(lookup('a'))?.value).toBe('value');
  });

  it('are not kept where one is larger than all may be', () => {
    const parsed = new Parsed(0);
    parsed.keep(lookup('a'), entryOf('value', 1));
    expect(parsed.find(lookup('a'))).toBeUndefined();
  });
});

/** An embedded store that tells which keys were read. */
function spied() {
  const clock = new HandClock();
  const store = awaitedStore({ now: clock.now });
  const reads: string[] = [];
  const spy: Store = {
    ...store,
    getMany(keys) {
      reads.push(...keys);
      return store.getMany(keys);
    },
  };
  return { clock, spy, reads };
}

describe('a reader of parsed values', () => {
  async function warmed(more = {}) {
    const { clock, spy, reads } = spied();
    const cache = cacheOver(spy, { clock, ...more });
    let version = 0;
    const { asked, fetch } = service(() => {
      version += 1;
      return { version };
    });
    const read = async (policy = PLAIN) => (await cache.read([lookup('a')], fetch, policy)).get(lookup('a').key);
    await read();
    await read();
    reads.length = 0;
    return { clock, spy, reads, cache, asked, read };
  }

  it('looks at the stamps alone', async () => {
    const { reads, read, asked } = await warmed();
    expect(await read()).toEqual({ version: 1 });
    expect(reads).toEqual([stampKey(stamp('a'))]);
    expect(asked).toHaveLength(1);
  });

  it('fetches the whole entry again where none stay parsed', async () => {
    const { reads, read } = await warmed({ parsedBytes: 0 });
    await read();
    expect(reads.length).toBeGreaterThan(1);
  });

  it('uses none whose stamp has moved, is gone or does not answer', async () => {
    for (const change of ['bump', 'lose', 'silence'] as const) {
      const { spy, read } = await warmed();
      if (change === 'bump') await spy.increment(stampKey(stamp('a')), 1, 60);
      if (change === 'lose') await spy.delete(stampKey(stamp('a')));
      if (change === 'silence') spy.getMany = async () => new Map();
      expect(await read(), change).toEqual({ version: 2 });
    }
  });

  it('uses none past its time, older than the asker wants or from before the servers changed', async () => {
    const { clock, read, spy } = await warmed();
    clock.advance(10);
    expect(await read({ bypass: false, maxAge: 5 })).toEqual({ version: 2 });
    expect(await read()).toEqual({ version: 2 });
    spy.since = () => clock.now() + 1;
    expect(await read()).toEqual({ version: 3 });
    delete spy.since;
    clock.advance(3601);
    expect(await read()).toEqual({ version: 4 });
  });

  it('asks the store again where it wants a fresh value', async () => {
    const { clock, read } = await warmed();
    clock.advance(2);
    expect(await read({ bypass: false, noCache: true, refresher: 'alice' })).toEqual({ version: 2 });
  });
});
