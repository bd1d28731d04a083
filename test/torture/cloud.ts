import { createDemoCloud, type DemoCall, type Disturbance } from '../../src/demo/index.js';
import { Random } from '../../src/demo/random.js';
import { type Clock, type Deed, History } from './history.js';
import type { Promises } from './promises.js';
import { type Cloud, changedWith, Mirror, type Raw, TABLES, type Type, viewOf } from './views.js';

const SERVERS = 14;
/** Milliseconds of an ordinary call, and of every so many-th slow one. */
const DELAYS = { min: 0, max: 3 };
const SLOW = { share: 0.02, max: 40 };
/** A server builds within 45 ms. */
const PACE = 0.03;
/** Of the writes, while mishaps are on: answered 502 or not at all, done up to so many milliseconds later. */
const LOST = { share: 0.04, max: 60 };

/** The demo cloud under torture, and the history of its rows. */
export interface Ground {
  readonly cloud: Cloud;
  readonly history: History;
  /** The client with this token is about to send a mutation; whatever its writes change is the deed's. */
  expect(token: string, deed: Deed | null): void;
  /** Whether writes may lose their answers. */
  mishaps: boolean;
  /** Resolves when nothing changes by itself any more. */
  quiet(): Promise<void>;
}

/** Starts a small demo cloud whose every commit becomes a version in the history. */
export async function startGround(seed: number, clock: Clock, promises: Promises): Promise<Ground> {
  const random = new Random(seed + 17);
  const deeds = new Map<string, Deed | null>();
  const causes = new WeakMap<object, Deed>();
  let late = 0;
  const disturb = (call: DemoCall): Disturbance | undefined => {
    const deed = call.token === undefined ? undefined : deeds.get(call.token);
    const isWrite = call.method !== 'GET' && call.service !== 'identity';
    if (deed && isWrite) causes.set(call, deed);
    if (isWrite && ground.mishaps && random.next() < LOST.share) {
      const before = random.between(0, LOST.max);
      late += 1;
      setTimeout(() => {
        late -= 1;
      }, before + 20).unref();
      return { before, after: 0, answer: random.next() < 0.5 ? 502 : 'drop' };
    }
    if (random.next() < SLOW.share) {
      const total = random.between(0, SLOW.max);
      const before = random.between(0, total + 1);
      return { before, after: total - before };
    }
    return undefined;
  };
  const cloud = await createDemoCloud({ servers: SERVERS, seed, delays: DELAYS, pace: PACE, logLimit: 100, disturb });
  const mirror = new Mirror(cloud);
  const history = new History();
  const beginning = { tick: 0, ms: 0 };
  for (const type of Object.keys(TABLES) as Type[]) {
    for (const id of mirror.table(TABLES[type]).keys())
      history.of(type, id).add(beginning, viewOf(mirror, type, id), null, false);
  }
  cloud.onCommit(({ type: table, id, change, row, cause }) => {
    const at = clock.now();
    const before = mirror.put(table, id, change === 'delete' ? null : (row as Raw));
    const deed = (cause && causes.get(cause.call)) ?? null;
    for (const [type, changedId] of changedWith(mirror, table, row as Raw, before)) {
      const view = viewOf(mirror, type, changedId);
      if (view === null && history.find(type, changedId) === undefined) continue;
      const timeline = history.of(type, changedId);
      if (timeline.versions.length === 0) timeline.add(beginning, null, null, false);
      if (JSON.stringify(timeline.current) === JSON.stringify(view)) continue;
      promises.committed(timeline.add(at, view, deed, cause?.later === true));
    }
  });
  const ground: Ground = {
    cloud,
    history,
    mishaps: false,
    expect: (token, deed) => void deeds.set(token, deed),
    quiet: async () => {
      while (late > 0) await new Promise((resolve) => setTimeout(resolve, 5));
      await cloud.settled();
    },
  };
  return ground;
}
