import type { RowList } from '../load/lookups.js';
import type { Row } from '../row.js';
import { cursorOf, type ListIdentity, rowIdIn } from './cursor.js';

interface Edge {
  readonly cursor: string;
  readonly node: Row;
}

/** A page as Relay's specification shapes it. The getters cost nothing unless they are asked for. */
export interface ShownPage {
  readonly nodes: readonly Row[];
  readonly edges: readonly Edge[];
  readonly pageInfo: {
    readonly hasNextPage: boolean | Promise<boolean>;
    readonly hasPreviousPage: boolean;
    readonly startCursor: string | null;
    readonly endCursor: string | null;
  };
  readonly totalCount: Promise<number | null>;
}

/** A place in a list: where the page begins, and how its rows are marked. */
export class Connection {
  readonly #list: ListIdentity;
  /** Id of the row after which the page begins, or null at the beginning. */
  readonly marker: string | null;

  constructor(list: ListIdentity, after: string | null) {
    this.#list = list;
    this.marker = after === null ? null : rowIdIn(list, after);
  }

  /** `count` and `isMore` are called where somebody wants to know. */
  show(
    page: RowList,
    count: () => Promise<number | null>,
    isMore: () => boolean | Promise<boolean> = () => page.more,
  ): ShownPage {
    const cursor = (row: Row) => cursorOf(this.#list, String(row['id']));
    const [first] = page.rows;
    const last = page.rows.at(-1);
    const hasPreviousPage = this.marker !== null;
    return {
      nodes: page.rows,
      get edges() {
        return page.rows.map((node) => ({ cursor: cursor(node), node }));
      },
      pageInfo: {
        get hasNextPage() {
          return isMore();
        },
        hasPreviousPage,
        startCursor: first ? cursor(first) : null,
        endCursor: last ? cursor(last) : null,
      },
      get totalCount() {
        return count();
      },
    };
  }
}
