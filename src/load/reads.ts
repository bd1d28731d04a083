import DataLoader from 'dataloader';
import { isAdmin } from '../auth/scope.js';
import type { Lookup } from '../cache/cache.js';
import type { ReverseEdge } from '../resource.js';
import { inRegion, type Row } from '../row.js';
import type { AnyResource } from '../services/registry.js';
import type { Asker } from './asker.js';
import { fetchEdges } from './fetch-edges.js';
import { fetchRows, getEach } from './fetch-rows.js';
import { type Lookups, lookupsOf, type RowList } from './lookups.js';

/** What one asker reads of one resource in one region: from the cache, and for what it lacks in the fewest REST calls. */
export class Reads {
  readonly #asker: Asker;
  readonly #resource: AnyResource;
  readonly #region: string;
  #lookups: Promise<Lookups> | undefined;

  constructor(asker: Asker, resource: AnyResource, region: string) {
    this.#asker = asker;
    this.#resource = resource;
    this.#region = region;
  }

  /** Rows by id, as lists show them or (`full`) as only a GET does. */
  rowLoader(kind: 'row' | 'full'): DataLoader<string, Row | null> {
    const fetch = kind === 'row' ? fetchRows : getEach;
    return this.#loader<Row | null>(
      (lookups, id) => lookups[kind](id),
      (ids) => fetch(this.#asker, this.#resource, this.#region, ids),
      null,
      (row) => (row === null ? null : inRegion(row, this.#region)),
    );
  }

  /** Rows that point at a key. */
  edgeLoader(edge: ReverseEdge): DataLoader<string, RowList> {
    // An admin's answer depends on a parameter that a member's has not; the audience keeps them apart in the cache.
    const filter = isAdmin(this.#asker.scope) ? JSON.stringify([edge.filter, edge.adminQuery ?? []]) : edge.filter;
    return this.#loader<RowList>(
      (lookups, key) => lookups.edge(filter, key),
      (keys) => fetchEdges(this.#asker, this.#resource, this.#region, edge, keys),
      NO_ROWS,
      (list) => listIn(this.#region, list),
    );
  }

  /** A list; `query` tells it from all others. */
  async list(query: string, fetch: () => Promise<RowList>): Promise<RowList> {
    const lookup = (await this.#once()).list(query);
    const { cache, policy } = this.#asker;
    const answers = await cache.read([lookup], async () => new Map([[lookup.key, await fetch()]]), policy);
    return listIn(this.#region, orThrow(answers.get(lookup.key)));
  }

  /** One look-up in the cache for all keys of a tick, one fetch for those that it lacks. */
  #loader<V>(
    lookupOf: (lookups: Lookups, key: string) => Lookup<V>,
    fetch: (keys: readonly string[]) => Promise<ReadonlyMap<string, V | Error>>,
    absent: V,
    shown: (value: V) => V,
  ): DataLoader<string, V> {
    const { cache, policy } = this.#asker;
    return new DataLoader(async (keys) => {
      const lookups = await this.#once();
      const wanted = keys.map((key) => lookupOf(lookups, key));
      const keyOf = new Map(wanted.map((lookup, index) => [lookup.key, keys[index] as string]));
      const fetchMissing = async (missing: readonly Lookup<V>[]) => {
        const found = await fetch(missing.map(({ key }) => keyOf.get(key) as string));
        return new Map(missing.map(({ key }) => [key, found.get(keyOf.get(key) as string) ?? absent]));
      };
      const answers = await cache.read(wanted, fetchMissing, policy);
      return wanted.map(({ key }) => {
        const value = settled(answers.get(key));
        return value instanceof Error ? value : shown(value);
      });
    });
  }

  #once(): Promise<Lookups> {
    this.#lookups ??= lookupsOf(this.#asker, this.#resource, this.#region);
    return this.#lookups;
  }
}

export const NO_ROWS: RowList = { rows: [], more: false };

/** Lists whose rows know their region: a look-up's value is always of one, so they need not be told again. */
const told = new WeakSet<RowList>();

/** Rows from the cache do not know their region yet. */
function listIn(region: string, list: RowList): RowList {
  if (told.has(list)) return list;
  for (const row of list.rows) inRegion(row, region);
  told.add(list);
  return list;
}

function settled<V>(answer: V | Error | undefined): V | Error {
  return answer === undefined ? new Error('the cache settled no value for a key that it was asked for') : answer;
}

/** The value of something that has been loaded. */
export function orThrow<V>(answer: V | Error | undefined): V {
  const value = settled(answer);
  if (value instanceof Error) throw value;
  return value;
}
