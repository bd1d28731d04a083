import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDemoCloud, type DemoCall, type DemoCloud } from '../../src/demo/index.js';
import { memcachedInstalled, onMemcached, type RunningMemcached, startMemcached } from '../memcached.js';
import { ALICE, type Answer, Client } from '../support/client.js';
import { type Replica, startReplica } from '../support/replica.js';
import { type Balancer, startBalancer } from './support/balancer.js';
import { sized } from './support/sized.js';

const RESTARTS = sized(1, 5);
const PER_SECOND = 20;
const PROBE_MS = 100;
/** Long enough for a balancer on a machine that has too much to do to notice: requests behind it would meet a closed port. */
const DRAIN_S = 5;
/** What is slow is under way when the port closes. */
const SLOWER_MS = (DRAIN_S + 1.5) * 1000;
const SLOW_MS = 500;

/** While `on`, queries of servers and writes are slower than the drain. */
const slow = { on: false };

function slowness({ service, method, path }: DemoCall) {
  if (!slow.on) return undefined;
  if (service === 'network' && method === 'POST') return { before: SLOWER_MS };
  return service === 'compute' && path.endsWith('/servers/detail') ? { after: SLOWER_MS } : undefined;
}

describe.skipIf(!memcachedInstalled)(onMemcached('graceful restarts under load'), () => {
  let cloud: DemoCloud;
  let memcached: RunningMemcached;
  let balancer: Balancer;
  const replicas: Replica[] = [];

  beforeAll(async () => {
    cloud = await createDemoCloud({ pace: 0, delays: { min: 0, max: 20 }, disturb: slowness });
    memcached = await startMemcached();
    balancer = await startBalancer(PROBE_MS);
    await Promise.all([join(), join()]);
  });

  afterAll(async () => {
    await Promise.all(replicas.map((replica) => replica.kill()));
    await balancer.close();
    await memcached.stop();
    await cloud.close();
  });

  async function join(): Promise<void> {
    const replica = await startReplica({
      OS_AUTH_URL: cloud.authUrl,
      MEMCACHED_SERVERS: memcached.address,
      CACHE_SECRET: 'a-secret-for-the-proof-of-restarts',
      // Each query of servers asks the cloud, or the slow ones would be cached.
      CACHE_TTL: 'Server=0',
      DRAIN_SECONDS: String(DRAIN_S),
    });
    replicas.push(replica);
    await balancer.add(replica.url);
  }

  /** SIGTERM under load, then a new one in its place; what was under way when the port closed. */
  async function restart(): Promise<{ queries: number; writes: number; code: number | null }> {
    const replica = replicas.shift();
    if (replica === undefined) throw new Error('expected two replicas, got none');
    slow.on = true;
    await wait(SLOW_MS);
    const gone = replica.stop();
    await balancer.left(replica.url);
    slow.on = false;
    const code = await gone;
    const line = /^.*"msg":"stopping".*$/m.exec(replica.output())?.[0];
    if (line === undefined) throw new Error(`expected a line that says "stopping", got ${replica.output()}`);
    await join();
    return { ...(JSON.parse(line) as { queries: number; writes: number }), code };
  }

  it('lose no request, and no mutation is lost or made twice', async () => {
    const client = await Client.login(balancer.url, ALICE);
    const load = startLoad(client);
    const ends: Awaited<ReturnType<typeof restart>>[] = [];
    for (let round = 0; round < RESTARTS; round += 1) {
      await wait(500);
      ends.push(await restart());
    }
    const { queries, mutations } = await load.stop();

    const underWay = (kind: 'queries' | 'writes') => ends.reduce((sum, end) => sum + end[kind], 0);
    console.log(
      `${RESTARTS} restarts, ${queries.length} queries and ${mutations.size} mutations at ${PER_SECOND}/s; ` +
        `under way when a port closed: ${underWay('queries')} queries, ${underWay('writes')} mutations; lost: ${balancer.lost.length}`,
    );
    expect(balancer.lost).toEqual([]);
    expect(queries.concat([...mutations.values()]).filter(isBad)).toEqual([]);
    expect(ends.map(({ code }) => code)).toEqual(ends.map(() => 0));
    expect(underWay('queries')).toBeGreaterThan(0);
    expect(underWay('writes')).toBeGreaterThan(0);
    expect(madeByName(cloud)).toEqual(new Map([...mutations.keys()].map((name) => [name, 1])));
  });
});

interface Told {
  readonly status: number;
  readonly problem: string | null;
}

const isBad = ({ status, problem }: Told): boolean => status !== 200 || problem !== null;

/** Requests at a fixed rate whatever the answers do: two queries, then a mutation. */
function startLoad(client: Client) {
  const queries: Promise<Told>[] = [];
  const mutations = new Map<string, Promise<Told>>();
  let sent = 0;
  const timer = setInterval(() => {
    sent += 1;
    if (sent % 3 > 0) {
      // Small pages of many sizes, or they would share one call.
      const query = 'query ($first: Int!) { servers(first: $first) { nodes { name ports { id network { name } } } } }';
      queries.push(told(client.tell(query, { first: 1 + (sent % 20) })));
      return;
    }
    const name = `restart-${sent}`;
    const query =
      'mutation ($name: String!) { createSecurityGroup(input: { name: $name }) { securityGroup { name } } }';
    mutations.set(name, told(client.tell(query, { name })));
  }, 1000 / PER_SECOND);
  return {
    stop: async () => {
      clearInterval(timer);
      const answers = await Promise.all([...mutations].map(async ([name, answer]) => [name, await answer] as const));
      return { queries: await Promise.all(queries), mutations: new Map(answers) };
    },
  };
}

async function told(asked: Promise<Answer<unknown>>): Promise<Told> {
  try {
    const { status, errors } = await asked;
    return { status, problem: errors?.[0]?.message ?? null };
  } catch (error) {
    return { status: 0, problem: String(error) };
  }
}

/** How often the cloud made a security group of each of the load's names. */
function madeByName(cloud: DemoCloud): Map<string, number> {
  const made = new Map<string, number>();
  for (const { type, change, row } of cloud.log) {
    const name = 'name' in row ? String(row.name) : '';
    if (type !== 'security_group' || change !== 'create' || !name.startsWith('restart-')) continue;
    made.set(name, (made.get(name) ?? 0) + 1);
  }
  return made;
}
