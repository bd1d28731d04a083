import type http from 'node:http';
import fetch, { AbortError, FetchError, type Response } from 'node-fetch';
import { requestIdIn } from './faults.js';
import type { Method } from './rest.js';

/** One HTTP request, ready to be sent once. */
export interface Exchange {
  readonly url: URL;
  readonly method: Method;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
  readonly agent: (url: URL) => http.Agent;
  readonly signal: AbortSignal;
  /** Longest body that is read, in bytes. */
  readonly maxBytes: number;
}

export interface RawAnswer {
  readonly status: number;
  readonly header: (name: string) => string | null;
  /** Parsed JSON, text where it is not JSON, null where there is none. */
  readonly body: unknown;
}

/** Why no usable answer came. `status` is that of an answer whose body was no use. */
export class ExchangeError extends Error {
  readonly kind: 'aborted' | 'network' | 'certificate' | 'tooLarge' | 'malformed' | 'redirect';
  readonly status: number | null;
  readonly requestId: string | null;

  constructor(kind: ExchangeError['kind'], message: string, response?: Response) {
    super(message);
    this.name = 'ExchangeError';
    this.kind = kind;
    this.status = response?.status ?? null;
    this.requestId = response === undefined ? null : requestIdIn((name) => response.headers.get(name));
  }
}

const REDIRECTS = new Set([301, 302, 303, 307, 308]);

/**
 * Sends one request and reads its answer whole. Redirects are never followed: node-fetch would carry the token to
 * whatever host they name. Throws `ExchangeError` only.
 */
export async function exchange(request: Exchange): Promise<RawAnswer> {
  const { url, method, headers, body, agent, signal, maxBytes } = request;
  let response: Response | undefined;
  try {
    const options = { method, headers: { ...headers }, agent, signal, redirect: 'manual', size: maxBytes } as const;
    response = await fetch(url, body === undefined ? options : { ...options, body });
    const bytes = await response.arrayBuffer();
    checkLength(method, response, bytes.byteLength);
    return understand(response, new TextDecoder().decode(bytes));
  } catch (error) {
    throw explain(error, response);
  }
}

/**
 * A connection that breaks behind the announced length (the service sent more than that) takes the body with it: what
 * arrives is empty, in good order, and a write's empty answer would count as done.
 */
function checkLength(method: Method, response: Response, received: number): void {
  const announced = response.headers.get('content-length');
  if (announced === null || method === 'HEAD' || response.headers.has('content-encoding')) return;
  if (received === Number(announced) || response.status === 204 || response.status === 304) return;
  throw new ExchangeError('malformed', 'a body of another length than announced', response);
}

function understand(response: Response, text: string): RawAnswer {
  if (REDIRECTS.has(response.status)) {
    throw new ExchangeError('redirect', `a redirect to ${originOf(response.headers.get('location'))}`, response);
  }
  return { status: response.status, header: (name) => response.headers.get(name), body: parse(response, text) };
}

/** Only the origin: the rest of a foreign address may hold anything. */
function originOf(location: string | null): string {
  return location !== null && URL.canParse(location) ? new URL(location).origin : 'an unknown address';
}

function parse(response: Response, text: string): unknown {
  if (text === '') return null;
  const type = response.headers.get('content-type') ?? '';
  const isJson = type === '' || /^application\/(?:[\w.+-]*\+)?json\b/i.test(type);
  if (isJson) return parseJson(response, text);
  // A page for people in place of an answer: some proxy speaks for the service.
  if (response.ok && /^(text\/html|application\/xhtml)/i.test(type)) {
    throw new ExchangeError('malformed', 'an HTML page instead of JSON', response);
  }
  return text;
}

function parseJson(response: Response, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    if (!response.ok) return text;
    throw new ExchangeError('malformed', 'malformed JSON', response);
  }
}

function explain(error: unknown, response: Response | undefined): ExchangeError {
  if (error instanceof ExchangeError) return error;
  if (error instanceof AbortError) return new ExchangeError('aborted', 'aborted', response);
  if (!(error instanceof FetchError)) return new ExchangeError('network', nameOf(error), response);
  if (error.type === 'max-size') return new ExchangeError('tooLarge', 'more than is ever read of one answer', response);
  // Of zlib and Brotli: the connection is well, the body is not what its Content-Encoding says.
  if (/^Z_|^ERR_(?!STREAM)\w*(?:BROTLI|FORMAT|PADDING)/.test(error.code ?? ''))
    return new ExchangeError('malformed', 'a body that cannot be decompressed', response);
  if (/CERT|SIGNATURE|_TLS_|_SSL_/.test(error.code ?? ''))
    return new ExchangeError('certificate', nameOf(error), response);
  return new ExchangeError('network', nameOf(error), response);
}

/** A network error's code, never its text: that has the whole URL in it. */
function nameOf(error: unknown): string {
  if (error instanceof FetchError) return error.code ?? error.type;
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') return error.code;
  return error instanceof Error ? error.name : 'unknown error';
}
