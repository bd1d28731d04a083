import { setImmediate as turn, setTimeout as wait } from 'node:timers/promises';

/** Time as the cache sees it; the model test brings its own. */
export interface Clock {
  /** Milliseconds since 1970, by the wall: entries written by one replica are judged by another. */
  now(): number;
  /** Resolves after `ms` milliseconds; does not keep the process alive. */
  sleep(ms: number): Promise<void>;
}

export const wallClock: Clock = {
  now: () => Date.now(),
  // A busy process comes late to its timers, and to them before it reads what has arrived in time: that is read first. The turn keeps
  // the process alive, since for one that does not Node sleeps on until something else happens.
  sleep: (ms) => wait(ms, undefined, { ref: false }).then(() => turn()),
};

/** What `work` resolves to, or `otherwise` if that takes longer than `ms`. `work` goes on. */
export function within<T, U>(clock: Clock, ms: number, work: Promise<T>, otherwise: U): Promise<T | U> {
  return Promise.race([work, clock.sleep(ms).then(() => otherwise)]);
}
