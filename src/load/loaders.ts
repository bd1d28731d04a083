import { wallClock, within } from '../cache/clock.js';
import type { ResourceName, ReverseEdge } from '../resource.js';
import { badInput, Fault } from '../rest/fault.js';
import { idFormats } from '../rest/paths.js';
import type { Row } from '../row.js';
import { type AnyResource, resourceOf } from '../services/registry.js';
import type { Asker } from './asker.js';
import {
  accepts,
  fetchAll,
  fetchPage,
  fetchSome,
  fixedQuery,
  isPagedHere,
  type ListRequest,
  listKey,
  listQuery,
  pageHere,
} from './fetch-list.js';
import type { RowList } from './lookups.js';
import { NO_ROWS, orThrow, Reads } from './reads.js';
import { canonicalId, idOf } from './rows.js';
import { type Whole, wholeOf } from './whole-collection.js';

/** A service that hangs keeps nobody from what another one has: ports are tried then without knowing how many there are. */
const TOLD_WITHIN_MS = 2000;

/** A value, or the error that its loading ended with. */
type Settled<V> = V | Error;

/** What has been loaded of one type in one region. */
interface Shelf {
  readonly resource: AnyResource;
  /** By canonical id; `rowsOn` puts in first what is unsorted. */
  readonly rows: Map<string, Settled<Row | null>>;
  /** Rows that came with lists: of most nobody asks for any by its id. */
  unsorted: Row[];
  readonly edges: Map<ReverseEdge, Map<string, Settled<RowList>>>;
  /** The whole collection, where it is fetched as one. */
  index: Settled<Whole> | undefined;
}

/**
 * Everything that one GraphQL request reads, each thing once: rows by id, rows by another unique key, rows that point at
 * a row, lists. Calls made in the same tick become one cache look-up and, for what it lacks, the fewest REST calls.
 *
 * `load…` brings many things at once and never throws; what it brought, `peek…` gives at once and as often as wanted:
 * the value, the error, or undefined where nobody has loaded it.
 */
export class Loaders {
  readonly #asker: Asker;
  readonly #made = new Map<string, unknown>();
  readonly #shelves = new Map<ResourceName, Map<string, Shelf>>();

  constructor(asker: Asker) {
    this.#asker = asker;
  }

  /**
   * The row with this id, or null. What is no id of this type names no row and costs no call: some relations' ids stand
   * where users can write anything, and one batch asks for the ids of many rows.
   */
  async row(type: ResourceName, region: string, id: string): Promise<Row | null> {
    await this.loadRows(type, region, [id]);
    return orThrow(this.peekRow(type, region, id));
  }

