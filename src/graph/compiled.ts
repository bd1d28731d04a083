import {
  type DocumentNode,
  type ExecutionResult,
  execute,
  type GraphQLSchema,
  getOperationAST,
  getVariableValues,
  type OperationDefinitionNode,
} from 'graphql';
import { type CompiledQuery, compileQuery, isCompiledQuery } from 'graphql-jit';
import type { ExecutionRequest } from '../http/parts.js';
import { type CompilableDocument, compilableDocument, conditionVariables } from './compiled/document.js';
import { asInterpreted, inDocumentOrder } from './compiled/errors.js';
import { type Outline, outlineOf } from './compiled/outline.js';
import { RecentlyUsed } from './compiled/recent.js';
import { type CompilableSchema, compilableSchema, isPromise, type Run } from './compiled/schema.js';

/** How an operation was executed: `again` where the compiled function met what only graphql-js can tell, so that both ran. */
export type Execution = 'compiled' | 'interpreted' | 'again';

export interface ExecutorOptions<Context> {
  /** False: graphql-js executes everything. */
  readonly compile: boolean;
  /** How often an operation has to be asked before it is compiled. Default 2: many are asked only once. */
  readonly compileAt?: number;
  /** Runs what may wait a moment. Default `setImmediate`: behind what the operation that is asked sends first. */
  readonly later?: (run: () => void) => void;
  /** Operations that are remembered, compiled or not; the least recently asked is forgotten first. Default 256. */
  readonly most?: number;
  /** Makes a context as if its operation had not been executed yet. What was loaded may stay. */
  readonly rewind?: (context: Context) => void;
  readonly observe?: (execution: Execution) => void;
  /** Shortcut `texts`; absent: rows are always resolved. */
  readonly texts?: RowTexts<Context>;
}

/** A compiled operation of whose pages the outline can be executed alone: the same object each time, for the same conditions. */
export interface Outlined {
  readonly places: Outline['places'];
}

type Part = 'whole' | 'outline';
type Result = ExecutionResult | null;

/** Knows what rows look like in answers, so that an outline is enough. */
export interface RowTexts<Context> {
  /** Executes by `run`, which gives null where graphql-js has to execute the operation: then that is the result. */
  execute(operation: Outlined, context: Context, run: (part: Part) => Result | PromiseLike<Result>): Promise<Result>;
  /** The same where the outline is enough, and null where it is not: then nothing has come of it. */
  show(operation: Outlined, context: Context, run: (part: Part) => Result | PromiseLike<Result>): Promise<Result>;
}

/** Executes one valid operation; its errors are in the order of the data. */
export interface Executor<Context> {
  (request: ExecutionRequest<Context>): ExecutionResult | Promise<ExecutionResult>;
  /** The result, where `texts` knows all rows of the operation's pages; null, with nothing said, where it does not. */
  shown(request: ExecutionRequest<Context>): Promise<ExecutionResult | null>;
}

/** An operation that was asked before. */
interface Known {
  asked: number;
  /** Null until it is compiled, and for ever where it cannot be. */
  compiled: Compiled | null;
}

interface Runnable {
  readonly query: CompiledQuery['query'];
  readonly document: CompilableDocument;
}

interface Compiled extends Runnable {
  /** Null where it has none. */
  readonly outlined: CompiledOutline | null;
}

interface CompiledOutline extends Outlined {
  /** Compiled when it is needed; null where that fails. */
  readonly compiled: () => Runnable | null;
}

interface Coerced {
  readonly operation: OperationDefinitionNode;
  readonly variableValues: Readonly<Record<string, unknown>>;
}

const MOST = 256;
const COMPILE_AT = 2;
/** graphql-js's own bound while it executes. */
const MOST_VARIABLE_ERRORS = 50;

/**
 * Executes operations of `schema`: by graphql-js the first times and by a function that graphql-jit compiles from then on.
 * Answers are the same to the byte, since graphql-jit is left only what it does as graphql-js does: it sees no variables,
 * arguments and directives, every field of its schema has a resolver, and where an error is of its own making graphql-js
 * executes the operation once more. Mutations, introspection and what does not compile are graphql-js's.
 *
 * Measured (`npm run bench:executor`, processor time over that of JSON.stringify of the same result): a page of 100 servers
 * 5.5–5.8 interpreted and 2.0–2.2 compiled, one of 1000 servers 7.4–7.8 and 3.8–3.9. `docs/decisions/shortcuts.md` tells why.
 */
