import { type GraphQLFieldResolver, type GraphQLInputObjectType, type GraphQLResolveInfo, getNamedType } from 'graphql';
import type { ListRequest } from '../load/fetch-list.js';
import type { Loaders } from '../load/loaders.js';
import type { RowList } from '../load/lookups.js';
import { badInput } from '../rest/fault.js';
import { checkId } from '../rest/paths.js';
import type { AnyResource } from '../services/registry.js';
import { Connection } from './connection.js';
import type { Context } from './context.js';
import { canonical, filterTerms } from './inputs.js';
import { Primer } from './prime.js';
import { regionFor } from './region.js';
import { demandMicroversion } from './since.js';

/** Most rows of one page. */
export const MAX_FIRST = 1000;

interface ListArgs {
  readonly filter?: Readonly<Record<string, unknown>> | null;
  readonly first: number;
  readonly after?: string | null;
  readonly orderBy?: { readonly field: string; readonly direction: 'ASC' | 'DESC' } | null;
  readonly region?: string | null;
  readonly allProjects?: boolean;
}

/** `server(id, region)`: the row, or null. */
export function oneResolver(resource: AnyResource): GraphQLFieldResolver<unknown, Context> {
  return async (_root, args: { id: string; region?: string | null }, context, info) => {
    checkId(resource.idFormat, 'id', args.id);
    const asker = await context.asker();
    const region = regionFor(asker, context.gateway.defaultRegion, resource.service, args.region);
    const loaders = await context.loaders();
    const row = await loaders.row(resource.name, region, args.id);
    if (row !== null && context.gateway.shortcuts.has('primed')) {
      await new Primer(context, info, loaders, getNamedType(info.returnType)).load([row]);
    }
    return row;
  };
}

/** `servers(filter, first, after, orderBy, region, allProjects)`: a page. */
export function listResolver(
  resource: AnyResource,
  filterType: GraphQLInputObjectType | null,
): GraphQLFieldResolver<unknown, Context> {
  return async (_root, args: ListArgs, context, info) => {
    const asker = await context.asker();
    const region = regionFor(asker, context.gateway.defaultRegion, resource.service, args.region);
    const identity = [
      resource.name,
      region,
      canonical(args.filter ?? null),
      canonical(args.orderBy ?? null),
      args.allProjects ?? false,
    ];
    await demandMicroversion(asker, resource, region, resource.filtersSince, 'filter', args.filter ?? null);
    const connection = new Connection(identity, args.after ?? null);
    const request = listRequest(resource, filterType, args, region, connection.marker);
    const loaders = await context.loaders();
    const page = await pageWithRelations(resource, request, context, info, loaders);
    const count = () => loaders.count(resource.name, request);
    const isMore = page.unseen ? () => loaders.isMoreBehind(resource.name, request, page) : undefined;
    const shown = connection.show(page, count, isMore);
    return context.budget.show(page.rows.length) ? shown : null;
  };
}

/** A page, and what the query wants of its rows: what is small beside it, the rest behind it. */
async function pageWithRelations(
  resource: AnyResource,
  request: ListRequest,
  context: Context,
  info: GraphQLResolveInfo,
  loaders: Loaders,
): Promise<RowList> {
  const name = String(info.path.key);
  const primer = context.pages.isOutlined(name) ? null : primerFor(resource, context, info, loaders);
  if (context.gateway.shortcuts.has('collections')) primer?.gather(request.region, request.first);
  const page = await loaders.page(resource.name, request);
  if (context.gateway.shortcuts.has('primed')) await primer?.load(page.rows);
  context.pages.add(name, page.rows);
  return page;
}

function primerFor(resource: AnyResource, context: Context, info: GraphQLResolveInfo, loaders: Loaders): Primer | null {
  const { shortcuts } = context.gateway;
  const type = info.schema.getType(resource.name);
  if (type === undefined || !(shortcuts.has('primed') || shortcuts.has('collections'))) return null;
  return new Primer(context, info, loaders, type);
}

function listRequest(
  resource: AnyResource,
  filterType: GraphQLInputObjectType | null,
  args: ListArgs,
  region: string,
  marker: string | null,
): ListRequest {
  if (!Number.isInteger(args.first) || args.first < 1 || args.first > MAX_FIRST) {
    throw badInput('first', `a whole number from 1 to ${MAX_FIRST}`, args.first);
  }
  const filter = args.filter ?? null;
  return {
    region,
    terms: filterType === null ? [] : filterTerms(resource, filterType, filter),
    filterKey: canonical(filter),
    order: args.orderBy
      ? { key: sortKey(resource, args.orderBy.field), direction: args.orderBy.direction === 'ASC' ? 'asc' : 'desc' }
      : null,
    first: args.first,
    marker,
    allProjects: args.allProjects ?? false,
  };
}

function sortKey(resource: AnyResource, field: string): string {
  const keys = resource.orders as Readonly<Record<string, string>> | undefined;
  return keys?.[field] ?? field.toLowerCase();
}
