import { setTimeout as wait } from 'node:timers/promises';
import { createDemoCloud, type DemoCloud } from '../../../src/demo/index.js';
import type { Fault } from './faults.js';
import { Judge } from './judge.js';
import { Load, type Operation } from './load.js';
import { type Pool, startPool } from './pool.js';
import { SECRET, Stage } from './stage.js';
import { startWaves, type WaveReport, type Waves } from './waves.js';

/** One fault as it went; times in milliseconds. */
export interface Outcome {
  readonly title: string;
  /** Those that ended while the fault lasted, then those of the recovery. */
  readonly operations: readonly Operation[];
  /** How many of them ended while the fault lasted. */
  readonly meanwhile: number;
  /** Of the fault alone, without the recovery. */
  readonly waves: WaveReport;
  readonly begun: number;
  /** Before the first fault of this pool. */
  readonly baseline: { readonly waves: WaveReport; readonly operations: readonly Operation[] };
  readonly recovery: number;
  /** What `/readyz` said while it lasted, where it had to say something. */
  readonly told: readonly string[];
}

export interface RunOptions {
  /** Milliseconds that each fault lasts. */
  readonly ms: number;
  /** Milliseconds that a client waits between two operations, on average. */
  readonly pace: number;
}

/** Parts of a run over one pool: they live as long as its faults. */
export interface Arena {
  readonly pool: Pool;
  readonly stage: Stage;
  readonly load: Load;
  readonly judge: Judge;
  readonly quiet: readonly string[];
  readonly waves: Waves;
}

const SERVERS = 18;
const BETWEEN_MS = 100;

/** A demo cloud small enough for its answers to cost little beside what is measured. */
export function cloudForFaults(): Promise<DemoCloud> {
  return createDemoCloud({ servers: SERVERS, pace: 0 });
}

/** Runs faults one after the other over one pool of memcached servers, all under the same load. */
export async function runFaults(faults: readonly Fault[], { ms, pace }: RunOptions): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const wired of [false, true]) {
    const own = faults.filter((fault) => fault.wired === wired);
    if (own.length === 0) continue;
    outcomes.push(...(await inArena({ wired, pace }, (arena) => runAll(arena, own, ms))));
  }
  return outcomes;
}

/** Replicas that find no memcached when they start, until both servers are there. */
export async function runRefusedAtStart({ ms, pace }: RunOptions): Promise<Outcome> {
  const kill = ({ servers }: Pool) => Promise.all(servers.map((server) => server.kill()));
  return inArena({ pace, prepare: kill }, async (arena) => {
    const begun = performance.timeOrigin + performance.now();
    await arena.waves.take();
    await wait(ms);
    const waves = await arena.waves.take();
    const meanwhile = arena.load.operations.length;
    await Promise.all(arena.pool.servers.map((server) => server.start()));
    const rest = await recovered(arena, 0);
    return {
      title: 'both refuse connections when the replicas start',
      begun,
      waves,
      meanwhile,
      baseline: NONE,
      told: [],
      ...rest,
    };
  });
}

/** Full stops of all replicas, each followed by a start with another list of servers; what lies in them stays there. */
export async function runRingChanges({ ms, pace }: RunOptions): Promise<Outcome> {
  const cloud = await cloudForFaults();
  const pool = await startPool({ size: 3 });
  const [a = '', b = '', c = ''] = pool.addresses;
  let load: Load | null = null;
  let judge: Judge | null = null;
  let quiet: readonly string[] = [];
  let recovery = 0;
  try {
    for (const list of [[a, b], [a, b, c], [c, a], [a], [b, a]]) {
      const stage = await Stage.start(cloud, list);
      if (load === null || judge === null) {
        const { subjects, initial } = await stage.subjects();
        quiet = subjects.quiet;
        judge = new Judge(cloud, initial);
        load = new Load(judge, subjects, pace);
      }
      await load.start(stage.urls);
      recovery = Math.max(recovery, await stage.untilHits(quiet));
      await wait(ms / 2);
      await load.stop();
      await stage.untilMadeGood();
      judge.madeGood();
      await stage.stop();
    }
  } finally {
    await pool.stop();
    await cloud.close();
  }
  const operations = load?.operations ?? [];
  const title = 'other servers after a full stop, four times; a server that left comes back full';
  return {
    title,
    operations,
    meanwhile: operations.length,
    waves: NO_WAVES,
    begun: 0,
    baseline: NONE,
    recovery,
    told: [],
  };
}

const NO_WAVES: WaveReport = { waves: [], lags: [], wrong: 0 };
const NONE: Outcome['baseline'] = { waves: NO_WAVES, operations: [] };

interface ArenaOptions {
  readonly pace: number;
  readonly wired?: boolean;
  /** Before the replicas start. */
  readonly prepare?: (pool: Pool) => Promise<unknown>;
}

async function inArena<T>(
  { pace, wired = false, prepare }: ArenaOptions,
  run: (arena: Arena) => Promise<T>,
): Promise<T> {
  const cloud = await cloudForFaults();
  const pool = await startPool({ wired });
  await prepare?.(pool);
  const stage = await Stage.start(cloud, pool.addresses);
  const waves = await startWaves(pool.addresses, SECRET);
  const { subjects, initial } = await stage.subjects();
  const judge = new Judge(cloud, initial);
  const load = new Load(judge, subjects, pace);
  try {
    await load.start(stage.urls);
    return await run({ pool, stage, load, judge, quiet: subjects.quiet, waves });
  } finally {
    await load.stop();
    await waves.stop();
    await stage.stop();
    await pool.stop();
    await cloud.close();
  }
}

async function runAll(arena: Arena, faults: readonly Fault[], ms: number): Promise<Outcome[]> {
  const { stage, load, quiet, waves } = arena;
  await stage.untilHits(quiet);
  await waves.take();
  const from = load.operations.length;
  await wait(ms);
  const baseline = { waves: await waves.take(), operations: load.operations.slice(from) };
  const outcomes: Outcome[] = [];
  for (const fault of faults) outcomes.push(await runOne(arena, fault, ms, baseline));
  return outcomes;
}

async function runOne(arena: Arena, fault: Fault, ms: number, baseline: Outcome['baseline']): Promise<Outcome> {
  const { pool, stage, load, waves } = arena;
  await wait(BETWEEN_MS);
  await waves.take();
  const from = load.operations.length;
  const begun = performance.timeOrigin + performance.now();
  await fault.begin(pool);
  const told = fault.told ? stage.untilReadyzSays(false) : Promise.resolve([]);
  await lasting(pool, fault, ms);
  const said = await told;
  const report = await waves.take();
  const until = load.operations.length;
  await fault.end(pool);
  const rest = await recovered(arena, from);
  return { title: fault.title, meanwhile: until - from, waves: report, begun, baseline, told: said, ...rest };
}

/** After a fault: hits are back, what was not acknowledged is made good, `/readyz` is well. */
async function recovered(
  { stage, load, judge, quiet }: Arena,
  from: number,
): Promise<Pick<Outcome, 'recovery' | 'operations'>> {
  const recovery = await stage.untilHits(quiet);
  await stage.untilMadeGood();
  judge.madeGood();
  await stage.untilReadyzSays(true);
  return { recovery, operations: load.operations.slice(from) };
}

async function lasting(pool: Pool, fault: Fault, ms: number): Promise<void> {
  const end = performance.now() + ms;
  while (performance.now() < end) {
    await fault.during?.(pool);
    await wait(Math.min(200, Math.max(0, end - performance.now())));
  }
}
