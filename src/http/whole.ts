import type { IncomingMessage } from 'node:http';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { isObject } from '../row.js';
import { type HttpFigures, NO_HTTP_FIGURES } from './figures.js';
import type { AnswerContext, Parts, Question, RequestFacts, Sent, WholeAnswer } from './parts.js';

/** A request that may be answered whole, or whose answer may be kept. */
export interface Attempt {
  /** Sends the whole answer that is kept; null where there is none. */
  readonly send: ((reply: FastifyReply) => Buffer) | null;
  /** To be called in the end, with the answer that was made instead; only the first call counts. */
  readonly sent: (sent: Sent | null) => void;
}

interface Serving<Context extends AnswerContext> {
  readonly context: Context;
  readonly facts: RequestFacts;
  readonly log: Logger;
  readonly figures: HttpFigures;
}

/** Looks for whole answers, before Apollo Server is asked. The context is the one that the operation gets otherwise. */
export function wholeAnswers<Context extends AnswerContext>(
  { answers, again, metrics }: Pick<Parts<Context>, 'answers' | 'again' | 'metrics'>,
  log: Logger,
  bodyOf: (request: IncomingMessage) => string | null,
): (request: FastifyRequest, facts: RequestFacts, context: Context) => Promise<Attempt | null> {
  const figures = metrics?.figures ?? NO_HTTP_FIGURES;
  return async (request, facts, context) => {
    const question = answers === undefined || facts.freshness.noCache ? null : askedBy(request, bodyOf(request.raw));
    if (answers === undefined || question === null) return null;
    const began = performance.now();
    const turn = await answers.find(question, context);
    if ('sent' in turn) {
      const sent = (made: Sent | null) => {
        turn.sent(made);
        if (made !== null) again?.learn(question, context, made);
      };
      return { send: null, sent: once(sent) };
    }
    const serving = { context, facts, log, figures };
    return { send: (reply) => send(serving, turn.kept, reply, performance.now() - began), sent: () => {} };
  };
}

function askedBy({ method, headers, body }: FastifyRequest, bytes: string | null): Question | null {
  const isJson = headers['content-type']?.startsWith('application/json') === true;
  return method === 'POST' && isJson ? questionOf(body, headers.accept ?? '', bytes) : null;
}

/** What a JSON body asks, where it is one query; whatever is odd about it is Apollo Server's to refuse. */
export function questionOf(body: unknown, accept: string, bytes: string | null): Question | null {
  if (!isObject(body)) return null;
  const { query: text, operationName, variables, extensions } = body;
  if (typeof text !== 'string' || typeof (operationName ?? '') !== 'string') return null;
  if (!isObject(variables ?? {}) || !isObject(extensions ?? {})) return null;
  if (isObject(extensions) && 'persistedQuery' in extensions) return null;
  return {
    text,
    operationName: (operationName ?? '') as string,
    variables: (variables ?? {}) as Question['variables'],
    accept,
    bytes,
  };
}

function send<Context extends AnswerContext>(
  { context, facts, log, figures }: Serving<Context>,
  answer: WholeAnswer,
  reply: FastifyReply,
  ms: number,
): Buffer {
  const { body, head, type } = answer;
  logWhole(log, facts.requestId, answer, ms);
  figures.operation('query', [], true, ms / 1000);
  const explained = facts.explain
    ? Buffer.from(`,"extensions":${JSON.stringify(context.answerExtensions?.())}}\n`)
    : null;
  const whole = explained === null ? body : Buffer.concat([head, explained]);
  void reply.header('content-type', type);
  return whole;
}

/** The line that every operation gets. */
export function logWhole(log: Logger, requestId: string, { name, hash }: WholeAnswer, ms: number): void {
  log.info({ requestId, operation: name, kind: 'query', hash, ms: Math.round(ms), codes: [] }, 'operation');
}

function once(sent: (sent: Sent | null) => void): (sent: Sent | null) => void {
  let isTold = false;
  return (told) => {
    if (!isTold) sent(told);
    isTold = true;
  };
}
