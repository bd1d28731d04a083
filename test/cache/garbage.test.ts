import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createEmbeddedStore } from '../../src/cache/embedded.js';
import { holdKey, holdState } from '../../src/cache/holds.js';
import { stampKey } from '../../src/cache/sight.js';
import { cacheOver, lookup, PLAIN, service, stamp } from './help.js';

/** What somebody could write there who knows the form of it and means ill. */
const nonsense = fc.oneof(
  fc.json(),
  fc.string(),
  fc.jsonValue().map((value) => JSON.stringify({ writers: value, settlingUntil: 0 })),
  fc.jsonValue().map((value) => JSON.stringify({ writers: { other: value }, settlingUntil: value })),
  fc.constantFrom(
    '{"writers":{"other":{"toString":0,"valueOf":0}},"settlingUntil":0}',
    '{"writers":{"__proto__":5},"settlingUntil":1e999}',
    '{"writers":{"other":1e999},"settlingUntil":-1e999}',
    'null',
  ),
);

it('whatever lies under a hold, a mutation and the reads after it come to an end, and the hold is mended', async () => {
  await fc.assert(
    fc.asyncProperty(nonsense, async (text) => {
      const store = createEmbeddedStore();
      const cache = cacheOver(store);
      const name = stamp('a');
      await store.set(holdKey(name), Buffer.from(text), 60);
      const written = await cache.write({ stamps: [{ stamp: name, settle: 5 }] }, async () => ({
        value: 1,
        accepted: false,
      }));
      expect(written.unconfirmed).toEqual([]);
      const key = holdKey(name);
      expect(['settling', 'writing']).toContain(holdState((await store.getMany([key])).get(key)));
      const { fetch } = service(() => 'fresh');
      expect(await cache.read([lookup('a')], fetch, PLAIN)).toEqual(new Map([['Thing/row/a', 'fresh']]));
      await cache.close(0);
    }),
  );
});

it('a hold of more writers than any cloud has does not end the process', async () => {
  const store = createEmbeddedStore();
  const cache = cacheOver(store);
  const until = Date.now() + 60_000;
  const writers = Object.fromEntries(Array.from({ length: 200_000 }, (_, index) => [index, until]));
  await store.set(holdKey(stamp('a')), Buffer.from(JSON.stringify({ writers, settlingUntil: 0 })), 60);
  const { value } = await cache.write({ stamps: [{ stamp: stamp('a'), settle: 5 }] }, async () => ({
    value: 1,
    accepted: false,
  }));
  expect(value).toBe(1);
  await cache.close(0);
});

it('whatever lies under a stamp, reads answer what the service says, and nothing is stored under nonsense', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(nonsense, fc.bigInt({ min: 0n, max: 2n ** 64n }).map(String), fc.constantFrom('-1', '1e9', '0x10', '')),
      async (text) => {
        const store = createEmbeddedStore();
        const cache = cacheOver(store);
        await store.set(stampKey(stamp('a')), Buffer.from(text), 60);
        let answers = 0;
        const { fetch } = service(() => {
          answers += 1;
          return answers;
        });
        expect([...(await cache.read([lookup('a')], fetch, PLAIN)).values()]).toEqual([1]);
        await cache.write({ stamps: [{ stamp: stamp('a'), settle: 5 }] }, async () => ({ value: 1, accepted: false }));
        expect([...(await cache.read([lookup('a')], fetch, PLAIN)).values()]).toEqual([2]);
        await cache.close(0);
      },
    ),
  );
});
