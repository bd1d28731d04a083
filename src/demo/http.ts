import type { World } from './world.js';

/** Who calls: what the token says. */
export interface Asker {
  readonly userId: string;
  /** Null with an unscoped token. */
  readonly projectId: string | null;
  readonly roles: readonly string[];
}

/** One request to one service, its path below the service's prefix. */
export interface Call {
  readonly world: World;
  readonly method: string;
  readonly path: string;
  /** The path before the service rewrote it: what links lead to. */
  readonly rawPath: string;
  /** Decoded `:name` parts of the route. */
  readonly parts: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly header: (name: string) => string | undefined;
  /** Parsed JSON; undefined where none or no valid JSON came. */
  readonly body: unknown;
  readonly text: string;
  /** The service's own URL: `http://127.0.0.1:PORT/compute`. */
  readonly root: string;
  /** The cloud's URL: `http://127.0.0.1:PORT`. */
  readonly cloud: string;
  readonly asker: Asker;
  /** Minor version in effect: 93 for compute 2.93. 0 for services without microversions. */
  readonly version: number;
}

export interface Answer {
  readonly status: number;
  /** An object is sent as JSON, text as it is, undefined as nothing. */
  readonly body?: unknown;
  /** `""` takes a header of the service's own away. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Without the headers that every answer of the service has. */
  readonly bare?: boolean;
}

export type Handler = (call: Call) => Answer | Promise<Answer>;

/** An answer that refuses; each service writes it in its own grammar. */
export class Refusal extends Error {
  constructor(
    readonly status: number,
    message: string,
    /** Neutron's `type`; the others derive their key from the status. */
    readonly type = 'HTTPBadRequest',
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(message);
  }
}

/** One method and path of a service. `:name` matches one part of a path. */
export interface Route {
  readonly method: string;
  readonly pattern: RegExp;
  readonly handler: Handler;
  /** Answers without a token: version documents, log-in. */
  readonly open: boolean;
}

/** `route('GET /servers/:id', handler)` */
export function route(text: string, handler: Handler, open = false): Route {
  const [method = 'GET', path = '/'] = text.split(' ');
  const source = path.replace(/[.]/g, '\\.').replace(/:(\w+)/g, '(?<$1>[^/]+)');
  return { method, pattern: new RegExp(`^${source}/?$`), handler, open };
}

/**
 * The version that an answer is marked with: a minor one, the text of a refused one, `""` where a malformed one was
 * asked for, null where none was negotiated.
 */
export type Version = number | string | null;

/** One OpenStack service of the demo cloud. */
export interface Service {
  /** First part of the URL's path. */
  readonly prefix: string;
  readonly routes: readonly Route[];
  /** Removes and checks what the service wants before its routes (Cinder's project in the path). */
  readonly rewrite?: (path: string, asker: Asker | null) => string;
  /** The answer to a request without a valid token. */
  readonly unauthenticated: (cloud: string) => Answer;
  /** The body for a refusal, in the service's grammar; `json` says that the client asked for JSON. */
  readonly refuse: (refusal: Refusal, json: boolean, cloud: string) => Answer;
  /** The answer to an unknown path. */
  readonly unknown: () => Answer;
  /** Checks the caller's microversion; throws `Refusal`. */
  readonly negotiate?: (header: (name: string) => string | undefined) => number;
  readonly headers: (version: Version, requestId: string) => Readonly<Record<string, string>>;
}

/** A JSON object under `name` in the body, or undefined. */
export function objectIn(body: unknown, name: string): Record<string, unknown> | undefined {
  if (!isRecord(body)) return undefined;
  const value = body[name];
  return isRecord(value) ? value : undefined;
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The page that webob writes for an error, as Glance, Cinder and Nova send it where no JSON grammar applies. */
export function htmlError(status: string, message: string, detail = ''): string {
  return `<html>\n <head>\n  <title>${status}</title>\n </head>\n <body>\n  <h1>${status}</h1>\n  ${escaped(message)}<br /><br />\n${detail}\n\n\n </body>\n</html>`;
}

function escaped(text: string): string {
  const entities: Readonly<Record<string, string>> = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;',
    "'": '&#x27;',
  };
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? character);
}

export const HTML = { 'content-type': 'text/html; charset=UTF-8' };

/** What the token middleware of Nova, Neutron and Cinder answers. */
export function middlewareUnauthenticated(cloud: string): Answer {
  return {
    status: 401,
    body: {
      error: { code: 401, title: 'Unauthorized', message: 'The request you have made requires authentication.' },
    },
    headers: { 'www-authenticate': `Keystone uri="${cloud}/identity"` },
  };
}
