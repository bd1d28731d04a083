// Load on gateway processes over the demo cloud, with mutations going on: finds what this machine can take, runs at 90 % of
// it, and ends with exit code 1 when an answer was wrong or memory or file descriptors grew.
//
//   npm run load -- [--minutes 30] [--rate auto|N] [--seed 1] [--gateways 2]
import { parseArgs } from 'node:util';
import { runnerImport } from 'vite';
import { ROOT, setUpOrExit } from '../scripts/setup.mjs';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '30' },
    rate: { type: 'string', default: 'auto' },
    seed: { type: 'string', default: '1' },
    gateways: { type: 'string', default: '2' },
  },
});

function numberOf(name, least) {
  const value = Number(values[name]);
  if (value >= least) return value;
  console.error(`--${name}: expected a number from ${least} on, got ${values[name]}`);
  process.exit(2);
}

const options = {
  seconds: numberOf('minutes', 0.1) * 60,
  rate: values.rate === 'auto' ? 'auto' : numberOf('rate', 1),
  seed: numberOf('seed', 0),
  gateways: numberOf('gateways', 1),
  print: (line) => console.log(line),
};
await setUpOrExit();
const { module } = await runnerImport(`${ROOT}/bench/load/run.ts`, {
  root: ROOT,
  configFile: false,
  logLevel: 'error',
});
const { problems } = await module.runLoad(options);
process.exit(problems.length === 0 ? 0 : 1);
