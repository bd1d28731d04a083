import type { Contracts } from './generated/contracts.js';
import type { IdFormatName } from './rest/paths.js';
import type { Method, Query } from './rest/rest.js';
import type { Row } from './row.js';

/** A type of `schema/` that implements `Resource`. */
export type ResourceName = keyof Contracts;

/** Where a field's value stands in the row: under another wire name than its own in snake_case, or worked out. */
export type FieldSource = string | ((row: Row) => unknown);

/** `K?: T` where T demands nothing, `K: T` where it does: an empty contract need not be mentioned. */
type Demanded<K extends string, T> =
  Record<never, never> extends T ? { readonly [P in K]?: T } : { readonly [P in K]: T };

type Relations<Wanted> = {
  readonly [R in keyof Wanted]: Wanted[R] extends readonly (infer T)[]
    ? ToMany<T & ResourceName>
    : ToOne<Wanted[R] & ResourceName>;
};
type Extensions<Wanted> = { readonly [T in keyof Wanted]: Relations<Wanted[T]> };
type Values<Wanted> = {
  readonly [V in keyof Wanted as Wanted[V] extends { relation: infer R }
    ? Record<never, never> extends R
      ? never
      : V
    : never]: ValueSource<Wanted[V]>;
} & { readonly [V in keyof Wanted]?: ValueSource<Wanted[V]> };

/** How a part of a row that has a GraphQL type of its own (`FixedIp`) is read; `row` is that part. */
type ValueSource<V> = V extends { field: infer F; relation: infer R }
  ? { readonly fields?: { readonly [K in F & string]?: FieldSource } } & Demanded<'relations', Relations<R>>
  : never;

/**
 * All that stratograph must know of one resource beyond its SDL. What is not said is derived: a field is read under its
 * name in snake_case, a filter is sent so, an input is written so.
 */
export type Resource<N extends ResourceName = ResourceName> = Traits<N> &
  Demanded<'relations', Relations<Contracts[N]['relation']>> &
  Demanded<'extends', Extensions<Contracts[N]['extend']>> &
  Demanded<'values', Values<Contracts[N]['value']>> &
  Demanded<'mutations', { readonly [M in keyof Contracts[N]['mutation']]: Mutation<Contracts[N]['mutation'][M]> }>;

interface Traits<N extends ResourceName> {
  /** Official service type: `compute`, `network`, `block-storage`… */
  readonly service: string;
  /** Path of the collection below the service's versioned root. A row is at `<path>/<id>`. */
  readonly path: string;
  /** Path of the list where it is not `path` (`/servers/detail`). */
  readonly list?: string;
  /** Parameters that every list call carries. */
  readonly listQuery?: Query;
  /**
   * Wire names of everything that is read of a row, where lists are asked for them by `fields=` (Neutron). It is worth it
   * where the service is slow for what it gives unasked; a test holds it against all that the descriptor reads.
   */
  readonly asks?: readonly string[];
  /** Key around one row in bodies; null where there is none (Glance). */
  readonly one: string | null;
  /** Key around rows in lists. */
  readonly many: string;
  /**
   * How many ids are fetched: `ids` by a repeated `id=` (Neutron), `in` by `id=in:A,B` (Glance), `index` by fetching the
   * whole small collection, `listOrGet` by whichever of the detail list and single GETs is cheaper, `each` by single GETs.
   */
  readonly batch: 'ids' | 'in' | 'index' | 'listOrGet' | 'each';
  /** With `listOrGet`: from how many ids on the list is cheaper than single GETs. Default 3. */
  readonly listFrom?: number;
  /**
   * The type whose number tells whether there may be many, as long as nobody has counted: one that pages have to list whole in any case,
   * and of which a large project has many as well.
   */
  readonly sizedBy?: ResourceName;
  /** What ids look like: anything else is refused before a call is made. */
  readonly idFormat: IdFormatName;
  /** Seconds that a row may be served from the cache; shorter while it is in transition. */
  readonly ttl: number | ((row: Row) => number);
  /** Wire names whose change tells that somebody changed the row behind the gateway's back. */
  readonly watch: readonly string[];
  /** Wire name of the id of the project that owns the row; null where rows have no project. */
  readonly project: string | null;
  /**
   * Whether the users of a project see the same: `project` only beside a citation of the upstream policy that shows that
   * the answer depends on the user's project and roles alone.
   */
  readonly audience: 'user' | 'project';
  /** Whether every row that a tenant role sees is its own project's: false for whatever can be shared or public. */
  readonly confined: boolean;
  /** Types whose rows also change when a row of this type is written: a server's ports, a rule's group. */
  readonly touches: readonly ResourceName[];
  /** Wire names that never reach the cache, a log or a recording. */
  readonly secrets?: readonly string[];
  /** First microversion that has the field, where it is not the oldest. On an older cloud the field is null with a note. */
  readonly since?: { readonly [F in Contracts[N]['field']]?: string };
  /** The same of filters: an older service would ignore the filter and give all rows, so it is refused. */
  readonly filtersSince?: { readonly [F in Contracts[N]['filter']]?: string };
  /** The same of inputs. */
  readonly inputsSince?: { readonly [I in Contracts[N]['input']]?: string };
  /** Fields whose wire name is not theirs in snake_case. */
  readonly fields?: { readonly [F in Contracts[N]['field']]?: FieldSource };
  /** Fields that only a GET of the row has: for which rows of a list that GET is worth a call. */
  readonly onlyInGet?: { readonly [F in Contracts[N]['field']]?: (row: Row) => boolean };
  /** Filters that are not sent under their name in snake_case. */
  readonly filters?: { readonly [F in Contracts[N]['filter']]?: FilterSource };
  /** Wire sort keys that are not their name in lower case. */
  readonly orders?: { readonly [O in Contracts[N]['order']]?: string };
  /** Inputs that are not written under their name in snake_case: another name, or the entries to write. */
  readonly write?: { readonly [I in Contracts[N]['input']]?: WriteSource };
  /** The service answers a marker that is gone with the first page again: the gateway checks it first. */
  readonly markerUnchecked?: true;
  /** Query that makes an empty page tell the total, where the service counts (`with_count=true`), and the key of the count. */
  readonly count?: { readonly query: Query; readonly path: string; readonly key: string };
}

