import fc, { type Arbitrary, type Scheduler } from 'fast-check';
import { ALL_RULES, type Rules } from '../../../src/cache/rules.js';
import {
  Actors,
  ALL_STAMP_RULES,
  type ReadAction,
  type StampRules,
  type WriteAction,
  type WriteMode,
} from './actors.js';
import { ASKERS, type Asker, Cloud } from './cloud.js';
import { Gateway } from './gateway.js';
import { type Lag, type Mishap, type MishapKind, World } from './world.js';

/** What happens beside the clients' own doing. */
export type Happening =
  | { readonly kind: 'evict'; readonly what: 'stamp' | 'hold'; readonly pick: number }
  | { readonly kind: 'restart'; readonly server: 0 | 1 }
  | { readonly kind: 'outside'; readonly row: string }
  /** Time enough for every hold to end passes, unless a write is under way: none outlasts its hold. */
  | { readonly kind: 'wait' }
  /** Time enough for a write that was done at once to settle. */
  | { readonly kind: 'pause' };

export type Action = ReadAction | WriteAction | Happening;

export interface Scenario {
  readonly scheduler: Scheduler;
  /** Each client works off its actions in order, at the gateway of that number. */
  readonly clients: readonly { readonly gateway: number; readonly actions: readonly Action[] }[];
  readonly mishaps: readonly Mishap[];
  /** Gateway 0 is killed at this event of its own. */
  readonly dieAt: number | null;
  /** What is read when all is over. */
  readonly last: {
    readonly askers: readonly Asker[];
    readonly rows: readonly string[];
    readonly outages: boolean;
    readonly wholes: boolean;
    readonly pieces: boolean;
  };
}

/** What a search for a broken promise should turn to most. */
export interface Focus {
  readonly rows?: readonly string[];
  readonly modes?: readonly WriteMode[];
  readonly happenings?: readonly Happening['kind'][];
  readonly evicts?: readonly ('stamp' | 'hold')[];
  readonly mishaps?: readonly MishapKind[];
  readonly kills?: boolean;
  readonly outages?: boolean;
  readonly refreshes?: boolean;
  readonly wholes?: boolean;
  readonly pieces?: boolean;
  readonly lists?: boolean;
  readonly touches?: boolean;
  readonly fresh?: boolean;
  readonly askers?: readonly (keyof typeof ASKERS)[];
  readonly clients?: number;
  /** What each client does, where only the order of events is to be searched. */
  readonly script?: readonly (readonly Action[])[];
}

export interface AllRules extends Rules, StampRules {}
export const EVERY_RULE: AllRules = { ...ALL_RULES, ...ALL_STAMP_RULES };

/** Everything at once, as far as it fits into one scenario. */
export const EVERYTHING: Focus = {
  rows: ['server', 'chosen', 'port', 'shared'],
  modes: ['sync', 'accepted', 'unknown'],
  happenings: ['evict', 'restart', 'outside', 'wait', 'pause'],
  evicts: ['stamp', 'hold'],
  mishaps: ['lost', 'silent', 'late', 'slow'],
  kills: true,
  outages: true,
  refreshes: true,
  lists: true,
  touches: true,
  fresh: true,
  wholes: true,
  pieces: true,
  askers: ['alice', 'bob', 'admin'],
};

export function scenarios(focus: Focus): Arbitrary<Scenario> {
  const actions = fc.array(actionsOf(focus), { minLength: 1, maxLength: 4 });
  const gateway = fc.constantFrom(0, 1);
  const client = fc.record({ gateway, actions });
  const mishap = fc.record({
    kind: fc.constantFrom(...(focus.mishaps ?? ['slow' as const])),
    from: fc.integer({ min: 1, max: 50 }),
    length: fc.constantFrom(1, 4, 16),
  });
  return fc.record({
    scheduler: fc.scheduler(),
    clients:
      focus.script === undefined
        ? fc.array(client, { minLength: 2, maxLength: focus.clients ?? 3 })
        : fc.tuple(...focus.script.map((actions) => fc.record({ gateway, actions: fc.constant(actions) }))),
    mishaps: focus.mishaps === undefined ? fc.constant([]) : fc.array(mishap, { maxLength: 3 }),
    dieAt: focus.kills === true ? fc.option(fc.integer({ min: 1, max: 60 })) : fc.constant(null),
    last: fc.constant({
      askers: (focus.askers ?? ['alice' as const]).map((name) => ASKERS[name]),
      rows: [...(focus.rows ?? ['server']), ...(focus.touches === true ? ['port'] : [])],
      outages: focus.outages === true,
      wholes: focus.wholes === true,
      pieces: focus.pieces === true,
    }),
  });
}

const PLAIN = { refresh: false, whole: false, pieces: false, outage: false, lag: 0 } as const;

/** For scripts: alice reads the server. */
export function readOf(more: Partial<ReadAction> = {}): ReadAction {
  return { kind: 'read', asker: ASKERS.alice, of: [{ row: 'server' }], ...PLAIN, ...more };
}

/** For scripts: alice changes the server. */
export function writeOf(more: Partial<WriteAction> = {}): WriteAction {
  const plain = { row: 'server', mode: 'sync' as const, touchesPorts: false, storesFresh: false, lag: 0 };
  return { kind: 'write', asker: ASKERS.alice, ...plain, ...more };
}

