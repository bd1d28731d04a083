import { buildSchema, type GraphQLSchema } from 'graphql';
import type { DestinationStream, Logger } from 'pino';
import { createLogger } from '../../src/http/log.js';
import type { AnswerContext, Parts, Readiness, RequestFacts } from '../../src/http/parts.js';
import { Fault } from '../../src/rest/fault.js';
import { type RunningServer, type ServerOptions, startServer } from '../../src/server.js';

/** The context of the toy schema: what the server told of the request. */
export interface ToyContext extends AnswerContext {
  readonly facts: RequestFacts;
}

export const SDL = `type Query {
  hello(name: String): String
  number: Int
  whoami: String
  broken: String
  forbidden: String
  facts: String
  wait: String
}

type Mutation {
  write: String
}
`;

/** Things that a test can hold open and watch. */
export interface Toy {
  readonly parts: Parts<ToyContext>;
  /** Resolves when an operation has reached `wait` or `write`. */
  readonly reached: Promise<RequestFacts>;
  /** Lets `wait` and `write` answer. */
  release(): void;
  readiness: () => Promise<Readiness>;
  closed: boolean;
}

export const TOKEN_IN_ERROR = `gAAAAAB${'x'.repeat(60)}`;

export const READY: Readiness = {
  keystone: { ok: true, detail: 'answers' },
  cache: { ok: true, kind: 'embedded', detail: 'in this process' },
};

export function createToy(): Toy {
  let reach: (facts: RequestFacts) => void = () => {};
  let release: () => void = () => {};
  const reached = new Promise<RequestFacts>((resolve) => {
    reach = resolve;
  });
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  const waitFor = async (_args: unknown, { facts }: ToyContext): Promise<string> => {
    reach(facts);
    await Promise.race([released, aborted(facts.signal)]);
    return 'waited';
  };
  const write = async (_args: unknown, { facts }: ToyContext): Promise<string> => {
    reach(facts);
    await released;
    return 'written';
  };
  const toy: Toy = {
    reached,
    release,
    closed: false,
    readiness: async () => READY,
    parts: {
      schema: withRoots({ ...queries, wait: waitFor, write }),
      sdl: SDL,
      contextFor(facts) {
        if (facts.token?.reveal() === 'refused') throw unauthenticated();
        return { facts, answerExtensions: () => (facts.explain ? { explain: { rest: [] } } : {}) };
      },
      readiness: () => toy.readiness(),
      close: async () => {
        toy.closed = true;
      },
    },
  };
  return toy;
}

const queries = {
  hello: ({ name }: { name?: string }) => `hello ${name ?? 'world'}`,
  number: () => 'not a number',
  whoami: () => {
    throw unauthenticated();
  },
  broken: () => {
    throw new Error(`socket of X-Auth-Token: ${TOKEN_IN_ERROR} broke`);
  },
  forbidden: () => {
    throw new Fault({ code: 'FORBIDDEN', message: 'no', service: 'compute', status: 403, requestId: 'req-1' });
  },
  facts: (_args: unknown, { facts }: ToyContext) =>
    JSON.stringify({ ...facts, token: facts.token?.reveal() ?? null, signal: undefined }),
};

function unauthenticated(): Fault {
  return new Fault({ code: 'UNAUTHENTICATED', message: 'log in', service: 'identity', status: 401 });
}

type Resolver = (args: never, context: ToyContext) => unknown;

function withRoots(resolvers: Record<string, Resolver>): GraphQLSchema {
  const schema = buildSchema(SDL);
  for (const type of [schema.getQueryType(), schema.getMutationType()]) {
    for (const field of Object.values(type?.getFields() ?? {})) {
      field.resolve = (_source, args, context) => resolvers[field.name]?.(args as never, context as ToyContext);
    }
  }
  return schema;
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}

/** A logger whose lines a test can read. */
export function memoryLog(): { readonly log: Logger; readonly lines: string[] } {
  const lines: string[] = [];
  const destination: DestinationStream = { write: (line) => void lines.push(line) };
  return { log: createLogger('debug', destination), lines };
}

/** Starts a server over the toy on a free port of loopback. */
export function startToy(toy: Toy, options: Partial<ServerOptions> = {}): Promise<RunningServer> {
  const defaults = { host: '127.0.0.1', port: 0, corsOrigins: [], trustProxy: false, log: memoryLog().log };
  return startServer({ ...defaults, ...options }, toy.parts);
}

export interface GraphQLAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: {
    readonly data?: Record<string, unknown> | null;
    readonly errors?: readonly { message: string; extensions: Record<string, unknown> }[];
    readonly extensions?: Record<string, unknown>;
  };
}

/** Sends a query as clients do. */
export async function ask(url: string, query: string, headers: Record<string, string> = {}): Promise<GraphQLAnswer> {
  const answer = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ query }),
  });
  return { status: answer.status, headers: answer.headers, body: (await answer.json()) as GraphQLAnswer['body'] };
}
