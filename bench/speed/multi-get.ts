import { startMemcached } from '../../test/memcached.js';
import { Started, startWorker, type Worker } from './processes.js';
import { median } from './rounds.js';
import { atMost, type Measured, type Row, times } from './table.js';

const KEYS = [100, 1000];
/** Times the milliseconds of the look that was written by hand. */
const MOST = 2.5;
/** Keys that a turn looks for in all, by one look after the other. */
const KEYS_OF_A_TURN = 40_000;

const WHO = { store: 'getMany of src/cache/memcached.ts', hand: 'one write, one answer, by hand' } as const;
type Name = keyof typeof WHO;

interface Taken {
  readonly ms: number;
  readonly cpu: number;
}

/** Many keys of a memcached in one look, beside a client of forty lines that can do nothing else. */
export async function* multiGet(rounds: number): Measured {
  const started = new Started();
  try {
    const memcached = await started.add(startMemcached());
    const worker = await started.add(startWorker('memcached', { port: memcached.port, keys: Math.max(...KEYS) }));
    for (const keys of KEYS) yield await look(worker, keys, rounds);
  } finally {
    await started.stop();
  }
}

async function look(worker: Worker<unknown>, keys: number, rounds: number): Promise<readonly Row[]> {
  const taken: Readonly<Record<Name, Taken[]>> = { store: [], hand: [] };
  const names: readonly Name[] = ['store', 'hand'];
  // The first round warms up and does not count.
  for (let round = 0; round <= rounds; round += 1) {
    for (const who of round % 2 === 0 ? names : names.toReversed()) {
      const turn = await worker.ask<Taken>({ who, keys, looks: KEYS_OF_A_TURN / keys });
      if (round > 0) taken[who].push(turn);
    }
  }
  return names.map((who) => {
    const ratio = median(taken[who].map(({ ms }, round) => ms / (taken.hand[round]?.ms ?? Number.NaN)));
    return {
      item: 4,
      work: `memcached, ${keys} keys of 1258 bytes; × time of one look by hand`,
      who: WHO[who],
      got: times(ratio),
      ...(who === 'store' ? { target: atMost(MOST, ratio) } : {}),
      cpu: median(taken[who].map(({ cpu }) => cpu)),
      p50: median(taken[who].map(({ ms }) => ms)),
    };
  });
}
