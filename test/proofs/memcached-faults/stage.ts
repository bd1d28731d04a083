import { setTimeout as wait } from 'node:timers/promises';
import type { DemoCloud } from '../../../src/demo/index.js';
import { ALICE, type Answer, Client } from '../../support/client.js';
import { type Replica, startReplica } from '../../support/replica.js';
import type { Shown } from './judge.js';
import { byIds, type Subjects } from './load.js';

export const SECRET = 'the-secret-of-memcached-faults-of-32-bytes-or-more';

const RECOVERY_LIMIT_MS = 45_000;
const LOOK_EVERY_MS = 10;
/** `/readyz` asks no more than once a second. */
const READY_EVERY_MS = 100;

/** The gateway processes in front of one demo cloud. */
export class Stage {
  readonly replicas: readonly Replica[];
  readonly #client: Client;

  private constructor(replicas: readonly Replica[], client: Client) {
    this.replicas = replicas;
    this.#client = client;
  }

  /** Starts `count` gateway processes with the same memcached servers. */
  static async start(
    cloud: DemoCloud,
    addresses: readonly string[],
    { count = 2, env = {} }: { readonly count?: number; readonly env?: Readonly<Record<string, string>> } = {},
  ): Promise<Stage> {
    const all = {
      OS_AUTH_URL: cloud.authUrl,
      MEMCACHED_SERVERS: addresses.join(','),
      CACHE_SECRET: SECRET,
      LOG_LEVEL: 'warn',
      ...env,
    };
    const replicas = await Promise.all(Array.from({ length: count }, () => startReplica(all)));
    return new Stage(replicas, await Client.login(replicas[0]?.url ?? '', ALICE));
  }

  get urls(): readonly string[] {
    return this.replicas.map(({ url }) => url);
  }

  async stop(): Promise<void> {
    await Promise.all(this.replicas.map((replica) => replica.stop()));
  }

  /** Rows of alice's project as they are now, and which of them the load may change. */
  async subjects(): Promise<{ readonly subjects: Subjects; readonly initial: readonly Shown[] }> {
    const query =
      '{ servers(first: 100) { nodes { id name } } networks(first: 100) { nodes { id name shared external } } }';
    const { data } = await this.#client.ask<{
      readonly servers: { readonly nodes: readonly Shown[] };
      readonly networks: {
        readonly nodes: readonly (Shown & { readonly shared: boolean; readonly external: boolean })[];
      };
    }>(query, {}, { 'cache-control': 'no-cache' });
    const servers = data.servers.nodes.map(({ id }) => id);
    const networks = data.networks.nodes;
    const half = Math.ceil(servers.length / 2);
    const own = networks.filter(({ shared, external }) => !shared && !external);
    if (own.length === 0) throw new Error(`expected networks of alice's own, got ${networks.map(({ name }) => name)}`);
    return {
      subjects: { quiet: servers.slice(0, half), renamed: servers.slice(half), networks: own.map(({ id }) => id) },
      initial: [...data.servers.nodes, ...networks],
    };
  }

  /** Milliseconds until rows that nobody changes come from memcached again, all of them, at every replica. */
  async untilHits(quiet: readonly string[]): Promise<number> {
    const begun = performance.now();
    const query = byIds('server', quiet);
    await Promise.all(
      this.urls.map((url) => until('hits', async () => isAllHits(await this.#client.at(url).ask(query)))),
    );
    return performance.now() - begun;
  }

  /** Waits until `/readyz` of every replica says that the cache is well, or that it is not; answers with what it says. */
  async untilReadyzSays(ok: boolean): Promise<readonly string[]> {
    return Promise.all(
      this.urls.map(async (url) => {
        let said = '';
        const look = async () => {
          const { ready, cache } = await readiness(url);
          said = cache.detail;
          return ready && cache.ok === ok;
        };
        await until(`/readyz saying that the cache is ${ok ? 'well' : 'not well'}`, look, READY_EVERY_MS);
        return said;
      }),
    );
  }

  /** Waits until every bump that was not acknowledged has been: the replicas log both. */
  async untilMadeGood(): Promise<void> {
    const count = (replica: Replica, state: string) => replica.output().split(`"state":"${state}"`).length - 1;
    await Promise.all(
      this.replicas.map((replica) =>
        until('bumps made good', () => count(replica, 'retrying') === count(replica, 'confirmed')),
      ),
    );
  }
}

/** The wave of rows came whole from the cache, without a call to REST. */
function isAllHits({ extensions }: Answer<unknown>): boolean {
  const explain = extensions?.explain;
  return explain !== undefined && explain.rest.length === 0 && explain.cache.misses === 0 && explain.cache.hits > 0;
}

async function readiness(url: string) {
  const response = await fetch(`${url}/readyz`);
  return (await response.json()) as {
    readonly ready: boolean;
    readonly cache: { readonly ok: boolean; readonly detail: string };
  };
}

/** Also a question that is never answered ends with an error that says what was waited for. */
async function until(what: string, holds: () => boolean | Promise<boolean>, every = LOOK_EVERY_MS): Promise<void> {
  let isOver = false;
  const over = wait(RECOVERY_LIMIT_MS, undefined, { ref: false }).then(() => {
    isOver = true;
    throw new Error(`waited ${RECOVERY_LIMIT_MS} ms in vain for ${what}`);
  });
  const held = async () => {
    while (!isOver && !(await holds())) await wait(every);
  };
  await Promise.race([held(), over]);
}
