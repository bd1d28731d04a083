import { type GraphQLField, type GraphQLFieldResolver, type GraphQLObjectType, getNamedType } from 'graphql';
import type { Affected, Fresh, WriteResult } from '../cache/cache.js';
import { ACCEPTED_SETTLE } from '../cache/options.js';
import { ANY, affectedStamps, type ChangedRow, rowStamp } from '../cache/stamps.js';
import { type Asker, touchedBy } from '../load/asker.js';
import { fetchRow, rowIn } from '../load/fetch-rows.js';
import { lookupsOf } from '../load/lookups.js';
import { canonicalId, idOf, projectOf } from '../load/rows.js';
import type { Mutation, PayloadRows, ResourceName, WriteRequest } from '../resource.js';
import { Fault } from '../rest/fault.js';
import { checkId, pathOf } from '../rest/paths.js';
import type { RestAnswer } from '../rest/rest.js';
import { isObject, type Row } from '../row.js';
import { type AnyResource, resourceOf } from '../services/registry.js';
import type { Context } from './context.js';
import { writeOf } from './inputs.js';
import { lowerFirst } from './names.js';
import { regionFor } from './region.js';
import { demandMicroversion } from './since.js';

type Args = Readonly<Record<string, unknown>> & { readonly region?: string | null };
type AnyMutation = Mutation<Args>;

/** One mutation on its way: what it is, who asks, and the row that it is about. */
interface Job {
  readonly resource: AnyResource;
  readonly mutation: AnyMutation;
  readonly asker: Asker;
  readonly region: string;
  readonly args: Args;
  /** The row before the write; null for a create. */
  readonly row: Row | null;
  /** The other rows that change with it, by payload field. */
  readonly others: PayloadRows;
  readonly request: WriteRequest;
}

/**
 * The resolver of a mutation: reads the row (whose project decides which stamps move), writes between two bumps, reads
 * the fresh row and stores it. See `docs/lifecycle.md`, "A mutation".
 */
export function mutationResolver(
  resource: AnyResource,
  mutation: AnyMutation,
  field: GraphQLField<unknown, Context>,
): GraphQLFieldResolver<unknown, Context> {
  return async (_root, args: Args, context) => {
    context.forget();
    const job = await prepare(context, resource, mutation, field, args);
    const affected = await affectedBy(context, job);
    const written = await job.asker.cache.write(affected, () => send(job));
    const fresh = await readFresh(job, written.value);
    await written.store(fresh.stored);
    context.notes.unconfirmed(written.unconfirmed.length > 0 ? [resource.name, ...touchedTypes(job)] : []);
    context.forget();
    const loaders = await context.loaders();
    if (fresh.row !== null && !(fresh.row instanceof Fault)) loaders.prime(resource.name, job.region, [fresh.row]);
    return payloadOf(context, job, written.value, fresh.row, getNamedType(field.type) as GraphQLObjectType);
  };
}

async function prepare(
  context: Context,
  resource: AnyResource,
  mutation: AnyMutation,
  field: GraphQLField<unknown, Context>,
  args: Args,
): Promise<Job> {
  const asker = await context.asker();
  const region = regionFor(asker, context.gateway.defaultRegion, resource.service, args.region);
  const id = mutation.target?.(args) ?? null;
  if (id !== null) checkId(resource.idFormat, argumentWith(args, id), id);
  const others = mutation.rows?.(args) ?? {};
  for (const { type, id: otherId } of Object.values(others)) {
    checkId(resourceOf(type).idFormat, argumentWith(args, otherId), otherId);
  }
  const input = field.args.find((argument) => argument.name === 'input');
  const given = args['input'] as Readonly<Record<string, unknown>> | undefined;
  await demandMicroversion(asker, resource, region, resource.inputsSince, 'input', given ?? null);
  const wire = input && given ? writeOf(resource, input.type, given) : {};
  const row = id === null ? null : await rowBefore(context, asker, resource, mutation, region, id);
  const request = mutation.request?.(args, wire, row) ?? usualRequest(resource, mutation, id, wire);
  return { resource, mutation, asker, region, args, row, others, request };
}

/** The name under which the client gave this id: `id`, `serverId` or `input.serverId`. */
function argumentWith(args: Args, id: string): string {
  const input = isObject(args['input']) ? Object.entries(args['input']) : [];
  const all = [...Object.entries(args), ...input.map(([name, value]) => [`input.${name}`, value] as const)];
  return all.find(([, value]) => value === id)?.[0] ?? 'id';
}

async function rowBefore(
  context: Context,
  asker: Asker,
  resource: AnyResource,
  mutation: AnyMutation,
  region: string,
  id: string,
): Promise<Row> {
  const row = mutation.fromRow
    ? await fetchRow(asker, resource, region, canonicalId(resource, id))
    : await (await context.loaders()).row(resource.name, region, id);
  if (row === null) throw notFound(resource, id);
  return row;
}

/** REST's usual request for the kind, in the resource's envelope. */
function usualRequest(resource: AnyResource, mutation: AnyMutation, id: string | null, wire: unknown): WriteRequest {
  const path = id === null ? resource.path : `${resource.path}${pathOf`/${id}`}`;
  if (mutation.kind === 'delete') return { method: 'DELETE', path };
  const body = resource.one === null ? wire : { [resource.one]: wire };
  return { method: mutation.kind === 'create' ? 'POST' : 'PUT', path, body };
}

