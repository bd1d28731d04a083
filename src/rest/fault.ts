import { type FaultCode, faultCodes } from './codes.js';

/** A limit on requests that a request passed. */
export interface PassedLimit {
  /** `MAX_DEPTH`, as `docs/security.md` lists them. */
  readonly name: string;
  readonly allowed: number;
  readonly found: number;
}

/** Where a fault comes from; each part is null or absent where nothing is known of it. */
export interface FaultDetails {
  readonly code: FaultCode;
  readonly message: string;
  /** Official service type (`compute`, `network`, …), `identity` for Keystone; null where no service took part. */
  readonly service?: string | null;
  /** HTTP status of the service's answer; null where none came. */
  readonly status?: number | null;
  /** The service's own `x-openstack-request-id`. */
  readonly requestId?: string | null;
  /** Set on writes whose fate is unknown: the service may or may not have done it. */
  readonly outcome?: 'UNKNOWN';
  /** The argument or field at fault, for BAD_USER_INPUT. */
  readonly argument?: string;
  /** Seconds after which a retry may help. */
  readonly retryAfter?: number;
  readonly limit?: PassedLimit;
  readonly cause?: unknown;
}

/** What tells one answer of a service from all others. */
export interface AboutAnswer {
  readonly status: number;
  /** The service's own `x-openstack-request-id`. */
  readonly requestId: string | null;
}

/** An error that a client may see: it has a code of the table in `docs/errors.md` and never holds a secret. */
export class Fault extends Error {
  readonly code: FaultCode;
  readonly service: string | null;
  readonly status: number | null;
  readonly requestId: string | null;
  readonly outcome: 'UNKNOWN' | undefined;
  readonly argument: string | undefined;
  readonly retryAfter: number | undefined;
  readonly limit: PassedLimit | undefined;

  constructor(details: FaultDetails) {
    super(details.message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'Fault';
    this.code = details.code;
    this.service = details.service ?? null;
    this.status = details.status ?? null;
    this.requestId = details.requestId ?? null;
    this.outcome = details.outcome;
    this.argument = details.argument;
    this.retryAfter = details.retryAfter;
    this.limit = details.limit;
  }

  /** The same fault, with what is known of the answer that it is about. */
  about({ status, requestId }: AboutAnswer): Fault {
    const { code, message, service, outcome, argument, retryAfter, cause } = this;
    return new Fault({
      code,
      message,
      service,
      status,
      requestId,
      ...(outcome === undefined ? {} : { outcome }),
      ...(argument === undefined ? {} : { argument }),
      ...(retryAfter === undefined ? {} : { retryAfter }),
      cause,
    });
  }

  /** What `extensions` of the GraphQL error shows: only what is known. */
  get extensions(): Record<string, unknown> {
    const { code, service, status, requestId, outcome, argument, retryAfter } = this;
    const { name: limit, allowed, found } = this.limit ?? {};
    const all = { code, service, status, requestId, outcome, argument, retryAfter, limit, allowed, found };
    return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== null && value !== undefined));
  }

  /** The HTTP status that an answer which is nothing but this fault gets. */
  get httpStatus(): number {
    return faultCodes[this.code].http;
  }
}

/** What `read` makes of an answer; where it throws a fault, that names the answer's status and request id. */
export function readAnswer<A extends AboutAnswer, T>(answer: A, read: (answer: A) => T): T {
  try {
    return read(answer);
  } catch (error) {
    throw error instanceof Fault ? error.about(answer) : error;
  }
}

/** A BAD_USER_INPUT fault naming the argument, what was expected and what came. */
export function badInput(argument: string, expected: string, got: unknown): Fault {
  const shown = got === undefined ? 'nothing' : (JSON.stringify(got) ?? String(got)).slice(0, 80);
  return new Fault({ code: 'BAD_USER_INPUT', argument, message: `${argument}: expected ${expected}, got ${shown}` });
}
