import { type Answer, type Call, Refusal } from '../http.js';
import { compareBy, cut, MAX_PAGE, queryWith } from '../paging.js';
import type { NetworkRow } from '../rows.js';
import { asBoolean, asInteger } from './input.js';
import { isVisible, type Kind, show } from './resource.js';

const OPTIONS = ['fields', 'limit', 'marker', 'page_reverse', 'sort_key', 'sort_dir'];
const COMMON_FILTERS = ['id', 'project_id', 'tenant_id', 'description', 'revision_number'];
const TAG_FILTERS: Readonly<Record<string, (tags: readonly unknown[], wanted: readonly string[]) => boolean>> = {
  tags: (tags, wanted) => wanted.every((tag) => tags.includes(tag)),
  'tags-any': (tags, wanted) => wanted.some((tag) => tags.includes(tag)),
  'not-tags': (tags, wanted) => !wanted.every((tag) => tags.includes(tag)),
  'not-tags-any': (tags, wanted) => !wanted.some((tag) => tags.includes(tag)),
};

/** A list: values of a repeated filter mean OR, different filters AND; an unknown one is refused. */
export function listRows<T extends NetworkRow>(kind: Kind<T>, call: Call): Answer {
  const { query } = call;
  const sort = sorting(kind, call);
  const limit = limitOf(query.get('limit'));
  const rows = candidates(kind, call).filter((row) => isVisible(kind, call.asker, row));
  const found = rows.filter(filterOf(kind, call)).sort(sort);
  const reverse = asBoolean(query.get('page_reverse')) === true;
  const ordered = reverse ? found.reverse() : found;
  const marker = markerOf(kind, call, ordered);
  const page = cut(ordered, (row) => row.id, { limit: limit ?? MAX_PAGE, marker }, kind.missing);
  const shownRows = reverse ? [...page.rows].reverse() : page.rows;
  const body: Record<string, unknown> = { [kind.many]: shownRows.map((row) => show(kind, call, row)) };
  body[`${kind.many}_links`] = linksOf(call, shownRows, page.next !== null);
  return { status: 200, body };
}

/** Rows by what there is an index of: a gateway asks for hundreds of ids out of thousands. */
function candidates<T extends NetworkRow>(kind: Kind<T>, call: Call): T[] {
  const table = kind.table(call.world);
  const ids = call.query.getAll('id');
  if (ids.length > 0) return [...new Set(ids.map(folded))].flatMap((id) => table.get(id) ?? []);
  const indexed = [...call.query.keys()].find((name) => table.hasIndex(name));
  if (indexed === undefined) return table.all();
  return [...new Set(call.query.getAll(indexed).map(folded))].flatMap((value) => table.by(indexed, value));
}

function limitOf(text: string | null): number | null {
  if (text === null) return null;
  if (!/^\d+$/.test(text)) {
    const message = `Bad limit request: Limit must be an integer 0 or greater and not '${text}'.`;
    throw new Refusal(400, message, 'BadRequest');
  }
  return Number(text) === 0 ? null : Math.min(Number(text), MAX_PAGE);
}

function markerOf<T extends NetworkRow>(kind: Kind<T>, call: Call, rows: readonly T[]): string | null {
  const marker = call.query.get('marker');
  if (marker === null || rows.some((row) => row.id === marker)) return marker;
  const exists = kind.table(call.world).get(marker) !== undefined;
  if (!exists && kind.lenientMarker !== true) throw kind.missing(marker);
  return null;
}

function linksOf(call: Call, rows: readonly NetworkRow[], more: boolean): object[] {
  const [first, last] = [rows[0], rows.at(-1)];
  const link = (rel: string, changes: Record<string, string>) => ({
    rel,
    href: `${call.root}${call.path}?${queryWith(call, changes)}`,
  });
  const next = more && last !== undefined ? [link('next', { marker: last.id })] : [];
  return [...next, link('previous', { ...(first ? { marker: first.id } : {}), page_reverse: 'True' })];
}

function sorting<T extends NetworkRow>(kind: Kind<T>, call: Call): (a: T, b: T) => number {
  const keys = call.query.getAll('sort_key');
  const directions = call.query.getAll('sort_dir');
  if (keys.length !== directions.length) throw new Refusal(400, 'The number of sort_keys and sort_dirs must be same');
  for (const key of keys) {
    const sortable = key === 'id' || COMMON_FILTERS.includes(key) || kind.attributes[key]?.filter === true;
    if (!sortable) throw new Refusal(400, `['${key}'] is invalid attribute for sorting`);
  }
  const wanted = keys.map((key, at) => ({ of: (row: T) => row[key], descending: directions[at] === 'desc' }));
  return compareBy<T>([...wanted, { of: (row) => row.id, descending: false }]);
}

function filterOf<T extends NetworkRow>(kind: Kind<T>, call: Call): (row: T) => boolean {
  const names = [...new Set(call.query.keys())].filter((name) => !OPTIONS.includes(name));
  const own = kind.filters ?? {};
  const known = (name: string) =>
    COMMON_FILTERS.includes(name) || kind.attributes[name]?.filter || name in own || name in TAG_FILTERS;
  const unknown = names.filter((name) => !known(name));
  if (unknown.length > 0) {
    throw new Refusal(400, `[${unknown.map((name) => `'${name}'`).join(', ')}] is invalid attribute for filtering`);
  }
  const tests = names.map((name) => testOf(kind, call, name));
  return (row) => tests.every((test) => test(row));
}

function testOf<T extends NetworkRow>(kind: Kind<T>, call: Call, name: string): (row: T) => boolean {
  const values = call.query.getAll(name);
  const own = kind.filters?.[name];
  if (own !== undefined) return (row) => own(row, values, call);
  const byTag = TAG_FILTERS[name];
  if (byTag !== undefined)
    return (row) => byTag(Array.isArray(row['tags']) ? row['tags'] : [], values.join(',').split(','));
  if (kind.attributes[name]?.type === 'boolean') {
    const wanted = values.map((value) => {
      const flag = asBoolean(value);
      if (flag !== null) return flag;
      throw new Refusal(400, `Invalid input for operation: '${value}' cannot be converted to boolean.`, 'InvalidInput');
    });
    return (row) => wanted.some((flag) => flag === row[name]);
  }
  if (kind.attributes[name]?.type === 'number') {
    for (const value of values) {
      if (asInteger(value) !== null) continue;
      throw new Refusal(400, `Invalid input for operation: '${value}' is not an integer.`, 'InvalidInput');
    }
  }
  const wanted = new Set(values.map(folded));
  return (row) => row[name] !== null && wanted.has(folded(String(row[name])));
}

/** MySQL compares without heed of case and of spaces at the end. */
function folded(text: string): string {
  return text.toLowerCase().replace(/ +$/, '');
}

/** Only the fields that the caller asks for with `fields=`. */
export function onlyFields(call: Call, row: Record<string, unknown>): Record<string, unknown> {
  const fields = call.query.getAll('fields').filter((name) => name !== '');
  if (fields.length === 0) return row;
  return Object.fromEntries(Object.entries(row).filter(([name]) => fields.includes(name)));
}