/** What a filter becomes: parameters, and a test for what the service's own matching lets through too much. */
export interface FilterTerm {
  readonly query: Query;
  readonly accept?: (row: Row) => boolean;
}

export type FilterSource = string | ((value: never) => FilterTerm);

export type WriteSource = string | ((value: never) => Readonly<Record<string, unknown>>);

/** An edge from a row to one row of another type, or of several; see the functions below for each kind. */
export type ToOne<T extends ResourceName = ResourceName> =
  | { readonly kind: 'one'; readonly target: T; readonly id: (row: Row) => string | null; readonly by?: string }
  | { readonly kind: 'oneOf'; readonly pick: (row: Row) => { readonly type: T; readonly id: string } | null };

/** An edge from a row to many. */
export type ToMany<T extends ResourceName = ResourceName> =
  | {
      readonly kind: 'list';
      readonly target: T;
      readonly ids: (row: Row) => readonly string[];
      readonly perParent?: number;
    }
  | { readonly kind: 'embedded'; readonly target: T; readonly rows: (row: Row) => readonly Row[] }
  | ({ readonly kind: 'reverse'; readonly target: T } & ReverseEdge)
  | { readonly kind: 'through'; readonly target: T; readonly path: readonly [first: string, second: string] };

export type Relation<T extends ResourceName = ResourceName> = ToOne<T> | ToMany<T>;

/** How the rows that point at a parent are found. */
export interface ReverseEdge {
  /** The list filter that takes the parent's key. */
  readonly filter: string;
  /** The key of the parent: its id, unless said otherwise. */
  readonly key: (row: Row) => string | null;
  /**
   * The keys of the parents that a row points at; every row found is checked against it. `asked` are the keys that the
   * rows were asked by, for the rows that do not tell (a server and the id of its flavor).
   */
  readonly pointsAt: (row: Row, asked: readonly string[]) => readonly string[];
  /** Whether the filter may be repeated (Neutron); if not, the relation costs a call per parent and is `@perRow`. */
  readonly batched: boolean;
  /** Added to the query for those who see all projects: `all_tenants=1`. */
  readonly adminQuery?: Query;
  /** Only admins may use the filter: others' lists are asked for without it, and `pointsAt` chooses. */
  readonly adminFilter?: true;
  /** Rows that a parent has on the average of many, at most: what a query's cost is reckoned with. Default 10. */
  readonly perParent?: number;
}

/** The row of type `target` whose id stands under `wireName`, or is worked out from the row. Null and "" mean none. */
export function belongsTo<T extends ResourceName>(
  target: T,
  source: string | ((row: Row) => string | null),
  options: { readonly by?: string } = {},
): ToOne<T> {
  const id = typeof source === 'string' ? (row: Row) => idUnder(row, source) : source;
  return { kind: 'one', target, id, ...options };
}

