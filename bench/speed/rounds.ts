import { cpuOf } from './cpu.js';
import type { Worker } from './processes.js';

/** Somebody who answers requests. */
export interface Contestant {
  readonly name: string;
  readonly pid: number;
  readonly url: string;
  readonly path: string;
  readonly token: string | null;
  /** The bodies of the next `count` requests; one of them where all are the same. */
  bodies(count: number): readonly string[];
}

/** One contestant's turn. */
export interface Turn {
  /** Milliseconds of the server's processor time per request. */
  readonly cpu: number;
  readonly perSecond: number;
  /** Milliseconds until an answer was there, as half and as 99 of 100 clients saw it. */
  readonly p50: number;
  readonly p99: number;
  /** REST calls per request. */
  readonly calls: number;
}

/** What takes part in every turn beside the contestant. */
export interface Arena {
  readonly generator: Worker<unknown>;
  /** REST calls at the cloud since last asked. */
  calls(): Promise<number>;
}

/** The turns of each contestant, by its name; turns of the same index belong to one round. */
export type Turns = ReadonlyMap<string, readonly Turn[]>;

export interface Pace {
  readonly rounds: number;
  /** Milliseconds that a turn should take. */
  readonly turnMs: number;
  readonly connections: number;
  /** Whether the client never sleeps, so that no server's processor time holds what waking it takes. */
  readonly awake?: boolean;
}

/** What `workers/generator.mjs` tells. */
export interface Sent {
  readonly seconds: number;
  readonly took: readonly number[];
  /** What came where data without errors was expected. */
  readonly wrong: readonly string[];
}

/** Requests of a turn: at least one for each connection, and no more of a fast contestant than say anything new. */
const MOST = 20_000;
/** Before its first turn everybody answers for so many turns. */
const WARM_TURNS = 8;
const WARM_REQUESTS = 20;
/** On a machine that stands still for seconds a deadline passes now and then; whoever fails more often is not measured. */
const WRONG_SHARE = 0.1;

/**
 * Lets contestants take turns, round by round, since the speed of a machine that others use changes from minute to minute.
 * Each has a number of requests of its own that stays the same, found while its code warms up.
 */
export async function interleave(arena: Arena, contestants: readonly Contestant[], pace: Pace): Promise<Turns> {
  const counts = new Map<Contestant, number>();
  for (const contestant of contestants) counts.set(contestant, await warmUp(arena, contestant, pace));
  const turns = new Map<string, Turn[]>(contestants.map(({ name }) => [name, []]));
  for (let round = 0; round < pace.rounds; round += 1) {
    const order = round % 2 === 0 ? contestants : contestants.toReversed();
    for (const contestant of order) {
      const turn = await takeTurn(arena, contestant, counts.get(contestant) ?? pace.connections, pace);
      turns.get(contestant.name)?.push(turn);
    }
  }
  return turns;
}

/** Median of the rounds' own ratios: what slows down a whole round cancels out. */
export function ratioOf(turns: Turns, who: string, reference: string, what: keyof Turn = 'cpu'): number {
  const [own, other] = [turnsOf(turns, who), turnsOf(turns, reference)];
  return median(own.map((turn, round) => turn[what] / (other[round]?.[what] ?? Number.NaN)));
}

/** The median of each figure over all rounds. */
export function medianTurn(turns: Turns, who: string): Turn {
  const own = turnsOf(turns, who);
  const of = (what: keyof Turn) => median(own.map((turn) => turn[what]));
  return { cpu: of('cpu'), perSecond: of('perSecond'), p50: of('p50'), p99: of('p99'), calls: of('calls') };
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** The value that `share` of all values stay below. NaN where there are none. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

/** Asks ever more until one run takes as long as a turn, and tells how many requests fit into one. */
async function warmUp({ generator }: Arena, contestant: Contestant, pace: Pace): Promise<number> {
  // Compilers take thousands of rows to see what is worth their while, and a gateway in service has had them.
  const until = performance.now() + WARM_TURNS * pace.turnMs;
  while (performance.now() < until) await send(generator, contestant, WARM_REQUESTS, pace);
  for (let count = pace.connections; ; count *= 2) {
    const { seconds } = await send(generator, contestant, count, pace);
    const fitting = Math.ceil((count * pace.turnMs) / (seconds * 1000));
    if (fitting <= count || count >= MOST) return Math.min(MOST, Math.max(pace.connections, fitting));
  }
}

async function takeTurn(arena: Arena, contestant: Contestant, count: number, pace: Pace): Promise<Turn> {
  await arena.calls();
  const before = await cpuOf(contestant.pid);
  const { seconds, took } = await send(arena.generator, contestant, count, pace);
  const cpu = (await cpuOf(contestant.pid)) - before;
  return {
    cpu: cpu / count,
    perSecond: count / seconds,
    p50: quantile(took, 0.5),
    p99: quantile(took, 0.99),
    calls: (await arena.calls()) / count,
  };
}

async function send(
  generator: Worker<unknown>,
  contestant: Contestant,
  count: number,
  { connections, awake = false }: Pace,
): Promise<Sent> {
  const { name, url, path, token } = contestant;
  const bodies = contestant.bodies(count);
  const sent = await generator.ask<Sent>({ urls: [url], path, token, bodies, count, connections, awake });
  mustBeRight(name, sent, count);
  return sent;
}

/** Tells what was wrong; throws where it was more than an accident. */
export function mustBeRight(name: string, { wrong }: Sent, count: number): void {
  if (wrong.length === 0) return;
  const problem = `${name}: ${wrong.length} of ${count} answers were no data without errors, the first was\n${wrong[0]}`;
  if (wrong.length > Math.max(1, count * WRONG_SHARE)) throw new Error(problem);
  console.error(problem);
}

function turnsOf(turns: Turns, who: string): readonly Turn[] {
  const own = turns.get(who);
  if (own === undefined) throw new Error(`expected one of ${[...turns.keys()].join('; ')}, got ${who}`);
  return own;
}
