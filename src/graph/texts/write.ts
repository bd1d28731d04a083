import { isObject } from '../../row.js';
import type { RowPlace } from '../compiled/outline.js';

/** What one row looks like in the answer. */
export interface ShownRow {
  /** JSON, for each place of the page where rows stand. */
  readonly texts: readonly string[];
  /** At least as many rows as it shows: itself and all below. */
  readonly rows: number;
}

type Places = ReadonlyMap<string, readonly RowPlace[]>;
type Data = Readonly<Record<string, unknown>>;

/** JSON of `outline` with these rows in their places, by the name of their page. */
export function withRows(outline: Data, places: Places, pages: ReadonlyMap<string, readonly ShownRow[]>): string {
  return objectText(outline, (name, page) => {
    const rows = pages.get(name);
    return rows && isObject(page) ? pageText(page, places.get(name) ?? [], rows) : undefined;
  });
}

/** The rows of a page as they stand in the data of an answer, in their order; null where they stand there otherwise. */
export function rowsIn(page: unknown, places: readonly RowPlace[], count: number): readonly ShownRow[] | null {
  if (!isObject(page)) return null;
  const columns = places.map((place) => columnAt(page, place));
  if (!columns.every((column) => column?.length === count)) return null;
  return Array.from({ length: count }, (_, index) => {
    const texts = columns.map((column) => JSON.stringify(column?.[index]));
    return { texts, rows: texts.reduce((sum, text) => sum + bracesIn(text), 0) };
  });
}

function columnAt(page: Data, [first, second]: RowPlace | readonly [string, string?]): readonly unknown[] | null {
  const list = page[first];
  if (!Array.isArray(list)) return null;
  return second === undefined ? list : list.map((edge: unknown) => (isObject(edge) ? edge[second] : null));
}

/** No row is written without one, so that there are at most as many rows. */
function bracesIn(text: string): number {
  let count = 0;
  for (let at = text.indexOf('{'); at !== -1; at = text.indexOf('{', at + 1)) count += 1;
  return count;
}

function pageText(page: Data, places: readonly RowPlace[], rows: readonly ShownRow[]): string {
  return objectText(page, (name, value) => {
    const nodes = places.findIndex(([first, second]) => first === name && second === undefined);
    if (nodes !== -1) return `[${rows.map(({ texts }) => texts[nodes]).join(',')}]`;
    const isOutlined = places.some(([first]) => first === name);
    return isOutlined && Array.isArray(value) ? `[${edgeTexts(name, value, places, rows).join(',')}]` : undefined;
  });
}

function edgeTexts(
  edges: string,
  values: readonly unknown[],
  places: readonly RowPlace[],
  rows: readonly ShownRow[],
): readonly string[] {
  return values.map((edge, index) =>
    objectText(isObject(edge) ? edge : {}, (name) => {
      const place = places.findIndex(([first, second]) => first === edges && second === name);
      return rows[index]?.texts[place];
    }),
  );
}

/** JSON of an object some of whose values are written already. */
function objectText(object: Data, writtenOf: (name: string, value: unknown) => string | undefined): string {
  const members = Object.entries(object).map(
    ([name, value]) => `${JSON.stringify(name)}:${writtenOf(name, value) ?? JSON.stringify(value)}`,
  );
  return `{${members.join(',')}}`;
}
