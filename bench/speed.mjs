// How fast it is beside what could be: every figure is a ratio to a contestant of the same run, since the machine's speed
// changes from minute to minute. A full run (half an hour) writes its table into docs/performance.md as well.
//
//   npm run bench [-- --only repeated|cached|wire|cold|memcached|size|herd] [--rounds 7] [--quick]
import { parseArgs } from 'node:util';
import { runnerImport } from 'vite';
import { ROOT, setUpOrExit } from '../scripts/setup.mjs';

/** Whatever hangs, a run ends: what it has started ends with it. */
const LONGEST_MINUTES = 45;

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    rounds: { type: 'string' },
    quick: { type: 'boolean', default: false },
  },
});
const rounds = Number(values.rounds ?? (values.quick ? 2 : 7));

function fail(message) {
  console.error(message);
  process.exit(2);
}

if (!Number.isInteger(rounds) || rounds < 1) fail(`--rounds: expected a whole number from 1 on, got ${values.rounds}`);
await setUpOrExit();
const { module } = await runnerImport(`${ROOT}/bench/speed/run.ts`, {
  root: ROOT,
  configFile: false,
  logLevel: 'error',
});
if (values.only !== undefined && !module.ITEMS.includes(values.only))
  fail(`--only: expected one of ${module.ITEMS.join(', ')}, got ${values.only}`);

// Each process that is started is killed at this one's exit.
process.setMaxListeners(0);
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(130));
setTimeout(() => fail(`expected an end within ${LONGEST_MINUTES} minutes`), LONGEST_MINUTES * 60_000).unref();
await module.runSpeed({
  rounds,
  quick: values.quick,
  only: values.only ?? null,
  command: ['npm run bench', ...(values.rounds === undefined ? [] : [`-- --rounds ${values.rounds}`])].join(' '),
  print: (line) => console.log(line),
  tell: (line) => console.error(line),
});
process.exit(0);
