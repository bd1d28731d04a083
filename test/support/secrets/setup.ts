import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { conclude, FOLDER } from './watch.js';

/**
 * Watches a whole run of tests: what they send and are given as secrets is searched for in all that gateways log, count,
 * answer as errors and store. One watch for all projects of a run.
 */
export default async function watchRun(): Promise<() => Promise<void>> {
  if (process.env[FOLDER] !== undefined) return async () => {};
  const folder = await mkdtemp(join(tmpdir(), 'stratograph-watch-'));
  process.env[FOLDER] = folder;
  return async () => {
    const { summary, findings } = conclude(folder);
    delete process.env[FOLDER];
    await rm(folder, { recursive: true });
    process.stdout.write(`\nwatched: ${summary}\n`);
    if (findings.length === 0) return;
    process.exitCode = 1;
    throw new Error(`secrets were given away:\n${findings.join('\n')}`);
  };
}
