import { isAdmin } from '../auth/scope.js';
import type { ReverseEdge } from '../resource.js';
import { everyPage } from '../rest/pages.js';
import type { Query } from '../rest/rest.js';
import type { Row } from '../row.js';
import type { AnyResource } from '../services/registry.js';
import type { Asker } from './asker.js';
import { bytesOf, urlBatches } from './batches.js';
import { fixedQuery } from './fetch-list.js';
import type { RowList } from './lookups.js';
import { newRows } from './rows.js';

/** Most rows that a relation shows; the answer says where it cut. */
export const RELATION_CAP = 1000;

/** Pages read for one call's worth of parents; with a thousand rows each that is far beyond what a page of a site shows. */
const MAX_PAGES = 10;

/** The rows of `resource` that point at each key, in as few calls as the service's filter allows. */
export async function fetchEdges(
  asker: Asker,
  resource: AnyResource,
  region: string,
  edge: ReverseEdge,
  keys: readonly string[],
): Promise<Map<string, RowList | Error>> {
  const batches = edge.batched
    ? urlBatches(edge.filter, keys, bytesOf(fixedQuery(resource)))
    : keys.map((key) => [key]);
  const answers = await Promise.all(
    batches.map((batch) =>
      fetchBatch(asker, resource, region, edge, batch).catch((error: unknown) => {
        const failure = error instanceof Error ? error : new Error(String(error));
        return new Map(batch.map((key) => [key, failure] as const));
      }),
    ),
  );
  return new Map(answers.flatMap((answer) => [...answer]));
}

async function fetchBatch(
  asker: Asker,
  resource: AnyResource,
  region: string,
  edge: ReverseEdge,
  keys: readonly string[],
): Promise<Map<string, RowList | Error>> {
  const query: Query = [
    ...fixedQuery(resource),
    ...(isAdmin(asker.scope) ? (edge.adminQuery ?? []) : []),
    ...(edge.adminFilter && !isAdmin(asker.scope) ? [] : keys.map((key) => [edge.filter, key] as const)),
  ];
  const request = { service: resource.service, region, path: resource.list ?? resource.path, query };
  const rows: Row[] = [];
  const seen = new Set<string>();
  let pages = 0;
  let cut = false;
  for await (const page of everyPage(asker.rest, request, resource.many)) {
    rows.push(...newRows(resource, region, page, seen));
    pages += 1;
    cut = pages === MAX_PAGES && page.next !== null;
    if (cut) break;
  }
  return new Map([...rowsByKey(edge, keys, rows)].map(([key, own]) => [key, capped(own, cut)]));
}

/** Sorts rows to the parents that they point at; rows that point at none were never asked for and are dropped. */
export function rowsByKey(edge: ReverseEdge, keys: readonly string[], rows: readonly Row[]): Map<string, Row[]> {
  const byKey = new Map<string, Row[]>(keys.map((key) => [key, []]));
  for (const row of rows) {
    for (const key of edge.pointsAt(row, keys)) byKey.get(key)?.push(row);
  }
  return byKey;
}

/** What a parent shows of the rows that point at it. */
export function capped(rows: readonly Row[], cut: boolean): RowList {
  return { rows: rows.slice(0, RELATION_CAP), more: cut || rows.length > RELATION_CAP };
}
