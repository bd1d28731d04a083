import { createHash, randomBytes } from 'node:crypto';
import type { Lookup } from './cache.js';
import { type CacheFigures, NO_CACHE_FIGURES } from './figures.js';
import { rememberedKeys, storeKey } from './keys.js';
import type { EntryHead, SealedEntry, Sealer } from './seal.js';
import type { Held, Store } from './store.js';

/** An entry whose value has been taken out and proven. */
export interface Entry<V = unknown> extends EntryHead {
  readonly value: V;
  /** What the value takes in the store. */
  readonly bytes: number;
}

/** Where the pieces of a value too large for one item lie; itself under the entry's MAC. */
interface PieceList {
  readonly nonce: string;
  readonly count: number;
  readonly digest: string;
}

/** Pieces of one value at most: beyond that a value is answered and not stored. */
const MAX_PIECES = 16;

/** Bytes under which an item's key, head and memcached's own fields stay. */
const ITEM_OVERHEAD = 4096;

/** Writes values into the store and takes them out, in pieces where they are over the item limit. */
export class Entries {
  readonly #store: Store;
  readonly #sealer: Sealer;
  readonly #pieceBytes: number;
  readonly #figures: CacheFigures;

  constructor(store: Store, sealer: Sealer, itemBytes: number, figures = NO_CACHE_FIGURES) {
    this.#store = store;
    this.#sealer = sealer;
    this.#pieceBytes = itemBytes - ITEM_OVERHEAD;
    this.#figures = figures;
  }

  /** The entry as it lies there, proven to be this lookup's own; null for anything else. */
  open(lookup: Lookup, held: Held | null | undefined, figures = this.#figures): SealedEntry | null {
    if (held === null || held === undefined) return null;
    const entry = this.#sealer.open(contextOf(lookup), held.value, figures);
    if (entry === null || entry.readAt < (this.#store.since?.() ?? 0)) return null;
    return entry.captured.length === lookup.stamps.length ? entry : null;
  }

  /** Adds the values. Entries in pieces cost one more round trip for all together; what cannot be had is left out. */
  async load(sealed: readonly (readonly [Lookup, SealedEntry])[]): Promise<Map<string, Entry>> {
    const lists = new Map<string, PieceList>();
    for (const [lookup, entry] of sealed) {
      if (entry.inPieces) lists.set(lookup.key, parse(entry.payload) as PieceList);
    }
    const keys = [...lists.values()].flatMap(pieceKeys);
    const pieces = keys.length === 0 ? new Map<string, Held | null>() : await this.#store.getMany(keys);
    const loaded = new Map<string, Entry>();
    for (const [lookup, entry] of sealed) {
      const list = lists.get(lookup.key);
      const wrapped = list === undefined ? entry.payload : this.#join(list, pieces);
      const plain = wrapped === null ? null : this.#sealer.unwrap(contextOf(lookup), wrapped);
      if (plain === null) continue;
      const { payload: _, mac: __, ...head } = entry;
      loaded.set(lookup.key, { ...head, value: parse(plain), bytes: plain.length });
    }
    return loaded;
  }

  /** Stores a value. False: not acknowledged, or too large. */
  async put(lookup: Lookup, value: unknown, head: Omit<EntryHead, 'inPieces'>, seconds: number): Promise<boolean> {
    const wrapped = this.#sealer.wrap(contextOf(lookup), Buffer.from(JSON.stringify(value)));
    if (wrapped.length <= this.#pieceBytes) return this.#seal(lookup, { ...head, inPieces: false }, wrapped, seconds);
    const list = await this.#putPieces(wrapped, seconds);
    if (list === null) return false;
    return this.#seal(lookup, { ...head, inPieces: true }, Buffer.from(JSON.stringify(list)), seconds);
  }

  #seal(lookup: Lookup, head: EntryHead, payload: Buffer, seconds: number): Promise<boolean> {
    return this.#store.set(entryKey(lookup), this.#sealer.seal(contextOf(lookup), head, payload), seconds);
  }

  #join(list: PieceList, pieces: ReadonlyMap<string, Held | null>): Buffer | null {
    const found = pieceKeys(list).flatMap((key) => pieces.get(key)?.value ?? []);
    const joined = Buffer.concat(found);
    if (digestOf(joined) === list.digest) return joined;
    this.#figures.refused('piece', found.length < list.count ? 'incomplete' : 'forged');
    return null;
  }

  /** Before the entry itself, under a new nonce: a reader finds all pieces of one value or none. */
  async #putPieces(wrapped: Buffer, seconds: number): Promise<PieceList | null> {
    const count = Math.ceil(wrapped.length / this.#pieceBytes);
    if (count > MAX_PIECES) return null;
    const list = { nonce: randomBytes(16).toString('base64url'), count, digest: digestOf(wrapped) };
    const stored = await Promise.all(
      pieceKeys(list).map((key, index) => {
        const from = index * this.#pieceBytes;
        return this.#store.set(key, wrapped.subarray(from, from + this.#pieceBytes), seconds);
      }),
    );
    return stored.every(Boolean) ? list : null;
  }
}

const keyOf = rememberedKeys('entry');

export function entryKey(lookup: Lookup): string {
  return keyOf(lookup.key);
}

/** What an entry is sealed for: the same key with other stamps is another entry. */
function contextOf(lookup: Lookup): string {
  return [lookup.key, ...lookup.stamps].join('\0');
}

function pieceKeys(list: PieceList): string[] {
  return Array.from({ length: list.count }, (_, index) => storeKey('piece', `${list.nonce}/${index}`));
}

function digestOf(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('base64url');
}

function parse(bytes: Buffer): unknown {
  return JSON.parse(bytes.toString('utf8'));
}
