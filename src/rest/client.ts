import type { Interface, Scope, Secret } from '../auth/scope.js';
import { type Agents, createAgents } from './agents.js';
import { type Call, Caller } from './caller.js';
import { type CatalogView, endpointUrl, regionsOf } from './catalog.js';
import { Fault, readAnswer } from './fault.js';
import { NO_REST_FIGURES } from './figures.js';
import { microversionHeaders, Negotiations, negotiate } from './microversions.js';
import { defaultLimits, realTime, type TransportOptions } from './options.js';
import { pageOf } from './pages.js';
import type { Page, Query, Rest, RestAnswer, RestRecord, RestRequest } from './rest.js';
import { type Roots, rootsOf, serviceOf } from './services.js';

/** What one asker's calls have in common, beside the scope. */
export interface Asker {
  /** Aborts reads when the client leaves. Writes run to their end. */
  readonly signal?: AbortSignal;
  /** Told of each HTTP exchange, retries and version documents included. */
  readonly record?: (record: RestRecord) => void;
  /** A service refused the token with 401: whoever remembers it as valid should ask Keystone again. */
  readonly onUnauthorized?: (fault: Fault) => void;
  /** Instead of the transport's. */
  readonly interface?: Interface;
}

/** A call to Keystone at `OS_AUTH_URL` by somebody who has no scope yet. */
export interface KeystoneRequest {
  readonly method: RestRequest['method'];
  readonly path: string;
  readonly query?: Query;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as `X-Auth-Token`. */
  readonly token?: Secret;
  /** Sent as `X-Subject-Token`: the token that is asked about. */
  readonly subject?: Secret;
  readonly body?: unknown;
  /** Milliseconds until the call is given up; default from the transport's limits. */
  readonly deadline?: number;
  readonly signal?: AbortSignal;
  readonly record?: (record: RestRecord) => void;
}

/** OpenStack for the whole process: sockets, bounds, breakers and negotiated microversions are shared by all askers. */
export interface Transport {
  /** OpenStack as the owner of `scope` sees it. */
  as(scope: Scope, asker?: Asker): Rest;
  keystone(request: KeystoneRequest): Promise<RestAnswer>;
  /** Closes kept-alive sockets; calls under way end as they may. */
  close(): void;
}

/** Makes the process's transport. Nothing is called before somebody asks. */
export function createTransport(options: TransportOptions): Transport {
  return new HttpTransport(options);
}

const COMMON_HEADERS = { Accept: 'application/json', 'User-Agent': 'stratograph' } as const;

class HttpTransport implements Transport {
  readonly view: CatalogView;
  readonly caller: Caller;
  readonly negotiations: Negotiations;
  readonly bounds: Readonly<Record<string, string>>;
  readonly #roots = new WeakMap<Scope, Map<string, Roots>>();
  readonly #agents: Agents;

  constructor(options: TransportOptions) {
    const limits = { ...defaultLimits, ...options.limits };
    const time = { ...realTime, ...options.time };
    const { authUrl, region, endpoints = {} } = options;
    this.view = { authUrl, region, interface: options.interface, endpoints };
    this.bounds = options.microversions ?? {};
    this.#agents = createAgents(options.tls ?? { verify: true }, limits.concurrency);
    this.caller = new Caller(this.#agents, limits, time, options.figures ?? NO_REST_FIGURES);
    this.negotiations = new Negotiations(limits.versionsFor, time.now);
  }

  /** Those of a catalog that are known: every look-up in the cache asks, and taking a URL apart costs as much as the look-up. */
  rootsFor(scope: Scope): Map<string, Roots> {
    let known = this.#roots.get(scope);
    if (known === undefined) {
      known = new Map();
      this.#roots.set(scope, known);
    }
    return known;
  }

  as(scope: Scope, asker: Asker = {}): Rest {
    return new ScopedRest(this, scope, asker);
  }

  keystone(request: KeystoneRequest): Promise<RestAnswer> {
    const { method, path, query, token, subject, body, deadline, signal, record } = request;
    return this.caller.send({
      service: 'identity',
      region: this.view.region ?? '',
      method,
      root: rootsOf('identity', this.view.authUrl).root,
      path,
      query,
      headers: {
        ...COMMON_HEADERS,
        ...request.headers,
        ...(token === undefined ? {} : { 'X-Auth-Token': token.reveal() }),
        ...(subject === undefined ? {} : { 'X-Subject-Token': subject.reveal() }),
        ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
      },
      body: body === undefined ? undefined : JSON.stringify(body),
      deadline,
      signal,
      record,
      secrets: [token, subject].flatMap((secret) => (secret === undefined ? [] : [secret.reveal()])),
    });
  }

  close(): void {
    this.#agents.close();
  }
}

class ScopedRest implements Rest {
  readonly #transport: HttpTransport;
  readonly #scope: Scope;
  readonly #asker: Asker;
  readonly #view: CatalogView;
  /** One request sees one microversion, even if it is negotiated anew meanwhile: cache keys hold it. */
  readonly #microversions = new Map<string, Promise<string | null>>();

