import { isAdmin } from '../auth/scope.js';
import { Fault, readAnswer } from '../rest/fault.js';
import { everyPage } from '../rest/pages.js';
import { pathOf } from '../rest/paths.js';
import type { Page, Query } from '../rest/rest.js';
import { isObject, type Row } from '../row.js';
import type { AnyResource } from '../services/registry.js';
import type { Asker } from './asker.js';
import { bytesOf, urlBatches } from './batches.js';
import { fixedQuery } from './fetch-list.js';
import { grammarOf } from './grammar.js';
import { canonicalId, cleaned, idOf, newRows } from './rows.js';

/** What was found for each id that was asked for: null where there is no such row. */
export type Found = Map<string, Row | null | Error>;

/** From so many ids on the detail list is read first, unless the descriptor says otherwise. */
export const LIST_FROM = 3;

/** Pages of that list that are worth reading for a given number of ids: one, and one more for every so many ids. */
export const IDS_PER_PAGE = 50;

const PAGE = '1000';

/** Fetches rows by id in as few calls as the service allows; never by position, always matched by id. */
export async function fetchRows(
  asker: Asker,
  resource: AnyResource,
  region: string,
  ids: readonly string[],
): Promise<Found> {
  if (ids.length === 1 || resource.batch === 'each') return getEach(asker, resource, region, ids);
  if (resource.batch === 'ids') return absentAsNull(ids, await filterByIds(asker, resource, region, ids));
  const found =
    resource.batch === 'in'
      ? await filterIn(asker, resource, region, ids)
      : await scanList(asker, resource, region, ids);
  const missing = ids.filter((id) => !found.has(id));
  return new Map([...found, ...(await getEach(asker, resource, region, missing))]);
}

/** One row by its id, or null when the service says 404. */
export async function fetchRow(asker: Asker, resource: AnyResource, region: string, id: string): Promise<Row | null> {
  const path = `${resource.path}${pathOf`/${id}`}`;
  const answer = await asker.rest.call({ service: resource.service, region, method: 'GET', path }).catch(nullIfAbsent);
  return answer === null ? null : readAnswer(answer, ({ body }) => askedRow(resource, region, id, body));
}

function nullIfAbsent(error: unknown): null {
  if (error instanceof Fault && error.code === 'NOT_FOUND') return null;
  throw error;
}

/** The row in the answer to a GET of this id. */
function askedRow(resource: AnyResource, region: string, id: string, body: unknown): Row | null {
  const row = rowIn(resource, body);
  const got = idOf(resource, row);
  if (canonicalId(resource, got) === canonicalId(resource, id)) return cleaned(resource, region, row);
  // A database that ignores case. Under a second id the row would have stamps of its own, which no write moves.
  if (got.toLowerCase() === id.toLowerCase()) return null;
  throw otherThanAsked(resource, id, got);
}

/** The row inside a body, whether the service wraps it or not. */
export function rowIn(resource: AnyResource, body: unknown): Row {
  const row = resource.one === null ? body : isObject(body) ? body[resource.one] : undefined;
  if (isObject(row)) return row;
  throw new Fault({
    code: 'UPSTREAM_UNAVAILABLE',
    service: resource.service,
    message: `${resource.service}: expected an object${resource.one ? ` under "${resource.one}"` : ''}, got ${kindOf(row)}`,
  });
}

function kindOf(value: unknown): string {
  return value === null ? 'null' : Array.isArray(value) ? 'a list' : typeof value;
}

function otherThanAsked(resource: AnyResource, asked: string, got: string): Fault {
  return new Fault({
    code: 'UPSTREAM_UNAVAILABLE',
    service: resource.service,
    message: `${resource.service}: expected ${resource.name} ${asked}, got the one with id ${got.slice(0, 80)}`,
  });
}

/** Each row by a GET of its own: a failure is that row's alone. */
export async function getEach(
  asker: Asker,
  resource: AnyResource,
  region: string,
  ids: readonly string[],
): Promise<Found> {
  const rows = await Promise.all(
    ids.map((id) =>
      fetchRow(asker, resource, region, id).catch((error: unknown) =>
        error instanceof Error ? error : new Error(String(error)),
      ),
    ),
  );
  return new Map(ids.map((id, index) => [id, rows[index] ?? null]));
}

async function filterByIds(
  asker: Asker,
  resource: AnyResource,
  region: string,
  ids: readonly string[],
): Promise<Found> {
  const fixed = fixedQuery(resource);
  const batches = urlBatches('id', ids, bytesOf(fixed)).map(
    (batch): Query => [...fixed, ...batch.map((id) => ['id', id] as const)],
  );
  return collect(asker, resource, region, ids, batches);
}

async function filterIn(asker: Asker, resource: AnyResource, region: string, ids: readonly string[]): Promise<Found> {
  const batches = urlBatches('', ids).map(
    (batch): Query => [
      ['id', `in:${batch.join(',')}`],
      ['limit', PAGE],
    ],
  );
  return collect(asker, resource, region, ids, batches);
}

async function collect(
  asker: Asker,
  resource: AnyResource,
  region: string,
  ids: readonly string[],
  queries: readonly Query[],
): Promise<Found> {
  const wanted = new Set(ids);
  const found: Found = new Map();
  const path = resource.list ?? resource.path;
  await Promise.all(
    queries.map(async (query) => {
      for await (const page of everyPage(
        asker.rest,
        { service: resource.service, region, path, query },
        resource.many,
      )) {
        keepWanted(resource, region, page, wanted, found);
      }
    }),
  );
  return found;
}

/** Looks for many ids in the list of the asker's project and, where that lacks many, in what an admin sees beside it. */
async function scanList(asker: Asker, resource: AnyResource, region: string, ids: readonly string[]): Promise<Found> {
  const { everyProject } = grammarOf(resource.service);
  const found: Found = new Map();
  const lists: readonly Query[] = isAdmin(asker.scope) && everyProject.length > 0 ? [[], everyProject] : [[]];
  for (const query of lists) {
    const missing = ids.filter((id) => !found.has(id));
    if (missing.length >= (resource.listFrom ?? LIST_FROM))
      await scanPages(asker, resource, region, query, missing, found);
  }
  return found;
}

async function scanPages(
  asker: Asker,
  resource: AnyResource,
  region: string,
  query: Query,
  ids: readonly string[],
  found: Found,
): Promise<void> {
  const wanted = new Set(ids);
  const request = {
    service: resource.service,
    region,
    path: resource.list ?? resource.path,
    query: [...fixedQuery(resource), ...query, ['limit', PAGE] as const],
  };
  let pagesLeft = 1 + Math.floor(ids.length / IDS_PER_PAGE);
  try {
    for await (const page of everyPage(asker.rest, request, resource.many)) {
      keepWanted(resource, region, page, wanted, found);
      pagesLeft -= 1;
      if (pagesLeft === 0 || ids.every((id) => found.has(id))) break;
    }
  } catch (error) {
    // A list that is refused (Keystone's projects, to a member) leaves the single rows to be asked for.
    if (!(error instanceof Fault && error.code === 'FORBIDDEN')) throw error;
  }
}

function keepWanted(
  resource: AnyResource,
  region: string,
  page: Page,
  wanted: ReadonlySet<string>,
  found: Found,
): void {
  for (const row of newRows(resource, region, page, new Set())) {
    const id = canonicalId(resource, idOf(resource, row));
    if (wanted.has(id)) found.set(id, row);
  }
}

function absentAsNull(ids: readonly string[], found: Found): Found {
  return new Map(ids.map((id) => [id, found.get(id) ?? null]));
}
