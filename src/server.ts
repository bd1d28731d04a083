import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import { fileURLToPath } from 'node:url';
import { fastifyApolloHandler } from '@as-integrations/fastify';
import Fastify, {
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  type FastifyServerOptions,
  type RawReplyDefaultExpression,
  type RawRequestDefaultExpression,
  type RawServerDefault,
  type RouteHandlerMethod,
} from 'fastify';
import type { Logger } from 'pino';
import { tokenIn } from './auth/headers.js';
import type { TrustProxy } from './config/parse.js';
import { createApollo } from './http/apollo.js';
import { acceptsHtml, type Door, guardWithDoor } from './http/door.js';
import { asGraphQLError, internalError } from './http/errors.js';
import { type ExplorerFiles, findExplorer, sendExplorer, serveAssets } from './http/explorer.js';
import { explainOf, factsOf, freshnessOf } from './http/facts.js';
import { Front } from './http/front.js';
import { allowOrigins, secureAnswers } from './http/headers.js';
import { serveHealth } from './http/health.js';
import { InFlight } from './http/inflight.js';
import { answerBadAddress, answerUnreadable, errorBody, refuseAmbiguous } from './http/malformed.js';
import { serveMetrics } from './http/metrics.js';
import type { AnswerContext, Parts, RequestFacts, RequestLimits, Sent } from './http/parts.js';
import { belongsTo, type CurrentRequest, metIn, newRequestId } from './http/request.js';
import { type Deadlines, stopInOrder } from './http/stop.js';
import { type Attempt, wholeAnswers } from './http/whole.js';
import { Fault } from './rest/fault.js';

/** Where no limits are given. */
const MOST_BODY_BYTES = 1024 * 1024;
/** A client has this long to send its whole request; answers take as long as their own deadlines allow. */
const REQUEST_TIMEOUT_MS = 30_000;
/** How often Node looks for clients that took longer: what a slow one gets beyond its time. */
const CHECK_SLOW_MS = 5_000;
/** Longer than load balancers keep idle connections (60 s), so that they close first and never race with us. */
const KEEP_ALIVE_MS = 65_000;
const EXPLORER = fileURLToPath(new URL('./explorer', import.meta.url));

export interface ServerOptions {
  readonly host: string;
  /** 0 lets the system choose. */
  readonly port: number;
  readonly corsOrigins: readonly string[];
  readonly trustProxy: TrustProxy;
  readonly log: Logger;
  /** Single-user mode: who has not its secret stays outside. */
  readonly door?: Door;
  /** Folder of the built explorer. */
  readonly explorer?: string;
  readonly deadlines?: Deadlines;
}

export interface RunningServer {
  /** `http://host:port`, with the port that was really taken. */
  readonly url: string;
  /**
   * Serves on for `drainMs` milliseconds (none unless said otherwise) while `/readyz` says 503, then stops accepting, lets
   * what is under way finish and closes the parts. Calling it twice waits for the same end.
   */
  stop(options?: { readonly drainMs: number }): Promise<void>;
}

/** Serves the given schema over HTTP; resolves once it listens. */
export async function startServer<Context extends AnswerContext>(
  options: ServerOptions,
  parts: Parts<Context>,
): Promise<RunningServer> {
  const { log } = options;
  const inFlight = new InFlight();
  let stopping: Promise<void> | null = null;
  const front = new Front(options.door === undefined ? parts : {}, {
    inFlight,
    log,
    bodyBytes: parts.limits?.bodyBytes ?? MOST_BODY_BYTES,
    isOpen: () => stopping === null,
    headers: options.corsOrigins.length > 0 ? { vary: 'Origin' } : {},
  });
  const app = createApp(options, parts, front);
  const apollo = createApollo(parts, log);
  await apollo.start();

  if (parts.metrics !== undefined) serveMetrics(app, parts.metrics);
  serveHealth(
    app,
    () => parts.readiness(),
    () => stopping !== null,
  );
  app.get('/schema.graphql', async (_request, reply) => reply.type('text/plain; charset=utf-8').send(parts.sdl));
  serveExplorer(app, await findExplorer(options.explorer ?? EXPLORER));
  const contexts = new Contexts(parts);
  const handle = fastifyApolloHandler(apollo, { context: (request) => contexts.of(request) });
  const look = contexts.looker(log, (request) => front.bodyOf(request));
  serveGraphQL(app, inFlight, handle, (request, current) => {
    contexts.enter(request, current);
    return look(request, current);
  });

  // While it stops, a connection that is still open must not be used for one more request.
  app.addHook('onSend', async (_request, reply) => {
    if (stopping !== null) reply.header('connection', 'close');
  });
  const url = await app.listen({ host: options.host, port: options.port });
  return {
    url,
    stop({ drainMs } = { drainMs: 0 }) {
      stopping ??= stopInOrder({ app, inFlight, apollo, parts, log }, drainMs, options.deadlines);
      return stopping;
    },
  };
}

