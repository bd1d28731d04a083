import { LRUCache } from 'lru-cache';
import type { Scope, Secret } from '../auth/scope.js';
import { ownBytes } from '../cache/bytes.js';
import { wallClock, within } from '../cache/clock.js';
import { Flights } from '../cache/flight.js';
import type { WholeCache } from '../cache/protocol.js';
import type { Made, Turn, Wholes } from '../cache/whole.js';
import {
  type Answers,
  type AnswerTurn,
  type Question,
  type QuickQuestion,
  quickName,
  type Sent,
  type WholeAnswer,
} from '../http/parts.js';
import { identityOf } from './asker-identity.js';
import type { Context } from './context.js';
import { canonical } from './inputs.js';
import type { ShownCost } from './notes.js';
import { hasMoreThanEntries } from './origins.js';

/** What the store of whole answers tells of itself. */
export interface AnswerFigures {
  /** Whether a query that could have been answered from the store was. */
  asked(outcome: 'hit' | 'miss'): void;
}

/** An answer as it is kept, with what `X-Explain` says of it. */
interface Answer extends WholeAnswer {
  readonly cost: ShownCost | null;
  /** Look-ups that it was made of. */
  readonly lookups: number;
}

const MIB = 1024 * 1024;
const BOUNDS = { bytes: 64 * MIB, valueBytes: 8 * MIB, count: 20_000 };
/** Texts of queries that were answered before, and their characters. */
const TEXTS = { max: 2_000, maxSize: 4 * MIB };

/** Bodies of requests that were answered from the store, and answers that depend on nothing. */
const BODIES = { max: 5_000, maxSize: 8 * MIB };
const CONSTANTS = { max: 200, maxSize: 8 * MIB };
/** About what a record takes beside its text. */
const OVERHEAD = 200;

/** What a body asks for: an answer that nothing changes, or the whole under a key of which the asker is the middle. */
type Known = { readonly constant: Answer } | WholeKey;

/** The key of a whole for whoever asks. */
class WholeKey {
  readonly #before: string;
  readonly #behind: string;
  #last = { identity: '', key: '' };

  /** A NUL ends each part: neither ids, headers nor JSON hold one, so that only the operation's name in their midst could. */
  constructor(text: number, { accept, operationName, variablesText }: Asked) {
    this.#before = `${text}\0`;
    this.#behind = ['', accept, operationName, variablesText].join('\0');
  }

  /** For whoever asked last the very same string again: a `Map` need not hash it anew. */
  of(identity: string): string {
    if (this.#last.identity !== identity) this.#last = { identity, key: `${this.#before}${identity}${this.#behind}` };
    return this.#last.key;
  }
}

/** Milliseconds that a query waits for another's first execution of the same text; as long as for another's fetch. */
const LEARNER_MS = 3000;

/** How an answer without extensions begins and ends. */
const BEGIN = '{"data":';
const END = '}\n';

/**
 * Answers of queries as the bytes that were sent, for whoever asks the very same again while nothing has changed:
 * `docs/decisions/shortcuts.md` tells what is kept and why that is as true as executing the query again.
 */
export class AnswerStore implements Answers<Context> {
  readonly #wholes: Wholes<Answer>;
  readonly #figures: AnswerFigures;
  readonly #scopeOf: (token: Secret) => Scope | null;
  /** By text: a number that is never used again, short enough for keys. */
  readonly #texts = new LRUCache<string, number>(TEXTS);
  /** Texts that are being executed for the first time. */
  readonly #learners = new Flights();
  /** Texts whose answers were not to be kept when they were last made: nobody waits for another's. */
  readonly #hopeless = new LRUCache<string, true>(TEXTS);
  readonly #bodies = new LRUCache<string, Known>(BODIES);
  /** Answers to whoever asks, with a token or none: what only the schema knows. */
  readonly #constants = new LRUCache<string, Answer>(CONSTANTS);
  #lastText = 0;

  /** `scopeOf`: whose a token is that was validated a moment ago, without asking anybody. */
  constructor(cache: WholeCache, figures: AnswerFigures, scopeOf: (token: Secret) => Scope | null) {
    this.#wholes = cache.wholes(BOUNDS);
    this.#figures = figures;
    this.#scopeOf = scopeOf;
  }

  async find(question: Question, context: Context, alone = false): Promise<AnswerTurn> {
    const asked = askedBy(question);
    const turn: Turn<Answer> = asked === null ? { made: () => {} } : await this.#find(asked, context, alone);
    if (!('kept' in turn)) return { sent: (sent) => this.#sent(turn, context, sent) };
    const { kept } = turn;
    this.#figures.asked('hit');
    context.notes.cost(kept.cost);
    context.notes.spared(kept.lookups);
    return { kept };
  }

  #sent(turn: { made(made: Made<Answer> | null): void }, context: Context, sent: Sent | null): void {
    if (sent !== null) this.#figures.asked('miss');
    turn.made(madeOf(context, sent));
  }

  quick({ name, token }: QuickQuestion): Promise<Answer | null> | Answer | null {
    const known = this.#bodies.get(name);
    if (known === undefined) return null;
    if ('constant' in known) {
      this.#figures.asked('hit');
      return known.constant;
    }
    const scope = token === null ? null : this.#scopeOf(token);
    if (scope === null || scope.hasAccessRules) return null;
    return this.#glimpse(known.of(identityOf(scope)));
  }

