import { beforeEach, describe, expect, it } from 'vitest';
import type { Stamp } from '../../src/cache/cache.js';
import { createEmbeddedStore } from '../../src/cache/embedded.js';
import { Glances } from '../../src/cache/glances.js';
import { stampKey } from '../../src/cache/sight.js';
import type { Held, Store } from '../../src/cache/store.js';

const [A, B, C] = ['cloud/region/list/A', 'cloud/region/list/B', 'cloud/region/list/C'] as [Stamp, Stamp, Stamp];

type Found = ReadonlyMap<string, Held | null>;

/** A store whose answers come when the test says so; they say what was true when they were asked. */
class SlowStore {
  readonly asked: (readonly string[])[] = [];
  readonly #inner = createEmbeddedStore();
  readonly #held: (() => void)[] = [];

  get store(): Store {
    const { getNow: _, ...inner } = this.#inner;
    return { ...inner, getMany: (keys) => new Promise((resolve) => this.#answer(keys, resolve)) };
  }

  /** The same with `getAgain`. */
  get storeThatKnows(): Store {
    return { ...this.store, getAgain: (keys, then) => this.#answer(keys, then) };
  }

  bump(stamp: Stamp): Promise<number | null> {
    return this.#inner.increment(stampKey(stamp), 1, 60);
  }

  /** Lets the oldest answer that is held back come. */
  release(): void {
    this.#held.shift()?.();
  }

  #answer(keys: readonly string[], then: (found: Found) => void): void {
    this.asked.push(keys);
    void this.#inner.getMany(keys).then((found) => this.#held.push(() => then(found)));
  }
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

describe.each(['store', 'storeThatKnows'] as const)('looks at stamps (%s)', (kind) => {
  let slow: SlowStore;
  let glances: Glances;

  beforeEach(async () => {
    slow = new SlowStore();
    glances = new Glances(slow[kind], 0);
    await Promise.all([slow.bump(A), slow.bump(B), slow.bump(B)]);
  });

  it('are sent at once where none is under way', async () => {
    const seen = glances.at([A, B]);
    await new Promise<void>((resolve) => process.nextTick(resolve));
    expect(slow.asked).toHaveLength(1);
    await turn();
    slow.release();
    expect(await seen).toEqual([1, 2]);
  });

  it('are shared by all who ask in the turns for which they wait for company', async () => {
    const patient = new Glances(slow[kind], 50);
    const first = patient.at([A]);
    await turn();
    const others = [patient.at([B])];
    await turn();
    others.push(patient.at([A, B]));
    await turn();
    expect(slow.asked).toHaveLength(1);
    while (slow.asked.length < 2) await turn();
    expect(new Set(slow.asked[1])).toEqual(new Set([A, B].map(stampKey)));
    slow.release();
    slow.release();
    expect([await first, ...(await Promise.all(others))]).toEqual([[1], [2], [1, 2]]);
  });

  it('are shared by all who ask in one turn while another is under way', async () => {
    const list = [A, B];
    const first = glances.at(list);
    await turn();
    const others = [glances.at(list), glances.at([B, C]), glances.at(list)];
    await turn();
    expect(slow.asked).toHaveLength(2);
    expect(new Set(slow.asked[1])).toEqual(new Set([A, B, C].map(stampKey)));
    slow.release();
    slow.release();
    expect(await first).toEqual([1, 2]);
    expect(await Promise.all(others)).toEqual([
      [1, 2],
      [2, 'missing'],
      [1, 2],
    ]);
  });

  it('are never answered by one that was sent before they were asked for', async () => {
    const list = [A];
    const before = glances.at(list);
    await turn();
    await slow.bump(A);
    const behind = glances.at(list);
    slow.release();
    expect(await before).toEqual([1]);
    await turn();
    await turn();
    slow.release();
    expect(await behind).toEqual([2]);
  });

  it('wait for others who ask in the same turn, while nobody has asked alone for long', async () => {
    for (const stamp of [A, B]) void glances.at([stamp]);
    await turn();
    slow.release();
    await turn();
    for (let look = 2; look <= 16; look += 1) {
      const seen = glances.at([A]);
      await new Promise<void>((resolve) => process.nextTick(resolve));
      expect(slow.asked).toHaveLength(look - 1);
      await turn();
      slow.release();
      await seen;
    }
    void glances.at([A]);
    await new Promise<void>((resolve) => process.nextTick(resolve));
    expect(slow.asked).toHaveLength(17);
  });

  it('are sent at once again when the last has been answered', async () => {
    for (let look = 1; look <= 3; look += 1) {
      const seen = glances.at([A]);
      await new Promise<void>((resolve) => process.nextTick(resolve));
      expect(slow.asked).toHaveLength(look);
      await turn();
      slow.release();
      await seen;
    }
  });
});
