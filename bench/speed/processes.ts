import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { NODE_FLAGS } from '../../test/support/replica.js';

/** A process that answers questions: one of `workers/`. */
export interface Worker<Hello> {
  readonly pid: number;
  /** What it said when it was ready. */
  readonly hello: Hello;
  /** One question at a time; throws what the worker threw. */
  ask<Answer>(question: object): Promise<Answer>;
  stop(): Promise<void>;
}

type Message = { readonly answer: unknown } | { readonly error: string };

const WORKERS = fileURLToPath(new URL('./workers/', import.meta.url));

/** Starts `workers/<name>.mjs`; resolves once it is ready. It ends with this process at the latest. */
export async function startWorker<Hello = unknown>(name: string, wanted: object = {}): Promise<Worker<Hello>> {
  const child = fork(`${WORKERS}${name}.mjs`, [JSON.stringify(wanted)], {
    serialization: 'advanced',
    // Libraries that ask are told what they are told where they serve.
    env: { ...process.env, NODE_ENV: 'production' },
    // As the gateway runs: nobody wins by what V8 is told.
    execArgv: [...NODE_FLAGS, '--retain-maps-for-n-gc=1000'],
  });
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const hello = (await nextMessage(child, name)) as Hello;
  return {
    pid: child.pid ?? 0,
    hello,
    ask: async <Answer>(question: object) => {
      const answer = nextMessage(child, name);
      child.send(question);
      return (await answer) as Answer;
    },
    stop: async () => {
      if (child.connected) child.disconnect();
      await gone;
    },
  };
}

function nextMessage(child: ChildProcess, name: string): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const ended = (code: number | null) => reject(new Error(`${name}.mjs ended with code ${code}, expected an answer`));
    child.once('exit', ended);
    child.once('message', (message: Message) => {
      child.off('exit', ended);
      if ('error' in message) reject(new Error(`${name}.mjs: ${message.error}`));
      else resolve(message.answer);
    });
  });
}

/** Things that were started, to be stopped in the reverse order, whatever happens on the way. */
export class Started {
  readonly #stops: (() => Promise<unknown>)[] = [];

  async add<T extends { stop(): Promise<unknown> }>(starting: Promise<T>): Promise<T> {
    const started = await starting;
    this.#stops.push(() => started.stop());
    return started;
  }

  async stop(): Promise<void> {
    for (const stop of this.#stops.reverse().splice(0)) await stop();
  }
}
