import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import { tokenIn } from '../auth/headers.js';
import { type HttpFigures, NO_HTTP_FIGURES } from './figures.js';
import { ALWAYS } from './headers.js';
import type { InFlight } from './inflight.js';
import type { AnswerContext, Answers, Parts, WholeAnswer } from './parts.js';
import { newRequestId } from './request.js';
import { logWhole } from './whole.js';

type Handle = (request: IncomingMessage, response: ServerResponse) => void;

export interface FrontOptions {
  readonly inFlight: InFlight;
  readonly log: Logger;
  /** Bytes of the largest body that is looked at. */
  readonly bodyBytes: number;
  /** Whether to answer here at all: not while the server stops, since its connections have to be closed. */
  readonly isOpen: () => boolean;
  /** Headers of every answer, beside those of all gateways. */
  readonly headers: Readonly<Record<string, string>>;
}

const JSON_TYPE = /^application\/json(?:\s*;|$)/;

/** Headers that ask for more than the kept bytes, or that others have to judge. */
const NOT_PLAIN = ['cache-control', 'content-encoding', 'expect', 'origin', 'transfer-encoding', 'x-explain'] as const;

/**
 * Before Fastify: sends whole answers that are kept for exactly the bytes of a request's body, and passes everything else on.
 * Routing, hooks, parsing and Apollo Server cost four times what sending ready-made bytes does; a plain request for an
 * answer that is kept needs none of them (`docs/decisions/shortcuts.md`). It refuses nothing and promises nothing by itself: a
 * request that is in any way unusual is Fastify's.
 */
export class Front<Context extends AnswerContext> {
  readonly #options: FrontOptions;
  readonly #answers: Answers<Context> | undefined;
  readonly #figures: HttpFigures;
  /** Names and values by turns: those of every answer. */
  readonly #headers: readonly string[];
  /** Bodies that were read here and have to be parsed there. */
  readonly #bodies = new WeakMap<IncomingMessage, Buffer>();
  /** The last `Host` that could be read as one: nearly always the next one is the same. */
  #host: string | undefined;

  constructor({ answers, metrics }: Pick<Parts<Context>, 'answers' | 'metrics'>, options: FrontOptions) {
    this.#options = options;
    this.#answers = answers;
    this.#figures = metrics?.figures ?? NO_HTTP_FIGURES;
    this.#headers = Object.entries({ ...ALWAYS, ...options.headers }).flat();
  }

  /** Answers the request, or has `next` do it. */
  handle(request: IncomingMessage, response: ServerResponse, next: Handle): void {
    if (this.#answers === undefined || !this.#options.isOpen() || !this.#isPlain(request)) {
      next(request, response);
      return;
    }
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    // Who leaves before the body is whole has asked for nothing.
    request.on('error', () => undefined);
    request.once('end', () => {
      const [only] = chunks;
      const body = chunks.length === 1 && only !== undefined ? only : Buffer.concat(chunks);
      this.#answer(request, response, body, () => {
        this.#bodies.set(request, body);
        next(request, response);
      });
    });
  }

  /** Lets Fastify read the bodies that were read here. */
  replayBodies(app: FastifyInstance): void {
    app.addHook('preParsing', (request, _reply, payload, done) => {
      const body = this.#bodies.get(request.raw);
      done(null, body === undefined ? payload : Readable.from([body]));
    });
  }

  /** The body that was read here, byte by byte as text: what `quick` may know the answer to. */
  bodyOf(request: IncomingMessage): string | null {
    return this.#bodies.get(request)?.toString('latin1') ?? null;
  }

  #answer(request: IncomingMessage, response: ServerResponse, body: Buffer, pass: () => void): void {
    const began = performance.now();
    const found = this.#find(request, body);
    if (found === null) pass();
    else if ('body' in found) this.#send(response, found, began);
    else {
      const flight = this.#options.inFlight.begin();
      void found
        .catch(() => null)
        .then((whole) => {
          if (whole === null) pass();
          else this.#send(response, whole, began);
          flight.end();
        });
    }
  }

  #find({ headers }: IncomingMessage, body: Buffer): ReturnType<Answers<Context>['quick']> {
    try {
      const token = tokenIn(headers);
      return this.#answers?.quick({ body: body.toString('latin1'), token, accept: headers.accept ?? '' }) ?? null;
    } catch {
      // What is no token is refused where everything is.
      return null;
    }
  }

  #send(response: ServerResponse, whole: WholeAnswer, began: number): void {
    const requestId = newRequestId();
    const ms = performance.now() - began;
    logWhole(this.#options.log, requestId, whole, ms);
    this.#figures.operation('query', [], true, ms / 1000);
    this.#figures.request('POST', '/graphql', 200);
    const { type, body } = whole;
    response.writeHead(200, [
      ...this.#headers,
      'x-request-id',
      requestId,
      'content-type',
      type,
      'content-length',
      String(body.length),
    ]);
    response.end(body);
  }

  #isPlain({ method, url, headers, rawHeaders }: IncomingMessage): boolean {
    if (method !== 'POST' || url !== '/graphql' || NOT_PLAIN.some((name) => headers[name] !== undefined)) return false;
    const length = Number(headers['content-length']);
    if (!(length <= this.#options.bodyBytes) || !JSON_TYPE.test(headers['content-type'] ?? '')) return false;
    const isClear = headers.authorization === undefined || isSingle('authorization', rawHeaders);
    return isClear && this.#isReadableHost(headers.host) && isSingle('host', rawHeaders);
  }

  #isReadableHost(host: string | undefined): boolean {
    if (host === undefined) return false;
    if (host === this.#host) return true;
    const isReadable = URL.canParse(`http://${host}/`);
    if (isReadable) this.#host = host;
    return isReadable;
  }
}

/** Node shows the first of several. */
function isSingle(name: string, rawHeaders: readonly string[]): boolean {
  let count = 0;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const found = rawHeaders[index] ?? '';
    if (found.length === name.length && found.toLowerCase() === name) count += 1;
  }
  return count === 1;
}
