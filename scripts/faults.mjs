// `npm run faults [-- --seconds N --only killed,slow-50]`: memcached's faults under load, as a table in Markdown.
// Set-up first; then vitest, since the runner is TypeScript like the tests that share it.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ROOT, setUpOrExit } from './setup.mjs';

const { values } = parseArgs({ options: { seconds: { type: 'string', default: '3' }, only: { type: 'string' } } });
await setUpOrExit();
const vitest = join(ROOT, 'node_modules', 'vitest', 'vitest.mjs');
const config = join(ROOT, 'test', 'proofs', 'memcached-faults', 'vitest.config.ts');
const env = { ...process.env, FAULTS_SECONDS: values.seconds, ...(values.only ? { FAULTS_ONLY: values.only } : {}) };
const { status } = spawnSync(process.execPath, [vitest, 'run', '--config', config], {
  cwd: ROOT,
  stdio: 'inherit',
  env,
});
process.exit(status ?? 1);
