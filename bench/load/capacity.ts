import type { Arrivals } from './arrivals.js';

/** A rate is bearable while 99 of 100 answers come within this time of when their request was due. */
export const BOUND_MS = 250;

interface Ramp {
  /** Requests a second of the first step. */
  readonly from: number;
  readonly factor: number;
  /** Seconds of a step on the way up, and of one between the last good and the first bad rate. */
  readonly up: number;
  readonly between: number;
  readonly bisections: number;
}

/** Requests a second for machines that are too busy to bear anything: their answers can be wrong and their memory grow, too. */
const LEAST = 12;

/** Some 20 seconds on a machine that takes 200 requests a second. */
const RAMP: Ramp = { from: 40, factor: 1.5, up: 1.5, between: 2, bisections: 3 };

/**
 * The capacity of the machine for this workload: the highest rate (requests a second) at which the p99 stays within
 * `BOUND_MS` and, at the end of the step, no more requests are open than arrive in `BOUND_MS`: the backlog does not grow.
 * Up by half each step until two tries at a rate fail, then between the last good and the first bad rate. At least `LEAST`.
 */
export async function findCapacity(arrivals: Arrivals, print: (line: string) => void): Promise<number> {
  // Code that has not run yet is slow: the first seconds say nothing.
  await bears(arrivals, RAMP.from, 3);
  let good = 0;
  let bad = RAMP.from;
  while (await bearsAgain(arrivals, bad, RAMP.up, print)) {
    good = bad;
    bad *= RAMP.factor;
  }
  for (let step = 0; step < RAMP.bisections; step += 1) {
    const middle = (good + bad) / 2;
    if (await bearsAgain(arrivals, middle, RAMP.between, print)) good = middle;
    else bad = middle;
  }
  if (good > 0) return good;
  print(`  nothing is bearable: the machine has too much else to do; ${LEAST}/s are taken for its capacity`);
  return LEAST;
}

async function bearsAgain(
  arrivals: Arrivals,
  rate: number,
  seconds: number,
  print: (line: string) => void,
): Promise<boolean> {
  for (let attempt = 1; ; attempt += 1) {
    const { p99, open, ok } = await bears(arrivals, rate, seconds);
    print(`  ${rate.toFixed(0)}/s: p99 ${p99.toFixed(0)} ms, ${open} open at the end: ${ok ? 'bearable' : 'too much'}`);
    if (ok || attempt === 2) return ok;
  }
}

async function bears(arrivals: Arrivals, rate: number, seconds: number) {
  await arrivals.run(rate, seconds);
  const { open } = arrivals;
  await arrivals.idle(60_000);
  const { p99 } = arrivals.take();
  return { p99, open, ok: p99 <= BOUND_MS && open <= Math.max(4, (rate * BOUND_MS) / 1000) };
}
