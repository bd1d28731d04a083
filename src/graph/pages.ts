import type { Row } from '../row.js';

/** Names of root fields in the answer. */
type Names = Pick<ReadonlySet<string>, 'has'>;

/** The pages of one operation, by the name of their root field in the answer: what the shortcut `texts` has to know of them. */
export class Pages {
  readonly #pages = new Map<string, readonly Row[]>();
  #outlined: Names = new Set();

  /** The root fields of which the rows themselves are not resolved. */
  outline(names: Names): void {
    this.#outlined = names;
  }

  isOutlined(name: string): boolean {
    return this.#outlined.has(name);
  }

  add(name: string, rows: readonly Row[]): void {
    this.#pages.set(name, rows);
  }

  get(name: string): readonly Row[] | undefined {
    return this.#pages.get(name);
  }
}
