import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  buildASTSchema,
  type GraphQLField,
  type GraphQLFieldResolver,
  type GraphQLInputObjectType,
  type GraphQLObjectType,
  type GraphQLScalarType,
  type GraphQLSchema,
  isInputObjectType,
  isObjectType,
  isScalarType,
  parse,
  printSchema,
} from 'graphql';
import { DateTimeResolver, JSONResolver, SafeIntResolver } from 'graphql-scalars';
import type { FieldSource, Mutation, Relation, ResourceName } from '../resource.js';
import type { Row } from '../row.js';
import { type AnyResource, registry, resourceOf } from '../services/registry.js';
import type { Context } from './context.js';
import { fieldResolver, onlyInGetResolver, regionResolver } from './fields.js';
import { identityResolvers } from './identity.js';
import { mutationResolver } from './mutations.js';
import { lowerFirst, snakeCase } from './names.js';
import { relations } from './relation-table.js';
import { relationResolver } from './relations.js';
import { listResolver, oneResolver } from './roots.js';
import { sinceResolver } from './since.js';

/** A descriptor's parts whose keys depend on the type that it describes, as this file walks them. */
interface Parts {
  readonly fields?: Readonly<Record<string, FieldSource>>;
  readonly values?: Readonly<Record<string, { readonly fields?: Readonly<Record<string, FieldSource>> }>>;
  readonly mutations?: Readonly<Record<string, Mutation<unknown>>>;
  readonly onlyInGet?: Readonly<Record<string, (row: Row) => boolean>>;
  readonly since?: Readonly<Record<string, string>>;
}

/** The SDL of `folder` with a resolver for everything in it, made from the descriptors. Throws where something has none. */
export function executableSchema(folder: string): { readonly schema: GraphQLSchema; readonly sdl: string } {
  const schema = buildASTSchema(parse(readSdl(folder)));
  adoptScalar(schema, 'DateTime', DateTimeResolver);
  adoptScalar(schema, 'SafeInt', SafeIntResolver);
  adoptScalar(schema, 'JSON', JSONResolver);
  for (const name of Object.keys(registry) as ResourceName[]) attachResource(schema, resourceOf(name));
  attachIdentity(schema);
  refuseLoneFields(schema);
  return { schema, sdl: printSchema(schema) };
}

function readSdl(folder: string): string {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.graphql'));
  return files
    .sort()
    .map((name) => readFileSync(join(folder, name), 'utf8'))
    .join('\n');
}

/** The library's scalar behaves; the schema's own keeps its description. */
function adoptScalar(schema: GraphQLSchema, name: string, scalar: GraphQLScalarType): void {
  const type = schema.getType(name);
  if (!isScalarType(type)) throw new Error(`schema: expected the scalar ${name}, found ${String(type)}`);
  type.serialize = scalar.serialize;
  type.parseValue = scalar.parseValue;
  type.parseLiteral = scalar.parseLiteral;
}

function attachResource(schema: GraphQLSchema, resource: AnyResource): void {
  const parts = resource as unknown as Parts;
  attachFields(objectType(schema, resource.name), parts, resource);
  for (const name of valueTypes(schema, objectType(schema, resource.name))) {
    attachFields(objectType(schema, name), parts.values?.[name] ?? {}, resource);
  }
  attachRoots(schema, resource);
  attachMutations(schema, resource, parts.mutations ?? {});
}

function attachFields(type: GraphQLObjectType, parts: Parts, resource: AnyResource): void {
  const related: Readonly<Record<string, Relation>> = relations.get(type.name) ?? {};
  for (const field of Object.values(type.getFields())) {
    const relation = related[field.name];
    if (relation) field.resolve = asResolver(relationResolver(type.name, field.name, relation));
    else if (field.name === 'region' && type.name === resource.name) field.resolve = asResolver(regionResolver);
    else field.resolve = asResolver(ownResolver(parts, resource, field));
  }
}

