import { randomUUID } from 'node:crypto';
import type { Flight } from './inflight.js';

/** One HTTP request to `/graphql`. */
export interface CurrentRequest {
  readonly id: string;
  readonly flight: Flight;
}

/**
 * Under this key an operation's context knows its request. Apollo Server copies contexts, symbols included; and Node's
 * `AsyncLocalStorage`, which would do without, makes every promise of the process dearer.
 */
const REQUEST: unique symbol = Symbol('request');

/** Tells the context of an operation which request it belongs to. */
export function belongsTo<Context extends object>(context: Context, request: CurrentRequest): Context {
  return Object.assign(context, { [REQUEST]: request });
}

/** The request of an operation's context. */
export function requestOf(context: object): CurrentRequest | undefined {
  return (context as { readonly [REQUEST]?: CurrentRequest })[REQUEST];
}

/** Requests of errors whose makers see no context. */
const ids = new WeakMap<object, string>();

/** Remembers in which request an error came up. */
export function metIn(request: CurrentRequest | undefined, error: object): void {
  if (request !== undefined) ids.set(error, request.id);
}

/** The id of the request in which an error came up. */
export function requestIdOf(error: unknown): string | undefined {
  return typeof error === 'object' && error !== null ? ids.get(error) : undefined;
}

/** An id in the form that OpenStack gives its own. */
export function newRequestId(): string {
  return `req-${randomUUID()}`;
}
