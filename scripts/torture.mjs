// `npm run torture -- --operations 1000000 --seed 7 [--kill] [--replicas 2] [--clients 8]`: the race test of docs/reliability.md, as
// long as you like. Vite, which the tests need anyway, runs its TypeScript.
import { join } from 'node:path';
import { runnerImport } from 'vite';
import { ROOT, setUpOrExit } from './setup.mjs';

await setUpOrExit();
const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => stop.abort());
const { module } = await runnerImport(join(ROOT, 'test', 'torture', 'main.ts'), { root: ROOT, logLevel: 'error' });
process.exit(await module.main(process.argv.slice(2), stop.signal));
