import { HELLO, one, page, type Question } from './queries.js';
import { interleave, medianTurn, type Pace, ratioOf, type Turns } from './rounds.js';
import { atMost, type Measured, type Row, times } from './table.js';
import { type Warm, WHO } from './warm.js';

interface Work {
  readonly name: string;
  readonly question: Question;
  /** Times the raw server's processor time that a gateway may cost; null where nobody has said. */
  readonly most: number | null;
  /** What is otherwise than in the rest of the item. */
  readonly pace?: Partial<Pace>;
}

/** So many that requests meet each other: what a busy gateway costs, and what the wire of item 6 is measured with. */
const BUSY = { connections: 10 };
/** Then the ratio holds what waking the client costs those whom it waits for. */
const ASLEEP = { awake: false };

/** A query that was asked before: what a gateway costs beside a server that writes the same bytes. */
export async function* repeated(warm: Warm, pace: Pace): Measured {
  const works: readonly Work[] = [
    { name: 'hello: { __typename }', question: HELLO, most: 4 },
    { name: 'one server', question: one(warm.id), most: 4 },
    { name: 'page, 10 servers', question: page(10), most: null },
    { name: 'page, 100 servers', question: page(100), most: 2 },
    { name: 'page, 100 servers, a client that sleeps', question: page(100), most: null, pace: ASLEEP },
    { name: 'page, 1000 servers', question: page(1000), most: 2 },
    { name: `page, 100 servers, ${BUSY.connections} connections`, question: page(100), most: 2, pace: BUSY },
    { name: `page, 1000 servers, ${BUSY.connections} connections`, question: page(1000), most: 2, pace: BUSY },
  ];
  for (const work of works) yield rowsOf(work, await turnsOf(warm, work, pace));
}

async function turnsOf(warm: Warm, { question, pace: own }: Work, pace: Pace): Promise<Turns> {
  const contestants = [
    warm.repeated('embedded', question),
    warm.repeated('memcached', question),
    await warm.wire('raw', question),
  ];
  // Nothing is to be learnt of these at another pace: no request of theirs shares anything with another.
  const others = [warm.repeated('plain', question), await warm.wire('stringify', question), warm.apollo(question)];
  return interleave(warm, own === undefined ? [...contestants, ...others] : contestants, {
    ...pace,
    awake: true,
    ...own,
  });
}

function rowsOf({ name, most }: Work, turns: Turns): readonly Row[] {
  return [...turns.keys()].map((who) => {
    const ratio = ratioOf(turns, who, WHO.raw);
    const aimed = most !== null && (who === WHO.embedded || who === WHO.memcached);
    return {
      item: 1,
      work: `repeated, ${name}; × CPU of ready-made bytes`,
      who,
      got: times(ratio),
      ...(aimed ? { target: atMost(most, ratio) } : {}),
      ...medianTurn(turns, who),
    };
  });
}
