import { type Answer, type Call, Refusal } from '../http.js';
import { compareBy, cut, MAX_PAGE, queryWith } from '../paging.js';
import { isAdmin } from '../policy.js';
import type { Table } from '../table.js';
import type { World } from '../world.js';

/** What Cinder's lists need of a row, be it of a volume or of a snapshot. */
export interface Listed {
  readonly id: string;
  readonly name: string | null;
  readonly status: string;
  readonly projectId: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly created: number;
  readonly updated: number | null;
}

export type Matches<T> = (row: T, wanted: string, call: Call) => boolean;

/** One of Cinder's lists: its rows, and what it has beyond what both lists can. */
export interface Listing<T extends Listed> {
  /** Key around rows. */
  readonly many: string;
  readonly table: (world: World) => Table<T>;
  readonly missing: (id: string) => Refusal;
  readonly filters: Readonly<Record<string, Matches<T>>>;
  readonly adminFilters: Readonly<Record<string, Matches<T>>>;
  /** What throws `Refusal` at a filter's value, before any row is looked at. */
  readonly checks?: Readonly<Record<string, (wanted: string) => void>>;
  readonly sortKeys: Readonly<Record<string, (row: T) => unknown>>;
}

const FILTERS: Readonly<Record<string, Matches<Listed>>> = {
  name: (row, wanted) => alike(row.name, wanted),
  status: (row, wanted) => alike(row.status, wanted),
  availability_zone: (_row, wanted) => alike('nova', wanted),
  metadata: (row, wanted) => metadataMatches(row, wanted),
  consumes_quota: (_row, wanted) => wanted.toLowerCase() === 'true',
};
const ADMIN_FILTERS: Readonly<Record<string, Matches<Listed>>> = {
  id: (row, wanted) => alike(row.id, wanted) || (wanted.startsWith('[') && wanted.includes(`'${row.id}'`)),
  project_id: (row, wanted) => row.projectId === wanted,
  'name~': (row, wanted) => (row.name ?? '').toLowerCase().includes(wanted.toLowerCase()),
};
const OPTIONS = ['limit', 'marker', 'sort', 'sort_key', 'sort_dir', 'all_tenants', 'with_count', 'offset'];
const SORT_KEYS: Readonly<Record<string, (row: Listed) => unknown>> = {
  id: (row) => row.id,
  name: (row) => row.name,
  display_name: (row) => row.name,
  status: (row) => row.status,
  created_at: (row) => row.created,
  updated_at: (row) => row.updated,
};

/** Answers a list. Of a repeated filter the last value wins. */
export function listRows<T extends Listed>(call: Call, listing: Listing<T>, show: (row: T) => unknown): Answer {
  const { query } = call;
  const limit = limitOf(query.get('limit'));
  const matches = filterOf(call, listing);
  const sort = sortOf(call, listing);
  const found = visible(call, listing).filter(matches).sort(sort);
  const marker = query.get('marker');
  if (marker !== null && listing.table(call.world).get(marker) === undefined) throw listing.missing(marker);
  const page = cut(found, ({ id }) => id, { limit, marker }, listing.missing);
  const href = `${call.root}${call.rawPath}?${queryWith(call, { marker: page.next ?? '' })}`;
  const links = page.next === null ? {} : { [`${listing.many}_links`]: [{ rel: 'next', href }] };
  const counted = call.version >= 45 && query.get('with_count')?.toLowerCase() === 'true';
  const count = counted ? { count: found.length } : {};
  return { status: 200, body: { [listing.many]: page.rows.map(show), ...links, ...count } };
}

export function limitOf(text: string | null): number {
  if (text === null) return MAX_PAGE;
  if (!/^-?\d+$/.test(text)) throw new Refusal(400, 'limit param must be an integer');
  if (Number(text) < 0) throw new Refusal(400, 'limit param must be positive');
  return Math.min(Number(text), MAX_PAGE);
}

function visible<T extends Listed>({ world, asker, query }: Call, listing: Listing<T>): T[] {
  const table = listing.table(world);
  // A member's all_tenants is ignored without a word.
  const everything = isAdmin(asker) && /^(1|true|t|yes|y|on)$/i.test(query.get('all_tenants') ?? '');
  return everything ? table.all() : table.by('projectId', asker.projectId);
}

function filterOf<T extends Listed>(call: Call, listing: Listing<T>): (row: T) => boolean {
  const admin = isAdmin(call.asker);
  const names = [...new Set(call.query.keys())].filter((name) => !OPTIONS.includes(name));
  const forAdmins = admin ? { ...ADMIN_FILTERS, ...listing.adminFilters } : {};
  const known: Readonly<Record<string, Matches<T>>> = { ...FILTERS, ...listing.filters, ...forAdmins };
  const unknown = names.filter((name) => !(name in known));
  if (unknown.length > 0 && !admin && call.version >= 31) {
    throw new Refusal(400, `Invalid filters ${unknown.join(', ')} are found in query options.`);
  }
  if (unknown.length > 0 && admin) return () => false;
  const tests = names.flatMap((name) => {
    const matches = known[name];
    const values = call.query.getAll(name);
    // Of a repeated filter the last value wins, but two names are nobody's name.
    if (name === 'name' && values.length > 1) return [() => false];
    const wanted = values.at(-1) ?? '';
    listing.checks?.[name]?.(wanted);
    return matches === undefined ? [] : [(row: T) => matches(row, wanted, call)];
  });
  return (row) => tests.every((test) => test(row));
}

/** MySQL compares without heed of case and of spaces at the end. */
export function alike(value: string | null, wanted: string): boolean {
  return value !== null && value.toLowerCase() === wanted.toLowerCase().replace(/ +$/, '');
}

function metadataMatches(row: Listed, wanted: string): boolean {
  return [...wanted.matchAll(/['"]([^'"]*)['"]\s*:\s*['"]([^'"]*)['"]/g)].every(
    ([, name = '', value]) => row.metadata[name] === value,
  );
}

function sortOf<T extends Listed>({ query }: Call, listing: Listing<T>): (a: T, b: T) => number {
  const known: Readonly<Record<string, (row: T) => unknown>> = { ...SORT_KEYS, ...listing.sortKeys };
  const pairs = (query.get('sort') ?? query.get('sort_key') ?? '').split(',').filter((text) => text !== '');
  const keys = pairs.map((pair) => {
    const [key = '', direction = query.get('sort_dir') ?? 'desc'] = pair.split(':');
    const of = known[key];
    if (of === undefined) throw new Refusal(400, 'Invalid input received: Invalid sort key');
    return { of, descending: direction === 'desc' };
  });
  const descending = keys.at(-1)?.descending ?? true;
  return compareBy([...keys, { of: (row) => row.created, descending }, { of: (row) => row.id, descending }]);
}
