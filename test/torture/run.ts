import { Random } from '../../src/demo/random.js';
import { Checker, type Stale } from './checker.js';
import { type Asked, Client, type Person, type Run } from './client.js';
import { type Ground, startGround } from './cloud.js';
import { Clock } from './history.js';
import { Mutations, type Offers } from './mutations.js';
import { Pool } from './pool.js';
import { Promises } from './promises.js';
import { Questions } from './questions.js';
import { describeStale } from './report.js';
import { Tally } from './tally.js';
import { TABLES, type Type } from './views.js';

export interface Options {
  readonly operations: number;
  /** All random choices derive from it. */
  readonly seed: number;
  /** Whether gateways are killed and writes lose their answers all along, instead of at the end of rounds. */
  readonly kill: boolean;
  readonly replicas: number;
  readonly clients: number;
  readonly say: (line: string) => void;
  /** Ends the run early, in good order. */
  readonly stop?: AbortSignal;
}

export interface Outcome {
  readonly tally: Tally;
  readonly facts: number;
  readonly seconds: number;
  /** One report for each stale answer, at most `MOST_REPORTS`. */
  readonly stale: readonly string[];
}

/** A run ends after so many. */
const MOST_REPORTS = 3;
/**
 * Operations between two full stops. A write of unknown outcome holds its types for 180 s, during which nothing of them is
 * cached; a stop of all gateways with an empty memcached behind it makes the cache worth testing again.
 */
const ROUND = { calm: 10_000, kill: 2500 };
/** In a calm round writes lose their answers from here on. */
const MISHAPS_FROM = 0.9;
const KILLS = 2;
/** In every second calm round one of the memcached servers forgets everything after about so many operations. */
const FORGET_EVERY = 300;
/** Operations for which the same types are changed. */
const FASHION = 400;
const PRUNE_EVERY = 50;
const PROGRESS_EVERY = 5000;

const PEOPLE: readonly (readonly [name: string, project: string])[] = [
  ['alice', 'demo-a'],
  ['bob', 'demo-b'],
  ['admin', 'demo-a'],
  ['reader', 'demo-a'],
  ['alice', 'demo-a'],
  ['bob', 'demo-b'],
  ['admin', 'admin'],
  ['reader', 'demo-a'],
];

/** Runs clients against gateways before a demo cloud, and checks every answer. */
export async function torture(options: Options): Promise<Outcome> {
  const clock = new Clock();
  const promises = new Promises(clock);
  const ground = await startGround(options.seed, clock, promises);
  const checker = new Checker(ground.history);
  const tally = new Tally();
  const pool = new Pool(ground.cloud.authUrl);
  const stale: string[] = [];
  const begin = performance.now();
  const run: Run = {
    ground,
    pool,
    promises,
    checker,
    tally,
    fashion: () => fashionAt(options.seed, tally.operations),
    onStale: (found: Stale, asked: Asked) => {
      if (stale.length < MOST_REPORTS) stale.push(describeStale(options, found, asked));
    },
  };
  const clients = makeClients(options, run);
  const isOver = () => options.stop?.aborted === true || stale.length >= MOST_REPORTS;
  try {
    for (const client of clients) await client.login();
    for (let round = 1; tally.operations < options.operations && !isOver(); round += 1) {
      const length = options.kill ? ROUND.kill : ROUND.calm;
      await playRound(options, run, clients, Math.min(round * length, options.operations), isOver, begin);
    }
  } finally {
    await pool.stop();
    await ground.cloud.close();
  }
  return { tally, facts: checker.facts, seconds: (performance.now() - begin) / 1000, stale };
}

