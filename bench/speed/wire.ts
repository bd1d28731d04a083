import { page } from './queries.js';
import { interleave, medianTurn, type Pace, ratioOf, type Turns } from './rounds.js';
import { atLeast, type Measured, number, type Row, times } from './table.js';
import { type Warm, WHO } from './warm.js';

/**
 * Requests per second of GraphQL Mesh's warm response cache, as a share of those of a server that writes the same bytes.
 * Quoted from an earlier measurement on the real control plane (56 kB, ten connections), not measured here.
 */
const MESH_SHARE = 0.023;
/** Times Mesh's share that is wanted. */
const LEAST = 20;
const CONNECTIONS = [1, 10];

/** How much of the wire is left over a repeated page: requests per second beside those of ready-made bytes. */
export async function* wire(warm: Warm, pace: Pace): Measured {
  for (const connections of CONNECTIONS) {
    const contestants = [
      warm.repeated('embedded', page(100)),
      warm.repeated('memcached', page(100)),
      await warm.wire('raw', page(100)),
    ];
    const turns = await interleave(warm, contestants, { ...pace, connections });
    yield rowsOf(turns, connections);
  }
}

function rowsOf(turns: Turns, connections: number): readonly Row[] {
  const many = connections === 1 ? '1 connection' : `${connections} connections`;
  return [...turns.keys()].map((who) => {
    const share = ratioOf(turns, who, WHO.raw, 'perSecond');
    const multiple = share / MESH_SHARE;
    const target = { target: { ...atLeast(LEAST, multiple), text: `≥ ${LEAST}× Mesh` } };
    return {
      item: 6,
      work: `repeated page, 100 servers, ${many}; share of ready-made bytes' requests/s`,
      who,
      got: `${number(share)} = ${times(multiple)} Mesh`,
      ...(who === WHO.raw ? {} : target),
      ...medianTurn(turns, who),
    };
  });
}
