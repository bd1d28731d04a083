import { type Answer, type Asker, type Call, isRecord, Refusal, type Route, route } from '../http.js';
import { isAdmin, mayWrite } from '../policy.js';
import type { NetworkRow } from '../rows.js';
import type { Table } from '../table.js';
import { inSeconds } from '../times.js';
import type { World } from '../world.js';
import { checkInput } from './input.js';
import { listRows, onlyFields } from './list.js';
import { checkAttributes, disallowed } from './policy.js';

/** What a caller may say about one attribute. */
export interface Attribute {
  /** `text` and `dns` refuse a null, each in its own words; a null `optionalList` is an empty one. */
  readonly type: 'string' | 'text' | 'dns' | 'uuid' | 'boolean' | 'number' | 'list' | 'optionalList' | 'object' | 'any';
  readonly post?: boolean;
  readonly put?: boolean;
  readonly required?: boolean;
  /** Only an administrator may set it, and (unless `shown`) see it. */
  readonly admin?: boolean;
  /** Everybody may see it, but only an administrator create (or change) a row with it. */
  readonly adminOn?: 'post' | 'put';
  /** For which values one must own the network; the rule is named where others are broken, too. */
  readonly networkOwner?: (value: unknown) => boolean;
  /** What is said of a value that is no list. */
  readonly noList?: string;
  readonly nullable?: boolean;
  /** Everybody may see an administrator's attribute. */
  readonly shown?: boolean;
  readonly filter?: boolean;
}

/** One kind of Neutron resource: the shared machinery does the rest. */
export interface Kind<T extends NetworkRow> {
  /** `security_group_rule` */
  readonly one: string;
  readonly many: string;
  /** `/security-group-rules` */
  readonly path: string;
  readonly table: (world: World) => Table<T>;
  readonly attributes: Readonly<Record<string, Attribute>>;
  readonly missing: (id: string) => Refusal;
  /** Whether somebody else's row is shown to the asker. */
  readonly isPublic?: (row: T) => boolean;
  /** Filters beside those on attributes. */
  readonly filters?: Readonly<Record<string, (row: T, values: readonly string[], call: Call) => boolean>>;
  /** An unknown marker starts again at the first page instead of 404. */
  readonly lenientMarker?: boolean;
  /** Only the answer to a create holds these. */
  readonly onCreate?: Readonly<Record<string, unknown>>;
  readonly complete?: (row: T, world: World) => Record<string, unknown>;
  readonly create?: (call: Call, input: Record<string, unknown>, base: NetworkRow) => T;
  readonly update?: (call: Call, row: T, input: Record<string, unknown>) => Partial<T>;
  readonly remove?: (call: Call, row: T) => void;
  readonly quota?: 'network' | 'subnet' | 'floatingip' | 'security_group' | 'security_group_rule';
}

/** The routes of a kind. */
export function routesOf<T extends NetworkRow>(kind: Kind<T>): Route[] {
  const path = `/v2.0${kind.path}`;
  const { create, update, remove } = kind;
  return [
    route(`GET ${path}`, (call) => listRows(kind, call)),
    route(`GET ${path}/:id`, (call) => ({
      status: 200,
      body: { [kind.one]: show(kind, call, visibleRow(kind, call)) },
    })),
    ...(create ? [route(`POST ${path}`, (call) => post(kind, call, create))] : []),
    ...(update ? [route(`PUT ${path}/:id`, (call) => put(kind, call, update))] : []),
    ...(remove ? [route(`DELETE ${path}/:id`, (call) => destroy(kind, call, remove))] : []),
  ];
}

export function isVisible<T extends NetworkRow>(kind: Kind<T>, asker: Asker, row: T): boolean {
  if (isAdmin(asker)) return true;
  return (asker.projectId !== null && row.project_id === asker.projectId) || kind.isPublic?.(row) === true;
}

function visibleRow<T extends NetworkRow>(kind: Kind<T>, call: Call): T {
  const id = call.parts['id'] ?? '';
  const row = kind.table(call.world).get(id);
  if (row === undefined || !isVisible(kind, call.asker, row)) throw kind.missing(id);
  return row;
}

/** The row that the caller may change: 404 for what it cannot see, 403 for what it can see and not change. */
function ownRow<T extends NetworkRow>(kind: Kind<T>, call: Call, action: string): T {
  const row = visibleRow(kind, call);
  const owner = isAdmin(call.asker) || (mayWrite(call.asker) && row.project_id === call.asker.projectId);
  if (!owner) throw disallowed(`rule:${action}_${kind.one}`);
  return row;
}

