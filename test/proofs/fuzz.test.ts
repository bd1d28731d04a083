import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { buildSchema } from 'graphql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { gatewayOf, type Holding, PROBED } from '../../bench/load/ground.js';
import { growth } from '../../bench/load/run.js';
import { memcachedInstalled, onMemcached, type RunningMemcached, startMemcached } from '../memcached.js';
import type { Material } from './fuzz/documents.js';
import { anyShot, type Hit, openAgent, type Shot, shoot } from './fuzz/requests.js';
import { documentedCodes, INSIDES } from './hostile/documented.js';
import { startWorld, type World } from './hostile/world.js';
import { sized } from './support/sized.js';

/** Requests that are under way at the same time. */
const VOLLEY = 50;
/** `FUZZ_VOLLEYS=2000`: a hundred thousand requests, which take some nine minutes. */
const VOLLEYS = Number(process.env['FUZZ_VOLLEYS'] ?? sized(20, 400));
/** Fewer volleys than these leave what is remembered on purpose still growing, so that growth would say nothing. */
const SETTLED = 400;
/** Volleys before the first look at memory: what is remembered on purpose has its size by then. */
const WARM_UP = Math.ceil(VOLLEYS / 5);
const SEED = Number(process.env['FUZZ_SEED'] ?? 20_260);
const MINUTES = 60_000;

describe.skipIf(!memcachedInstalled)(onMemcached('any request'), () => {
  const agent = openAgent();
  let memcached: RunningMemcached;
  let world: World;
  let material: Material;

  beforeAll(async () => {
    memcached = await startMemcached();
    const cache = { MEMCACHED_SERVERS: memcached.address, CACHE_SECRET: 'a-secret-for-the-fuzz-test-of-32-bytes' };
    world = await startWorld({ ...cache, ...PROBED });
    const schema = buildSchema(readFileSync(new URL('../../schema.graphql', import.meta.url), 'utf8'));
    // Without a token nothing is asked: alice keeps hers.
    material = { schema, ids: await idsOf(world), without: new Set(['revokeToken']) };
  });

  afterAll(async () => {
    agent.destroy();
    await world.stop();
    await memcached.stop();
  });

  it(
    'is answered with a documented code, by a gateway that lives on and does not grow',
    async () => {
      const gateway = gatewayOf(world.replica);
      const statuses = new Map<string, number>();
      const held: Holding[] = [];
      let volleys = 0;
      const volley = fc.array(anyShot(material, world.aliceToken), { minLength: VOLLEY, maxLength: VOLLEY });
      const property = fc.asyncProperty(volley, async (shots) => {
        const hits = await Promise.all(shots.map((shot) => shoot(shot, world.port, agent)));
        world.takeCalls();
        for (const [index, hit] of hits.entries()) {
          const names = judge(shots[index] as Shot, hit);
          for (const name of names) statuses.set(name, (statuses.get(name) ?? 0) + 1);
        }
        volleys += 1;
        if (volleys === WARM_UP || volleys === (WARM_UP + VOLLEYS) / 2) held.push(await gateway.hold());
      });
      await fc.assert(property, {
        numRuns: VOLLEYS,
        // A volley is as good a report as any smaller one, and shrinking asks for it hundreds of times.
        endOnFailure: true,
        seed: SEED,
      });
      held.push(await gateway.hold());

      console.log(
        `${volleys * VOLLEY} requests, ${[...statuses]
          .sort()
          .map(([name, count]) => `${name}: ${count}`)
          .join(', ')}`,
      );
      const [start, middle, end] = held as [Holding, Holding, Holding];
      const inMebibytes = (bytes: number) => (bytes / 2 ** 20).toFixed(1);
      for (const { rss, live, fds } of held)
        console.log(`RSS ${inMebibytes(rss)} MiB, live heap ${inMebibytes(live)} MiB, file descriptors ${fds}`);
      if (VOLLEYS >= SETTLED) expect(growth([start, middle, end], 'the gateway', volleys * VOLLEY)).toEqual([]);
      expect((await fetch(`${world.url}/healthz`)).status).toBe(200);
      expect(world.replica.output()).not.toMatch(/unexpected error|Unhandled|Uncaught/);
      // Requests that all end at the door would prove nothing of what is behind it.
      expect(statuses.get('whole answers')).toBeGreaterThan((volleys * VOLLEY) / 20);
    },
    60 * MINUTES,
  );

  async function idsOf({ alice, bobServer }: World): Promise<readonly string[]> {
    const lists = ['servers', 'flavors', 'images', 'networks', 'subnets', 'ports', 'securityGroups', 'volumes'];
    const query = `{ ${lists.map((list) => `${list}(first: 5) { nodes { id } }`).join(' ')} }`;
    const { data } = await alice.ask<Readonly<Record<string, { nodes: readonly { id: string }[] }>>>(query);
    return [bobServer, ...Object.values(data).flatMap(({ nodes }) => nodes.map(({ id }) => id))];
  }
});

/** Under which names an answer counts; throws where there should be none such. */
function judge(shot: Shot, { status, body }: Hit): readonly string[] {
  const what = `${describeShot(shot)}\n-> ${status} ${body.slice(0, 500)}`;
  if (status === 0 && shot.kind !== 'raw') throw new Error(`no answer to ${what}`);
  const parsed = body.startsWith('{')
    ? (JSON.parse(body) as { data?: unknown; errors?: { extensions?: { code?: unknown } }[] })
    : {};
  const codes = [...new Set((parsed.errors ?? []).map(({ extensions }) => String(extensions?.code)))];
  expect(
    codes.filter((code) => !documentedCodes.has(code) || code === 'INTERNAL_SERVER_ERROR'),
    what,
  ).toEqual([]);
  if (status >= 500 && !isHealth(shot)) throw new Error(`expected no fault of the gateway's own: ${what}`);
  if (codes.length > 0) expect(body, what).not.toMatch(INSIDES);
  const isWhole = parsed.data !== undefined && codes.length === 0;
  return [`HTTP ${status}`, ...codes, ...(isWhole ? ['whole answers'] : [])];
}

/** `/readyz` may be 503: that is what it is for. */
function isHealth(shot: Shot): boolean {
  return shot.kind === 'http' && shot.path.startsWith('/readyz');
}

function describeShot(shot: Shot): string {
  if (shot.kind === 'raw') return JSON.stringify(shot.bytes.toString('latin1'));
  return `${shot.method} ${shot.path} ${JSON.stringify(shot.headers)} ${shot.body.toString('latin1')}`;
}
