import { formsOf, SHORTEST } from './forms.js';

/** A secret, and what it is called where it is found: never by its text. */
export interface Canary {
  readonly text: string;
  readonly what: string;
}

const FACTOR = 31;
const FILTER_BITS = 20;
const MASK = 2 ** FILTER_BITS - 1;
/** What the byte that leaves the window has been multiplied with. */
const LAST_POWER = Array.from({ length: SHORTEST - 1 }).reduce<number>((power) => Math.imul(power, FACTOR), 1);

/**
 * Finds which of many secrets stand in many bytes, in one pass: a rolling hash of as many bytes as the shortest form has
 * says where it is worth looking closely.
 */
export class Finder {
  readonly #filter = new Uint8Array(MASK + 1);
  readonly #forms = new Map<string, { readonly form: Buffer; readonly canary: Canary }[]>();

  constructor(canaries: Iterable<Canary>) {
    for (const canary of canaries) this.add(canary);
  }

  add(canary: Canary): void {
    for (const form of formsOf(canary.text)) {
      const bytes = Buffer.from(form);
      const start = bytes.subarray(0, SHORTEST);
      let hash = 0;
      for (const byte of start) hash = (Math.imul(hash, FACTOR) + byte) | 0;
      this.#filter[hash & MASK] = 1;
      const key = start.toString('latin1');
      const known = this.#forms.get(key) ?? [];
      known.push({ form: bytes, canary });
      this.#forms.set(key, known);
    }
  }

  /** What is in there, each once. */
  in(bytes: Buffer): readonly Canary[] {
    const found = new Set<Canary>();
    let hash = 0;
    for (let at = 0; at < bytes.length; at += 1) {
      const leaving = at >= SHORTEST ? Math.imul(bytes[at - SHORTEST] ?? 0, LAST_POWER) : 0;
      hash = (Math.imul(hash - leaving, FACTOR) + (bytes[at] ?? 0)) | 0;
      if (at >= SHORTEST - 1 && this.#filter[hash & MASK] === 1) this.#look(bytes, at - SHORTEST + 1, found);
    }
    return [...found];
  }

  #look(bytes: Buffer, at: number, found: Set<Canary>): void {
    for (const { form, canary } of this.#forms.get(bytes.toString('latin1', at, at + SHORTEST)) ?? []) {
      if (bytes.subarray(at, at + form.length).equals(form)) found.add(canary);
    }
  }
}
