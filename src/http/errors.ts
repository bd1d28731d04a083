import { GraphQLError, type GraphQLFormattedError } from 'graphql';
import type { Logger } from 'pino';
import { faultCodes } from '../rest/codes.js';
import { Fault } from '../rest/fault.js';
import { requestIdOf } from './request.js';
import { withoutValues } from './values.js';

/** Characters. GraphQL's messages repeat names of the document, which can be as long as the body. */
const MAX_MESSAGE = 500;

/**
 * Makes what a client sees of an error. A `Fault` shows its code and details; GraphQL's own errors (syntax, validation,
 * variables) show their message and code, unless `faultOf` knows a fault that says more; anything else is a fault of the gateway: it is logged and shows a request id.
 */
export function errorFormatter(
  log: Logger,
  faultOf: (error: unknown) => Fault | null = () => null,
): (formatted: GraphQLFormattedError, error: unknown) => GraphQLFormattedError {
  return (formatted, error) => {
    const place = placeOf(formatted);
    const fault = faultWithin(error) ?? faultOf(error);
    if (fault !== null) return { message: fault.message, ...place, extensions: fault.extensions };
    const code = formatted.extensions?.['code'];
    if (typeof code === 'string' && code !== 'INTERNAL_SERVER_ERROR') {
      return { message: withoutValues(formatted.message, error).slice(0, MAX_MESSAGE), ...place, extensions: { code } };
    }
    return { ...internalError(log, error, requestIdOf(error)), ...place };
  };
}

/** Logs an unexpected error and makes the answer that stands for it. */
export function internalError(
  log: Logger,
  error: unknown,
  requestId?: string,
): { message: string; extensions: Record<string, unknown> } {
  log.error({ requestId, err: rootOf(error) }, 'unexpected error');
  return {
    message: 'The gateway failed to answer this; its log says why, under the request id.',
    extensions: { code: 'INTERNAL_SERVER_ERROR', ...(requestId === undefined ? {} : { requestId }) },
  };
}

/**
 * The status of an answer whose errors all have the same code and whose data says nothing: that of the table in
 * `docs/errors.md`. Null leaves it as it is.
 */
export function statusOf(data: unknown, errors: readonly GraphQLFormattedError[]): number | null {
  if (errors.length === 0 || !isEmpty(data)) return null;
  const codes = new Set(errors.map((error) => error.extensions?.['code']));
  const [code] = codes;
  if (codes.size !== 1 || typeof code !== 'string' || !isFaultCode(code)) return null;
  const { http } = faultCodes[code];
  return http === 200 ? null : http;
}

/** GraphQL's fault of a `Fault` thrown before execution, with the HTTP status of its code. */
export function asGraphQLError(error: unknown): GraphQLError {
  const status = error instanceof Fault ? error.httpStatus : 500;
  const originalError = error instanceof Error ? error : new Error(String(error));
  return new GraphQLError(originalError.message, { originalError, extensions: { http: { status } } });
}

function isFaultCode(code: string): code is keyof typeof faultCodes {
  return Object.hasOwn(faultCodes, code);
}

/** No data, or nothing but null under every root field: all of these are nullable, so this is how "no data" looks. */
export function isEmpty(data: unknown): boolean {
  if (data === null || data === undefined) return true;
  return typeof data === 'object' && Object.values(data).every((value) => value === null);
}

function placeOf({ locations, path }: GraphQLFormattedError): Pick<GraphQLFormattedError, 'locations' | 'path'> {
  return { ...(locations === undefined ? {} : { locations }), ...(path === undefined ? {} : { path }) };
}

function faultWithin(error: unknown): Fault | null {
  const root = rootOf(error);
  return root instanceof Fault ? root : null;
}

/** What a resolver threw, out of the wrappings that GraphQL put around it. */
function rootOf(error: unknown): unknown {
  let root = error;
  while (root instanceof GraphQLError && root.originalError !== undefined && root.originalError !== null) {
    root = root.originalError;
  }
  return root;
}
