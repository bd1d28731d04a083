import { setTimeout as wait } from 'node:timers/promises';
import { Arrivals, type Tally } from './arrivals.js';
import { BOUND_MS, findCapacity } from './capacity.js';
import { type Gateway, type Holding, startGround } from './ground.js';
import { Traffic } from './traffic.js';
import { leftBehind, readTruth } from './truth.js';

export interface LoadOptions {
  /** Behind the warm-up. */
  readonly seconds: number;
  /** Requests a second, or `auto`: 90 % of the capacity, which is found first. */
  readonly rate: number | 'auto';
  readonly seed: number;
  readonly gateways: number;
  readonly print: (line: string) => void;
}

export interface LoadResult {
  readonly rate: number;
  readonly requests: number;
  readonly errors: number;
  /** What each gateway held after the warm-up, in the middle and at the end. */
  readonly held: readonly (readonly [Holding, Holding, Holding])[];
  /** Whatever must not be; empty after a good run. */
  readonly problems: readonly string[];
}

const SHARE = 0.9;
/**
 * Before the first look at memory caches, pools and compiled code fill up, which takes so many requests: a slow machine needs longer. At
 * most two minutes, and no longer than the run behind it.
 */
const WARM_UP = { requests: 8000, longestSeconds: 120 } as const;
/**
 * What may be more at the end than after the warm-up. The live heap is exact but for compiled code and pools that go on
 * filling. RSS is not: pages that were needed once, V8 and the allocator keep at their discretion. Descriptors are the
 * clients' 64 sockets, open from the start, and those to the services, which a burst may open late.
 */
export const MARGIN = { live: 2 * 2 ** 20, liveShare: 0.1, rss: 32 * 2 ** 20, rssShare: 0.3, fds: 40 } as const;
/**
 * A gateway remembers the cache keys of up to 20,000 names of three kinds (`src/cache/keys.ts`): some 430 bytes each, three for
 * a row that is made. One mutation in three makes one.
 */
const REMEMBERED = { perWrite: 512, most: 26 * 2 ** 20 } as const;

/** Starts everything, runs the load and says what came of it. */
export async function runLoad(options: LoadOptions): Promise<LoadResult> {
  const ground = await startGround(options.gateways);
  try {
    const askers = await readTruth(ground.authUrl);
    const urls = ground.gateways.map(({ url }) => url);
    const traffic = new Traffic(urls, askers, options.seed);
    await traffic.open();
    const arrivals = new Arrivals(() => traffic.one());
    const rate = await chooseRate(arrivals, options);
    const held = await runFor(arrivals, traffic, ground.gateways, rate, options);
    await traffic.cleanUp();
    traffic.close();
    // A deleted server is there for one more second.
    await wait(1500);
    const left = (await Promise.all(askers.map((asker) => leftBehind(ground.authUrl, asker)))).flat();
    const { reads, compared, writes, unconfirmed, errors } = traffic;
    options.print(`requests: ${reads} reads (${compared} compared with the cloud), ${writes} mutations (each looked for
  at the next gateway; ${unconfirmed} said \`unconfirmed\`), ${errors} errors`);
    const problems = [
      ...traffic.problems,
      ...left.map((name) => `left behind: ${name}`),
      ...ground.gateways.flatMap(({ complaints }) => complaints().slice(0, 5)),
      ...held.flatMap((holdings, index) => growth(holdings, `gateway ${index + 1}`, writes)),
    ];
    for (const problem of problems) options.print(`PROBLEM: ${problem}`);
    return { rate, requests: reads + writes, errors, held, problems };
  } finally {
    await ground.stop();
  }
}

async function chooseRate(arrivals: Arrivals, { rate, print }: LoadOptions): Promise<number> {
  if (rate !== 'auto') return rate;
  print(`capacity: the highest rate with p99 ≤ ${BOUND_MS} ms and no growing backlog`);
  const capacity = await findCapacity(arrivals, print);
  print(`capacity ${capacity.toFixed(0)}/s; the run is at ${SHARE * 100} % of it`);
  return capacity * SHARE;
}