function createApp<Context extends AnswerContext>(
  { trustProxy, corsOrigins, door, host, log }: ServerOptions,
  { limits, metrics }: Parts<Context>,
  front: Front<Context>,
): FastifyInstance {
  const app = Fastify({
    serverFactory: (handle) => httpServer((request, response) => front.handle(request, response, handle)),
    bodyLimit: limits?.bodyBytes ?? MOST_BODY_BYTES,
    trustProxy: inFastifysTerms(trustProxy),
    forceCloseConnections: 'idle',
    // What still arrives on an open connection is answered: the client cannot know that the door has just closed.
    return503OnClosing: false,
    // Its lines would hold URLs, and with them start secrets and queries.
    logger: false,
    frameworkErrors: answerBadAddress,
    clientErrorHandler: answerUnreadable,
  });
  front.replayBodies(app);
  secureAnswers(app);
  refuseAmbiguous(app);
  if (door !== undefined) guardWithDoor(app, door, host);
  allowOrigins(app, corsOrigins);
  app.setNotFoundHandler((_request, reply) =>
    reply.code(404).send(errorBody('There is nothing at this address; the GraphQL endpoint is /graphql.', 'NOT_FOUND')),
  );
  if (limits !== undefined) refuseBatches(app, limits);
  app.setErrorHandler((error, request, reply) => {
    const fault = limits === undefined ? null : limitPassed(error, request, limits);
    if (fault === null) return answerError(error, reply, log);
    metrics?.figures.refused(fault.limit?.name ?? '');
    const status = statusOfHttpError(error) ?? 400;
    return reply.code(status).send({ errors: [{ message: fault.message, extensions: fault.extensions }] });
  });
  return app;
}

function httpServer(handle: RequestListener): Server {
  const server = createServer({ connectionsCheckingInterval: CHECK_SLOW_MS }, handle);
  server.requestTimeout = REQUEST_TIMEOUT_MS;
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  return server;
}

function inFastifysTerms(trustProxy: TrustProxy): NonNullable<FastifyServerOptions['trustProxy']> {
  if (typeof trustProxy === 'number') return (_address, hop) => hop < trustProxy;
  return typeof trustProxy === 'boolean' ? trustProxy : [...trustProxy];
}

type Handler = RouteHandlerMethod<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  { Reply: string }
>;

type Look = (request: FastifyRequest, current: CurrentRequest) => Promise<Attempt | null>;

function serveGraphQL(app: FastifyInstance, inFlight: InFlight, handle: Handler, look: Look): void {
  app.route<{ Reply: string | Buffer }>({
    method: ['GET', 'POST'],
    url: '/graphql',
    async handler(request, reply) {
      const flight = inFlight.begin(reply.raw);
      const current = { id: newRequestId(), flight };
      void reply.header('x-request-id', current.id);
      let attempt: Attempt | null = null;
      try {
        attempt = await look(request, current);
        if (attempt !== null && attempt.send !== null) return attempt.send(reply);
        const body = await handle.call(this, request, reply);
        attempt?.sent(sentBy(reply, body));
        return body;
      } finally {
        attempt?.sent(null);
        flight.end();
      }
    },
  });
}

/** Null for answers in several parts. */
function sentBy(reply: FastifyReply, body: unknown): Sent | null {
  const type = reply.getHeader('content-type');
  return typeof body === 'string' && typeof type === 'string' ? { status: reply.statusCode, type, body } : null;
}

