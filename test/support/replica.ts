import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { keepEnvironment, searchMetrics } from './secrets/gateways.js';
import { logged } from './secrets/watch.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** What Node is told wherever the gateway is started (`docs/decisions/shortcuts.md`, room for young objects). */
export const NODE_FLAGS: readonly string[] = ['--max-semi-space-size=64', '--no-memory-reducer'];

/** A gateway in a process of its own, as `npm start` runs it. */
export interface Replica {
  /** `http://127.0.0.1:port` */
  readonly url: string;
  readonly pid: number;
  /** All that it has printed so far, log lines included. */
  readonly output: () => string;
  /** Sends SIGTERM and waits for the end; resolves with the exit code, null where a signal ended it. */
  stop(): Promise<number | null>;
  /** As a crash would. */
  kill(): Promise<void>;
}

/** Starts a gateway with exactly these variables beside PATH, HOME and no drain; resolves once it listens. */
export async function startReplica(env: Readonly<Record<string, string>>): Promise<Replica> {
  const { PATH = '', HOME = '' } = process.env;
  keepEnvironment(env);
  const child = spawn(process.execPath, [...NODE_FLAGS, 'dist/main.js'], {
    cwd: ROOT,
    env: { PATH, HOME, HOST: '127.0.0.1', PORT: '0', DRAIN_SECONDS: '0', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const lines: string[] = [];
  const gone = new Promise<number | null>((resolve) => child.once('exit', resolve));
  process.once('exit', () => child.kill('SIGKILL'));
  child.stderr.on('data', (chunk: Buffer) => lines.push(chunk.toString()));
  const url = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      lines.push(`${line}\n`);
      const listening = /^listening on (\S+)\/graphql/.exec(line)?.[1];
      if (listening) resolve(listening);
    });
    void gone.then(() => reject(new Error(`the gateway ended before it listened:\n${lines.join('')}`)));
  });
  const end = async (signal: NodeJS.Signals) => {
    child.kill(signal);
    const code = await gone;
    logged(lines.join(''));
    return code;
  };
  return {
    url,
    pid: child.pid ?? 0,
    output: () => lines.join(''),
    stop: async () => {
      await searchMetrics(url);
      return end('SIGTERM');
    },
    kill: async () => void (await end('SIGKILL')),
  };
}
