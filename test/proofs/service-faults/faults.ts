import type { ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';
import type { Exchange, Misbehaviour } from './proxy.js';

/** What a service's own request id is in every faulty answer that has headers. */
export const REQUEST_ID = 'req-of-the-service';

/** Stands in bodies where nobody promises to show it. */
export const INNER = 'inner-text-of-a-body';

/** Seconds after which the gateway passes on no `Retry-After`. */
export const LONGEST_RETRY_AFTER = 86_400;

/** One way for a service to fail, and what the design promises of it. */
export interface ServiceFault {
  readonly name: string;
  readonly act: Misbehaviour;
  /** `extensions` of the error that a read ends with, beside `service`. */
  readonly error: Readonly<Record<string, unknown>>;
  /** Whether values past their time may stand in. */
  readonly stale: boolean;
  /**
   * What a write that was answered so says of itself: `UNKNOWN`, that it failed, or, where the answer has no more in it
   * than the service's word that it is done, nothing (only a create needs to read its answer).
   */
  readonly write: 'UNKNOWN' | 'FAILED' | 'WORD';
  /** Whether it takes all the time that a call has. */
  readonly hangs: boolean;
}

type Headers = Readonly<Record<string, string>>;

const OURS = { 'x-openstack-request-id': REQUEST_ID } as const;
const JSON_TYPE = { 'content-type': 'application/json' } as const;
const HTML_TYPE = { 'content-type': 'text/html' } as const;
const PAGE = `<html><head><title>${INNER}</title></head><body><h1>Out of order</h1></body></html>`;

function head(response: ServerResponse, status: number, headers: Headers): void {
  response.writeHead(status, { ...OURS, ...headers });
}

function answer(status: number, text: string, headers: Headers = JSON_TYPE): Misbehaviour {
  return ({ response }) => {
    head(response, status, { ...headers, 'content-length': String(Buffer.byteLength(text)) });
    response.end(text);
  };
}

/** An error in Nova's grammar. */
function refuse(status: number, headers: Headers = {}): Misbehaviour {
  return answer(status, JSON.stringify({ failure: { message: 'Out of order', code: status } }), {
    ...JSON_TYPE,
    ...headers,
  });
}

/** Bytes on the wire, and then the connection is cut: `FIN` in good order, `RST` as a crash does it. */
function cut(text: string, by: 'FIN' | 'RST'): Misbehaviour {
  return ({ socket }) => {
    const end = () => (by === 'FIN' ? socket.end() : socket.resetAndDestroy());
    if (text === '') end();
    else socket.write(text, () => setImmediate(end));
  };
}

function wire(headers: readonly string[], body: string): string {
  return ['HTTP/1.1 200 OK', `X-Openstack-Request-Id: ${REQUEST_ID}`, ...headers, '', body].join('\r\n');
}

/** Writes `piece` every `ms` milliseconds, or as fast as it is taken, until somebody has had enough. */
function pour(piece: Buffer | string, ms: number | null): Misbehaviour {
  return ({ response }) => {
    head(response, 200, JSON_TYPE);
    const timer = ms === null ? null : setInterval(() => response.write(piece), ms);
    const pump = (): void => {
      while (!response.destroyed && response.write(piece));
      if (!response.destroyed) response.once('drain', pump);
    };
    response.once('close', () => timer && clearInterval(timer));
    if (timer === null) pump();
  };
}

/** Where a redirect leads: back here under another path, or to a host that no catalog names. */
function redirect(status: number, to: (exchange: Exchange) => string): Misbehaviour {
  return (exchange) => {
    head(exchange.response, status, { location: to(exchange) });
    exchange.response.end();
  };
}

const unavailable = (status: number | null, more: object = {}): Readonly<Record<string, unknown>> => ({
  code: 'UPSTREAM_UNAVAILABLE',
  ...(status === null ? {} : { status, requestId: REQUEST_ID }),
  ...more,
});
const timeout = (more: object = {}): Readonly<Record<string, unknown>> => ({ code: 'UPSTREAM_TIMEOUT', ...more });
const limited = (more: object = {}): Readonly<Record<string, unknown>> => ({
  code: 'RATE_LIMITED',
  status: 429,
  requestId: REQUEST_ID,
  ...more,
});
const withId = { requestId: REQUEST_ID } as const;
const HALF = `{"servers": [{"id": "${INNER}`;

/** A service that is not there or does not come to an end: values past their time may stand in, writes are unknown. */
const SILENCE: readonly ServiceFault[] = [
  { name: 'hangs', act: () => undefined, error: timeout() },
  { name: 'hangs behind its headers', act: hangBehind(''), error: timeout(withId) },
  { name: 'hangs in its body', act: hangBehind(HALF), error: timeout(withId) },
  { name: 'drips', act: pour(' ', 50), error: timeout(withId) },
  { name: 'resets the connection', act: cut('', 'RST'), error: unavailable(null) },
  { name: 'closes the connection', act: cut('', 'FIN'), error: unavailable(null) },
  { name: 'resets in mid-header', act: cut('HTTP/1.1 200 OK\r\nContent-Ty', 'RST'), error: unavailable(null) },
  {
    name: 'resets in mid-body',
    act: cut(wire(['Content-Length: 999'], HALF), 'RST'),
    error: unavailable(null, withId),
  },
  {
    name: 'sends less than Content-Length',
    act: cut(wire(['Content-Length: 999'], HALF), 'FIN'),
    error: unavailable(null, withId),
  },
  {
    name: 'ends in mid-chunk',
    act: cut(wire(['Transfer-Encoding: chunked'], `ff\r\n${HALF}`), 'FIN'),
    error: unavailable(null, withId),
  },
  {
    name: 'leaves the last chunk out',
    act: cut(wire(['Transfer-Encoding: chunked'], '2\r\n{}\r\n'), 'FIN'),
    error: unavailable(null, withId),
  },
  { name: 'speaks no HTTP', act: cut(`${INNER}\r\n\r\n`, 'FIN'), error: unavailable(null) },
  {
    name: 'sends headers without end',
    act: cut(`HTTP/1.1 200 OK\r\nX-Long: ${'x'.repeat(100_000)}`, 'FIN'),
    error: unavailable(null),
  },
].map((fault) => ({ ...fault, stale: true, write: 'UNKNOWN', hangs: fault.error['code'] === 'UPSTREAM_TIMEOUT' }));

function hangBehind(text: string): Misbehaviour {
  return ({ response }) => {
    head(response, 200, { ...JSON_TYPE, 'content-length': '999' });
    response.flushHeaders();
    if (text !== '') response.write(text);
  };
}

const inAMinute = (): string => new Date(Date.now() + 60_000).toUTCString();

/** A service that says itself that it fails, or a proxy that says so of it. */
const CONFESSED: readonly ServiceFault[] = [
  { name: '500', act: refuse(500), error: unavailable(500), write: 'FAILED' as const },
  {
    name: 'an HTML page with 500',
    act: answer(500, PAGE, HTML_TYPE),
    error: unavailable(500),
    write: 'FAILED' as const,
  },
  { name: '502', act: answer(502, PAGE, HTML_TYPE), error: unavailable(502), write: 'UNKNOWN' as const },
  { name: '503', act: refuse(503), error: unavailable(503), write: 'FAILED' as const },
  {
    name: '503 with Retry-After: 120',
    act: refuse(503, { 'retry-after': '120' }),
    error: unavailable(503, { retryAfter: 120 }),
    write: 'FAILED' as const,
  },
  {
    name: '503 with a date in Retry-After',
    act: (exchange: Exchange) => refuse(503, { 'retry-after': inAMinute() })(exchange),
    error: unavailable(503, { retryAfter: 'about 60' }),
    write: 'FAILED' as const,
  },
  {
    name: '503 with an absurd Retry-After',
    act: refuse(503, { 'retry-after': '99999999999' }),
    error: unavailable(503, { retryAfter: LONGEST_RETRY_AFTER }),
    write: 'FAILED' as const,
  },
  {
    name: '503 with nonsense in Retry-After',
    act: refuse(503, { 'retry-after': '-1; soon' }),
    error: unavailable(503),
    write: 'FAILED' as const,
  },
  { name: '504', act: refuse(504), error: timeout({ status: 504, ...withId }), write: 'UNKNOWN' as const },
].map((fault) => ({ ...fault, stale: true, hangs: false }));

/** A service that is well and refuses. */
const REFUSED: readonly ServiceFault[] = [
  { name: '429', act: refuse(429), error: limited() },
  {
    name: '429 with Retry-After: 30',
    act: refuse(429, { 'retry-after': '30' }),
    error: limited({ retryAfter: 30 }),
  },
  {
    name: '429 with an absurd Retry-After',
    act: refuse(429, { 'retry-after': `${'9'.repeat(30)}` }),
    error: limited({ retryAfter: LONGEST_RETRY_AFTER }),
  },
  { name: '406', act: refuse(406), error: { code: 'UNSUPPORTED', status: 406, requestId: REQUEST_ID } },
  ...[302, 307].map((status) => ({
    name: `${status} to another host`,
    act: redirect(status, ({ elsewhere, call }) => `${elsewhere}/${call.service}${call.path}`),
    error: unavailable(status),
  })),
  {
    name: '302 to another path',
    act: redirect(302, ({ call }) => `/${call.service}/elsewhere`),
    error: unavailable(302),
  },
].map((fault) => ({ ...fault, stale: false, write: 'FAILED', hangs: false }));

/** An answer that is none. Nobody knows what came of a write; nothing says that the service is down. */
const GARBLED: readonly ServiceFault[] = [
  { name: 'malformed JSON', act: answer(200, HALF) },
  { name: 'an HTML page with 200', act: answer(200, PAGE, HTML_TYPE) },
  { name: 'more than Content-Length', act: cut(wire(['Content-Length: 20'], HALF.repeat(9)), 'FIN') },
  { name: 'a body without end', act: pour(' '.repeat(16_384), null) },
  { name: 'gzip that is none', act: answer(200, '{"servers": []}', { ...JSON_TYPE, 'content-encoding': 'gzip' }) },
  { name: 'gzip of far too much', act: bomb },
].map((fault) => ({ ...fault, error: unavailable(200), stale: false, write: 'UNKNOWN', hangs: false }));

function bomb({ response }: Exchange): void {
  head(response, 200, { ...JSON_TYPE, 'content-encoding': 'gzip' });
  response.end(gzipSync(' '.repeat(1_000_000)));
}

/** JSON, but not what was asked for. */
const MISSHAPEN: readonly ServiceFault[] = ['[]', 'null', '{}', '"text"', '17', ''].map((text) => ({
  name: text === '' ? 'an empty body' : `the JSON ${text}`,
  act: answer(200, text),
  error: unavailable(200),
  stale: false,
  write: 'WORD',
  hangs: false,
}));

/** All of them. */
export const FAULTS: readonly ServiceFault[] = [...SILENCE, ...CONFESSED, ...REFUSED, ...GARBLED, ...MISSHAPEN];

/** The fault of that name. */
export function faultNamed(name: string): ServiceFault {
  const found = FAULTS.find((fault) => fault.name === name);
  if (found === undefined) throw new Error(`expected the name of a fault, got ${name}`);
  return found;
}
