import { bytesOf, MAX_QUERY_BYTES, MAX_VALUES } from '../../load/batches.js';
import { mayBeGathered } from '../../load/collections.js';
import { RELATION_CAP } from '../../load/fetch-edges.js';
import { fixedQuery, isPagedHere, MAX_PAGE } from '../../load/fetch-list.js';
import { IDS_PER_PAGE, LIST_FROM } from '../../load/fetch-rows.js';
import { grammarOf } from '../../load/grammar.js';
import type { Relation, ReverseEdge } from '../../resource.js';
import type { AnyResource } from '../../services/registry.js';

// How many calls the load stage makes for so many rows, at most. What no query tells is assumed, generously; where a cloud
// has more, the budget (`budget.ts`) ends the query at the limit itself. `docs/decisions/limits.md` lists the assumptions.

/** Different rows of one type behind one field, however often each is shown. */
const DISTINCT = 10_000;
/** Rows behind one field that a list or a batch leaves out, so that a GET looks for each. */
const LEFT_OUT = 50;
/** Calls for a whole collection: 2000 rows. */
const COLLECTION = 2;
/** Pages that a filter which the gateway tests itself reads beside those that it shows. */
const SIFTED_PAGES = 10;
/** Rows of a relation for a parent, on the average of many parents. */
const PER_PARENT = 10;
/** An id and the `%3D` or `=` before it; Keystone's ids are shorter. */
const VALUE_BYTES = 52;

/** Rows by id, `rows` of them shown: looked for in the whole collection first, where there are many. */
export function callsForRows(resource: AnyResource, rows: number): number {
  return gathering(resource, rows) + callsForIds(resource, rows);
}

function gathering(resource: AnyResource, parents: number): number {
  return mayBeGathered(resource, parents) ? 1 : 0;
}

function callsForIds(resource: AnyResource, rows: number): number {
  const ids = Math.min(rows, DISTINCT);
  if (ids === 0) return 0;
  const single = Math.min(ids, LEFT_OUT);
  switch (resource.batch) {
    case 'index':
      return COLLECTION + single;
    case 'ids':
      return Math.ceil(ids / valuesPerCall(resource, 'id'));
    case 'in':
      return Math.ceil(ids / MAX_VALUES) + single;
    case 'listOrGet':
      return callsForScan(resource, ids) + single;
    case 'each':
      return ids;
  }
}

/** The detail list, where so many ids are worth it; an admin's and everybody's. */
function callsForScan(resource: AnyResource, ids: number): number {
  if (ids < (resource.listFrom ?? LIST_FROM)) return 0;
  const pages = Math.min(1 + Math.floor(ids / IDS_PER_PAGE), DISTINCT / MAX_PAGE);
  return pages * (grammarOf(resource.service).everyProject.length > 0 ? 2 : 1);
}

/** Rows that point at `parents`, of which `rows` are shown. */
export function callsForEdge(resource: AnyResource, edge: ReverseEdge, parents: number, rows: number): number {
  if (resource.batch === 'index') return COLLECTION;
  const keys = Math.min(parents, DISTINCT);
  const batches = edge.batched ? Math.ceil(keys / valuesPerCall(resource, edge.filter)) : keys;
  const gathered = edge.batched ? gathering(resource, parents) : 0;
  return gathered + batches + Math.floor(Math.min(rows, DISTINCT) / MAX_PAGE);
}

function valuesPerCall(resource: AnyResource, parameter: string): number {
  const room = MAX_QUERY_BYTES - bytesOf(fixedQuery(resource));
  return Math.min(MAX_VALUES, Math.floor(room / (parameter.length + VALUE_BYTES)));
}

/** A page of `first` rows. `sifted`: the gateway itself tests some of the filter. `behind`: it begins at a cursor. */
export function callsForPage(resource: AnyResource, first: number, sifted: boolean, behind: boolean): number {
  if (isPagedHere(resource)) return COLLECTION;
  const marker = behind && resource.markerUnchecked ? 1 : 0;
  // One row more than is shown tells whether there are more.
  return Math.ceil((first + 1) / MAX_PAGE) + (sifted ? SIFTED_PAGES : 0) + marker;
}

/** Rows that a relation shows for so many parents: a parent may have up to the cap, all of them together fewer each. */
export function rowsOf(relation: Relation, parents: number): number {
  if (relation.kind === 'one' || relation.kind === 'oneOf') return parents;
  const perParent = (relation.kind === 'list' || relation.kind === 'reverse' ? relation.perParent : null) ?? PER_PARENT;
  return spread(parents, perParent);
}

/** Parts of a row that are a list: addresses, attachments. */
export function partsOf(rows: number): number {
  return spread(rows, PER_PARENT);
}

function spread(parents: number, perParent: number): number {
  return Math.min(parents * RELATION_CAP, RELATION_CAP + parents * perParent);
}
