import type { ResourceName } from '../resource.js';
import type { Row } from '../row.js';

/** A page of rows that a root field gives. */
export interface Page {
  readonly rows: readonly Row[];
  readonly region: string;
  /** Types in whose collections everything is found that the rows show beside themselves; null where not everything is. */
  readonly sources: ReadonlySet<ResourceName> | null;
}

/** Names of root fields in the answer. */
type Names = Pick<ReadonlySet<string>, 'has'>;

/** The pages of one operation, by the name of their root field in the answer: what the shortcut `texts` has to know of them. */
export class Pages {
  readonly #pages = new Map<string, Page>();
  #outlined: Names = new Set();

  /** The root fields of which the rows themselves are not resolved. */
  outline(names: Names): void {
    this.#outlined = names;
  }

  isOutlined(name: string): boolean {
    return this.#outlined.has(name);
  }

  add(name: string, page: Page): void {
    this.#pages.set(name, page);
  }

  get(name: string): Page | undefined {
    return this.#pages.get(name);
  }
}