/** The run itself, with a line each minute (or third of a shorter run) and three looks at what the gateways hold. */
async function runFor(
  arrivals: Arrivals,
  traffic: Traffic,
  gateways: readonly Gateway[],
  rate: number,
  { seconds, print }: LoadOptions,
): Promise<readonly (readonly [Holding, Holding, Holding])[]> {
  const warmUp = Math.min(WARM_UP.requests / rate, WARM_UP.longestSeconds, seconds);
  const reporter = report(arrivals, traffic, gateways, Math.min(60, seconds / 3), print);
  await arrivals.run(rate, warmUp);
  const start = await look(arrivals, gateways);
  await arrivals.run(rate, seconds / 2);
  const middle = await look(arrivals, gateways);
  await arrivals.run(rate, seconds / 2);
  const end = await look(arrivals, gateways);
  await reporter.stop();
  const held = gateways.map((_, index) => [at(start, index), at(middle, index), at(end, index)] as const);
  print('held, all garbage collected   | start | middle | end');
  for (const [index, holdings] of held.entries()) {
    const row = (what: string, of: (holding: Holding) => string) =>
      print(`gateway ${index + 1}, ${what} | ${holdings.map(of).join(' | ')}`);
    row('RSS in MiB', ({ rss }) => mebibytes(rss));
    row('live heap in MiB', ({ live }) => mebibytes(live));
    row('file descriptors', ({ fds }) => String(fds));
  }
  return held;
}

/** What the gateways hold between two waves: nothing is under way, or what is would count. */
async function look(arrivals: Arrivals, gateways: readonly Gateway[]): Promise<readonly Holding[]> {
  await arrivals.idle(60_000);
  return Promise.all(gateways.map((gateway) => gateway.hold()));
}

function at(holdings: readonly Holding[], index: number): Holding {
  const holding = holdings[index];
  if (holding === undefined) throw new Error(`expected gateway ${index}, got ${holdings.length} gateways`);
  return holding;
}

function report(
  arrivals: Arrivals,
  traffic: Traffic,
  gateways: readonly Gateway[],
  everySeconds: number,
  print: (line: string) => void,
): { stop(): Promise<void> } {
  arrivals.take();
  print('seconds | requests | errors | open | p50 ms | p99 ms | max ms | RSS MiB | fds | event loop late, p99 ms');
  const began = performance.now();
  let last: Promise<void> = Promise.resolve();
  const timer = setInterval(() => {
    last = line(Math.round((performance.now() - began) / 1000), arrivals.take());
  }, everySeconds * 1000);
  const line = async (second: number, { requests, p50, p99, max }: Tally) => {
    const glances = await Promise.all(gateways.map((gateway) => gateway.glance()));
    const lags = await Promise.all(gateways.map((gateway) => gateway.lag()));
    const cells = [second, requests, traffic.errors, arrivals.open, p50.toFixed(0), p99.toFixed(0), max.toFixed(0)];
    const rss = glances.map((glance) => mebibytes(glance.rss)).join(' ');
    const fds = glances.map((glance) => glance.fds).join(' ');
    print([...cells, rss, fds, lags.map((lag) => lag?.toFixed(0) ?? '-').join(' ')].join(' | '));
  };
  return {
    stop: async () => {
      clearInterval(timer);
      await last;
    },
  };
}

/** What has grown beyond its margin during so many mutations, in words. */
export function growth(
  [start, , end]: readonly [Holding, Holding, Holding],
  who: string,
  writes: number,
): readonly string[] {
  const remembered = Math.min(REMEMBERED.most, writes * REMEMBERED.perWrite);
  const most = {
    live: start.live * (1 + MARGIN.liveShare) + MARGIN.live + remembered,
    rss: start.rss * (1 + MARGIN.rssShare) + MARGIN.rss,
    fds: start.fds + MARGIN.fds,
  };
  return [
    ...(end.live > most.live
      ? [`${who}: live heap grew from ${mebibytes(start.live)} to ${mebibytes(end.live)} MiB`]
      : []),
    ...(end.rss > most.rss ? [`${who}: RSS grew from ${mebibytes(start.rss)} to ${mebibytes(end.rss)} MiB`] : []),
    ...(end.fds > most.fds ? [`${who}: file descriptors grew from ${start.fds} to ${end.fds}`] : []),
  ];
}

function mebibytes(bytes: number): string {
  return (bytes / 2 ** 20).toFixed(1);
}