/** A row as the caller may see it: administrators' attributes are absent for others. */
export function show<T extends NetworkRow>(kind: Kind<T>, call: Call, row: T): Record<string, unknown> {
  const full: Record<string, unknown> = { ...row, ...kind.complete?.(row, call.world) };
  if (!isAdmin(call.asker)) {
    for (const [name, { admin, shown }] of Object.entries(kind.attributes)) if (admin && !shown) delete full[name];
  }
  if ('standard_attr_id' in full) delete full['standard_attr_id'];
  return onlyFields(call, full);
}

function post<T extends NetworkRow>(kind: Kind<T>, call: Call, create: NonNullable<Kind<T>['create']>): Answer {
  if (call.body === undefined) throw new Refusal(400, 'Body contains invalid data');
  const bulk = isRecord(call.body) ? call.body[kind.many] : undefined;
  const inputs = Array.isArray(bulk)
    ? bulk
    : isRecord(call.body) && kind.one in call.body
      ? [call.body[kind.one]]
      : null;
  if (inputs === null) throw new Refusal(400, `Unable to find '${kind.one}' in request body`);
  const given = inputs.map((input) => checkInput(kind, call, isRecord(input) ? input : {}, 'post'));
  checkQuota(kind, call, given.length);
  const rows = given.map((input) => kind.table(call.world).insert(create(call, input, newRow(call, input))));
  const shown = rows.map((row) => ({
    ...kind.onCreate,
    ...show(kind, call, kind.table(call.world).get(row.id) ?? row),
  }));
  return { status: 201, body: Array.isArray(bulk) ? { [kind.many]: shown } : { [kind.one]: shown[0] } };
}

function checkQuota<T extends NetworkRow>(kind: Kind<T>, call: Call, more: number): void {
  if (kind.quota === undefined) return;
  const project = call.asker.projectId;
  const used = kind
    .table(call.world)
    .all()
    .filter((row) => row.project_id === project).length;
  if (used + more <= call.world.quotas[kind.quota]) return;
  throw new Refusal(409, `Quota exceeded for resources: ['${kind.quota}'].`, 'OverQuota');
}

/** What every new row of Neutron has. */
export function newRow(call: Call, input: Record<string, unknown> = {}): NetworkRow {
  const project = String(input['project_id'] ?? input['tenant_id'] ?? call.asker.projectId ?? '');
  const now = inSeconds(call.world.now());
  return {
    id: call.world.random.uuid(),
    tenant_id: project,
    project_id: project,
    description: input['description'] ?? '',
    tags: [],
    created_at: now,
    updated_at: now,
    revision_number: 0,
  };
}

function put<T extends NetworkRow>(kind: Kind<T>, call: Call, update: NonNullable<Kind<T>['update']>): Answer {
  if (call.body === undefined) throw new Refusal(400, 'Body contains invalid data');
  const value = isRecord(call.body) ? call.body[kind.one] : undefined;
  if (!isRecord(value)) throw new Refusal(400, `Unable to find '${kind.one}' in request body`);
  const before = visibleRow(kind, call);
  const input = checkInput(kind, call, value, 'put');
  checkAttributes(kind, call, input, 'put', before['network_id']);
  ownRow(kind, call, 'update');
  checkRevision(call, before);
  // An empty update moves nothing on.
  const moved = Object.keys(input).length === 0 ? {} : touched(call.world, before);
  const patch = { ...input, ...update(call, before, input), ...moved };
  const row = kind.table(call.world).update(before.id, patch as Partial<T>) ?? before;
  return { status: 200, body: { [kind.one]: show(kind, call, row) } };
}

function checkRevision(call: Call, row: NetworkRow): void {
  const match = /^revision_number=(\d+)$/.exec(call.header('if-match') ?? '');
  if (match === null || Number(match[1]) === row.revision_number) return;
  const message = `Constrained to ${match[1]}, but current revision is ${row.revision_number}`;
  throw new Refusal(412, message, 'RevisionNumberConstraintFailed');
}

/** What every change of a row moves on. */
export function touched(world: World, row: NetworkRow): Pick<NetworkRow, 'revision_number' | 'updated_at'> {
  return { revision_number: row.revision_number + 1, updated_at: inSeconds(world.now()) };
}

function destroy<T extends NetworkRow>(kind: Kind<T>, call: Call, remove: NonNullable<Kind<T>['remove']>): Answer {
  const row = ownRow(kind, call, 'delete');
  checkRevision(call, row);
  remove(call, row);
  kind.table(call.world).delete(row.id);
  return { status: 204 };
}