/** One row of one of several types, as a polymorphic id (`device_id`) tells. */
export function belongsToOneOf<T extends ResourceName>(
  pick: (row: Row) => { readonly type: T; readonly id: string } | null,
): ToOne<T> {
  return { kind: 'oneOf', pick };
}

/** The rows of type `target` whose ids the row lists. */
export function hasListed<T extends ResourceName>(
  target: T,
  ids: (row: Row) => readonly string[],
  options: Pick<ReverseEdge, 'perParent'> = {},
): ToMany<T> {
  return { kind: 'list', target, ids, ...options };
}

/** The rows of type `target` that stand whole inside this row, so that they cost no call: a security group's rules. */
export function hasEmbedded<T extends ResourceName>(target: T, rows: (row: Row) => readonly Row[]): ToMany<T> {
  return { kind: 'embedded', target, rows };
}

/** The rows of type `target` that point back at this row, found by a filter of their list. */
export function hasMany<T extends ResourceName>(
  target: T,
  edge: Pick<ReverseEdge, 'filter'> & Partial<ReverseEdge>,
): ToMany<T> {
  const defaults: Omit<ReverseEdge, 'filter'> = {
    key: (row) => idUnder(row, 'id'),
    pointsAt: (row) => present(idUnder(row, edge.filter)),
    batched: true,
  };
  return { kind: 'reverse', target, ...defaults, ...edge };
}

/** The rows at the end of two relations in a row, each once: a server's security groups are its ports'. */
export function hasThrough<T extends ResourceName>(target: T, first: string, second: string): ToMany<T> {
  return { kind: 'through', target, path: [first, second] };
}

/** What a write is sent as. */
export interface WriteRequest {
  readonly method: Method;
  readonly path: string;
  readonly query?: Query;
  readonly body?: unknown;
}

/** Another row that a mutation changes or shows, under the payload's field of that name. */
export type PayloadRows = Readonly<Record<string, { readonly type: ResourceName; readonly id: string }>>;

/** What a mutation does: a write, what it changes, and what its payload adds to the fresh row. */
export interface Mutation<Args> {
  readonly kind: 'create' | 'update' | 'delete' | 'action';
  /** Id of the row that it changes; for all kinds but `create`. */
  readonly target?: (args: Args) => string;
  /** `wire` is the input in wire names; `row` the row to be changed. Absent: REST's usual for the kind. */
  readonly request?: (args: Args, wire: Readonly<Record<string, unknown>>, row: Row | null) => WriteRequest;
  /** The request is made of what the row holds, which is therefore read anew: others may have changed it since. */
  readonly fromRow?: true;
  /** Beside the resource's own `touches`. */
  readonly touches?: readonly ResourceName[];
  /** The touched rows may be of any project, whoever asks: what an admin or a share has tied to the row. */
  readonly touchesEverywhere?: true;
  /** Other rows that change with it, each under the name of the payload field that shows it. */
  readonly rows?: (args: Args) => PayloadRows;
  /** Further payload fields, from the write's answer: the only place where a secret may pass. */
  readonly payload?: (body: unknown, args: Args) => Readonly<Record<string, unknown>>;
}

type Options<Args> = Omit<Mutation<Args>, 'kind'>;

/** POST of the input; the payload shows the new row. */
export function creates<Args>(options: Options<Args> = {}): Mutation<Args> {
  return { kind: 'create', ...options };
}

/** PUT of what the input gives. */
export function updates<Args extends { id: string }>(options: Options<Args> = {}): Mutation<Args> {
  return { kind: 'update', target: (args) => args.id, ...options };
}

/** DELETE; the payload says whether the service is still at it. */
export function deletes<Args extends { id: string }>(options: Options<Args> = {}): Mutation<Args> {
  return { kind: 'delete', target: (args) => args.id, ...options };
}

/** Anything else that changes a row. */
export function acts<Args>(
  options: Options<Args> & Required<Pick<Options<Args>, 'target' | 'request'>>,
): Mutation<Args> {
  return { kind: 'action', ...options };
}

/** Declares the descriptor of `name`; the compiler compares it with `schema/`. */
export function resource<const N extends ResourceName>(
  name: N,
  traits: Resource<N>,
): Resource<N> & { readonly name: N } {
  return { name, ...traits };
}

/** A descriptor for every resource of `schema/`. */
export type Registry = { readonly [N in ResourceName]: Resource<N> & { readonly name: N } };

function idUnder(row: Row, wireName: string): string | null {
  const value = row[wireName];
  return typeof value === 'string' && value !== '' ? value : null;
}

function present(id: string | null): readonly string[] {
  return id === null ? [] : [id];
}