/** Every stamp that the write moves. The project is the row's own, whoever asks; only a create has to take the asker's. */
async function affectedBy(context: Context, job: Job): Promise<Affected> {
  const { resource, asker, region, row } = job;
  const place = asker.place(region);
  const project = row ? projectOf(resource, row) : (asker.scope.project?.id ?? null);
  const id = row ? canonicalId(resource, idOf(resource, row)) : null;
  const touches = touchedBy(asker, touchedTypes(job), project, job.mutation.touchesEverywhere);
  const main = affectedStamps(place, { type: resource.name, id, project }, touches);
  const others = await Promise.all(Object.values(job.others).map((other) => otherRow(context, region, other)));
  const all = [main, ...others.map((other) => affectedStamps(place, other))];
  const stamps = new Map(all.flatMap(({ stamps: held }) => held).map((held) => [held.stamp, held]));
  for (const held of main.stamps) if ((stamps.get(held.stamp)?.settle ?? 0) < held.settle) stamps.set(held.stamp, held);
  return { stamps: [...stamps.values()], alongside: all.flatMap(({ alongside = [] }) => alongside) };
}

async function otherRow(
  context: Context,
  region: string,
  { type, id }: { readonly type: ResourceName; readonly id: string },
): Promise<ChangedRow> {
  const resource = resourceOf(type);
  const loaders = await context.loaders();
  const row = await loaders.row(type, region, id);
  if (row === null) throw notFound(resource, id);
  return { type, id: canonicalId(resource, id), project: projectOf(resource, row) };
}

function touchedTypes({ resource, mutation }: Pick<Job, 'resource' | 'mutation'>): readonly ResourceName[] {
  return [...new Set([...resource.touches, ...(mutation.touches ?? [])])];
}

/** Sends the write. A row that it made is known only now: its stamp, and its project's if that is not the asker's. */
async function send(job: Job): Promise<WriteResult<RestAnswer>> {
  const { resource, asker, region, request } = job;
  const answer = await asker.rest.call({ service: resource.service, region, ...request });
  const accepted = answer.status === 202;
  if (job.mutation.kind !== 'create') return { value: answer, accepted };
  const made = madeRow(resource, answer);
  const place = asker.place(region);
  const id = canonicalId(resource, idOf(resource, made));
  const own = { stamp: rowStamp(place, resource.name, id), settle: ACCEPTED_SETTLE };
  const project = projectOf(resource, made);
  const foreign = project !== null && project !== asker.scope.project?.id;
  const theirs = foreign ? affectedStamps(place, { type: resource.name, id: null, project }).stamps : [];
  const also = [own, ...theirs.filter(({ stamp }) => !stamp.endsWith(`/${ANY}`))];
  return { value: answer, accepted, also };
}

/** The row in the answer to a create. Without one nobody knows what was made: its stamps stay held. */
function madeRow(resource: AnyResource, answer: RestAnswer): Row {
  try {
    const row = rowIn(resource, answer.body);
    idOf(resource, row);
    return row;
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    const { code, service, message } = error;
    throw new Fault({ code, service, message, outcome: 'UNKNOWN', cause: error }).about(answer);
  }
}

/** What the row is after the write: null when gone, the Fault when nobody could tell. */
interface FreshRow {
  readonly row: Row | null | Fault;
  readonly stored: readonly Fresh[];
}

/** The row as a GET shows it after the write: a write's own answer is never cached. */
async function readFresh({ resource, asker, region, row: before }: Job, answer: RestAnswer): Promise<FreshRow> {
  try {
    const id = idOf(resource, before ?? rowIn(resource, answer.body));
    const row = await fetchRow(asker, resource, region, id);
    const lookup = (await lookupsOf(asker, resource, region)).row(canonicalId(resource, id));
    return { row, stored: [{ lookup, value: row } as Fresh] };
  } catch (error) {
    // The write is done: failing to show what came of it must not look like failing to do it.
    if (error instanceof Fault) return { row: error, stored: [] };
    throw error;
  }
}

async function payloadOf(
  context: Context,
  job: Job,
  answer: RestAnswer,
  row: FreshRow['row'],
  type: GraphQLObjectType,
): Promise<Readonly<Record<string, unknown>>> {
  const { resource, mutation, args, others, region } = job;
  const loaders = await context.loaders();
  const rows = Object.entries(others).map(([field, { type: other, id }]) => [field, loaders.row(other, region, id)]);
  const base =
    mutation.kind === 'delete'
      ? { id: mutation.target?.(args), accepted: row instanceof Fault ? row : row !== null }
      : {};
  const shown = lowerFirst(resource.name);
  return {
    ...base,
    ...(shown in type.getFields() ? { [shown]: row } : {}),
    ...Object.fromEntries(rows),
    ...mutation.payload?.(answer.body, args),
  };
}

function notFound(resource: AnyResource, id: string): Fault {
  return new Fault({
    code: 'NOT_FOUND',
    service: resource.service,
    status: 404,
    argument: 'id',
    message: `${resource.name} ${id}: expected one that this token may see, found none`,
  });
}
