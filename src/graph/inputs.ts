import {
  type GraphQLInputObjectType,
  type GraphQLInputType,
  getNamedType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
} from 'graphql';
import type { FilterTerm, WriteSource } from '../resource.js';
import { badInput } from '../rest/fault.js';
import type { Query } from '../rest/rest.js';
import { isObject, type Row } from '../row.js';
import type { AnyResource } from '../services/registry.js';
import { snakeCase } from './names.js';

type Input = Readonly<Record<string, unknown>>;

/** The filters that a client gave, as the service wants them; in the order of the schema, so that equal ones look equal. */
export function filterTerms(
  resource: AnyResource,
  type: GraphQLInputObjectType,
  filter: Input | null,
): readonly FilterTerm[] {
  if (filter === null) return [];
  return Object.values(type.getFields()).flatMap((field) => {
    const value = filter[field.name];
    if (value === undefined || value === null) return [];
    checkFilter(`filter.${field.name}`, field.type, value);
    return [filterTerm(resource, field.name, field.type, value)];
  });
}

/** Half of a character, which no URL can hold. */
const LONE_SURROGATE = /\p{Surrogate}/u;

/** What no service could make sense of; some would ignore it and give all rows. */
function checkFilter(argument: string, type: GraphQLInputType, value: unknown): void {
  const values: readonly unknown[] = Array.isArray(value) ? value : [value];
  if (values.length === 0) throw badInput(argument, 'at least one value', value);
  if (isEnumType(getNamedType(type)) && values.includes('UNKNOWN')) {
    throw badInput(argument, 'a value that the service knows; UNKNOWN only occurs in answers', 'UNKNOWN');
  }
  if (values.some((one) => typeof one === 'string' && LONE_SURROGATE.test(one))) {
    throw badInput(argument, 'well-formed Unicode', value);
  }
}

function filterTerm(resource: AnyResource, name: string, type: GraphQLInputType, value: unknown): FilterTerm {
  const sources = resource.filters as Readonly<Record<string, string | ((value: unknown) => FilterTerm)>> | undefined;
  const source = sources?.[name];
  if (typeof source === 'function') return source(value);
  const wireName = source ?? snakeCase(name);
  if (resource.batch === 'index')
    return { query: [], accept: (row) => equals(row[wireFieldOf(resource, name) ?? wireName], value) };
  return { query: queryOf(wireName, toWire(type, value)) };
}

function queryOf(name: string, wire: unknown): Query {
  return (Array.isArray(wire) ? wire : [wire]).map((value) => [name, String(value)]);
}

function wireFieldOf(resource: AnyResource, name: string): string | null {
  const fields = resource.fields as Readonly<Record<string, string | ((row: Row) => unknown)>> | undefined;
  const source = fields?.[name];
  return typeof source === 'string' ? source : null;
}

function equals(wire: unknown, value: unknown): boolean {
  return Array.isArray(value) ? value.some((one) => equals(wire, one)) : String(wire) === String(value);
}

/** The same filter always as the same text: keys sorted, times as UTC. */
export function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) =>
    isObject(part) ? Object.fromEntries(Object.entries(part).sort(([one], [other]) => (one < other ? -1 : 1))) : part,
  );
}

/**
 * An input as the service wants it: names in snake_case unless the descriptor's `write` says otherwise, enum values in
 * lower case, key-value lists as an object, null kept (it clears), absent left out (it stays).
 */
export function writeOf(resource: AnyResource, type: GraphQLInputType, input: Input): Record<string, unknown> {
  const object = isNonNullType(type) ? type.ofType : type;
  if (!isInputObjectType(object))
    throw new Error(`${resource.name}: expected an input object to write, got ${String(type)}`);
  const sources = resource.write as Readonly<Record<string, WriteSource>> | undefined;
  const entries = Object.values(object.getFields()).flatMap((field) => {
    const value = input[field.name];
    if (value === undefined) return [];
    const source = sources?.[field.name];
    if (typeof source === 'function') return Object.entries((source as (value: unknown) => Input)(value));
    return [[source ?? snakeCase(field.name), toWire(field.type, value)] as const];
  });
  return Object.fromEntries(entries);
}

/** One value on its way to the wire; the GraphQL type tells enums from strings and pairs from objects. */
export function toWire(type: GraphQLInputType, value: unknown): unknown {
  if (value === null || value === undefined) return value;
  if (isNonNullType(type)) return toWire(type.ofType, value);
  if (isListType(type)) return listToWire(type.ofType, value);
  if (value instanceof Date) return value.toISOString().replace(/\.\d+Z$/, 'Z');
  if (isEnumType(type)) return String(value).toLowerCase();
  if (isInputObjectType(type) && isObject(value)) return objectToWire(type, value);
  return value;
}

function listToWire(item: GraphQLInputType, value: unknown): unknown {
  const inner = isNonNullType(item) ? item.ofType : item;
  const values: readonly unknown[] = Array.isArray(value) ? value : [value];
  if (isInputObjectType(inner) && inner.name === 'KeyValueInput') {
    return Object.fromEntries(values.filter(isObject).map((pair) => [String(pair['key']), pair['value']]));
  }
  return values.map((one) => toWire(inner, one));
}

function objectToWire(type: GraphQLInputObjectType, value: Input): Record<string, unknown> {
  const given = Object.values(type.getFields()).filter((field) => value[field.name] !== undefined);
  return Object.fromEntries(given.map((field) => [snakeCase(field.name), toWire(field.type, value[field.name])]));
}
