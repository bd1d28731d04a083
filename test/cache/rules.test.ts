import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ASKERS } from './model/cloud.js';
import { type AllRules, EVERY_RULE, type Focus, play, readOf, scenarios, writeOf } from './model/scenario.js';

interface Case {
  readonly rule: keyof AllRules;
  /** Where to look: a search through everything would find it too, later. */
  readonly focus: Focus;
  /** Rules that prevent the same failure by other means, and must be off for this one to be missed. */
  readonly also?: readonly (keyof AllRules)[];
}

const WHOLE = readOf({ whole: true });
const PIECE = readOf({ pieces: true });
/** Those whose making takes long after their parts were read. */
const SLOW = readOf({ whole: true, lag: 30 });
const SLOWEST = readOf({ whole: true, lag: 'idle' });
/** So that a write begins later. */
const OTHERS = Array.from({ length: 4 }, () => readOf({ of: [{ row: 'port' }] }));
const EVICT_HOLD = { kind: 'evict', what: 'hold', pick: 0 } as const;

const CASES: readonly Case[] = [
  { rule: 'firstBump', focus: { kills: true, modes: ['sync', 'accepted'] } },
  {
    rule: 'secondBump',
    focus: {
      script: [
        [readOf(), writeOf(), readOf()],
        [readOf(), EVICT_HOLD, readOf()],
        [EVICT_HOLD, readOf()],
      ],
    },
  },
  { rule: 'writingHold', focus: { modes: ['unknown'] } },
  { rule: 'settlingHold', focus: { modes: ['accepted'] } },
  {
    rule: 'holdsListWriters',
    focus: { script: [[writeOf({ mode: 'unknown', lag: 'idle' })], [writeOf(), { kind: 'pause' }, readOf()]] },
  },
  {
    rule: 'unknownKeepsHold',
    focus: {
      script: [
        [writeOf({ mode: 'unknown', lag: 'idle' }), readOf()],
        [readOf(), { kind: 'pause' }, readOf()],
      ],
    },
  },
  { rule: 'captureBeforeFetch', focus: {} },
  { rule: 'recheckHolds', focus: { modes: ['accepted', 'unknown'], mishaps: ['slow'] } },
  {
    rule: 'rememberHolds',
    focus: { script: [[writeOf({ mode: 'unknown', lag: 'idle' })], [readOf({ lag: 'idle' })], [{ kind: 'wait' }]] },
  },
  { rule: 'checkStamps', focus: {} },
  {
    rule: 'randomStart',
    focus: {
      script: [
        [readOf(), writeOf(), { kind: 'evict', what: 'stamp', pick: 0 }, readOf({ asker: ASKERS.admin }), readOf()],
        [],
      ],
    },
  },
  { rule: 'flightNamesStamps', focus: {} },
  { rule: 'storeOnlyAcknowledged', focus: { mishaps: ['lost'], clients: 2 } },
  { rule: 'staleRespectsHolds', focus: { modes: ['accepted', 'unknown'], outages: true } },
  { rule: 'staleChecksStamps', focus: { outages: true } },
  {
    rule: 'observedBumpAlone',
    focus: {
      script: [
        [readOf(), { kind: 'outside', row: 'server' }, readOf({ refresh: true, lag: 'idle' }), readOf()],
        [readOf({ of: [{ list: 'Server' }], lag: 20 }), readOf({ of: [{ row: 'chosen' }], lag: 20 }), writeOf()],
      ],
    },
  },
  { rule: 'freshBumpAlone', focus: { fresh: true, modes: ['sync', 'unknown'] }, also: ['recheckHolds'] },
  { rule: 'reportUnconfirmed', focus: { mishaps: ['lost'], script: [[readOf(), writeOf(), readOf()], [readOf()]] } },
  { rule: 'bumpAny', focus: { askers: ['alice', 'admin'], lists: true } },
  { rule: 'bumpLists', focus: { lists: true } },
  { rule: 'bumpRowsOwnProject', focus: { askers: ['alice', 'admin'], lists: true } },
  { rule: 'sweepTouched', focus: { rows: ['port'], touches: true } },
  { rule: 'privilegedCarryAny', focus: { askers: ['alice', 'admin'], lists: true } },
  { rule: 'sharedCarryAny', focus: { rows: ['shared'], askers: ['alice', 'bob'], lists: true } },
  { rule: 'rowStampOnCreate', focus: { rows: ['chosen'] } },
  {
    rule: 'wholeCapturesFirst',
    focus: {
      script: [
        [WHOLE, SLOWEST, WHOLE],
        [...OTHERS, writeOf()],
      ],
      wholes: true,
    },
  },
  { rule: 'wholeChecksStamps', focus: { script: [[WHOLE, WHOLE, writeOf(), WHOLE], []], wholes: true } },
  {
    rule: 'wholeIsOfEntries',
    focus: { script: [[WHOLE, writeOf({ mode: 'unknown', lag: 'idle' }), WHOLE, WHOLE], []], wholes: true },
  },
  {
    rule: 'wholeEndsWithParts',
    focus: { script: [[WHOLE, writeOf({ mode: 'accepted', lag: 'idle' }), WHOLE, WHOLE], []], wholes: true },
  },
  {
    rule: 'wholeFlightNamesStamps',
    focus: {
      script: [
        [WHOLE, SLOW],
        [...OTHERS, writeOf(), WHOLE],
      ],
      wholes: true,
    },
  },
  {
    rule: 'pieceCapturesFirst',
    focus: {
      script: [
        [PIECE, readOf({ pieces: true, lag: 150 }), PIECE],
        [...OTHERS, writeOf(), { kind: 'pause' }, PIECE, PIECE],
      ],
      pieces: true,
    },
  },
  { rule: 'wholeCarriesLists', focus: { script: [[WHOLE, WHOLE, writeOf(), WHOLE], []], wholes: true } },
];

/** What holds for wholes holds for their pieces, which are kept by other code. */
const OF_PIECES: readonly Case[] = [
  { rule: 'wholeChecksStamps', focus: { script: [[PIECE, PIECE, writeOf(), PIECE], []], pieces: true } },
  {
    rule: 'wholeIsOfEntries',
    focus: { script: [[PIECE, writeOf({ mode: 'unknown', lag: 'idle' }), PIECE, PIECE], []], pieces: true },
  },
  {
    rule: 'wholeEndsWithParts',
    focus: { script: [[PIECE, writeOf({ mode: 'accepted', lag: 'idle' }), PIECE, PIECE], []], pieces: true },
  },
  { rule: 'wholeCarriesLists', focus: { script: [[PIECE, PIECE, writeOf(), PIECE], []], pieces: true } },
];

const RUNS = 1500;

it('has a case for every rule', () => {
  expect(CASES.map(({ rule }) => rule).sort()).toEqual(Object.keys(EVERY_RULE).sort());
});

it.for(CASES)('breaks the promise without $rule', { timeout: 60_000 }, breaks);

it.for(OF_PIECES)('breaks it for pieces without $rule', { timeout: 60_000 }, breaks);

async function breaks({ rule, focus, also = [] }: Case): Promise<void> {
  const rules = { ...EVERY_RULE, ...Object.fromEntries([rule, ...also].map((name) => [name, false])) };
  let broken: string[] = [];
  const holds = fc.asyncProperty(scenarios(focus), async (scenario) => {
    broken = await play(scenario, rules);
    return broken.length === 0;
  });
  const { numRuns } = await fc.check(holds, { numRuns: RUNS, endOnFailure: true, seed: 7 });
  expect(broken, `no failure in ${numRuns} scenarios`).not.toEqual([]);
}
