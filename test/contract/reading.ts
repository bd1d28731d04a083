/** Notes which keys of a row are read, by which field, and whether the row had them. */
export class Reading {
  readonly #present = new Set<string>();
  readonly #read = new Set<string>();
  readonly #found = new Map<string, boolean>();
  readonly #watched = new WeakSet<object>();
  #field: string | null = null;

  /** A row, or a part of one, that tells this reading what is read of it. */
  watch(value: unknown, path = ''): unknown {
    if (typeof value !== 'object' || value === null) return value;
    if (path === '') for (const key of Object.keys(value)) this.#present.add(key);
    const watched = new Proxy(value, {
      get: (target, key) => {
        const inner: unknown = Reflect.get(target, key);
        if (typeof key === 'symbol' || Array.isArray(target)) return this.#inner(inner, path);
        this.#note(path, key, Object.hasOwn(target, key));
        return this.#inner(inner, path === '' ? key : `${path}.${key}`);
      },
      ownKeys: (target) => {
        // Whoever lists all keys (custom properties, maps of networks) has read them all.
        for (const key of Object.keys(target)) this.#note(path, key, true);
        return Reflect.ownKeys(target);
      },
    });
    this.#watched.add(watched);
    return watched;
  }

  /** Whether `part` comes out of a watched row, rather than having been made by whoever read it. */
  isWatched(part: unknown): boolean {
    return typeof part === 'object' && part !== null && this.#watched.has(part);
  }

  /** Runs `read` on behalf of a field. */
  during<T>(field: string, read: () => T): T {
    const before = this.#field;
    this.#field = field;
    if (!this.#found.has(field)) this.#found.set(field, false);
    try {
      return read();
    } finally {
      this.#field = before;
    }
  }

  excuse(key: string): void {
    this.#read.add(key);
  }

  /** Fields none of whose keys was in any row. */
  fieldsThatFoundNothing(): readonly string[] {
    return [...this.#found].filter(([, found]) => !found).map(([field]) => field);
  }

  /** Keys of rows that no field read. */
  keysThatNobodyRead(): readonly string[] {
    return [...this.#present].filter((key) => !this.#read.has(key)).sort();
  }

  #inner(value: unknown, path: string): unknown {
    return typeof value === 'function' ? value : this.watch(value, path === '' ? '?' : path);
  }

  #note(path: string, key: string, had: boolean): void {
    if (path === '' || path === '?') this.#read.add(key);
    if (had && this.#field !== null) this.#found.set(this.#field, true);
  }
}