export function createExecutor<Context>(schema: GraphQLSchema, options: ExecutorOptions<Context>): Executor<Context> {
  const { observe = () => undefined, rewind = () => undefined } = options;
  const interpret = interpreter<Context>(schema);
  const compiledOf = options.compile ? compiler(schema, options) : () => null;

  /** What the request runs; null where graphql-js has to. */
  const compiledFor = (request: ExecutionRequest<Context>) => {
    const coerced = coercedOf(schema, request);
    const compiled = coerced && compiledOf(request.document, coerced);
    if (!coerced || !compiled) return null;
    const { outlined, ...whole } = compiled;
    const runPart = (part: Part) => {
      const what = part === 'whole' ? whole : (outlined?.compiled() ?? null);
      return what && run(schema, what, coerced, request.contextValue);
    };
    return { outlined, runPart };
  };

  const executor = (request: ExecutionRequest<Context>) => {
    const compiled = compiledFor(request);
    if (compiled === null) {
      observe('interpreted');
      return interpret(request);
    }
    const finish = (result: ExecutionResult | null): ExecutionResult | Promise<ExecutionResult> => {
      observe(result ? 'compiled' : 'again');
      if (result) return inDocumentOrder(result);
      rewind(request.contextValue);
      return interpret(request);
    };
    const { outlined, runPart } = compiled;
    const { texts } = options;
    const result = texts && outlined ? texts.execute(outlined, request.contextValue, runPart) : runPart('whole');
    return isPromise(result) ? Promise.resolve(result).then(finish) : finish(result);
  };

  const shown = async (request: ExecutionRequest<Context>) => {
    const compiled = options.texts ? compiledFor(request) : null;
    if (!options.texts || !compiled?.outlined) return null;
    return options.texts.show(compiled.outlined, request.contextValue, compiled.runPart);
  };

  return Object.assign(executor, { shown });
}

function interpreter<Context>(
  schema: GraphQLSchema,
): (request: ExecutionRequest<Context>) => ExecutionResult | Promise<ExecutionResult> {
  return ({ document, operationName, variables, contextValue }) => {
    const result = execute({ schema, document, operationName, variableValues: variables, contextValue });
    return isPromise(result) ? result.then(inDocumentOrder) : inDocumentOrder(result);
  };
}

/** Null where graphql-js has something to say before it executes: no such operation, wrong variables. */
function coercedOf<Context>(schema: GraphQLSchema, request: ExecutionRequest<Context>): Coerced | null {
  const operation = getOperationAST(request.document, request.operationName);
  if (operation?.operation !== 'query') return null;
  const definitions = operation.variableDefinitions ?? [];
  const { coerced } = getVariableValues(schema, definitions, request.variables ?? {}, {
    maxErrors: MOST_VARIABLE_ERRORS,
  });
  return coerced ? { operation, variableValues: coerced } : null;
}

function compiler<Context>(
  schema: GraphQLSchema,
  { compileAt = COMPILE_AT, most = MOST, later = (run) => void setImmediate(run) }: ExecutorOptions<Context>,
): (document: DocumentNode, coerced: Coerced) => Compiled | null {
  const target = compilableSchema(schema);
  const recent = new RecentlyUsed<Known>(most);
  if (!target) return () => null;

  return (document, coerced) => {
    const key = keyOf(document, coerced, conditionVariables(document));
    if (key === null) return null;
    const known = recent.use(key, () => ({ asked: 0, compiled: null }));
    known.asked += 1;
    // Compiling takes as long as a REST call or two: who is waiting is not kept waiting for that as well.
    if (known.asked === compileAt) {
      later(() => {
        known.compiled = compile(schema, target, document, coerced);
      });
    }
    return known.compiled;
  };
}

/** What a compilation depends on: text, operation, and which fields are left out. Null where one of these is not known. */
function keyOf(
  document: DocumentNode,
  { operation, variableValues }: Coerced,
  names: readonly string[],
): string | null {
  const text = document.loc?.source.body;
  if (text === undefined) return null;
  const conditions = names.map((name) => variableValues[name] ?? null);
  return `${JSON.stringify([operation.name?.value ?? null, conditions])}${text}`;
}

/** Null where graphql-jit cannot, or not faithfully. */
function compile(
  schema: GraphQLSchema,
  target: CompilableSchema,
  document: DocumentNode,
  { operation, variableValues }: Coerced,
): Compiled | null {
  // A condition that is neither true nor false: graphql-js has the words for it.
  return unlessItThrows(() => {
    const compilable = compilableDocument(schema, document, operation, variableValues);
    const compiled = compilable && compileDocument(target, compilable);
    return compiled && { ...compiled, outlined: outlined(schema, target, compiled.document) };
  });
}

function unlessItThrows<T>(make: () => T | null): T | null {
  try {
    return make();
  } catch {
    return null;
  }
}

function compileDocument({ schema, serializers }: CompilableSchema, document: CompilableDocument): Runnable | null {
  const compiled = compileQuery(schema, document.document, undefined, {
    customSerializers: serializers,
    // An error that a client sees is located anew, with the stack of what was thrown.
    disablingCapturingStackErrors: true,
  });
  return isCompiledQuery(compiled) ? { query: compiled.query, document } : null;
}

function outlined(
  schema: GraphQLSchema,
  target: CompilableSchema,
  document: CompilableDocument,
): CompiledOutline | null {
  const outline = outlineOf(schema, document);
  if (outline === null) return null;
  let compiled: Runnable | null | undefined;
  return {
    places: outline.places,
    compiled: () => {
      if (compiled === undefined) compiled = unlessItThrows(() => compileDocument(target, outline.document));
      return compiled;
    },
  };
}

/** Null where the operation has to be executed by graphql-js. */
function run(
  schema: GraphQLSchema,
  { query, document }: Runnable,
  { operation, variableValues }: Coerced,
  contextValue: unknown,
): ExecutionResult | null | PromiseLike<ExecutionResult | null> {
  const { fragments, clientNodes } = document;
  const root: Run = { schema, operation, fragments, variableValues, clientNodes };
  try {
    const result = query(root, contextValue, {});
    return isPromise(result)
      ? result.then((settled) => asInterpreted(settled, document))
      : asInterpreted(result, document);
  } catch {
    return null;
  }
}
