import { badInput } from '../rest/fault.js';
import type { Freshness, RequestFacts } from './parts.js';
import type { CurrentRequest } from './request.js';

/**
 * What `Cache-Control` asks: `no-cache` and `max-age=N` (N in seconds). Other directives are ignored, as RFC 9111 asks;
 * a `max-age` that is no number of seconds is BAD_USER_INPUT, because whoever sent it means something by it.
 */
export function freshnessOf(header: string | undefined): Freshness {
  const directives = (header ?? '').split(',').map((directive) => directive.trim().toLowerCase());
  const maxAge = directives.find((directive) => directive.startsWith('max-age'));
  return {
    noCache: directives.some((directive) => directive === 'no-cache'),
    maxAge: maxAge === undefined ? undefined : secondsOf(maxAge),
  };
}

function secondsOf(directive: string): number {
  const digits = /^max-age="?(\d{1,9})"?$/.exec(directive)?.[1];
  if (digits === undefined) throw badInput('Cache-Control', 'max-age=<seconds>', directive);
  return Number(digits);
}

/** Whether `X-Explain` asks for an explanation: `1` or `true`. Anything else does not. */
export function explainOf(header: string | string[] | undefined): boolean {
  return ['1', 'true'].includes(single(header).toLowerCase());
}

function single(header: string | string[] | undefined): string {
  return typeof header === 'string' ? header.trim() : '';
}

/** What a request says, with what the gateway knows of it. */
export function factsOf(said: Omit<RequestFacts, 'requestId' | 'signal'>, current: CurrentRequest): RequestFacts {
  return {
    ...said,
    requestId: current.id,
    // Made when it is asked for: an answer that is kept needs none.
    get signal() {
      return current.flight.signal;
    },
  };
}
