import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import { factsOf } from './facts.js';
import { type HttpFigures, NO_HTTP_FIGURES } from './figures.js';
import { ALWAYS } from './headers.js';
import type { Flight, InFlight } from './inflight.js';
import type { Again, AnswerContext, Answers, Parts, WholeAnswer } from './parts.js';
import { type PlainHead, PlainRequests } from './plain.js';
import { type CurrentRequest, newRequestId } from './request.js';
import { logWhole, questionOf } from './whole.js';

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

const ANY_AGE = { noCache: false, maxAge: undefined };

/** Larger bodies are not parsed here. */
const MOST_BYTES = 16 * 1024;
/** Fastify refuses bodies that name prototypes, escaped or not: what could be one is left to it. */
const ODD = /__proto__|constructor|\\u/;

/** A request whose body is here. */
interface Asked {
  readonly head: PlainHead;
  readonly body: Buffer;
  readonly request: IncomingMessage;
}

type Found = WholeAnswer | Promise<WholeAnswer | null> | null;

/**
 * Before Fastify: sends whole answers that are kept for exactly the bytes of a request's body, and those that can be put together
 * of kept texts, and passes everything else on.
 * Routing, hooks, parsing and Apollo Server cost four times what sending ready-made bytes does; a plain request for an
 * answer that is kept needs none of them (`docs/decisions/shortcuts.md`). It refuses nothing and promises nothing by itself: a
 * request that is in any way unusual is Fastify's.
 */
export class Front<Context extends AnswerContext> {
  readonly #options: FrontOptions;
  readonly #answers: Answers<Context> | undefined;
  readonly #again: Again<Context> | undefined;
  readonly #figures: HttpFigures;
  /** Names and values by turns: those of every answer. */
  readonly #headers: readonly string[];
  /** Requests whose bodies were read here and have to be parsed there. */
  readonly #passed = new WeakMap<IncomingMessage, Asked>();
  readonly #plain: PlainRequests;

  constructor(
    { answers, again, metrics }: Pick<Parts<Context>, 'answers' | 'again' | 'metrics'>,
    options: FrontOptions,
  ) {
    this.#options = options;
    this.#answers = answers;
    this.#again = again;
    this.#figures = metrics?.figures ?? NO_HTTP_FIGURES;
    this.#plain = new PlainRequests(options.bodyBytes);
    this.#headers = Object.entries({ ...ALWAYS, ...options.headers }).flat();
  }

  /** Answers the request, or has `next` do it. */
  handle(request: IncomingMessage, response: ServerResponse, next: Handle): void {
    const head = this.#answers === undefined || !this.#options.isOpen() ? null : this.#plain.headOf(request);
    if (head === null) {
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
      const asked = { head, body, request };
      this.#answer(asked, response, () => {
        this.#passed.set(request, asked);
        next(request, response);
      });
    });
  }

  /** Lets Fastify read the bodies that were read here. */
  replayBodies(app: FastifyInstance): void {
    app.addHook('preParsing', (request, _reply, payload, done) => {
      const asked = this.#passed.get(request.raw);
      done(null, asked === undefined ? payload : Readable.from([asked.body]));
    });
  }

  /** The body that was read here, byte by byte as text: what `quick` may know the answer to. */
  bodyOf(request: IncomingMessage): string | null {
    const asked = this.#passed.get(request);
    return asked === undefined ? null : asked.head.bodyOf(asked.body).text;
  }

  #answer(asked: Asked, response: ServerResponse, pass: () => void): void {
    const began = performance.now();
    const current = new Entered(this.#options.inFlight, response);
    const end = (whole: WholeAnswer | null) => {
      // Whoever left meanwhile needs no answer.
      if (whole !== null) this.#send(response, whole, current.id, began);
      else if (!response.destroyed) pass();
      current.leave();
    };
    const found = this.#findOrPass(asked, current);
    if (found === null || 'body' in found) {
      end(found);
      return;
    }
    current.enter();
    void found.then(end, () => end(null));
  }

  /** What cannot be found for whatever reason is not found: the long way tells what is wrong, if anything is. */
  #findOrPass(asked: Asked, current: CurrentRequest): Found {
    try {
      return this.#find(asked, current);
    } catch {
      return null;
    }
  }

  #find(asked: Asked, current: CurrentRequest): Found {
    const { head, body } = asked;
    const kept = this.#answers?.quick({ name: head.bodyOf(body).name, token: head.token }) ?? null;
    if (kept === null) return this.#findAgain(asked, current);
    return 'body' in kept ? kept : kept.then((whole) => whole ?? this.#findAgain(asked, current));
  }

  #findAgain({ head, body, request }: Asked, current: CurrentRequest): Found {
    if (this.#again === undefined || body.length > MOST_BYTES) return null;
    const { text } = head.bodyOf(body);
    if (ODD.test(text)) return null;
    const question = questionOf(parsed(body), head.accept, text);
    return question && this.#again.answer(question, factsOf(saidIn(head, request), current));
  }

  #send(response: ServerResponse, whole: WholeAnswer, requestId: string, began: number): void {
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
}

/** Nobody needs the client's address: the token was validated a moment ago. Headers that ask for more do not come this way. */
function saidIn({ token }: PlainHead, { socket }: IncomingMessage) {
  return { token, remoteAddress: socket.remoteAddress ?? '', freshness: ANY_AGE, explain: false };
}

/** A request that is in flight from when something has to be waited for: what is answered at once needs not be counted. */
class Entered implements CurrentRequest {
  readonly id = newRequestId();
  readonly #inFlight: InFlight;
  readonly #response: ServerResponse;
  #flight: Flight | null = null;

  constructor(inFlight: InFlight, response: ServerResponse) {
    this.#inFlight = inFlight;
    this.#response = response;
  }

  get flight(): Flight {
    this.#flight ??= this.#inFlight.begin(this.#response);
    return this.#flight;
  }

  enter(): void {
    void this.flight;
  }

  leave(): void {
    this.#flight?.end();
  }
}

function parsed(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString());
  } catch {
    return null;
  }
}
