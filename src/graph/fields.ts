import type { GraphQLField, GraphQLFieldResolver } from 'graphql';
import type { FieldSource } from '../resource.js';
import { REGION, type Row } from '../row.js';
import type { AnyResource } from '../services/registry.js';
import { coerceTo } from './coerce.js';
import type { Context } from './context.js';
import { snakeCase } from './names.js';

type Sources = Readonly<Record<string, FieldSource>>;
type FieldResolver = GraphQLFieldResolver<Row, Context>;

/** The resolver of a field that stands in the row, or in a part of it, itself. */
export function fieldResolver(sources: Sources | undefined, field: GraphQLField<unknown, unknown>): FieldResolver {
  const source = sources?.[field.name] ?? snakeCase(field.name);
  const coerce = coerceTo(field.type);
  return typeof source === 'string' ? (row) => coerce(row[source], row) : (row) => coerce(source(row), row);
}

/** The resolver of a field that lists leave out: of the row as a GET shows it, where that GET is worth its call. */
export function onlyInGetResolver(
  resource: AnyResource,
  needed: (row: Row) => boolean,
  inRow: FieldResolver,
): FieldResolver {
  return async (row, args, context, info) => {
    if (!needed(row)) return inRow(row, args, context, info);
    const loaders = await context.loaders();
    const full = await loaders.full(resource.name, row[REGION] ?? '', String(row['id']));
    return full === null ? null : inRow(full, args, context, info);
  };
}

/** `region` is not in the row that OpenStack sent. */
export const regionResolver: FieldResolver = (row) => row[REGION];