  #wasRefused = false;

  constructor(transport: HttpTransport, scope: Scope, asker: Asker) {
    this.#transport = transport;
    this.#scope = scope;
    this.#asker = asker;
    this.#view = { ...transport.view, interface: asker.interface ?? transport.view.interface };
  }

  regionsOf(service: string): readonly string[] {
    return regionsOf(this.#scope, service, this.#view);
  }

  microversion(service: string, region: string): Promise<string | null> {
    const name = JSON.stringify([service, region]);
    const known = this.#microversions.get(name);
    if (known !== undefined) return known;
    const asked = this.#negotiate(service, region);
    this.#microversions.set(name, asked);
    return asked;
  }

  async page(request: Omit<RestRequest, 'method'>, many: string): Promise<Page> {
    const answer = await this.call({ ...request, method: 'GET' });
    const page = readAnswer(answer, ({ body }) => pageOf(request.service, many, request.query ?? [], body));
    const { status, requestId } = answer;
    return { ...page, answer: { status, requestId } };
  }

  async call(request: RestRequest): Promise<RestAnswer> {
    const { service, region } = request;
    const { root, document } = this.#roots(service, region);
    const microversion = request.microversion ?? (await this.microversion(service, region));
    try {
      return await this.#transport.caller.send(this.#callOf(request, root, microversion));
    } catch (error) {
      const fault = asFault(error, service);
      if (fault.status === 401) this.#refused(fault);
      if (fault.status === 406) this.#transport.negotiations.forget(document);
      throw fault;
    }
  }

  /** Told once per request: all its calls carry the same token. */
  #refused(fault: Fault): void {
    if (this.#wasRefused) return;
    this.#wasRefused = true;
    this.#asker.onUnauthorized?.(fault);
  }

  #roots(service: string, region: string): Roots {
    const known = this.#transport.rootsFor(this.#scope);
    const name = [service, region, this.#view.interface].join('\0');
    let found = known.get(name);
    if (found === undefined) {
      found = this.#rootsInCatalog(service, region);
      known.set(name, found);
    }
    return found;
  }

  #rootsInCatalog(service: string, region: string): Roots {
    const url = endpointUrl(this.#scope, service, region, this.#view);
    if (/^https?:\/\//.test(url) && URL.canParse(url)) return rootsOf(service, url);
    const message = `The catalog's URL of ${service} in region ${region} is not an http or https address.`;
    throw new Fault({ code: 'UPSTREAM_UNAVAILABLE', service, message });
  }

  #callOf(request: RestRequest, root: string, microversion: string | null): Call {
    const { service, region, method, path, query, body, deadline } = request;
    const token = this.#scope.token.reveal();
    return {
      service,
      region,
      method,
      root,
      path,
      query,
      headers: {
        ...COMMON_HEADERS,
        'X-Auth-Token': token,
        ...microversionHeaders(service, microversion),
        ...(body === undefined ? {} : { 'Content-Type': request.contentType ?? 'application/json' }),
      },
      body: body === undefined ? undefined : JSON.stringify(body),
      deadline,
      signal: this.#asker.signal,
      record: this.#asker.record,
      secrets: [token],
    };
  }

  /** Version documents are read without a token and without the client's signal: their reader may not be the only one. */
  async #negotiate(service: string, region: string): Promise<string | null> {
    if (serviceOf(service).microversions === null) return null;
    const { document } = this.#roots(service, region);
    const { negotiations, caller, bounds } = this.#transport;
    return negotiations.get(document, async () => {
      const { record } = this.#asker;
      const root = document.replace(/\/$/, '');
      const answer = await caller.send({
        service,
        region,
        method: 'GET',
        root,
        path: '/',
        headers: COMMON_HEADERS,
        record,
        secrets: [],
      });
      return readAnswer(answer, ({ body }) => negotiate(service, body, bounds[service]));
    });
  }
}

function asFault(error: unknown, service: string): Fault {
  if (error instanceof Fault) return error;
  return new Fault({
    code: 'INTERNAL_SERVER_ERROR',
    service,
    message: 'The gateway failed to make the call.',
    cause: error,
  });
}
