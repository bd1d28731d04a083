import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** What the cache's own waves took, in milliseconds; times since 1970. */
export interface WaveReport {
  readonly waves: readonly (readonly [begun: number, ms: number, kind: 'hit' | 'miss'])[];
  /** How late that process's own timer was, and when it was due. */
  readonly lags: readonly (readonly [at: number, ms: number])[];
  /** Waves whose values were not those of their keys. */
  readonly wrong: number;
}

export interface Waves {
  /** What there was since the last call. */
  take(): Promise<WaveReport>;
  stop(): Promise<void>;
}

const WORKER = fileURLToPath(new URL('./waves.mjs', import.meta.url));

/** Starts the process that asks the cache in waves, over the same memcached servers as the replicas. */
export async function startWaves(addresses: readonly string[], secret: string): Promise<Waves> {
  const { PATH = '' } = process.env;
  const env = { PATH, SERVERS: addresses.join(','), SECRET: secret };
  const child = fork(WORKER, { env, execArgv: [] });
  const gone = new Promise((resolve) => child.once('exit', resolve));
  process.once('exit', () => child.kill('SIGKILL'));
  const take = () =>
    new Promise<WaveReport>((resolve, reject) => {
      child.once('message', (report) => resolve(report as WaveReport));
      void gone.then(() => reject(new Error('the process that asks the cache in waves has ended')));
      child.send('take');
    });
  return {
    take,
    stop: async () => {
      child.kill('SIGTERM');
      await gone;
    },
  };
}
