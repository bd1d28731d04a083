import { expect, it } from 'vitest';
import { memcachedInstalled, why } from '../../memcached.js';
import { FAULTS } from './faults.js';
import { runFaults, runRefusedAtStart, runRingChanges } from './run.js';
import { tableOf } from './table.js';

const seconds = Number(process.env['FAULTS_SECONDS'] ?? '3');
const only = process.env['FAULTS_ONLY']?.split(',') ?? null;
const options = { ms: seconds * 1000, pace: 20 };
const SCENARIOS = { 'refused-at-start': runRefusedAtStart, 'ring-changes': runRingChanges };

it('the faults of memcached under load', async () => {
  if (!memcachedInstalled) throw new Error(why);
  const isChosen = (name: string) => only === null || only.includes(name);
  const names = [...FAULTS.map(({ name }) => name), ...Object.keys(SCENARIOS)];
  expect(only?.filter((name) => !names.includes(name)) ?? [], `expected some of ${names.join(', ')}`).toEqual([]);
  const outcomes = await runFaults(
    FAULTS.filter(({ name }) => isChosen(name)),
    options,
  );
  for (const [name, run] of Object.entries(SCENARIOS)) if (isChosen(name)) outcomes.push(await run(options));
  console.log(`\n${tableOf(outcomes)}\n`);
  for (const { title, operations } of outcomes) {
    const bad = operations.filter(({ fate }) => fate !== 'right' && fate !== 'excused');
    const [first] = bad;
    if (first !== undefined) console.log(`${title}: ${bad.length} ${first.kind} ${first.fate}: ${first.why}`);
  }
});
