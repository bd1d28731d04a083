import type { Call, Refusal } from './http.js';

/** At most so many rows of a page, whatever is asked for: the services' own maximum. */
export const MAX_PAGE = 1000;

export interface PageOf<T> {
  readonly rows: readonly T[];
  /** The id to go on from, when the page is full: even a full last page has one. */
  readonly next: string | null;
}

/** Cuts a page out of sorted rows. `missing` is thrown when no row has the marker's id. */
export function cut<T>(
  rows: readonly T[],
  idOf: (row: T) => string,
  page: { readonly limit: number; readonly marker: string | null; readonly full?: boolean },
  missing: (marker: string) => Refusal,
): PageOf<T> {
  let start = 0;
  if (page.marker !== null) {
    start = rows.findIndex((row) => idOf(row) === page.marker) + 1;
    if (start === 0) throw missing(page.marker);
  }
  const cutRows = rows.slice(start, start + page.limit);
  const last = cutRows.at(-1);
  return { rows: cutRows, next: last !== undefined && cutRows.length === page.limit ? idOf(last) : null };
}

/** The caller's query with `marker` replaced, for a link to another page. */
export function queryWith(call: Call, changes: Readonly<Record<string, string>>, sorted = false): string {
  const query = new URLSearchParams(call.query);
  for (const name of ['marker', 'page_reverse', ...Object.keys(changes)]) query.delete(name);
  if (sorted) query.sort();
  for (const [name, value] of Object.entries(changes)) query.append(name, value);
  return query.toString();
}

/** Compares by several keys in turn; null comes first, as in MySQL. */
export function compareBy<T>(
  keys: readonly { readonly of: (row: T) => unknown; readonly descending: boolean }[],
): (a: T, b: T) => number {
  return (a, b) => {
    for (const { of, descending } of keys) {
      const order = compare(of(a), of(b));
      if (order !== 0) return descending ? -order : order;
    }
    return 0;
  };
}

function compare(a: unknown, b: unknown): number {
  if (a === b) return 0;
  if (a === null || a === undefined) return -1;
  if (b === null || b === undefined) return 1;
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  return String(a) < String(b) ? -1 : String(a) > String(b) ? 1 : 0;
}
