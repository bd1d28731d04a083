import type { Loaders } from '../load/loaders.js';
import type { Relation } from '../resource.js';
import { inRegion, REGION, type Row } from '../row.js';
import { relationOf, targetOf } from './relation-table.js';

/** What a relation leads to from one row. */
export type Related =
  | { readonly rows: Row | null }
  /** `more`: some were cut off. */
  | { readonly rows: readonly Row[]; readonly more: boolean };

/** Where a relation begins: the type's name, and the field's. */
export interface RelationField {
  readonly typeName: string;
  readonly relation: Relation;
}

/** Loads what the relation leads to from all of these rows, in as few calls as it takes. Errors are told by `readRelated`. */
export async function loadRelated(loaders: Loaders, field: RelationField, rows: readonly Row[]): Promise<void> {
  const loads = [...byRegion(rows)].map(([region, own]) => loadInRegion(loaders, field, region, own));
  await Promise.all(loads);
}

/**
 * What the relation leads to from this row, at once; undefined where that has not been loaded. Throws the error that its
 * loading ended with.
 */
export function readRelated(loaders: Loaders, { typeName, relation }: RelationField, row: Row): Related | undefined {
  const region = regionOf(row);
  switch (relation.kind) {
    case 'one': {
      const id = relation.id(row);
      if (id === null) return { rows: null };
      const found =
        relation.by === undefined
          ? loaders.peekRow(relation.target, region, id)
          : loaders.peekBy(relation.target, region, relation.by, id);
      return one(found);
    }
    case 'oneOf': {
      const picked = relation.pick(row);
      if (picked === null) return { rows: null };
      const found = one(loaders.peekRow(picked.type, region, picked.id));
      return found && { rows: typed(found.rows, picked.type) };
    }
    case 'list':
      return listed(loaders, relation, region, row);
    case 'embedded':
      return { rows: relation.rows(row).map((embedded) => inRegion(embedded, region)), more: false };
    case 'reverse': {
      const key = relation.key(row);
      if (key === null) return { rows: [], more: false };
      const list = loaders.peekEdges(relation.target, region, relation, key);
      if (list instanceof Error) throw list;
      return list;
    }
    case 'through':
      return throughRows(loaders, typeName, relation, row);
  }
}

type Kind<K extends Relation['kind']> = Extract<Relation, { kind: K }>;

async function loadInRegion(
  loaders: Loaders,
  { typeName, relation }: RelationField,
  region: string,
  rows: readonly Row[],
): Promise<void> {
  switch (relation.kind) {
    case 'one':
      return relation.by === undefined
        ? loaders.loadRows(relation.target, region, present(rows.map(relation.id)))
        : loaders.loadBy(relation.target, region);
    case 'oneOf':
      return loadPicked(loaders, relation, region, rows);
    case 'list':
      return loaders.loadRows(relation.target, region, rows.flatMap(relation.ids));
    case 'embedded':
      return undefined;
    case 'reverse':
      return loaders.loadEdges(relation.target, region, relation, present(rows.map(relation.key)));
    case 'through':
      return loadThrough(loaders, typeName, relation, rows);
  }
}

async function loadPicked(
  loaders: Loaders,
  { pick }: Kind<'oneOf'>,
  region: string,
  rows: readonly Row[],
): Promise<void> {
  const picks = present(rows.map(pick));
  const types = [...new Set(picks.map(({ type }) => type))];
  const idsOf = (type: string) => picks.filter((picked) => picked.type === type).map(({ id }) => id);
  await Promise.all(types.map((type) => loaders.loadRows(type, region, idsOf(type))));
}

async function loadThrough(
  loaders: Loaders,
  typeName: string,
  relation: Kind<'through'>,
  rows: readonly Row[],
): Promise<void> {
  const { first, second } = stepsOf(typeName, relation);
  await loadRelated(loaders, first, rows);
  const middle = rows.flatMap((row) => rowsIfLoaded(loaders, first, row));
  await loadRelated(loaders, second, [...new Set(middle)]);
}

/** The rows that a relation leads to. Those behind an error are not there: it is told when they are asked for. */
export function rowsIfLoaded(loaders: Loaders, field: RelationField, row: Row): readonly Row[] {
  try {
    return rowsIn(readRelated(loaders, field, row));
  } catch {
    return [];
  }
}

/** The rows that a relation leads to, whether to one or to many. */
export function rowsIn(related: Related | undefined): readonly Row[] {
  if (related === undefined || related.rows === null) return [];
  return 'more' in related ? related.rows : [related.rows];
}

/** The rows whose ids the row lists, each once, less those that do not exist. */
function listed(loaders: Loaders, relation: Kind<'list'>, region: string, row: Row): Related | undefined {
  const rows: Row[] = [];
  for (const id of new Set(relation.ids(row))) {
    const found = one(loaders.peekRow(relation.target, region, id));
    if (found === undefined) return undefined;
    if (found.rows !== null) rows.push(found.rows);
  }
  return { rows, more: false };
}

/** The rows at the end of two relations, each once. */
function throughRows(loaders: Loaders, typeName: string, relation: Kind<'through'>, row: Row): Related | undefined {
  const { first, second } = stepsOf(typeName, relation);
  const middle = readRelated(loaders, first, row);
  if (middle === undefined) return undefined;
  const ends = new Map<unknown, Row>();
  for (const one of rowsIn(middle)) {
    const found = readRelated(loaders, second, one);
    if (found === undefined) return undefined;
    for (const end of rowsIn(found)) ends.set(end['id'], end);
  }
  return { rows: [...ends.values()], more: false };
}

function stepsOf(typeName: string, { path: [first, second] }: Kind<'through'>) {
  const toMiddle = relationOf(typeName, first);
  const middle = targetOf(toMiddle);
  return {
    first: { typeName, relation: toMiddle },
    second: { typeName: middle, relation: relationOf(middle, second) },
  };
}

function one(found: Row | null | Error | undefined): { readonly rows: Row | null } | undefined {
  if (found instanceof Error) throw found;
  return found === undefined ? undefined : { rows: found };
}

/** A union needs to know what its member is: a copy, since the row itself may be shared. */
function typed(row: Row | null, __typename: string): Row | null {
  return row && { ...row, __typename };
}

function present<T>(values: readonly (T | null)[]): readonly T[] {
  return values.filter((value) => value !== null);
}

function byRegion(rows: readonly Row[]): ReadonlyMap<string, readonly Row[]> {
  const regions = new Map<string, Row[]>();
  for (const row of rows) {
    const region = regionOf(row);
    const own = regions.get(region);
    if (own === undefined) regions.set(region, [row]);
    else own.push(row);
  }
  return regions;
}

function regionOf(row: Row): string {
  const region = row[REGION];
  if (region === undefined)
    throw new Error('expected a row that knows its region, got one that was not loaded by the load stage');
  return region;
}
