import { expect, it } from 'vitest';
import { Composition } from '../../src/cache/composition.js';
import { createEmbeddedStore } from '../../src/cache/embedded.js';
import { createCache } from '../../src/cache/protocol.js';
import type { Turn } from '../../src/cache/whole.js';
import { HandClock, lookup, SECRET, service, stamp } from './help.js';

const BOUNDS = { bytes: 10_000, valueBytes: 1000, count: 10 };

function started() {
  const clock = new HandClock();
  const cache = createCache({ store: createEmbeddedStore({ now: clock.now }), secrets: [SECRET], clock });
  const { fetch } = service((key) => `value of ${key}`);
  const one = lookup('a', { wide: [stamp('a')] });
  const make = async (turn: Turn<string>) => {
    if ('kept' in turn) return turn.kept;
    const parts = new Composition();
    await cache.read([one], fetch, { bypass: false, part: parts.add });
    turn.made({ build: () => ({ value: 'whole', bytes: 5 }), parts, hasMore: false });
    return 'made';
  };
  return { wholes: cache.wholes<string>(BOUNDS), make };
}

const isPending = (promise: Promise<unknown>) => Promise.race([promise.then(() => false), afterAll(() => true)]);

/** Once everything has run that does not wait. */
async function afterAll<T>(value: () => T): Promise<T> {
  await new Promise(setImmediate);
  return value();
}

it.each([false, true])('who looks for what somebody makes waits for it, unless that is alone: %s', async (alone) => {
  const { wholes, make } = started();
  const first = await wholes.find('key', {}, alone);
  const second = wholes.find('key', {});
  expect(await isPending(second)).toBe(!alone);
  await make(first);
  await make(await second);
  await make(await wholes.find('key', {}, alone));
  expect(await make(await wholes.find('key', {}, alone))).toBe('whole');
});

it('who is alone waits for nobody', async () => {
  const { wholes, make } = started();
  for (let times = 0; times < 2; times += 1) {
    const first = await wholes.find('key', {});
    const second = await wholes.find('key', {}, true);
    expect(second).toHaveProperty('made');
    await make(second);
    await make(first);
  }
  expect(await make(await wholes.find('key', {}))).toBe('whole');
});
