import { isAdmin } from '../auth/scope.js';
import type { FilterTerm } from '../resource.js';
import { everyPage } from '../rest/pages.js';
import type { Query } from '../rest/rest.js';
import type { Row } from '../row.js';
import type { AnyResource } from '../services/registry.js';
import type { Asker } from './asker.js';
import { grammarOf } from './grammar.js';
import type { RowList } from './lookups.js';
import { newRows } from './rows.js';

/** Nova, Cinder and Glance cut larger pages silently. */
export const MAX_PAGE = 1000;

/** What a root list is asked for. */
export interface ListRequest {
  readonly region: string;
  readonly terms: readonly FilterTerm[];
  /** The filter as the client gave it, in canonical form: tells this list from others in the cache. */
  readonly filterKey: string;
  readonly order: { readonly key: string; readonly direction: 'asc' | 'desc' } | null;
  /** 1 to 1000. */
  readonly first: number;
  /** Id of the row after which the page begins. */
  readonly marker: string | null;
  readonly allProjects: boolean;
}

/** Whether lists of `resource` are fetched whole and filtered, sorted and cut here. */
export function isPagedHere(resource: AnyResource): boolean {
  return resource.batch === 'index' || !grammarOf(resource.service).paged;
}

/** The parameters that every list call of a resource carries. */
export function fixedQuery({ listQuery = [], asks = [] }: AnyResource): Query {
  return [...listQuery, ...asks.map((name) => ['fields', name] as const)];
}

/** Tells a list from every other of the same resource, region and asker. */
export function listKey({ terms: _, region: __, ...rest }: ListRequest): string {
  return JSON.stringify(rest);
}

/**
 * One page, read from as many of the service's own pages as it takes to fill it; with one row more, which tells whether there are more.
 * Of a page as large as the service's own this row would be a call of its own behind it, so that it is left `unseen`.
 */
export async function fetchPage(asker: Asker, resource: AnyResource, list: ListRequest): Promise<RowList> {
  const wanted = list.first === MAX_PAGE && !isSifted(list) ? list.first : list.first + 1;
  const rows: Row[] = [];
  const seen = new Set<string>();
  const query = firstQuery(asker, resource, list, limitFor(list, wanted));
  const request = { service: resource.service, region: list.region, path: resource.list ?? resource.path, query };
  const turn = (next: Query): Query => withLimit(next, limitFor(list, wanted - rows.length));
  for await (const page of everyPage(asker.rest, request, resource.many, turn)) {
    rows.push(...newRows(resource, list.region, page, seen).filter((row) => accepts(list.terms, row)));
    if (rows.length === list.first && wanted === list.first && page.next !== null)
      return { rows, more: true, unseen: true };
    if (rows.length >= wanted) break;
  }
  return { rows: rows.slice(0, list.first), more: rows.length > list.first };
}

/** Every row of a collection that is small or cannot be paged, as the service sorts it. */
export async function fetchAll(asker: Asker, resource: AnyResource, region: string, query: Query): Promise<RowList> {
  const request = { service: resource.service, region, path: resource.list ?? resource.path, query };
  const rows: Row[] = [];
  const seen = new Set<string>();
  for await (const page of everyPage(asker.rest, request, resource.many)) {
    rows.push(...newRows(resource, region, page, seen));
  }
  return { rows, more: false };
}

/** Everything that the asker sees, in as many calls as `most` rows take. */
export async function fetchSome(asker: Asker, resource: AnyResource, region: string, most: number): Promise<RowList> {
  const limit = Math.min(most, MAX_PAGE);
  const query = [...fixedQuery(resource), ['limit', String(limit)] as const];
  const request = { service: resource.service, region, path: resource.list ?? resource.path, query };
  const rows: Row[] = [];
  const seen = new Set<string>();
  let pages = 0;
  for await (const page of everyPage(asker.rest, request, resource.many)) {
    rows.push(...newRows(resource, region, page, seen));
    pages += 1;
    if (page.next !== null && pages * limit >= most) return { rows, more: true };
  }
  return { rows, more: false };
}

/** The parameters that every list call of this request carries, but for the page. */
export function listQuery(asker: Asker, resource: AnyResource, list: ListRequest): Query {
  const filters = list.terms.flatMap((term) => term.query);
  return [
    ...fixedQuery(resource),
    ...(list.allProjects ? grammarOf(resource.service).everyProject : ownProject(asker, resource, filters)),
    ...filters,
  ];
}

/** Keeps an admin's list to the token's project, unless the client names another: sent both, Neutron would show both. */
function ownProject({ scope }: Asker, resource: AnyResource, filters: Query): Query {
  if (!isAdmin(scope) || scope.project === null || resource.project === null) return [];
  const own = grammarOf(resource.service).ownProject(scope.project.id);
  return own.filter(([name]) => !filters.some(([given]) => given === name));
}

/** Whether the row passes what the service's own filter lets through too much. */
export function accepts(terms: readonly FilterTerm[], row: Row): boolean {
  return terms.every((term) => term.accept?.(row) ?? true);
}

/** The page of `rows` that the request names, filtered and sorted here. A marker that is not among them begins anew. */
export function pageHere(rows: readonly Row[], list: ListRequest): RowList {
  const kept = rows.filter((row) => accepts(list.terms, row));
  const sorted = list.order === null ? kept : [...kept].sort(comparing(list.order.key, list.order.direction));
  const begin = list.marker === null ? 0 : sorted.findIndex((row) => row['id'] === list.marker) + 1;
  return { rows: sorted.slice(begin, begin + list.first), more: sorted.length > begin + list.first };
}

function firstQuery(asker: Asker, resource: AnyResource, list: ListRequest, limit: number): Query {
  const { order, marker } = list;
  return [
    ...listQuery(asker, resource, list),
    ...(order === null ? [] : grammarOf(resource.service).sort(order.key, order.direction)),
    ['limit', String(limit)],
    ...(marker === null ? [] : [['marker', marker] as const]),
  ];
}

/** Rows that are filtered here need more of them than the page shows. */
function limitFor(list: ListRequest, missing: number): number {
  return Math.min(MAX_PAGE, isSifted(list) ? Math.max(missing, 100) : Math.max(missing, 1));
}

function withLimit(query: Query, limit: number): Query {
  return [...query.filter(([name]) => name !== 'limit'), ['limit', String(limit)]];
}

function comparing(key: string, direction: 'asc' | 'desc'): (one: Row, other: Row) => number {
  const sign = direction === 'asc' ? 1 : -1;
  return (one, other) => sign * compare(one[key], other[key]);
}

/** Numbers by size, everything else as text; what is missing comes first. */
function compare(one: unknown, other: unknown): number {
  if (typeof one === 'number' && typeof other === 'number') return one - other;
  return String(one ?? '').localeCompare(String(other ?? ''));
}

function isSifted({ terms }: ListRequest): boolean {
  return terms.some((term) => term.accept !== undefined);
}
