import type { DocumentNode, ExecutionResult, GraphQLSchema, OperationDefinitionNode, ValidationRule } from 'graphql';
import type { Secret } from '../auth/scope.js';
import type { Fault } from '../rest/fault.js';
import type { HttpFigures } from './figures.js';

/** What the HTTP layer knows of a request; the graph stage makes the operation's context from it. */
export interface RequestFacts {
  /** From `X-Auth-Token` or `Authorization: Bearer`; null where the request carries none. Not validated yet. */
  readonly token: Secret | null;
  /** The client's address: the socket's, or the forwarded one where `TRUST_PROXY` says so. */
  readonly remoteAddress: string;
  /** How fresh the answer has to be, from the request's `Cache-Control`. */
  readonly freshness: Freshness;
  /** `X-Explain: 1` asks for `extensions.explain`. */
  readonly explain: boolean;
  /** The gateway's own id of this request (`req-<uuid>`), sent on to OpenStack and named in every log line. */
  readonly requestId: string;
  /** Aborted once the client has left or the gateway stops waiting. Cancel reads with it, never writes. */
  readonly signal: AbortSignal;
}

/** The request's `Cache-Control`, as far as the gateway follows it. */
export interface Freshness {
  /** `no-cache`: read from OpenStack again. */
  readonly noCache: boolean;
  /** `max-age=N`: nothing from the cache that is older than N seconds. */
  readonly maxAge: number | undefined;
}

/** What the HTTP layer asks of an operation's context. */
export interface AnswerContext {
  /** Called once, when the answer is complete: what goes into its `extensions` (explain, refused, cache). */
  answerExtensions?(): Readonly<Record<string, unknown>>;
  /** Called once, when the answer is complete, its extensions included. */
  executed?(operation: Executed): void;
}

/** An operation that was executed, or refused, and what came of it beside its data. */
export interface Executed {
  /** `query` or `mutation`; null where none could be made out. */
  readonly kind: string | null;
  readonly name: string | null;
  /** SHA-256 of the document. */
  readonly hash: string | null;
  readonly hasErrors: boolean;
  readonly extensions: Readonly<Record<string, unknown>>;
  /** Absent where it could not be parsed, or is known already. */
  readonly document?: DocumentNode;
  readonly operation?: OperationDefinitionNode;
}

/** What an answer depends on of the request's own: the rest is who asks. */
export interface Question {
  readonly text: string;
  /** "" where the request names none. */
  readonly operationName: string;
  readonly variables: Readonly<Record<string, unknown>>;
  /** The header, which decides the answer's media type; "" where there is none. */
  readonly accept: string;
  /** The body byte by byte (latin1), where the same bytes may come again; null where that is not known. */
  readonly bytes: string | null;
}

/** An answer as it was sent. */
export interface Sent {
  readonly status: number;
  /** The header `Content-Type`. */
  readonly type: string;
  readonly body: string;
}

/** A whole answer that is kept, without extensions. */
export interface WholeAnswer {
  readonly body: Buffer;
  /** The same for whoever puts extensions behind it: less the end of the object. */
  readonly head: Buffer;
  readonly type: string;
  readonly name: string | null;
  readonly hash: string | null;
}

/** A request before its body is parsed. */
export interface QuickQuestion {
  /** `quickName` of its body. */
  readonly name: string;
  readonly token: Secret | null;
}

/** Tells a body (byte by byte, latin1) and the header `Accept`, which decides the answer's media type, from all others. */
export function quickName(accept: string, bytes: string): string {
  return `${accept}\0${bytes}`;
}

/** The answer that is kept, or the turn to make one: then `sent` is called once, with null where nothing was. */
export type AnswerTurn = { readonly kept: WholeAnswer } | { readonly sent: (sent: Sent | null) => void };

