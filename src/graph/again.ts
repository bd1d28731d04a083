import type { DocumentNode, OperationDefinitionNode } from 'graphql';
import { LRUCache } from 'lru-cache';
import type { Scope, Secret } from '../auth/scope.js';
import {
  type Again,
  type Answers,
  type Question,
  type RequestFacts,
  type Sent,
  type WholeAnswer,
  WrittenData,
} from '../http/parts.js';
import type { Executor } from './compiled.js';
import type { Context } from './context.js';
import type { QueryLimits } from './limits/limits.js';

/** What executing a query once more takes. */
export interface AgainParts {
  readonly answers: Answers<Context>;
  readonly limits: Pick<QueryLimits, 'admit'>;
  readonly execute: Pick<Executor<Context>, 'shown'>;
  contextFor(facts: RequestFacts): Context;
  /** Whose a token is that was validated a moment ago, without asking anybody. */
  scopeOf(token: Secret): Scope | null;
}

/** A valid query, as Apollo Server executed it. */
interface Known {
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
  readonly name: string | null;
  readonly hash: string | null;
  /** Of the answer, for this `Accept`. */
  readonly type: string;
}

/** How an answer without extensions begins and ends, as `http/written.ts` writes it. */
const BEGIN = '{"data":';
const END = '}\n';

/** Queries that are remembered, and their characters. */
const MOST = { max: 500, maxSize: 1024 * 1024 };

/**
 * Queries whose answers were put together of kept texts (`texts.ts`), with whatever variables: the next asking needs neither
 * Fastify nor Apollo Server, which take a third of its processor time (`docs/decisions/shortcuts.md`). It answers where the texts
 * are enough and there is nothing to tell beside the data. Everything else goes the long way: errors, limits that are passed,
 * notes, rows whose texts are not known.
 */
export class KnownQueries implements Again<Context> {
  readonly #parts: AgainParts;
  readonly #known = new LRUCache<string, Known>(MOST);

  constructor(parts: AgainParts) {
    this.#parts = parts;
  }

  learn(question: Question, { origins }: Context, { type }: Sent): void {
    const { executed, isOfTexts } = origins;
    if (!isOfTexts || executed === null || executed.hasErrors) return;
    const { document, operation, name, hash } = executed;
    if (document === undefined || operation === undefined) return;
    const key = keyOf(question);
    this.#known.set(key, { document, operation, name, hash, type }, { size: key.length });
  }

  answer(question: Question, facts: RequestFacts): Promise<WholeAnswer | null> | null {
    const known = this.#known.size === 0 ? undefined : this.#known.get(keyOf(question));
    const scope = known && facts.token && this.#parts.scopeOf(facts.token);
    return known && scope && !scope.hasAccessRules ? this.#answer(known, question, facts) : null;
  }

  async #answer(known: Known, question: Question, facts: RequestFacts): Promise<WholeAnswer | null> {
    const context = this.#parts.contextFor(facts);
    const turn = await this.#parts.answers.find(question, context, true);
    if ('kept' in turn) return turn.kept;
    const sent = await this.#execute(known, question, context).catch(() => null);
    turn.sent(sent);
    return sent && wholeOf(known, sent);
  }

  /** Null where it takes more than texts, or there is more to say than the data. */
  async #execute(
    { document, operation, name, hash, type }: Known,
    { operationName, variables }: Question,
    context: Context,
  ): Promise<Sent | null> {
    this.#parts.limits.admit(document, operation, variables, context);
    const request = { document, operationName: operationName || null, variables, contextValue: context };
    const data = (await this.#parts.execute.shown(request))?.data;
    if (!(data instanceof WrittenData) || Object.keys(context.answerExtensions()).length > 0) return null;
    context.executed({ kind: 'query', name, hash, hasErrors: false, extensions: {} });
    return { status: 200, type, body: `${BEGIN}${data.json}${END}` };
  }
}

function wholeOf({ name, hash }: Known, { body: text, type }: Sent): WholeAnswer {
  const body = Buffer.from(text);
  return { body, head: body.subarray(0, -END.length), type, name, hash };
}

function keyOf({ text, operationName, accept }: Question): string {
  return `${accept}\0${operationName}\0${text}`;
}
