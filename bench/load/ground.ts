import { spawn } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { type RunningMemcached, startMemcached } from '../../test/memcached.js';
import { type Replica, startReplica } from '../../test/support/replica.js';

const here = (file: string) => fileURLToPath(new URL(file, import.meta.url));

const UNCONFIRMED = 'a bump of the cache was not acknowledged';

/** What a gateway process holds, all garbage being gone: bytes of memory, and file descriptors. */
export interface Holding {
  readonly rss: number;
  /** Bytes of the JavaScript heap and of buffers that are still reachable. */
  readonly live: number;
  readonly fds: number;
}

export interface Gateway {
  readonly url: string;
  /** Collects the garbage of the gateway and tells what is left. */
  hold(): Promise<Holding>;
  /** Bytes of memory and file descriptors as they are. */
  glance(): Promise<{ readonly rss: number; readonly fds: number }>;
  /** Milliseconds that the event loop was late, 99 of 100 times at most, since last asked; null where nobody tells. */
  lag(): Promise<number | null>;
  /** Warnings and errors that it has logged, less those of mutations whose answers said `unconfirmed`: these are counted. */
  complaints(): readonly string[];
}

/** All processes of a load test but its own. */
export interface Ground {
  /** For `OS_AUTH_URL`. */
  readonly authUrl: string;
  readonly gateways: readonly Gateway[];
  stop(): Promise<void>;
}

/** Starts the demo cloud, two memcached servers and so many gateways, each in a process of its own. */
export async function startGround(gateways: number): Promise<Ground> {
  const cloud = await startCloud();
  const memcached = await Promise.all([startMemcached(), startMemcached()]);
  const replicas = await Promise.all(Array.from({ length: gateways }, () => startGateway(cloud.authUrl, memcached)));
  return {
    authUrl: cloud.authUrl,
    gateways: replicas.map(gatewayOf),
    stop: async () => {
      await Promise.all(replicas.map((replica) => replica.stop()));
      await Promise.all(memcached.map((server) => server.stop()));
      cloud.end();
    },
  };
}

async function startCloud(): Promise<{ readonly authUrl: string; end(): void }> {
  const child = spawn(process.execPath, [here('./cloud.mjs')], { stdio: ['pipe', 'pipe', 'inherit'] });
  const authUrl = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout }).on('line', (line) => resolve(line.replace('cloud ', '')));
    child.once('exit', (code) => reject(new Error(`the demo cloud ended with code ${code} before it listened`)));
  });
  return { authUrl, end: () => child.stdin.end() };
}

/** Makes a gateway process tell what it holds, for `gatewayOf`. */
export const PROBED = { NODE_OPTIONS: `--import=${pathToFileURL(here('./probe.mjs')).href}` } as const;

function startGateway(authUrl: string, memcached: readonly RunningMemcached[]): Promise<Replica> {
  return startReplica({
    OS_AUTH_URL: authUrl,
    MEMCACHED_SERVERS: memcached.map(({ address }) => address).join(','),
    CACHE_SECRET: 'a-secret-for-the-load-test-of-32-bytes',
    LOG_LEVEL: 'warn',
    ...PROBED,
  });
}

/** What can be asked of a gateway process that was started with `PROBED`. */
export function gatewayOf(replica: Replica): Gateway {
  const probes = () => replica.output().match(/^probe .*$/gm) ?? [];
  const fds = async () => (await readdir(`/proc/${replica.pid}/fd`)).length;
  return {
    url: replica.url,
    hold: async () => {
      const before = probes().length;
      process.kill(replica.pid, 'SIGUSR2');
      while (probes().length === before) await wait(10);
      const { rss, live } = JSON.parse(probes().at(-1)?.slice('probe '.length) ?? '') as Omit<Holding, 'fds'>;
      return { rss, live, fds: await fds() };
    },
    glance: async () => {
      const status = await readFile(`/proc/${replica.pid}/status`, 'utf8');
      return { rss: Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024, fds: await fds() };
    },
    lag: async () => {
      const text = await (await fetch(`${replica.url}/metrics`)).text();
      const seconds = /^nodejs_eventloop_lag_p99_seconds (\S+)$/m.exec(text)?.[1];
      return seconds === undefined ? null : Number(seconds) * 1000;
    },
    complaints: () => (replica.output().match(/^\{"level":.*$/gm) ?? []).filter((line) => !line.includes(UNCONFIRMED)),
  };
}