/** A full stop, then operations until there have been `until` of them in all. */
async function playRound(
  options: Options,
  run: Run,
  clients: readonly Client[],
  until: number,
  isOver: () => boolean,
  begin: number,
): Promise<void> {
  const { tally, ground, pool, promises } = run;
  await pool.stop();
  await pool.start(options.replicas);
  const from = tally.operations;
  const mishapsFrom = options.kill ? 0 : MISHAPS_FROM;
  const random = new Random(options.seed + until);
  const kills = Array.from({ length: options.kill ? KILLS : 0 }, () => from + random.next() * (until - from));
  const killing: Promise<void>[] = [];
  promises.holdsMayBeLost = !options.kill && Math.ceil(until / ROUND.calm) % 2 === 0;
  let forgetAt = from + FORGET_EVERY * random.next();
  const next = { prune: from, progress: from + PROGRESS_EVERY };
  let underWay = 0;
  await Promise.all(
    clients.map(async (client) => {
      while (tally.operations + underWay < until && !isOver()) {
        ground.mishaps = tally.operations - from >= (until - from) * mishapsFrom;
        const due = kills.findIndex((at) => tally.operations >= at);
        if (due >= 0 && killing.length === 0) {
          kills.splice(due, 1);
          tally.kills += 1;
          killing.push(pool.replace(random.between(0, options.replicas)).finally(() => killing.splice(0)));
        }
        if (promises.holdsMayBeLost && tally.operations >= forgetAt) {
          forgetAt += 2 * FORGET_EVERY * random.next();
          await pool.forget(random);
        }
        underWay += 1;
        await client.step();
        underWay -= 1;
        if (tally.operations >= next.prune) {
          next.prune += PRUNE_EVERY;
          ground.history.forget(promises.oldest);
        }
        if (tally.operations >= next.progress) {
          next.progress += PROGRESS_EVERY;
          options.say(progress(run, begin));
        }
      }
    }),
  );
  await Promise.all(killing);
  ground.mishaps = false;
  await ground.quiet();
}

function makeClients(options: Options, run: Run): Client[] {
  const { ground } = run;
  const projects = new Map(
    (ground.cloud.rows('project') as { id: string; name: string }[]).map((row) => [row.name, row.id]),
  );
  const offers = offersOf(ground);
  return Array.from({ length: options.clients }, (_, index) => {
    const [name, project] = PEOPLE[index % PEOPLE.length] ?? ['alice', 'demo-a'];
    const eyes = { project: projects.get(project) ?? '', admin: name === 'admin' };
    const person: Person = { name, project, eyes };
    // A stream of its own for each client: what one chooses does not depend on how fast the others are.
    const random = new Random(options.seed * 1000 + index);
    const questions = new Questions(random, ground.history, eyes);
    const writes = name !== 'reader';
    const mutations = writes ? new Mutations(random, ground.history, eyes, offers, `t${index}`) : null;
    return new Client(run, person, random, questions, mutations);
  });
}

function offersOf({ cloud }: Ground): Offers {
  const named = (table: string, name: string) => {
    const row = (cloud.rows(table) as { id: string; name: string }[]).find((each) => each.name === name);
    if (row === undefined) throw new Error(`the demo cloud has no ${table} ${name}`);
    return row.id;
  };
  return {
    flavorId: named('flavor', 'm1.nano'),
    imageId: named('image', 'debian-12'),
    externalNetworkId: named('network', 'public'),
  };
}

const TYPES = Object.keys(TABLES) as [Type, ...Type[]];

/** Few types at a time, now much and now little: entries of the others live long enough to grow stale. */
function fashionAt(seed: number, operations: number): { readonly types: readonly Type[]; readonly mutations: number } {
  const random = new Random(seed * 77 + Math.floor(operations / FASHION));
  random.next();
  const types = [random.pick(TYPES), random.pick(TYPES)];
  return { types, mutations: 0.03 + 0.35 * random.next() ** 2 };
}

function progress({ tally, checker }: Run, begin: number): string {
  const seconds = (performance.now() - begin) / 1000;
  const rss = Math.round(process.memoryUsage().rss / 2 ** 20);
  const pace = Math.round(tally.operations / seconds);
  return `${tally.operations} operations, ${pace}/s, ${tally.mutations} mutations, ${checker.facts} facts checked, hits ${percent(tally.hitRatio)}, ${rss} MiB`;
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}
