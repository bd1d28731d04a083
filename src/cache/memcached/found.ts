import type { Response } from 'memjs';
import type { Held } from '../store.js';

/** What a server told of keys: null of those that it does not have. */
export type Found = ReadonlyMap<string, Held | null>;

export function heldOf(keys: readonly string[], found: readonly Response[]): Found {
  const held = new Map<string, Held | null>(keys.map((key) => [key, null]));
  for (const { header, key, val } of found) {
    const name = key.toString('latin1');
    if (held.has(name)) held.set(name, new HeldThere(val, header.cas));
  }
  return held;
}

class HeldThere implements Held {
  readonly value: Buffer;
  readonly #cas: Buffer;

  constructor(value: Buffer, cas: Buffer) {
    // A copy: memjs hands out views that would keep all that was read with them in memory.
    this.value = Buffer.from(value);
    this.#cas = cas;
  }

  /** Few ask for it. */
  get cas(): string {
    return String(this.#cas.readBigUInt64BE());
  }
}
