import type { Response } from 'memjs';
import { encodeAnswer, encodeGets, renumber } from './binary.js';
import { type Found, heldOf } from './found.js';

/** What memcached answered to a list of keys, as bytes and as what they say. */
interface Answer {
  readonly bytes: Buffer;
  readonly found: Found;
}

/**
 * Keys that are asked for again and again. Mostly the answer is the one before, byte for byte, but for the number of the request:
 * then nothing of it has to be parsed, which is half of the processor time of a look (24 stamps: 78 µs with, 42 µs without it).
 */
export class KeyList {
  readonly distinct: ReadonlySet<string>;
  readonly #keys: readonly string[];
  readonly #request: Buffer;
  #last: Answer | null = null;

  constructor(keys: readonly string[]) {
    this.distinct = new Set(keys);
    this.#keys = keys;
    this.#request = encodeGets(keys, 0);
  }

  /** The request under this number. A copy: the one before may not have left yet. */
  request(opaque: number): Buffer {
    return renumber(Buffer.from(this.#request), opaque);
  }

  /** Takes an answer that was parsed. `end` is that of the no-op behind those that were found. */
  learn(found: readonly Response[], end: Response): Found {
    const bytes = Buffer.concat([...found, end].map(encodeAnswer));
    this.#last = { bytes, found: heldOf(this.#keys, found) };
    return this.#last.found;
  }

  /** What the bytes say if they begin with the answer before, numbered `opaque`, and where it ends; null if they do not. */
  recognize(bytes: Buffer, opaque: number): { readonly found: Found; readonly end: number } | null {
    const last = this.#last;
    if (last === null || bytes.length < last.bytes.length) return null;
    const end = last.bytes.length;
    const isSame = renumber(last.bytes, opaque).compare(bytes, 0, end) === 0;
    return isSame ? { found: last.found, end } : null;
  }
}
