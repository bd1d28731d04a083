import { type Variety, varied } from './queries.js';
import { interleave, medianTurn, type Pace, ratioOf, type Turns } from './rounds.js';
import { atMost, type Measured, type Row, times } from './table.js';
import { type Warm, WHO } from './warm.js';

interface Work {
  readonly variety: Variety;
  readonly first: number;
  /** Times the processor time of JSON.stringify; null where nobody has said. */
  readonly most: number | null;
}

const WORKS: readonly Work[] = [
  { variety: 'variables', first: 100, most: 2.5 },
  { variety: 'variables', first: 1000, most: 3 },
  { variety: 'selections', first: 100, most: 2.5 },
  { variety: 'selections', first: 1000, most: 3 },
  { variety: 'conditions', first: 100, most: null },
  { variety: 'texts', first: 100, most: null },
];

const IN_WORDS: Readonly<Record<Variety, string>> = {
  variables: 'other variables each time',
  selections: 'other variables, sixteen selections',
  conditions: 'fourteen conditions, decided otherwise each time',
  texts: 'a new text each time',
};

/** Queries that nobody has asked before for rows that somebody has: what an answer costs beside its serialisation. */
export async function* cached(warm: Warm, pace: Pace): Measured {
  for (const work of WORKS) yield rowsOf(work, await turnsOf(warm, work, pace));
}

async function turnsOf(warm: Warm, { variety, first }: Work, pace: Pace): Promise<Turns> {
  const questionOf = (number: number) => varied(variety, first, number);
  const contestants = [
    warm.varied('embedded', questionOf),
    warm.varied('memcached', questionOf),
    warm.varied('plain', questionOf),
    await warm.wire('stringify', varied(variety, first, 0)),
  ];
  return interleave(warm, contestants, { ...pace, awake: true });
}

function rowsOf({ variety, first, most }: Work, turns: Turns): readonly Row[] {
  return [...turns.keys()].map((who) => {
    const ratio = ratioOf(turns, who, WHO.stringify);
    const aimed = most !== null && (who === WHO.embedded || who === WHO.memcached);
    return {
      item: 2,
      work: `cached rows, ${first} servers, ${IN_WORDS[variety]}; × CPU of JSON.stringify`,
      who,
      got: times(ratio),
      ...(aimed ? { target: atMost(most, ratio) } : {}),
      ...medianTurn(turns, who),
    };
  });
}
