import { expect, it } from 'vitest';
import { memcachedInstalled, onMemcached } from '../memcached.js';
import { sized } from '../proofs/support/sized.js';
import { summary } from './report.js';
import { type Outcome, torture } from './run.js';

const SEED = 20_260;
/** Milliseconds that a machine with much else to do may take. */
const DEADLINE = 1_500_000;
const say = (line: string) => process.stdout.write(`${line}\n`);

/** Nothing stale, nothing failed that nobody broke, and a cache that was really used. */
function expectNothingStale(outcome: Outcome): void {
  say(summary(outcome));
  expect(outcome.stale).toEqual([]);
  const broken = [...outcome.tally.errors.keys()].filter((name) => name.includes('INTERNAL'));
  expect(broken).toEqual([]);
  expect(outcome.tally.hitRatio).toBeGreaterThan(0.1);
  expect(outcome.tally.effective).toBeGreaterThan(outcome.tally.operations / 200);
}

const run = it.skipIf(!memcachedInstalled);

const calm = onMemcached('two gateways before one memcached pool never show what was before an answered mutation');
run(calm, { timeout: DEADLINE }, async () => {
  const operations = sized(1000, 80_000);
  expectNothingStale(await torture({ operations, seed: SEED, kill: false, replicas: 2, clients: 8, say }));
});

const killed = onMemcached('nor do they when gateways are killed and services lose their answers');
run(killed, { timeout: DEADLINE }, async () => {
  const operations = sized(500, 20_000);
  const outcome = await torture({ operations, seed: SEED + 1, kill: true, replicas: 2, clients: 8, say });
  expectNothingStale(outcome);
  expect(outcome.tally.kills).toBeGreaterThan(0);
  expect(outcome.tally.outcomes.unknown).toBeGreaterThanOrEqual(sized(0, 10));
});