  #glimpse(key: string): Promise<Answer | null> | Answer | null {
    const kept = this.#wholes.glimpse(key);
    return kept instanceof Promise ? kept.then((found) => this.#counted(found)) : this.#counted(kept);
  }

  /** Only what is found counts: for the rest `find` is asked. */
  #counted(kept: Answer | null): Answer | null {
    if (kept !== null) this.#figures.asked('hit');
    return kept;
  }

  /** A text that is new here is executed first: who asks need not be known before it is found to be a query. */
  async #find(question: Asked, context: Context, alone: boolean): Promise<Turn<Answer>> {
    const constant = this.#constants.get(constantKey(question));
    if (constant !== undefined) return this.#remembering(question, { constant }, { kept: constant });
    const text = this.#texts.get(question.text) ?? (await this.#learnedMeanwhile(question.text));
    if (text === undefined) return this.#learning(question, context);
    const scope = await context.scope().catch(() => null);
    if (scope === null || scope.hasAccessRules) return { made: () => {} };
    const { maxAge } = context.facts.freshness;
    const key = new WholeKey(text, question);
    const policy = maxAge === undefined ? {} : { maxAge };
    const turn = await this.#wholes.find(key.of(identityOf(scope)), policy, alone);
    return 'kept' in turn ? this.#remembering(question, key, turn) : turn;
  }

  /** Executes a new text, for all who ask for it at the same time. */
  #learning(question: Asked, context: Context): Turn<Answer> {
    const land = this.#learners.begin(question.text);
    return {
      made: (made) => {
        this.#learn(question, context.origins.scope, made);
        if (!this.#texts.has(question.text))
          this.#hopeless.set(question.text, true, { size: question.text.length + OVERHEAD });
        land(null);
      },
    };
  }

  /** Waits for whoever executes this text for the first time, if it may be one whose answers are kept. */
  async #learnedMeanwhile(text: string): Promise<number | undefined> {
    const learner = this.#learners.find(text);
    if (learner === undefined || this.#hopeless.has(text) || text.includes('mutation')) return undefined;
    await within(wallClock, LEARNER_MS, learner, null);
    return this.#texts.get(text);
  }

  /** The next time these bytes come, they need not be parsed. */
  #remembering({ bytes, accept }: Asked, known: Known, turn: Turn<Answer>): Turn<Answer> {
    if (bytes !== null) this.#bodies.set(quickName(accept, bytes), known, { size: bytes.length + OVERHEAD });
    return turn;
  }

  #learn(question: Asked, scope: Scope | null, made: Made<Answer> | null): void {
    if (made === null || made.hasMore) return;
    if (scope === null) {
      const { value, bytes } = made.build();
      this.#constants.set(constantKey(question), value, { size: bytes + question.text.length });
      return;
    }
    this.#lastText += 1;
    const text = this.#texts.get(question.text) ?? this.#lastText;
    this.#texts.set(question.text, text, { size: question.text.length });
    this.#wholes.learn(new WholeKey(text, question).of(identityOf(scope)), made);
  }
}

/** What may be kept of an answer; null for errors, notes, and whatever is no plain answer to a query. */
function madeOf({ origins, budget, notes }: Context, sent: Sent | null): Made<Answer> | null {
  const { executed, scope, parts } = origins;
  if (sent?.status !== 200 || executed?.kind !== 'query' || executed.hasErrors) return null;
  if (scope?.hasAccessRules) return null;
  const end = endOf(sent.body, executed.extensions);
  if (end === null) return null;
  const { name, hash } = executed;
  const told = { type: sent.type, name, hash, cost: notes.shownCost, lookups: parts.entries };
  const build = () => {
    const body = ownBytes(sent.body.slice(0, -end.length) + END);
    const head = body.subarray(0, body.length - END.length);
    return { value: { body, head, ...told }, bytes: body.length };
  };
  return {
    build,
    parts,
    hasMore: hasMoreThanEntries(origins, budget),
  };
}

/** The answer's text from the end of its data on, where nothing but an explanation is left out of it; null where more would be. */
function endOf(body: string, { explain, ...others }: Readonly<Record<string, unknown>>): string | null {
  if (Object.keys(others).length > 0 || !body.startsWith(BEGIN)) return null;
  const end = explain === undefined ? END : `,"extensions":${JSON.stringify({ explain })}${END}`;
  return body.endsWith(end) ? end : null;
}

function constantKey({ text, accept, operationName, variablesText }: Asked): string {
  return [accept, operationName, variablesText, text].join('\0');
}

/** A question whose variables are a text. */
interface Asked extends Question {
  readonly variablesText: string;
}

/** Null where variables are nested too deeply to be written down: the limits refuse them, behind this. */
function askedBy(question: Question): Asked | null {
  try {
    return { ...question, variablesText: textOf(question.variables) };
  } catch {
    return null;
  }
}

/** Equal variables as equal text. Most have one at most, or none. */
function textOf(variables: Readonly<Record<string, unknown>>): string {
  const [first, ...others] = Object.values(variables);
  return others.length === 0 && typeof first !== 'object' ? JSON.stringify(variables) : canonical(variables);
}
