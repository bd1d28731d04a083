import { GraphQLError } from 'graphql';
import { Fault } from '../../rest/fault.js';
import { type FixedLimitName, fixedLimits, type LimitName, limitTable } from './table.js';

/**
 * What a request is told that passed a limit. `found` is what it had, or, where counting stopped, the first figure above
 * `allowed`.
 */
export function refusal(limit: LimitName | FixedLimitName, allowed: number, found: number): Fault {
  const { counts, remedy } = rowOf(limit);
  return new Fault({
    code: 'BAD_USER_INPUT',
    limit: { name: limit, allowed, found },
    message: `${limit}: expected at most ${allowed} ${counts}; got ${found}. ${remedy}`,
  });
}

/** The same of a limit that cannot be set. */
export function fixedRefusal(limit: FixedLimitName, found: number): Fault {
  return refusal(limit, fixedLimits[limit].allowed, found);
}

/** A fault as GraphQL's errors before execution are: with HTTP status 400. */
export function asRequestError(fault: Fault): GraphQLError {
  return new GraphQLError(fault.message, { originalError: fault, extensions: { http: { status: 400 } } });
}

function rowOf(limit: LimitName | FixedLimitName): { readonly counts: string; readonly remedy: string } {
  return limit in fixedLimits ? fixedLimits[limit as FixedLimitName] : limitTable[limit as LimitName];
}
