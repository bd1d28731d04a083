import fc from 'fast-check';
import { expect, it } from 'vitest';
import { EVERY_RULE, EVERYTHING, type Focus, play, scenarios } from './model/scenario.js';

/** Holds and stamps survive: then late effects of a write, also of one whose gateway died, must show too. */
const NOTHING_FORGOTTEN: Focus = { ...EVERYTHING, happenings: ['outside', 'wait', 'pause'], mishaps: ['slow'] };

const timeout = 60_000;

async function neverBreaks(focus: Focus, wave?: number): Promise<void> {
  const property = fc.asyncProperty(scenarios(focus), async (scenario) => {
    expect(await play(scenario, EVERY_RULE, wave)).toEqual([]);
  });
  await fc.assert(property, { numRuns: 120 });
}

it('never shows what was before a mutation that has been answered, whatever happens to memcached', { timeout }, () =>
  neverBreaks(EVERYTHING),
);

it('never shows what was before a late effect of a write once short lives have ended', { timeout }, () =>
  neverBreaks(NOTHING_FORGOTTEN),
);

it('never shows what was before a mutation where readers do not wait for a slow memcached', { timeout }, () =>
  neverBreaks(EVERYTHING, 50),
);
