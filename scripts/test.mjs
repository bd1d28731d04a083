// `npm test`, `npm run test:proofs`, `npm run test:cloud`, `npm run test:browser`: set-up, then vitest on some of its projects.
// The first argument names them, with commas between; all others go to vitest (`npm test -- test/http`).
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { ROOT, setUpOrExit } from './setup.mjs';

const [projects, ...rest] = process.argv.slice(2);
await setUpOrExit();
const vitest = join(ROOT, 'node_modules', 'vitest', 'vitest.mjs');
const chosen = projects.split(',').flatMap((name) => ['--project', name]);
const { status } = spawnSync(process.execPath, [vitest, 'run', ...chosen, ...rest], { cwd: ROOT, stdio: 'inherit' });
process.exit(status ?? 1);
