import { type ExecutionResult, type GraphQLError, locatedError } from 'graphql';
import type { CompilableDocument } from './document.js';
import { Unfaithful } from './schema.js';

/**
 * A result of graphql-jit as graphql-js would have given it, or null where that cannot be known: it makes the messages of its
 * own errors (a null that may not be, a value that does not fit its type) otherwise, and it goes on under a parent that is
 * already null. What resolvers threw, where null is allowed, is all the same in both.
 */
export function asInterpreted(result: ExecutionResult, document: CompilableDocument): ExecutionResult | null {
  if (!result.errors) return result;
  const errors: GraphQLError[] = [];
  for (const error of result.errors) {
    const located = isInPlace(result.data, error.path ?? []) ? relocated(error, document) : null;
    if (located === null) return null;
    errors.push(located);
  }
  return { errors, data: result.data ?? null };
}

/** graphql-jit's errors look like GraphQLErrors and hold what was thrown, which need not be an Error. */
function relocated(
  { locations, path, originalError }: GraphQLError,
  document: CompilableDocument,
): GraphQLError | null {
  const thrown: unknown = originalError;
  if (thrown === undefined || thrown === null || thrown instanceof Unfaithful) return null;
  const nodes = (locations ?? []).flatMap(({ line, column }) => document.fieldAt(line, column) ?? []);
  if (nodes.length === 0 || nodes.length !== locations?.length) return null;
  return locatedError(thrown, nodes, path);
}

/**
 * Whether `path` leads through `data` to its end, where null stands: no parent had to become null as well, and no list is in
 * disorder, in which graphql-jit appends the null of an item that is rejected.
 */
function isInPlace(data: unknown, path: readonly (string | number)[]): boolean {
  let value = data;
  for (const key of path) {
    if (typeof value !== 'object' || value === null) return false;
    value = Reflect.get(value, key);
  }
  return value === null && path.length > 0;
}

/**
 * The result with its errors in the order of its data. graphql-js has them in the order in which they happened, which for
 * calls under way at the same time is chance, and by a turn of the event loop another one when compiled. This is the one place
 * that decides it, for both.
 */
export function inDocumentOrder(result: ExecutionResult): ExecutionResult {
  const { errors, data } = result;
  if (!errors || errors.length < 2) return result;
  const placed = errors.map((error) => ({ error, place: placeIn(data, error.path ?? []) }));
  placed.sort((one, other) => compare(one.place, other.place));
  return { ...result, errors: placed.map(({ error }) => error) };
}

/** Which child it is, at each level, as far as there is data. */
function placeIn(data: unknown, path: readonly (string | number)[]): readonly number[] {
  const place: number[] = [];
  let value = data;
  for (const key of path) {
    if (typeof value !== 'object' || value === null) break;
    place.push(typeof key === 'number' ? key : Object.keys(value).indexOf(key));
    value = Reflect.get(value, key);
  }
  return place;
}

function compare(one: readonly number[], other: readonly number[]): number {
  const level = one.findIndex((place, index) => place !== other[index]);
  if (level === -1 || other[level] === undefined) return one.length - other.length;
  return (one[level] ?? 0) - other[level];
}
