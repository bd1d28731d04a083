import { hash } from 'node:crypto';

/** Points per server: with 160, as ketama has them, no server gets much more than its share. */
const POINTS = 160;

/**
 * A consistent ring: which of several servers a key belongs to. Another server takes over only its share of the keys; a
 * dead one keeps its own, because whoever took them over would serve what they were before it died.
 */
export class Ring {
  readonly #points: readonly (readonly [position: number, server: number])[];

  /** `names` in any order: every replica that lists the same ones finds the same owners. */
  constructor(names: readonly string[]) {
    const points = names.flatMap((name, server) =>
      Array.from({ length: POINTS }, (_, point) => [positionOf(`${name}#${point}`), server] as const),
    );
    this.#points = points.sort(([one], [other]) => one - other);
  }

  /** Index, in the list of names, of the server that the key belongs to. */
  ownerOf(key: string): number {
    const position = positionOf(key);
    let low = 0;
    let high = this.#points.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#points[middle]?.[0] ?? 0) < position) low = middle + 1;
      else high = middle;
    }
    const [, server] = this.#points[low] ?? this.#points[0] ?? [0, 0];
    return server;
  }
}

function positionOf(text: string): number {
  return hash('sha256', text, 'buffer').readUIntBE(0, 6);
}
