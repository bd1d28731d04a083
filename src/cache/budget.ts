import { type Clock, within } from './clock.js';

/** Milliseconds. */
const LEAST = 1;

/**
 * What one read may spend on waiting for the store, all its steps together: a store that is slow, but not slow enough for
 * its own deadline, would otherwise be waited for at each of them.
 */
export class Budget {
  readonly #clock: Clock;
  #left: number;

  /** `ms`: milliseconds; Infinity waits for everything. */
  constructor(clock: Clock, ms: number) {
    this.#clock = clock;
    this.#left = ms;
  }

  /** Waits for `work` however long it takes, and counts it. */
  async spend<T>(work: () => Promise<T>): Promise<T> {
    const begun = this.#clock.now();
    const done = await work();
    this.#left -= this.#clock.now() - begun;
    return done;
  }

  /**
   * What `work` resolves to; `otherwise` when nothing is left to wait for it with. Work once begun goes on. Where all is
   * spent, it still has a millisecond: it may have been this process that was slow.
   */
  async within<T, U>(work: () => Promise<T>, otherwise: U): Promise<T | U> {
    if (this.#left === Number.POSITIVE_INFINITY) return work();
    return this.spend(() => within(this.#clock, Math.max(this.#left, LEAST), work(), otherwise));
  }
}
