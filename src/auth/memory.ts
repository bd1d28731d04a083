interface Entry<V> {
  readonly value: V;
  readonly until: number;
}

/** A small map whose entries live for a while; the least recently stored go first when it is full. */
export class Memory<V> {
  readonly #entries = new Map<string, Entry<V>>();
  readonly #size: number;
  readonly #now: () => number;

  constructor(size: number, now: () => number) {
    this.#size = size;
    this.#now = now;
  }

  get(name: string, now = this.#now()): V | undefined {
    const entry = this.#entries.get(name);
    if (entry === undefined) return undefined;
    if (now < entry.until) return entry.value;
    this.#entries.delete(name);
    return undefined;
  }

  /** Until the time `until` (milliseconds). */
  set(name: string, value: V, until: number): void {
    this.#entries.delete(name);
    this.#entries.set(name, { value, until });
    const [oldest] = this.#entries.keys();
    if (this.#entries.size > this.#size && oldest !== undefined) this.#entries.delete(oldest);
  }

  delete(name: string): void {
    this.#entries.delete(name);
  }
}