  async loadRows(type: ResourceName, region: string, ids: readonly string[]): Promise<void> {
    const resource = resourceOf(type);
    const known = rowsOn(this.#shelf(type, region));
    const valid = ids.filter((id) => idFormats[resource.idFormat](id)).map((id) => canonicalId(resource, id));
    const missing = [...new Set(valid)].filter((id) => !known.has(id));
    if (missing.length === 0) return;
    const whole = await this.#wholeFor(resource, region);
    if (whole instanceof Error) {
      for (const id of missing) known.set(id, whole);
      return;
    }
    // A collection leaves some rows out that a GET finds: flavors of others, for one.
    const left = missing.filter((id) => {
      const row = whole?.byId.get(id);
      if (row !== undefined) known.set(id, row);
      return row === undefined;
    });
    if (left.length === 0) return;
    const loader = this.#once(`row/${type}/${region}`, () => this.#reads(resource, region).rowLoader('row'));
    const rows = await loader.loadMany(left);
    rows.forEach((row, index) => {
      known.set(left[index] as string, row);
    });
  }

  peekRow(type: ResourceName, region: string, id: string): Settled<Row | null> | undefined {
    const shelf = this.#shelf(type, region);
    const { resource } = shelf;
    const rows = rowsOn(shelf);
    const row = rows.get(id);
    if (row !== undefined) return row;
    return idFormats[resource.idFormat](id) ? rows.get(canonicalId(resource, id)) : null;
  }

  /** Brings the collection in which `peekBy` looks; only for those that are small enough to be indexed. */
  async loadBy(type: ResourceName, region: string): Promise<void> {
    await this.#indexOf(resourceOf(type), region);
  }

  /** The first row whose `wireName` holds `value`. */
  peekBy(type: ResourceName, region: string, wireName: string, value: string): Settled<Row | null> | undefined {
    const { index } = this.#shelf(type, region);
    if (index === undefined || index instanceof Error) return index;
    return index.by(wireName).get(value) ?? null;
  }

  /** The row as a GET of it shows it, which costs a call: for fields that lists leave out. */
  async full(type: ResourceName, region: string, id: string): Promise<Row | null> {
    const resource = resourceOf(type);
    const loader = this.#once(`full/${type}/${region}`, () => this.#reads(resource, region).rowLoader('full'));
    return loader.load(canonicalId(resource, id));
  }

  /** The rows of `type` that point at `key`, and whether some were cut off. */
  async pointingAt(type: ResourceName, region: string, edge: ReverseEdge, key: string): Promise<RowList> {
    await this.loadEdges(type, region, edge, [key]);
    return orThrow(this.peekEdges(type, region, edge, key));
  }

  async loadEdges(type: ResourceName, region: string, edge: ReverseEdge, keys: readonly string[]): Promise<void> {
    const resource = resourceOf(type);
    const known = edgesOn(this.#shelf(type, region), edge);
    const missing = [...new Set(keys)].filter((key) => !known.has(key));
    if (missing.length === 0) return;
    const whole = await this.#wholeFor(resource, region);
    if (whole instanceof Error) {
      for (const key of missing) known.set(key, whole);
    } else if (whole !== null && (resource.batch === 'index' || edge.batched)) {
      const pointing = whole.pointingAt(edge, missing);
      for (const key of missing) known.set(key, pointing.get(key) ?? NO_ROWS);
    } else {
      const loader = this.#once(`edge/${type}/${region}/${edge.filter}`, () =>
        this.#reads(resource, region).edgeLoader(edge),
      );
      const lists = await loader.loadMany(missing);
      lists.forEach((list, index) => {
        known.set(missing[index] as string, list);
        if (!(list instanceof Error)) this.prime(type, region, list.rows);
      });
    }
  }

  peekEdges(type: ResourceName, region: string, edge: ReverseEdge, key: string): Settled<RowList> | undefined {
    return edgesOn(this.#shelf(type, region), edge).get(key);
  }

  /**
   * Begins to fetch all rows of a type, if that is the cheapest way to what so many parents name of it; whoever then asks
   * for its rows or edges looks there first.
   */
  gather(type: ResourceName, region: string, parents: number): void {
    const resource = resourceOf(type);
    if (resource.batch === 'index') void this.#indexOf(resource, region);
    else if (this.#boundFor(resource, region, parents) !== null) void this.#gathered(resource, region, parents);
  }

  #boundFor(resource: AnyResource, region: string, parents: number): number | null {
    return this.#asker.collections?.boundFor(this.#asker, resource, region, parents) ?? null;
  }

  /** One page of a root list. */
  page(type: ResourceName, list: ListRequest): Promise<RowList> {
    return this.#once(`page/${type}/${list.region}/${listKey(list)}`, () => this.#page(type, list));
  }

  async #page(type: ResourceName, list: ListRequest): Promise<RowList> {
    const resource = resourceOf(type);
    if (isPagedHere(resource)) return this.#pageOfAll(resource, list);
    if (list.marker !== null && resource.markerUnchecked) await this.#checkMarker(resource, list.region, list.marker);
    const page = await this.#reads(resource, list.region)
      .list(listKey(list), () => fetchPage(this.#asker, resource, list))
      .catch((error: unknown) => {
        throw isAboutMarker(error, list.marker) ? goneMarker() : error;
      });
    this.prime(type, list.region, page.rows);
    return page;
  }

  /** Whether rows come behind a page that was left `unseen`. */
  async isMoreBehind(type: ResourceName, list: ListRequest, { rows, more }: RowList): Promise<boolean> {
    const last = rows.at(-1);
    if (last === undefined) return more;
    const marker = idOf(resourceOf(type), last);
    const behind = await this.page(type, { ...list, first: 1, marker }).catch((error: unknown) => {
      // The last row is gone by now: the service has named a next page all the same.
      if (error instanceof Fault && error.code === 'BAD_USER_INPUT') return null;
      throw error;
    });
    return behind === null ? more : behind.rows.length > 0;
  }

  /** How many rows the list has in all, where the service counts; null where it does not. */
  count(type: ResourceName, list: ListRequest): Promise<number | null> {
    return this.#once(`count/${type}/${list.region}/${listKey(list)}`, () => this.#count(type, list));
  }

  async #count(type: ResourceName, list: ListRequest): Promise<number | null> {
    const resource = resourceOf(type);
    if (!resource.count) return null;
    const answer = await this.#asker.rest.call({
      service: resource.service,
      region: list.region,
      method: 'GET',
      path: resource.count.path,
      query: [...listQuery(this.#asker, resource, list), ...resource.count.query],
    });
    const total = (answer.body as Record<string, unknown> | null)?.[resource.count.key];
    return typeof total === 'number' ? total : null;
  }

  /** Tells the loaders of rows that came by another way, so that nobody asks for them again. */
  prime(type: ResourceName, region: string, rows: readonly Row[]): void {
    if (resourceOf(type).batch === 'index') return;
    const { unsorted } = this.#shelf(type, region);
    for (const row of rows) unsorted.push(row);
  }

  async #pageOfAll(resource: AnyResource, list: ListRequest): Promise<RowList> {
    const query = resource.batch === 'index' ? [] : listQuery(this.#asker, resource, list);
    const { rows } = await this.#collection(resource, list.region, query);
    const isMarker = (row: Row) => idOf(resource, row) === list.marker && accepts(list.terms, row);
    if (list.marker !== null && !rows.some(isMarker)) throw goneMarker();
    return pageHere(rows, list);
  }

  /** A whole collection; an admin's holds what only admins see. */
  #collection(
    resource: AnyResource,
    region: string,
    query: readonly (readonly [string, string])[] = [],
  ): Promise<RowList> {
    const all = query.length > 0 ? query : fixedQuery(resource);
    const key = JSON.stringify(all);
    return this.#once(`all/${resource.name}/${region}/${key}`, () =>
      this.#reads(resource, region).list(`all/${key}`, () => fetchAll(this.#asker, resource, region, all)),
    );
  }

