import type { Stamp } from './cache.js';
import type { Clock } from './clock.js';
import { type CacheOptions, LONGEST_LIFE, STAMP_LIFE } from './options.js';
import { stampKey, stampStart } from './sight.js';
import type { Tools } from './tools.js';

const FIRST_PAUSE = 250;
/** While its server is left alone, an attempt costs nothing. */
const LONGEST_PAUSE = 1000;

/** Bumps that no store acknowledged: repeated until one is, or until no entry can be left that they would undo. */
export class Unconfirmed {
  readonly #tools: Tools;
  readonly #tell: NonNullable<CacheOptions['onUnconfirmed']>;
  readonly #waiting = new Map<Stamp, { until: number; readonly after: Set<() => Promise<unknown>> }>();
  #closed = false;

  constructor(tools: Tools, tell: CacheOptions['onUnconfirmed']) {
    this.#tools = tools;
    this.#tell = tell ?? (() => {});
  }

  /** Takes a stamp over; `after` is done once its bump is acknowledged. */
  retry(stamp: Stamp, after: () => Promise<unknown>): void {
    const until = this.#tools.clock.now() + LONGEST_LIFE * 1000;
    const waiting = this.#waiting.get(stamp);
    if (waiting !== undefined) {
      waiting.until = until;
      waiting.after.add(after);
      return;
    }
    this.#waiting.set(stamp, { until, after: new Set([after]) });
    this.#tell({ stamp, state: 'retrying' });
    this.#tools.background(this.#work(stamp));
  }

  /** Gives up what is still waiting. */
  close(): void {
    this.#closed = true;
  }

  async #work(stamp: Stamp): Promise<void> {
    const { clock, store, rules } = this.#tools;
    for (let pause = FIRST_PAUSE; ; pause = Math.min(2 * pause, LONGEST_PAUSE)) {
      await pauseUnlessClosed(clock, pause, () => this.#closed);
      const waiting = this.#waiting.get(stamp);
      if (waiting === undefined || this.#closed || clock.now() > waiting.until) return this.#end(stamp, 'given up');
      // Those who come after this bump was sent need another one.
      const served = [...waiting.after];
      if ((await store.increment(stampKey(stamp), stampStart(rules), STAMP_LIFE)) === null) continue;
      await Promise.all(served.map((after) => after()));
      for (const after of served) waiting.after.delete(after);
      if (waiting.after.size === 0) return this.#end(stamp, 'confirmed');
    }
  }

  #end(stamp: Stamp, state: 'confirmed' | 'given up'): void {
    this.#waiting.delete(stamp);
    this.#tell({ stamp, state });
  }
}

async function pauseUnlessClosed(clock: Clock, ms: number, isClosed: () => boolean): Promise<void> {
  const step = 250;
  for (let rest = ms; rest > 0 && !isClosed(); rest -= step) await clock.sleep(Math.min(rest, step));
}
