import { parseArgs } from 'node:util';
import { memcachedInstalled, why } from '../memcached.js';
import { commandOf, summary } from './report.js';
import { type Options, torture } from './run.js';

const USAGE = 'npm run torture -- [--operations N] [--seed N] [--kill] [--replicas N] [--clients N]';

/** `npm run torture`: exits with 0 when nothing stale was shown, with 1 otherwise. */
export async function main(args: readonly string[], stop: AbortSignal): Promise<number> {
  if (!memcachedInstalled) {
    console.error(why);
    return 1;
  }
  const options: Options = { ...parse(args), stop, say: (line) => console.log(line) };
  console.log(commandOf(options));
  const outcome = await torture(options);
  for (const report of outcome.stale) console.log(report);
  console.log(summary(outcome));
  return outcome.stale.length === 0 ? 0 : 1;
}

function parse(args: readonly string[]) {
  const number = { type: 'string' } as const;
  const { values } = parseArgs({
    args: [...args],
    options: { operations: number, seed: number, replicas: number, clients: number, kill: { type: 'boolean' } },
  });
  return {
    operations: wholeNumber('operations', values.operations ?? '100000'),
    seed: wholeNumber('seed', values.seed ?? String(Math.floor(Math.random() * 1e6))),
    replicas: wholeNumber('replicas', values.replicas ?? '2'),
    clients: wholeNumber('clients', values.clients ?? '8'),
    kill: values.kill ?? false,
  };
}

function wholeNumber(name: string, text: string): number {
  if (/^\d{1,9}$/.test(text) && Number(text) > 0) return Number(text);
  throw new Error(`--${name}: expected a whole number above 0, got ${text}\n${USAGE}`);
}
