import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { searchMemcached } from './support/secrets/gateways.js';

const BINARY = ['/usr/bin/memcached', '/usr/local/bin/memcached', '/opt/homebrew/bin/memcached'].find(existsSync);

/** Whether this machine has a memcached; if not, `why` is to be printed beside what is skipped. */
export const memcachedInstalled = BINARY !== undefined;
export const why = 'no memcached binary found; on Debian: apt-get install memcached';

/** The title of tests that need memcached: it says so where they are skipped. */
export function onMemcached(title: string): string {
  return memcachedInstalled ? title : `${title} (skipped: ${why})`;
}

const running = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

const LONGEST_STOP_MS = 1000;

/**
 * A dump walks memcached’s lists of items one after another, and its maintainer thread moves items between them meanwhile:
 * of 600 dumps of 60 items, 22 lacked up to two thirds of them; none does without that thread.
 */
const DUMPABLE = ['-o', 'no_lru_maintainer,lru_crawler'];

export interface RunningMemcached {
  /** As `MEMCACHED_SERVERS` wants it. */
  readonly address: string;
  readonly port: number;
  /** Hangs it: connections stay, nothing is answered. */
  pause(): void;
  resume(): void;
  /** Kills it as a crash would; `start` brings an empty one back on the same port, with other arguments if they are given. */
  kill(): Promise<void>;
  start(args?: readonly string[]): Promise<void>;
  stop(): Promise<void>;
}

/** Starts a memcached of one's own on a free loopback port; whoever starts it stops it. */
export async function startMemcached({
  host = '127.0.0.1',
  args = [] as readonly string[],
} = {}): Promise<RunningMemcached> {
  const port = await freePort(host);
  let child = await spawned(host, port, args);
  const kill = async () => {
    const gone = new Promise((resolve) => child.once('exit', resolve));
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await gone;
  };
  return {
    port,
    address: host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`,
    pause: () => stop(child),
    resume: () => void child.kill('SIGCONT'),
    kill,
    start: async (others = args) => {
      child = await spawned(host, port, others);
    },
    stop: async () => {
      child.kill('SIGCONT');
      try {
        await searchMemcached(port, host);
      } finally {
        await kill();
      }
    },
  };
}

async function spawned(host: string, port: number, args: readonly string[]): Promise<ChildProcess> {
  if (BINARY === undefined) throw new Error(why);
  const asRoot = process.getuid?.() === 0 ? ['-u', 'root'] : [];
  const child = spawn(
    BINARY,
    ['-l', host, '-p', String(port), '-U', '0', '-m', '64', ...DUMPABLE, ...asRoot, ...args],
    {
      stdio: 'ignore',
    },
  );
  running.add(child);
  child.once('exit', () => running.delete(child));
  while (!(await accepts(host, port))) {
    const end = child.exitCode ?? child.signalCode;
    if (end !== null) throw new Error(`memcached ended at once with ${end}`);
    await wait(10);
  }
  return child;
}

/** A signal arrives in its own time: what is asked right behind it might still be answered. */
function stop(child: ChildProcess): void {
  child.kill('SIGSTOP');
  const end = Date.now() + LONGEST_STOP_MS;
  while (isRunning(child.pid ?? 0) && Date.now() < end);
}

/** Whether any of its threads is; only Linux tells. */
function isRunning(pid: number): boolean {
  const tasks = `/proc/${pid}/task`;
  if (!existsSync(tasks)) return false;
  // The state stands behind the name of the program, which may hold blanks (proc_pid_stat(5)).
  const states = readdirSync(tasks).map(
    (task) => readFileSync(`${tasks}/${task}/stat`, 'latin1').split(') ').at(-1)?.[0],
  );
  return states.some((state) => state !== 'T');
}

function freePort(host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, host, () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}

function accepts(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, host);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
