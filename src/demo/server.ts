import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { type Answer, type Asker, type Call, Refusal, type Route, type Service, type Version } from './http.js';
import type { Tokens } from './identity/tokens.js';
import type { World } from './world.js';

/** One call as `disturb` sees it. */
export interface DemoCall {
  /** `identity`, `compute`, `network`, `image`, `block-storage`. */
  readonly service: string;
  readonly method: string;
  /** Below the service's prefix, without the query. */
  readonly path: string;
  /** `X-Auth-Token` as it came. */
  readonly token: string | undefined;
}

/** What is to go wrong with one call. */
export interface Disturbance {
  /** Milliseconds before the call takes effect. */
  readonly before?: number;
  /** Milliseconds between its effect and its answer. */
  readonly after?: number;
  /**
   * Answers at once with this status, or cuts the connection (`'drop'`), while the call itself still takes effect
   * after `before` milliseconds: a write of unknown outcome that commits late.
   */
  readonly answer?: number | 'drop';
}

export interface ServerParts {
  readonly world: World;
  readonly services: readonly Service[];
  readonly tokens: Tokens;
  readonly url: () => string;
  readonly disturb: (call: DemoCall) => Disturbance | undefined;
}

/** Bytes of a request line that the services' HTTP server takes. */
const LONGEST_LINE = 8192;
const NOBODY: Asker = { userId: '', projectId: null, roles: [] };

/** Makes the listener of the cloud's one port. */
export function requestListener(parts: ServerParts): (request: IncomingMessage, response: ServerResponse) => void {
  return (request, response) => {
    serve(parts, request, response).catch((error: unknown) => {
      if (response.headersSent) response.destroy();
      else send(response, { status: 500, body: { error: { code: 500, message: String(error) } } }, false);
    });
  };
}

async function serve(parts: ServerParts, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const text = await bodyOf(request);
  const [rawPath = '/', rawQuery = ''] = splitQuery(request.url ?? '/');
  const service = parts.services.find(({ prefix }) => rawPath === prefix || rawPath.startsWith(`${prefix}/`));
  if (service === undefined) return send(response, { status: 404, body: 'no such service in the demo cloud\n' }, false);
  const path = rawPath.slice(service.prefix.length) || '/';
  const method = request.method ?? 'GET';
  // Longer request lines are refused before anybody reads them.
  if (`${request.method} ${request.url} HTTP/1.1`.length > LONGEST_LINE) return send(response, { status: 414 }, false);
  const call: DemoCall = { service: service.prefix.slice(1), method, path, token: tokenOf(request) };
  const disturbance = parts.disturb(call) ?? {};
  if (disturbance.answer !== undefined) disturbed(response, disturbance.answer);
  if (disturbance.before !== undefined) await wait(disturbance.before);
  const requestId = `req-${randomUUID()}`;
  const header = (name: string): string | undefined => {
    const value = request.headers[name];
    return Array.isArray(value) ? value[0] : value;
  };
  const raw = { method, path, rawQuery, text, header, requestId };
  const answer = await parts.world.onBehalf(call, () => answerOf(parts, service, raw));
  if (disturbance.after !== undefined) await wait(disturbance.after);
  if (disturbance.answer === undefined) send(response, answer, method === 'HEAD');
}

function tokenOf({ headers }: IncomingMessage): string | undefined {
  const token = headers['x-auth-token'];
  return Array.isArray(token) ? token[0] : token;
}

function disturbed(response: ServerResponse, answer: number | 'drop'): void {
  if (answer === 'drop') response.socket?.destroy();
  else
    send(response, { status: answer, body: '<html><body>the demo cloud was told to fail here</body></html>' }, false);
}

interface Raw {
  readonly method: string;
  readonly path: string;
  readonly rawQuery: string;
  readonly text: string;
  readonly header: (name: string) => string | undefined;
  readonly requestId: string;
}

async function answerOf(parts: ServerParts, service: Service, raw: Raw): Promise<Answer> {
  let version: Version = null;
  const named = (answer: Answer): Answer => {
    const all = { ...(answer.bare === true ? {} : service.headers(version, raw.requestId)), ...answer.headers };
    return { ...answer, headers: Object.fromEntries(Object.entries(all).filter(([, value]) => value !== '')) };
  };
  try {
    const open = find(service.routes, raw.method, raw.path);
    const asker = parts.tokens.askerOf(raw.header('x-auth-token'), service.prefix === '/identity');
    if (asker === null && open?.route.open !== true) return named(service.unauthenticated(parts.url()));
    const minor = service.negotiate?.(raw.header) ?? 0;
    version = minor;
    const path = service.rewrite?.(raw.path, asker) ?? raw.path;
    const found = find(service.routes, raw.method, path);
    if (found === null) {
      version = null;
      return named(service.unknown());
    }
    const call: Call = {
      world: parts.world,
      method: raw.method,
      path,
      rawPath: raw.path,
      parts: found.parts,
      query: new URLSearchParams(raw.rawQuery),
      header: raw.header,
      body: parse(raw.text),
      text: raw.text,
      root: parts.url() + service.prefix,
      cloud: parts.url(),
      asker: asker ?? NOBODY,
      version: minor,
    };
    return named(await found.route.handler(call));
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    version = error.headers['x-version'] ?? version ?? '';
    const { 'x-version': _, ...headers } = error.headers;
    const answer = service.refuse(error, (raw.header('accept') ?? '').includes('application/json'), parts.url());
    return named({ ...answer, headers: { ...answer.headers, ...headers } });
  }
}

function find(
  routes: readonly Route[],
  method: string,
  path: string,
): { route: Route; parts: Record<string, string> } | null {
  const wanted = method === 'HEAD' ? 'GET' : method;
  for (const route of routes) {
    if (route.method !== wanted) continue;
    const match = route.pattern.exec(path);
    if (match === null) continue;
    const parts = Object.entries(match.groups ?? {}).map(([name, part]) => [name, decode(part)]);
    return { route, parts: Object.fromEntries(parts) };
  }
  return null;
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

function parse(text: string): unknown {
  if (text === '') return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return value;
  } catch {
    return undefined;
  }
}

function splitQuery(url: string): [string, string] {
  const at = url.indexOf('?');
  return at === -1 ? [url, ''] : [url.slice(0, at), url.slice(at + 1)];
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) if (chunk instanceof Buffer) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

function send(response: ServerResponse, answer: Answer, headersOnly: boolean): void {
  const { status, body, headers = {} } = answer;
  const text = body === undefined ? '' : typeof body === 'string' ? body : JSON.stringify(body);
  const type =
    body === undefined || headers['content-type'] !== undefined ? {} : { 'content-type': 'application/json' };
  const length = status === 204 ? {} : { 'content-length': String(Buffer.byteLength(text)) };
  response.writeHead(status, { ...type, ...headers, ...length });
  response.end(headersOnly || status === 204 ? undefined : text);
}