/** Whole answers, as the HTTP layer asks for them before Apollo Server is asked. */
export interface Answers<Context> {
  /**
   * Validates the context's token where an answer may be kept. Never throws: what is wrong is execution's to tell. `alone`: does not
   * wait for others who ask the same, nor they for this, since it may give up.
   */
  find(question: Question, context: Context, alone?: boolean): Promise<AnswerTurn>;
  /**
   * The answer that is kept for a request of exactly these bytes, where nothing has to be asked but the stamps; null where
   * it takes more than that.
   */
  quick(question: QuickQuestion): WholeAnswer | Promise<WholeAnswer | null> | null;
}

/** Queries that were executed before, as the HTTP layer asks for them before Apollo Server is asked. */
export interface Again<Context> {
  /** Remembers the query of an answer that was sent, if it is one that can be answered here. */
  learn(question: Question, context: Context, sent: Sent): void;
  /**
   * The answer to a query that is known, where it is kept or can be put together of what is; null where it takes more than that.
   */
  answer(question: Question, facts: RequestFacts): Promise<WholeAnswer | null> | null;
}

/** The limits on requests, as far as the HTTP layer and Apollo Server apply them. Each fault names its limit. */
export interface RequestLimits<Context> {
  readonly bodyBytes: number;
  readonly tokens: number;
  /** What a document alone can pass, before GraphQL's own rules. */
  readonly rule: ValidationRule;
  bodyTooLarge(bytes: number): Fault;
  batch(operations: number): Fault;
  /** The fault that stands for an error of graphql about a bound of its own; null for others. */
  faultOf(error: unknown): Fault | null;
  /** Throws where an operation with these variables may not run. */
  admit(document: DocumentNode, operation: OperationDefinitionNode, variables: unknown, context: Context): void;
}

/** A valid document, and which of its operations to execute. */
export interface ExecutionRequest<Context> {
  readonly document: DocumentNode;
  readonly operationName?: string | null | undefined;
  /** As the client sent them. */
  readonly variables?: Readonly<Record<string, unknown>> | undefined;
  readonly contextValue: Context;
}

/** The data of an answer without errors, written as JSON already: what executes may give it in place of an object. */
export class WrittenData {
  readonly [name: string]: unknown;
  readonly json: string;

  constructor(json: string) {
    this.json = json;
  }
}

/** Whether the gateway can serve, for `/readyz`. */
export interface Readiness {
  readonly keystone: { readonly ok: boolean; readonly detail: string };
  readonly cache: { readonly ok: boolean; readonly kind: 'memcached' | 'embedded'; readonly detail: string };
}

/** Where the HTTP layer counts, and what it answers at `/metrics`. */
export interface Metrics {
  readonly figures: HttpFigures;
  /** All figures of this gateway and its process in Prometheus' text format. */
  page(): Promise<{ readonly type: string; readonly text: string }>;
}

/** What the stages behind it give to the HTTP layer. */
export interface Parts<Context extends AnswerContext> {
  readonly schema: GraphQLSchema;
  /** The text at `/schema.graphql`. */
  readonly sdl: string;
  /** A `Fault` thrown here is the whole answer; UNAUTHENTICATED is then a 401. */
  contextFor(facts: RequestFacts): Context | Promise<Context>;
  readiness(): Promise<Readiness>;
  /** Executes in graphql-js's place. Absent: graphql-js does it. */
  execute?(request: ExecutionRequest<Context>): ExecutionResult | Promise<ExecutionResult>;
  /** Absent: only the HTTP layer's own bounds hold. */
  readonly limits?: RequestLimits<Context>;
  /** Absent: every query is executed. */
  readonly answers?: Answers<Context>;
  /** Absent: Apollo Server executes every query. */
  readonly again?: Again<Context>;
  /** Absent: nothing is counted and there is no `/metrics`. */
  readonly metrics?: Metrics;
  /** Runs after the last answer: pending bumps of the cache, renewal timers, keep-alive agents. */
  close?(): Promise<void>;
}
