import { beforeEach, describe, expect, it } from 'vitest';
import type { ReadPolicy } from '../../src/cache/cache.js';
import { Composition } from '../../src/cache/composition.js';
import { createEmbeddedStore } from '../../src/cache/embedded.js';
import type { Patchwork } from '../../src/cache/patchwork.js';
import { createCache, type WholeCache } from '../../src/cache/protocol.js';
import { stampKey } from '../../src/cache/sight.js';
import type { Store } from '../../src/cache/store.js';
import { HandClock, lookup, SECRET, service, stamp } from './help.js';

interface Thing {
  readonly name: string;
}

const BOUNDS = { bytes: 10_000, valueBytes: 100, count: 10 };
const A: Thing = { name: 'a' };
const B: Thing = { name: 'b' };

let clock: HandClock;
let store: Store;
let cache: WholeCache;
let patchwork: Patchwork<Thing, string>;

beforeEach(() => {
  clock = new HandClock();
  store = createEmbeddedStore({ now: clock.now });
  cache = createCache({ store, secrets: [SECRET], clock });
  patchwork = cache.patchwork(BOUNDS);
});

const { fetch } = service((key) => `value of ${key}`);

/** Looks, reads the things one by one, and keeps a piece of each; tells what was made of what. */
async function make(
  things: readonly Thing[],
  more: { ttl?: number; bytes?: number; policy?: Partial<ReadPolicy> } = {},
) {
  const { ttl = 3600, bytes = 10, policy } = more;
  const patches = await patchwork.look('key', {});
  const parts = new Composition();
  for (const { name } of things) {
    const one = lookup(name, { wide: [stamp(name)], ttl: () => ttl });
    await cache.read([one], fetch, { bypass: false, part: parts.add, ...policy });
  }
  const pieces = things.map((thing) => [thing, `piece of ${thing.name}`] as const);
  patches.keep({ pieces, bytes: bytes * things.length, parts, hasMore: false });
  return parts;
}

/** The first making fetches and tells what they depend on, the second is kept. */
async function keep(things: readonly Thing[], more: Parameters<typeof make>[1] = {}): Promise<void> {
  for (let times = 0; times < 2; times += 1) await make(things, more);
}

async function found(things: readonly Thing[], policy: Pick<ReadPolicy, 'maxAge'> = {}, parts = new Composition()) {
  return (await patchwork.look('key', policy)).of(things, parts);
}

function bump(name: string): Promise<number | null> {
  return store.increment(stampKey(stamp(name)), 1, 1000);
}

describe('pieces of answers', () => {
  it('are kept once it was known before their making what they depend on', async () => {
    await make([A]);
    expect((await patchwork.look('key', {})).isEmpty).toBe(true);
    expect(await found([A])).toBeNull();
    await make([A]);
    expect(await found([A])).toEqual(['piece of a']);
    expect((await patchwork.look('key', {})).isEmpty).toBe(false);
  });

  it('of different makings are found together, and none where one is missing', async () => {
    await keep([A]);
    expect(await found([A, B])).toBeNull();
    await keep([B]);
    // Together they depend on more than each did, which has to be looked at.
    expect(await found([A])).toBeNull();
    await keep([A]);
    await make([B]);
    expect(await found([B, A])).toEqual(['piece of b', 'piece of a']);
  });

  it.each(['a', 'b'])('are none any more once a stamp of any has moved: %s', async (name) => {
    await keep([A, B]);
    await bump(name);
    expect(await found([A])).toBeNull();
    await keep([A]);
    expect(await found([A])).toEqual(['piece of a']);
    expect(await found([A, B])).toBeNull();
  });

  it('are not kept where a stamp moved after the look', async () => {
    await keep([A]);
    await bump('a');
    await make([A]);
    const patches = await patchwork.look('key', {});
    await bump('a');
    const parts = new Composition();
    const read = { bypass: false, part: parts.add };
    for (let times = 0; times < 2; times += 1) await cache.read([lookup('a', { wide: [stamp('a')] })], fetch, read);
    patches.keep({ pieces: [[A, 'of the time before']], bytes: 1, parts, hasMore: false });
    expect(await found([A])).toBeNull();
  });

  it('end with what they were made of, each for itself', async () => {
    await make([A], { ttl: 60 });
    await keep([B]);
    await make([A]);
    await make([B]);
    expect(await found([A, B])).not.toBeNull();
    clock.advance(61);
    expect([await found([A]), await found([B])]).toEqual([null, ['piece of b']]);
    expect((await patchwork.look('key', {})).isEmpty).toBe(false);
    clock.advance(3540);
    expect((await patchwork.look('key', {})).isEmpty).toBe(true);
  });

  it('are not for those who ask for younger ones', async () => {
    await keep([A]);
    clock.advance(10);
    expect(await found([A], { maxAge: 5 })).toBeNull();
    expect(await found([A], { maxAge: 15 })).not.toBeNull();
  });

  it('are no longer than all may be', async () => {
    await keep([A], { bytes: 101 });
    expect(await found([A])).toBeNull();
    await make([A], { bytes: 60 });
    await make([B], { bytes: 60 });
    await keep([A, B], { bytes: 30 });
    expect(await found([A, B])).not.toBeNull();
    await make([A], { bytes: 60 });
    // Beyond the bound it begins anew.
    expect([await found([A]), await found([B])]).toEqual([['piece of a'], null]);
  });

  it.each([
    ['more went into them than the cache knows of', true, {}],
    ['some of it was fetched', false, { noCache: true }],
  ])('are not kept where %s', async (_why, hasMore, policy) => {
    await make([A]);
    const patches = await patchwork.look('key', {});
    const parts = new Composition();
    clock.advance(5);
    await cache.read([lookup('a', { wide: [stamp('a')] })], fetch, { bypass: false, part: parts.add, ...policy });
    patches.keep({ pieces: [[A, 'piece']], bytes: 1, parts, hasMore });
    expect(await found([A])).toBeNull();
  });

  it('tell whoever shows them what they were made of', async () => {
    await keep([A, B], { ttl: 60 });
    const parts = new Composition();
    await found([A], {}, parts);
    const { freshUntil } = parts.times(clock.now());
    expect(parts.stamps()).toEqual([stamp('a'), stamp('b')]);
    expect([parts.isOfEntries, parts.entries]).toEqual([true, 2]);
    expect(freshUntil).toBe(clock.now() + 60_000);
  });
});