function ownResolver(
  parts: Parts,
  resource: AnyResource,
  field: GraphQLField<unknown, unknown>,
): GraphQLFieldResolver<Row, Context> {
  const inRow = fieldResolver(parts.fields, field);
  const needed = parts.onlyInGet?.[field.name];
  if (needed) return onlyInGetResolver(resource, needed, inRow);
  const since = parts.since?.[field.name];
  if (!since) return inRow;
  const source = parts.fields?.[field.name] ?? snakeCase(field.name);
  return sinceResolver(resource, field.name, since, typeof source === 'string' ? source : null, inRow);
}

/** The object types below `type` that are parts of its row, not resources of their own. */
function valueTypes(schema: GraphQLSchema, type: GraphQLObjectType, seen = new Set<string>()): ReadonlySet<string> {
  for (const field of Object.values(type.getFields())) {
    const inner = schema.getType(String(field.type).replace(/[[\]!]/g, ''));
    if (!isObjectType(inner) || inner.getInterfaces().length > 0 || inner.name === 'KeyValue' || seen.has(inner.name))
      continue;
    seen.add(inner.name);
    valueTypes(schema, inner, seen);
  }
  return seen;
}

function attachRoots(schema: GraphQLSchema, resource: AnyResource): void {
  for (const field of Object.values(objectType(schema, 'Query').getFields())) {
    if (String(field.type) === resource.name) field.resolve = oneResolver(resource);
    if (String(field.type) === `${resource.name}Connection`)
      field.resolve = listResolver(resource, filterType(schema, resource));
  }
}

function filterType(schema: GraphQLSchema, resource: AnyResource): GraphQLInputObjectType | null {
  const type = schema.getType(`${resource.name}Filter`);
  return isInputObjectType(type) ? type : null;
}

function attachMutations(
  schema: GraphQLSchema,
  resource: AnyResource,
  mutations: Readonly<Record<string, Mutation<unknown>>>,
): void {
  const fields = objectType(schema, 'Mutation').getFields();
  for (const [name, mutation] of Object.entries(mutations)) {
    const field = fields[name] as GraphQLField<unknown, Context> | undefined;
    if (!field) throw new Error(`${lowerFirst(resource.name)}: expected a mutation ${name} in the schema, found none`);
    field.resolve = mutationResolver(resource, mutation as Mutation<Readonly<Record<string, unknown>>>, field);
  }
}

function attachIdentity(schema: GraphQLSchema): void {
  for (const [typeName, resolvers] of Object.entries(identityResolvers)) {
    const fields = objectType(schema, typeName).getFields();
    for (const [name, resolve] of Object.entries(resolvers)) {
      const field = fields[name];
      if (!field) throw new Error(`${typeName}: expected a field ${name} in the schema, found none`);
      field.resolve = asResolver(ofTheAsker(resolve as GraphQLFieldResolver<unknown, Context>));
    }
  }
}

/** An answer with something of the asker's own in it is kept for nobody. */
function ofTheAsker(resolve: GraphQLFieldResolver<unknown, Context>): GraphQLFieldResolver<Row, Context> {
  return (source, args, context, info) => {
    context.origins.isPersonal = true;
    return resolve(source, args, context, info);
  };
}

/** A root field without resolver would be null for ever, and nobody would know why. */
function refuseLoneFields(schema: GraphQLSchema): void {
  for (const root of ['Query', 'Mutation']) {
    const lone = Object.values(objectType(schema, root).getFields()).filter((field) => !field.resolve);
    if (lone.length > 0)
      throw new Error(`${root}: no descriptor resolves ${lone.map((field) => field.name).join(', ')}`);
  }
}

function objectType(schema: GraphQLSchema, name: string): GraphQLObjectType {
  const type = schema.getType(name);
  if (!isObjectType(type)) throw new Error(`schema: expected the object type ${name}, found ${String(type)}`);
  return type;
}

function asResolver(resolve: GraphQLFieldResolver<Row, Context>): GraphQLFieldResolver<unknown, unknown> {
  return resolve as unknown as GraphQLFieldResolver<unknown, unknown>;
}