function actionsOf(focus: Focus): Arbitrary<Action> {
  const asker = fc.constantFrom(...(focus.askers ?? ['alice'])).map((name) => ASKERS[name]);
  const lag = fc.constantFrom<Lag>(0, 0, 5, 20, 'idle');
  const row = fc.constantFrom(...(focus.rows ?? ['server']));
  const flag = (on: boolean | undefined) => (on === true ? fc.boolean() : fc.constant(false));
  const ofRow = row.map((id) => ({ row: id }));
  const ofList = row.map((id) => ({ list: new Cloud().row(id).type }));
  const read: Arbitrary<Action> = fc.record({
    kind: fc.constant('read'),
    asker,
    of: fc.array(focus.lists === true ? fc.oneof(ofRow, ofList) : ofRow, { minLength: 1, maxLength: 2 }),
    refresh: flag(focus.refreshes),
    whole: flag(focus.wholes),
    pieces: flag(focus.pieces),
    outage: flag(focus.outages),
    lag,
  });
  const write: Arbitrary<Action> = fc.record({
    kind: fc.constant('write'),
    asker,
    row: row.map((id) => (id === 'port' ? 'server' : id)),
    mode: fc.constantFrom<WriteMode>(...(focus.modes ?? ['sync'])),
    touchesPorts: flag(focus.touches),
    storesFresh: flag(focus.fresh),
    lag,
  });
  const happenings = (focus.happenings ?? []).map((kind) => happeningOf(kind, focus));
  return fc.oneof({ weight: 4, arbitrary: read }, { weight: 3, arbitrary: write }, ...happenings);
}

function happeningOf(kind: Happening['kind'], focus: Focus): Arbitrary<Happening> {
  if (kind === 'evict') {
    const what = fc.constantFrom(...(focus.evicts ?? ['stamp' as const]));
    return fc.record({ kind: fc.constant(kind), what, pick: fc.nat(5) });
  }
  if (kind === 'restart') return fc.record({ kind: fc.constant(kind), server: fc.constantFrom<0 | 1>(0, 1) });
  if (kind === 'outside')
    return fc.record({ kind: fc.constant(kind), row: fc.constantFrom(...(focus.rows ?? ['server'])) });
  return fc.constant({ kind });
}

/**
 * Plays a scenario to its end and answers with every broken promise. `wave`: milliseconds that a read waits for the
 * store; without end unless said otherwise, since one that is not waited for is seldom given anything to keep.
 */
export async function play(
  scenario: Scenario,
  rules: AllRules = EVERY_RULE,
  wave = Number.POSITIVE_INFINITY,
): Promise<string[]> {
  const world = new World(scenario.scheduler, scenario.mishaps);
  const cloud = new Cloud();
  const actors = new Actors(world, cloud, rules);
  const immortal = new Gateway(world, rules, Number.POSITIVE_INFINITY, wave);
  const gateways = [new Gateway(world, rules, scenario.dieAt ?? Number.POSITIVE_INFINITY, wave), immortal];
  const act = async (gateway: Gateway, action: Action): Promise<void> => {
    if (action.kind === 'read') return actors.read(gateway, action);
    if (action.kind === 'write') return actors.write(gateway, action);
    await (action.kind === 'wait' ? world.lag('idle') : world.event(action.kind));
    happen(world, cloud, action);
  };
  for (const { gateway, actions } of scenario.clients) {
    const at = gateways[gateway];
    if (at !== undefined)
      void actions.reduce((before, action) => before.then(() => act(at, action)), Promise.resolve());
  }
  await world.settle();
  await readEverything(world, cloud, actors, immortal, scenario);
  return actors.violations;
}

function happen(world: World, cloud: Cloud, happening: Happening): void {
  if (happening.kind === 'outside') cloud.changeOutside(cloud.row(happening.row));
  if (happening.kind === 'pause') world.pause();
  if (happening.kind === 'wait' && cloud.underway === 0) world.advance(200_000);
  if (happening.kind === 'evict') {
    const keys = world.memory.flatMap((memory) => memory.keys(happening.what));
    const key = keys[happening.pick % Math.max(1, keys.length)];
    if (key !== undefined) world.memoryOf(key).drop(key);
    world.forgotten ||= happening.what === 'hold';
  }
  if (happening.kind === 'restart') {
    world.memory[happening.server].restart();
    world.forgotten = true;
  }
}

/**
 * When all is quiet and short lives have ended, nobody gets anything older than what gateways' writes have made, late
 * effects included; where holds were lost, nothing older than what their answers vouched for.
 */
async function readEverything(
  world: World,
  cloud: Cloud,
  actors: Actors,
  gateway: Gateway,
  { last }: Scenario,
): Promise<void> {
  const promised = world.forgotten ? cloud.answered : cloud.written;
  const rows = [...new Set(last.rows)].map((row) => ({ row }));
  const lists = [...new Set(last.rows.map((id) => cloud.row(id).type))].map((list) => ({ list }));
  const times = [3, 400] as const;
  for (const outage of last.outages ? [true, false] : [false]) {
    for (const seconds of times) {
      world.advance(seconds * 1000);
      for (const asker of last.askers) {
        void actors.read(gateway, { kind: 'read', asker, of: [...rows, ...lists], ...PLAIN, outage }, promised);
        for (const wanted of [...rows, ...lists]) {
          const one = { kind: 'read', asker, of: [wanted], ...PLAIN, outage } as const;
          if (last.wholes) void actors.read(gateway, { ...one, whole: true }, promised);
          if (last.pieces) void actors.read(gateway, { ...one, pieces: true }, promised);
        }
      }
      await world.settle();
    }
  }
}
