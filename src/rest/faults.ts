import type { FaultCode } from './codes.js';
import { Fault } from './fault.js';
import { cleanMessage, readError, type ServiceError, WEBOB } from './messages.js';
import type { Method } from './rest.js';

/** An answer of a service that is no success. */
export interface Refusal {
  readonly service: string;
  readonly method: Method;
  readonly status: number;
  /** Parsed JSON, text, or null. */
  readonly body: unknown;
  readonly header: (name: string) => string | null;
  /** Values that must not be in the message: the asker's token. */
  readonly secrets: readonly string[];
}

/** Whether a call only reads; everything else is a write: sent once, never cancelled. */
export function isRead(method: Method): boolean {
  return method === 'GET' || method === 'HEAD';
}

const BY_STATUS: Readonly<Record<number, FaultCode>> = {
  400: 'BAD_USER_INPUT',
  401: 'UNAUTHENTICATED',
  403: 'FORBIDDEN',
  404: 'NOT_FOUND',
  405: 'UNSUPPORTED',
  406: 'UNSUPPORTED',
  408: 'UPSTREAM_TIMEOUT',
  409: 'CONFLICT',
  410: 'NOT_FOUND',
  412: 'CONFLICT',
  413: 'BAD_USER_INPUT',
  // What the gateway asks for by itself is cut to fit; only a long filter makes a URL too long.
  414: 'BAD_USER_INPUT',
  415: 'BAD_USER_INPUT',
  422: 'BAD_USER_INPUT',
  423: 'CONFLICT',
  428: 'CONFLICT',
  429: 'RATE_LIMITED',
  501: 'UNSUPPORTED',
  504: 'UPSTREAM_TIMEOUT',
};

function plainCode(status: number): FaultCode {
  const known = BY_STATUS[status];
  if (known !== undefined) return known;
  return status >= 400 && status < 500 ? 'BAD_USER_INPUT' : 'UPSTREAM_UNAVAILABLE';
}

/** A rule that gives an answer another code than its status alone would. The first that fits counts. */
interface Exception {
  readonly status: number;
  readonly services?: readonly string[];
  readonly fits: (error: ServiceError, message: string) => boolean;
  readonly code: FaultCode;
}

/** All seen on a live Zed control plane but where a source is named. */
const EXCEPTIONS: readonly Exception[] = [
  // Cinder says 400 where others say 409: "Invalid volume: Volume status must be available or …".
  {
    status: 400,
    services: ['block-storage'],
    fits: (_, message) =>
      /^Invalid (volume|snapshot|backup|group)[\w ]*: .*\b(status|state|in-use|in use|attached|assigned)\b/i.test(
        message,
      ),
    code: 'CONFLICT',
  },
  // Nova: "Quota exceeded for instances: …" and "Maximum number of ports exceeded" are 403, not 413 or 429.
  {
    status: 403,
    fits: (_, message) => /quota exceeded|maximum number of .* exceeded|exceed\w* .*quota/i.test(message),
    code: 'QUOTA_EXCEEDED',
  },
  // Glance: "Image … is protected and cannot be deleted.": a state that the owner can change, not a missing role.
  { status: 403, services: ['image'], fits: (_, message) => /is protected/i.test(message), code: 'CONFLICT' },
  { status: 409, fits: (error) => error.type === 'OverQuota', code: 'QUOTA_EXCEEDED' },
  // Rate limiters before Nova and Cinder (paste middleware, since removed upstream) also said overLimit.
  { status: 413, fits: (_, message) => /rate.?limit|request\(s\) can be made/i.test(message), code: 'RATE_LIMITED' },
  {
    status: 413,
    fits: (error, message) => error.type === 'overLimit' || /quota|exceed/i.test(message),
    code: 'QUOTA_EXCEEDED',
  },
  // A route that the service does not have: the router's own words in place of the service's, HTML of Keystone's.
  {
    status: 404,
    services: ['compute', 'block-storage', 'network', 'identity'],
    fits: (error) => !error.known || error.type === WEBOB,
    code: 'UNSUPPORTED',
  },
];

function codeOf(refusal: Refusal, error: ServiceError, message: string): FaultCode {
  const fits = (rule: Exception): boolean =>
    rule.status === refusal.status && (rule.services?.includes(refusal.service) ?? true) && rule.fits(error, message);
  return EXCEPTIONS.find(fits)?.code ?? plainCode(refusal.status);
}

/** "Invalid input for field/attribute flavorRef. Value: …" (Nova, Cinder), "Invalid input for name. Reason: …" (Neutron). */
function argumentIn(message: string): string | undefined {
  return /Invalid input for (?:field\/attribute |attribute )?['"]?([A-Za-z_][\w:-]*)/.exec(message)?.[1];
}

/** Seconds: nobody is told to wait longer than a day, whatever a service says. */
const LONGEST_RETRY_AFTER = 86_400;

function bounded(seconds: number): number | null {
  return Number.isNaN(seconds) ? null : Math.min(LONGEST_RETRY_AFTER, Math.max(0, Math.ceil(seconds)));
}

/** Seconds of a `Retry-After` header, given as a number or a date, at most a day; null where there is none that makes sense. */
export function retryAfterOf(value: string | null, now: number): number | null {
  if (value === null) return null;
  const date = / GMT$/.test(value) ? Date.parse(value) : Number.NaN;
  return bounded(/^\d+$/.test(value) ? Number(value) : (date - now) / 1000);
}

/** Whether a write that ended with this status may have happened: a proxy answered in the service's stead. */
function isUncertain(method: Method, status: number): boolean {
  return !isRead(method) && (status === 408 || status === 502 || status === 504);
}

/** The service's own id of a request; Nova and Cinder have two headers for the same. */
export function requestIdIn(header: (name: string) => string | null): string | null {
  return header('x-openstack-request-id') ?? header('x-compute-request-id');
}

/** The fault that a service's refusal means, with the service's own message. */
export function faultOf(refusal: Refusal): Fault {
  const { service, status, header } = refusal;
  const error = readError(refusal.body);
  const message = cleanMessage(error.message ?? '', refusal.secrets);
  const code = codeOf(refusal, error, message);
  const argument = code === 'BAD_USER_INPUT' ? argumentIn(message) : undefined;
  const retryAfter = retryAfterOf(header('retry-after'), Date.now()) ?? bounded(error.retryAfter ?? Number.NaN);
  const tellsWhen = code === 'RATE_LIMITED' || code === 'UPSTREAM_UNAVAILABLE';
  return new Fault({
    code,
    message: message === '' ? `${service} answered with status ${status} and no message.` : message,
    service,
    status,
    requestId: requestIdIn(header),
    ...(isUncertain(refusal.method, status) ? { outcome: 'UNKNOWN' as const } : {}),
    ...(argument === undefined ? {} : { argument }),
    ...(retryAfter !== null && tellsWhen ? { retryAfter } : {}),
  });
}
