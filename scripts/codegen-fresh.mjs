// Whether what codegen wrote is what it would write now: runs it again and compares.
import { spawnSync } from 'node:child_process';
import { hashOf, ROOT } from './setup.mjs';

const OUTPUTS = ['src/generated', 'schema.graphql', 'type-policies.json'];
const before = hashOf(OUTPUTS);
const { status } = spawnSync('npm', ['run', '--silent', 'codegen'], {
  cwd: ROOT,
  stdio: ['ignore', 'ignore', 'inherit'],
});
if (status !== 0) process.exit(1);
if (hashOf(OUTPUTS) !== before) {
  console.error(`${OUTPUTS.join(' and ')} were not what codegen makes of schema/: run npm run codegen`);
  process.exit(1);
}
console.log('generated files are fresh');
