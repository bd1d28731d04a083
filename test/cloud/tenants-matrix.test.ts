import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Random } from '../../src/demo/random.js';
import type { ResourceName } from '../../src/resource.js';
import { registry } from '../../src/services/registry.js';
import { type RunningMemcached, startMemcached } from '../memcached.js';
import { type Replica, startReplica } from '../support/replica.js';
import { type Asker, everyAsker, truthOf } from './support/askers.js';
import { type Around, around, ask, type Cell, differences, nameOf, read } from './support/matrix.js';
import { AUTH_URL } from './support/openstack.js';
import { type Shape, shapesOf } from './support/selections.js';

/** Replays an order: `MATRIX_SEED=12345`. */
const SEED = Number(process.env['MATRIX_SEED'] ?? Math.floor(Math.random() * 1e6));
/** For a part of it: `MATRIX_TYPES=Network,Port`. */
const ONLY = process.env['MATRIX_TYPES']?.split(',');
/** Times that everything is asked: the first fills the cache, the second finds it full of what others were shown. */
const PASSES = 2;
const AT_ONCE = 4;
const MINUTES = 60_000;

describe(`everybody asks for everything, through one cache that was empty (MATRIX_SEED=${SEED})`, () => {
  const random = new Random(SEED);
  let memcached: readonly RunningMemcached[];
  let replicas: readonly Replica[];
  let askers: readonly Asker[];
  let shapes: readonly Shape[];

  beforeAll(async () => {
    // Replicas of its own: what other tests changed at OpenStack directly is in no cache here.
    memcached = await Promise.all([startMemcached(), startMemcached()]);
    const env = {
      OS_AUTH_URL: AUTH_URL,
      MEMCACHED_SERVERS: memcached.map(({ address }) => address).join(','),
      CACHE_SECRET: 'of-no-worth-yet-thirty-two-bytes-long',
      LOG_LEVEL: 'warn',
      LIMIT_CALLS: '10000',
      LIMIT_NODES: '5000000',
      // A pass takes minutes, and the second has to find what the first brought.
      CACHE_TTL: Object.keys(registry)
        .map((type) => `${type}=3600`)
        .join(','),
    };
    replicas = await Promise.all([startReplica(env), startReplica(env)]);
    const url = replicas[0]?.url ?? '';
    [askers, shapes] = await Promise.all([everyAsker(url), shapesOf(url)]);
  }, 2 * MINUTES);

  afterAll(async () => {
    await Promise.allSettled((replicas ?? []).map((replica) => replica.stop()));
    await Promise.allSettled((memcached ?? []).map((server) => server.stop()));
  });

  it(
    'and gets what OpenStack gives to the same token',
    async () => {
      const cells = await everyCell(askers, shapes);
      const arounds = new Map(askers.map((asker) => [asker, around(asker)]));
      await inTurn(cells, (cell) => read(of(arounds, cell).before, cell));
      const answers: Awaited<ReturnType<typeof askAll>>[number][] = [];
      for (let pass = 1; pass <= PASSES; pass += 1) answers.push(...(await askAll(cells, pass)));
      await inTurn(cells, (cell) => read(of(arounds, cell).after, cell));
      const found = await inTurn(answers, ({ cell, answer }) => differences(cell, answer, of(arounds, cell)));
      const wrong = found.flat();
      expect(wrong).toEqual([]);
    },
    20 * MINUTES,
  );

  it('and is told by `me` whose token it is, as Keystone says', async () => {
    const query = '{ me { user { id } project { id } system roles { id } projects { id } } }';
    interface Told {
      readonly me: {
        readonly user: { readonly id: string };
        readonly project: { readonly id: string } | null;
        readonly system: boolean;
        readonly roles: readonly { readonly id: string }[];
        readonly projects: readonly { readonly id: string }[];
      };
    }
    for (const { url } of [...replicas, ...replicas])
      await inTurn(shuffled(askers), async ({ client, raw, name }) => {
        const [{ data }, { token }] = await Promise.all([client.at(url).ask<Told>(query), raw.describeToken()]);
        const projects = await raw.rows('identity', '/auth/projects', 'projects');
        expect(data.me.user.id, name).toBe(token.user.id);
        expect(data.me.project?.id, name).toBe(token.project?.id);
        expect(data.me.system, name).toBe(token.system !== undefined);
        expect(idsOf(data.me.roles), name).toEqual(idsOf(token.roles ?? []));
        expect(idsOf(data.me.projects), name).toEqual(idsOf(projects));
      });
  });

  /** Everything in an order of its own; the second time most of it comes from the cache. */
  async function askAll(cells: readonly Cell[], pass: number) {
    const answers = await inTurn(shuffled(cells), async (cell) => {
      const url = random.pick([replicas[0]?.url ?? '', replicas[1]?.url ?? '']);
      return { cell, answer: await ask(cell, url) };
    });
    const count = (what: 'hits' | 'misses') =>
      answers.reduce((sum, { answer }) => sum + (answer.extensions?.explain?.cache[what] ?? 0), 0);
    const whole = answers.filter(({ answer }) => !answer.errors).length;
    console.log(
      `pass ${pass}: ${cells.length} questions, ${whole} answered whole, ${count('hits')} hits, ${count('misses')} misses`,
    );
    expect(whole).toBeGreaterThan(cells.length / 3);
    if (pass > 1) expect(count('hits')).toBeGreaterThan(count('misses'));
    return answers;
  }

  /** Every list, its `allProjects`, and for each type one row of everybody's, asked for by everybody. */
  async function everyCell(all: readonly Asker[], types: readonly Shape[]): Promise<readonly Cell[]> {
    const cells: Cell[] = [];
    for (const shape of types.filter(({ type }) => ONLY?.includes(type) ?? true)) {
      const ids = await idsToAskFor(shape.type as ResourceName);
      for (const asker of all) {
        const cell = { asker, shape, id: null, allProjects: false };
        cells.push(cell, { ...cell, allProjects: true }, ...ids.map((id) => ({ ...cell, id })));
      }
    }
    return cells;
  }

  async function idsToAskFor(type: ResourceName): Promise<readonly string[]> {
    const lists = await Promise.all(askers.map((asker) => truthOf(asker).list(type, false)));
    const own = askers.map(({ raw }) => raw.projectId).filter((id) => type === 'Project' && id !== '');
    const chosen = lists.flatMap(({ rows: [first, ...others] }) =>
      first === undefined ? [] : [random.pick([first, ...others]).id],
    );
    return [...new Set([...own, ...chosen])];
  }

  function shuffled<T>(things: readonly T[]): readonly T[] {
    return things
      .map((thing) => ({ thing, place: random.next() }))
      .sort((one, other) => one.place - other.place)
      .map(({ thing }) => thing);
  }
});

function of(arounds: ReadonlyMap<Asker, Around>, cell: Cell): Around {
  const found = arounds.get(cell.asker);
  if (found === undefined) throw new Error(`expected truth for ${nameOf(cell)}`);
  return found;
}

/** A few at a time, in their order. */
async function inTurn<T, R>(things: readonly T[], does: (thing: T) => Promise<R>): Promise<readonly R[]> {
  const queue = things.entries();
  const results: R[] = [];
  const worker = async () => {
    for (const [index, thing] of queue) results[index] = await does(thing);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return results;
}

function idsOf(rows: readonly { readonly id: string }[]): readonly string[] {
  return rows.map(({ id }) => id).sort();
}
