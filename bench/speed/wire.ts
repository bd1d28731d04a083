import { page } from './queries.js';
import { interleave, medianTurn, type Pace, ratioOf, type Turns } from './rounds.js';
import { atLeast, type Measured, number, type Row, times } from './table.js';
import { type Warm, WHO } from './warm.js';

/** Times Mesh's share that is wanted. */
const LEAST = 20;

/**
 * `mesh`: requests per second of GraphQL Mesh's warm response cache, as a share of those of a server that writes the same bytes.
 * Quoted from an earlier measurement on the real control plane (56 kB), not measured here. What is wanted was said of the
 * share on ten connections.
 */
const WORKS = [
  { connections: 1, mesh: 357 / 13_657, isAimed: false },
  { connections: 10, mesh: 448 / 19_264, isAimed: true },
] as const;

/** How much of the wire is left over a repeated page: requests per second beside those of ready-made bytes. */
export async function* wire(warm: Warm, pace: Pace): Measured {
  for (const work of WORKS) {
    const contestants = [
      warm.repeated('embedded', page(100)),
      warm.repeated('memcached', page(100)),
      await warm.wire('raw', page(100)),
    ];
    const turns = await interleave(warm, contestants, { ...pace, connections: work.connections });
    yield rowsOf(turns, work);
  }
}

function rowsOf(turns: Turns, { connections, mesh, isAimed }: (typeof WORKS)[number]): readonly Row[] {
  const many = connections === 1 ? '1 connection' : `${connections} connections`;
  return [...turns.keys()].map((who) => {
    const share = ratioOf(turns, who, WHO.raw, 'perSecond');
    const multiple = share / mesh;
    const target = { target: { ...atLeast(LEAST, multiple), text: `≥ ${LEAST}× Mesh` } };
    return {
      item: 6,
      work: `repeated page, 100 servers, ${many}; share of ready-made bytes' requests/s`,
      who,
      got: `${number(share)} = ${times(multiple)} Mesh`,
      ...(isAimed && who !== WHO.raw ? target : {}),
      ...medianTurn(turns, who),
    };
  });
}