/** A browser that asks for `/graphql` wants the explorer. */
function serveExplorer(app: FastifyInstance, explorer: ExplorerFiles | null): void {
  if (explorer !== null) serveAssets(app, explorer);
  app.addHook('preHandler', async (request, reply) => {
    return request.routeOptions.url === '/graphql' && acceptsHtml(request) ? sendExplorer(reply, explorer) : undefined;
  });
}

/** The contexts of requests: one each, whoever needs it first. */
class Contexts<Context extends AnswerContext> {
  readonly #parts: Parts<Context>;
  readonly #made = new WeakMap<FastifyRequest, Context>();
  readonly #entered = new WeakMap<FastifyRequest, CurrentRequest>();

  constructor(parts: Parts<Context>) {
    this.#parts = parts;
  }

  /** Before anybody asks for the request's context. */
  enter(request: FastifyRequest, current: CurrentRequest): void {
    this.#entered.set(request, current);
  }

  /** For Apollo Server; a `Fault` on the way becomes the whole answer. */
  async of(request: FastifyRequest): Promise<Context> {
    const made = this.#made.get(request);
    if (made !== undefined) return made;
    const current = this.#entered.get(request);
    if (current === undefined) throw new Error('a context was asked for outside of a request');
    try {
      return await this.#make(factsIn(request, current), current);
    } catch (error) {
      const shown = asGraphQLError(error);
      metIn(current, shown);
      throw shown;
    }
  }

  async #make(facts: RequestFacts, current: CurrentRequest): Promise<Context> {
    return belongsTo(await this.#parts.contextFor(facts), current);
  }

  /** Looks for whole answers. What is wrong with a request's headers is told by `of`. */
  looker(log: Logger, bodyOf: (request: IncomingMessage) => string | null): Look {
    if (this.#parts.answers === undefined) return async () => null;
    const look = wholeAnswers(this.#parts, log, bodyOf);
    return async (request, current) => {
      try {
        const facts = factsIn(request, current);
        const context = await this.#make(facts, current);
        this.#made.set(request, context);
        return await look(request, facts, context);
      } catch (error) {
        if (error instanceof Fault) return null;
        throw error;
      }
    };
  }
}

function factsIn(request: FastifyRequest, current: CurrentRequest): RequestFacts {
  const said = {
    // Of several Authorization headers Node's plain `headers` show the first only.
    token: tokenIn(request.raw.headersDistinct),
    remoteAddress: request.ip,
    freshness: freshnessOf(request.headers['cache-control']),
    explain: explainOf(request.headers['x-explain']),
  };
  return factsOf(said, current);
}

function answerError(error: unknown, reply: FastifyReply, log: Logger): FastifyReply {
  const status = statusOfHttpError(error);
  if (status === null) return reply.code(500).send({ errors: [internalError(log, error)] });
  const message = error instanceof Error ? error.message : 'The request cannot be understood.';
  return reply.code(status).send(errorBody(message, 'BAD_REQUEST'));
}

type AnyLimits = Pick<RequestLimits<never>, 'bodyTooLarge' | 'batch'>;

/** One request, one operation: each has limits, which a list of operations would multiply. */
function refuseBatches(app: FastifyInstance, limits: AnyLimits): void {
  app.addHook('preHandler', async ({ body }) => {
    if (Array.isArray(body)) throw limits.batch(body.length);
  });
}

/** The limit that a request passed before it reached GraphQL, or null. */
function limitPassed(error: unknown, request: FastifyRequest, limits: AnyLimits): Fault | null {
  if (error instanceof Fault && error.limit !== undefined) return error;
  if (statusOfHttpError(error) !== 413) return null;
  return limits.bodyTooLarge(Number(request.headers['content-length'] ?? 0));
}

/** The status of an error that Fastify found in the request itself (body too large, not JSON); null for all others. */
function statusOfHttpError(error: unknown): number | null {
  const status = error instanceof Error && 'statusCode' in error ? error.statusCode : null;
  return typeof status === 'number' && status >= 400 && status < 500 ? status : null;
}
