import type { Lookup, Stamp } from '../cache/cache.js';
import { listEntryStamps, observedStamps, rowEntryStamps } from '../cache/stamps.js';
import type { Row } from '../row.js';
import type { AnyResource } from '../services/registry.js';
import { type Asker, reachOf, touchedBy } from './asker.js';
import { listTtl, rowTtl } from './freshness.js';
import { canonicalId, idOf, projectOf } from './rows.js';

/** Rows as a list or an edge keeps them. */
export interface RowList {
  readonly rows: readonly Row[];
  /** More rows exist than were read: the next page, or what a cap cut off. */
  readonly more: boolean;
  /** Nobody has looked at what is more: the service names a next page, which may be empty. */
  readonly unseen?: true;
}

/** Names what an asker reads of one resource in one region, for the cache. */
export interface Lookups {
  row(id: string): Lookup<Row | null>;
  /** The row as only a GET of it shows it. */
  full(id: string): Lookup<Row | null>;
  /** A list; `query` tells it from all others. */
  list(query: string): Lookup<RowList>;
  /** The rows that point at `key` through `filter`. */
  edge(filter: string, key: string): Lookup<RowList>;
}

/** Lookups of `resource` in `region`; asks for the microversion, which every key holds. */
export async function lookupsOf(asker: Asker, resource: AnyResource, region: string): Promise<Lookups> {
  const version = (await asker.rest.microversion(resource.service, region)) ?? '';
  const place = asker.place(region);
  const audience = asker.audience(resource.audience, region);
  const reach = reachOf(asker, resource);
  const override = asker.ttlOverride(resource.name);
  const stale = resource.service !== 'identity';
  const wide = listEntryStamps(place, resource.name, reach);
  const keyOf = (kind: string, what: readonly string[]) =>
    `${resource.name}/${kind}/${JSON.stringify([place, audience, version, ...what])}`;
  const rowLookup = (kind: string, id: string): Lookup<Row | null> => ({
    key: keyOf(kind, [id]),
    stamps: rowEntryStamps(place, resource.name, canonicalId(resource, id), reach),
    ttl: (row) => rowTtl(resource, row, override),
    changed: (before, now, early) => changedStamps(asker, resource, region, present(before), present(now), early),
    stale,
    wide,
  });
  const listLookup = (kind: string, what: readonly string[]): Lookup<RowList> => ({
    key: keyOf(kind, what),
    stamps: wide,
    ttl: ({ rows }) => listTtl(resource, rows, override),
    changed: (before, now, early) => changedStamps(asker, resource, region, before.rows, now.rows, early),
    stale,
    wide,
  });
  return {
    row: (id) => rowLookup('row', id),
    full: (id) => rowLookup('full', id),
    list: (query) => listLookup('list', [query]),
    edge: (filter, key) => listLookup('edge', [filter, key]),
  };
}

function present(row: Row | null): readonly Row[] {
  return row === null ? [] : [row];
}

/**
 * The stamps to move because somebody changed rows behind the gateway's back: of those whose watched fields differ, or that
 * differ in any way where the predecessor is still being shown.
 */
function changedStamps(
  asker: Asker,
  resource: AnyResource,
  region: string,
  before: readonly Row[],
  now: readonly Row[],
  early: boolean,
): readonly Stamp[] {
  const differs = (old: Row, row: Row) =>
    early ? !same(old, row) : resource.watch.some((name) => !same(old[name], row[name]));
  const known = new Map(before.map((row) => [idOf(resource, row), row]));
  const changed = now.filter((row) => {
    const old = known.get(idOf(resource, row));
    return old !== undefined && differs(old, row);
  });
  const gone = new Set(known.keys());
  for (const row of now) gone.delete(idOf(resource, row));
  const vanished = [...gone].flatMap((id) => present(known.get(id) ?? null));
  return [...new Set([...changed, ...vanished].flatMap((row) => stampsOf(asker, resource, region, row)))];
}

function stampsOf(asker: Asker, resource: AnyResource, region: string, row: Row): readonly Stamp[] {
  const project = projectOf(resource, row);
  const id = canonicalId(resource, idOf(resource, row));
  const touches = touchedBy(asker, resource.touches, project);
  return observedStamps(asker.place(region), { type: resource.name, id, project }, touches);
}

function same(one: unknown, other: unknown): boolean {
  return one === other || JSON.stringify(one) === JSON.stringify(other);
}
