/** Why a row changed. */
export interface Cause {
  /** The call that changed it, or that set going what did: the same object that `disturb` was given. */
  readonly call: object;
  /** Whether the cloud did it by itself, after the call: a server that was told to stop has stopped. */
  readonly later: boolean;
}

/** One state change, in the order in which the cloud made them. */
export interface Commit {
  /** 1, 2, 3… without gaps. */
  readonly sequence: number;
  /** Milliseconds since 1970, by the cloud's clock. */
  readonly at: number;
  /** `server`, `port`, `volume`… */
  readonly type: string;
  readonly id: string;
  readonly change: 'create' | 'update' | 'delete';
  /** The row after the change as the cloud keeps it (the last one before a delete). Rows are never changed in place. */
  readonly row: object;
  readonly cause: Cause | null;
}

/** A change of one row, before it has its place and its cause in the log. */
export type Change = Omit<Commit, 'sequence' | 'at' | 'cause'>;

/**
 * All rows of one type. A change replaces the row, so that a row once read (or logged) stays as it was; look-ups by
 * an indexed field cost what they return, which keeps a cloud of 10,000 servers quick.
 */
export class Table<T extends { readonly id: string }> {
  readonly #rows = new Map<string, T>();
  readonly #indexes = new Map<string, Map<unknown, Set<string>>>();

  constructor(
    readonly type: string,
    private readonly changed: (change: Change) => void,
    private readonly indexed: Readonly<Record<string, (row: T) => unknown>> = {},
  ) {
    for (const name of Object.keys(indexed)) this.#indexes.set(name, new Map());
  }

  get size(): number {
    return this.#rows.size;
  }

  get(id: string): T | undefined {
    return this.#rows.get(id);
  }

  all(): T[] {
    return [...this.#rows.values()];
  }

  /** Whether rows can be looked up by this field. */
  hasIndex(name: string): boolean {
    return this.#indexes.has(name);
  }

  /** Rows whose indexed field `index` is `value`, oldest first. */
  by(index: string, value: unknown): T[] {
    const ids = this.#indexes.get(index)?.get(value) ?? new Set<string>();
    return [...ids].flatMap((id) => this.#rows.get(id) ?? []);
  }

  insert(row: T): T {
    this.#rows.set(row.id, row);
    this.#index(row);
    this.changed({ type: this.type, id: row.id, change: 'create', row });
    return row;
  }

  /** Replaces the row by itself with `patch` over it; nothing happens when it is gone. */
  update(id: string, patch: Partial<T>): T | undefined {
    const before = this.#rows.get(id);
    if (before === undefined) return undefined;
    return this.replace({ ...before, ...patch });
  }

  /** Puts `row` in the place of the row with its id. */
  replace(row: T): T {
    const before = this.#rows.get(row.id);
    if (before !== undefined) this.#unindex(before);
    this.#rows.set(row.id, row);
    this.#index(row);
    this.changed({ type: this.type, id: row.id, change: 'update', row });
    return row;
  }

  delete(id: string): void {
    const row = this.#rows.get(id);
    if (row === undefined) return;
    this.#unindex(row);
    this.#rows.delete(id);
    this.changed({ type: this.type, id, change: 'delete', row });
  }

  #index(row: T): void {
    for (const [name, keyOf] of Object.entries(this.indexed)) {
      const index = this.#indexes.get(name);
      const ids = index?.get(keyOf(row)) ?? new Set<string>();
      index?.set(keyOf(row), ids.add(row.id));
    }
  }

  #unindex(row: T): void {
    for (const [name, keyOf] of Object.entries(this.indexed)) this.#indexes.get(name)?.get(keyOf(row))?.delete(row.id);
  }
}
