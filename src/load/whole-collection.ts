import type { ReverseEdge } from '../resource.js';
import type { Row } from '../row.js';
import type { AnyResource } from '../services/registry.js';
import { capped, rowsByKey } from './fetch-edges.js';
import type { RowList } from './lookups.js';
import { canonicalId, idOf } from './rows.js';

/** All that an asker sees of a type. */
export class Whole {
  readonly rows: readonly Row[];
  /** By canonical id. */
  readonly byId: ReadonlyMap<string, Row>;
  readonly #edges = new Map<ReverseEdge, Map<string, RowList>>();
  readonly #byName = new Map<string, ReadonlyMap<string, Row>>();

  constructor(resource: AnyResource, rows: readonly Row[]) {
    this.rows = rows;
    this.byId = new Map(rows.map((row) => [canonicalId(resource, idOf(resource, row)), row]));
  }

  /** The rows that point at each key; the map may hold other keys too. */
  pointingAt(edge: ReverseEdge, keys: readonly string[]): ReadonlyMap<string, RowList> {
    let known = this.#edges.get(edge);
    if (known === undefined) {
      known = new Map();
      this.#edges.set(edge, known);
    }
    const missing = keys.filter((key) => !known.has(key));
    if (missing.length === 0) return known;
    for (const [key, rows] of rowsByKey(edge, missing, this.rows)) known.set(key, capped(rows, false));
    return known;
  }

  /** By a name on the wire, the first row that holds each value. */
  by(wireName: string): ReadonlyMap<string, Row> {
    let rows = this.#byName.get(wireName);
    if (rows === undefined) {
      // The first of several: later ones come earlier here.
      rows = new Map(this.rows.toReversed().map((row) => [String(row[wireName]), row]));
      this.#byName.set(wireName, rows);
    }
    return rows;
  }
}

/** Rows out of the cache are the same objects while nothing changes: what was sorted once need not be again. */
const wholes = new WeakMap<readonly Row[], Whole>();

export function wholeOf(resource: AnyResource, rows: readonly Row[]): Whole {
  let whole = wholes.get(rows);
  if (whole === undefined) {
    whole = new Whole(resource, rows);
    wholes.set(rows, whole);
  }
  return whole;
}