  /** Where rows and edges of a type are looked for before anybody asks for them by id: null where nowhere. */
  #wholeFor(resource: AnyResource, region: string): Promise<Settled<Whole> | null> {
    if (resource.batch === 'index') return this.#indexOf(resource, region);
    const begun = this.#made.get(gatheredName(resource, region)) as Promise<Whole | null> | undefined;
    return begun ?? Promise.resolve(null);
  }

  /** The collection of a type that has no other way to many ids; its failure is everybody's who asks for one. */
  #indexOf(resource: AnyResource, region: string): Promise<Settled<Whole>> {
    return this.#once(`index/${resource.name}/${region}`, async () => {
      const whole = await this.#collection(resource, region).then(
        ({ rows }) => wholeOf(resource, rows),
        (error: unknown) => (error instanceof Error ? error : new Error(String(error))),
      );
      this.#shelf(resource.name, region).index = whole;
      return whole;
    });
  }

  /** A collection fetched on the chance that it is small. Its failure is nobody's: whoever needs a row asks for it. */
  #gathered(resource: AnyResource, region: string, parents: number): Promise<Whole | null> {
    return this.#once(gatheredName(resource, region), async () => {
      await this.#sizeTold(resource, region);
      const most = this.#boundFor(resource, region, parents);
      if (most === null) return null;
      const list = await this.#reads(resource, region)
        .list(`first/${most}`, () => fetchSome(this.#asker, resource, region, most))
        .catch(() => null);
      if (list === null) return null;
      this.#asker.collections?.note(this.#asker, resource, region, list, most);
      // Of what is not whole nothing is used: the next query, which knows that, will ask by ids and should find them.
      return list.more ? null : wholeOf(resource, list.rows);
    });
  }

  /** Waits for the collection that tells how large this one may be, where nobody knows and it is gathered as well. */
  async #sizeTold(resource: AnyResource, region: string): Promise<void> {
    const { sizedBy } = resource;
    if (sizedBy === undefined || !this.#asker.collections?.isUnknown(this.#asker, resource, region)) return;
    // Until all collections of the page have been begun.
    await null;
    const telling = this.#made.get(gatheredName(resourceOf(sizedBy), region));
    if (telling !== undefined) await within(wallClock, TOLD_WITHIN_MS, Promise.resolve(telling), null);
  }

  async #checkMarker(resource: AnyResource, region: string, marker: string): Promise<void> {
    if ((await this.row(resource.name, region, marker)) === null) throw goneMarker();
  }

  #reads(resource: AnyResource, region: string): Reads {
    return this.#once(`reads/${resource.name}/${region}`, () => new Reads(this.#asker, resource, region));
  }

  /** Two look-ups with names that recur: this is asked for every field of every row. */
  #shelf(type: ResourceName, region: string): Shelf {
    let shelves = this.#shelves.get(type);
    if (shelves === undefined) {
      shelves = new Map();
      this.#shelves.set(type, shelves);
    }
    let shelf = shelves.get(region);
    if (shelf === undefined) {
      shelf = { resource: resourceOf(type), rows: new Map(), unsorted: [], edges: new Map(), index: undefined };
      shelves.set(region, shelf);
    }
    return shelf;
  }

  #once<T>(name: string, make: () => T): T {
    if (!this.#made.has(name)) this.#made.set(name, make());
    return this.#made.get(name) as T;
  }
}

function rowsOn(shelf: Shelf): Map<string, Settled<Row | null>> {
  const { resource, rows: known, unsorted } = shelf;
  if (unsorted.length === 0) return known;
  shelf.unsorted = [];
  for (const row of unsorted) {
    const id = canonicalId(resource, idOf(resource, row));
    if (!known.has(id)) known.set(id, row);
  }
  return known;
}

function edgesOn({ edges }: Shelf, edge: ReverseEdge): Map<string, Settled<RowList>> {
  let known = edges.get(edge);
  if (known === undefined) {
    known = new Map();
    edges.set(edge, known);
  }
  return known;
}

function gatheredName(resource: AnyResource, region: string): string {
  return `gathered/${resource.name}/${region}`;
}

/** Nova, Glance: 400; Neutron, Cinder: 404. Each names the row that it does not find. */
function isAboutMarker(error: unknown, marker: string | null): boolean {
  if (marker === null || !(error instanceof Fault)) return false;
  return ['BAD_USER_INPUT', 'NOT_FOUND'].includes(error.code) && error.message.includes(marker);
}

function goneMarker(): Error {
  return badInput('after', 'the cursor of a row that still exists; begin again without it', 'one whose row is gone');
}
