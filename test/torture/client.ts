import type { Random } from '../../src/demo/random.js';
import type { Checker, Eyes, Stale } from './checker.js';
import type { Ground } from './cloud.js';
import type { Deed, Outcome } from './history.js';
import { type Answer, login, post } from './http.js';
import type { Change, Mutations } from './mutations.js';
import type { Pool } from './pool.js';
import type { Promises } from './promises.js';
import type { Question, Questions } from './questions.js';
import type { Tally } from './tally.js';
import type { Type } from './views.js';

/** What all clients of a run share. */
export interface Run {
  readonly ground: Ground;
  readonly pool: Pool;
  readonly promises: Promises;
  readonly checker: Checker;
  readonly tally: Tally;
  /** What is changed just now, and how often: share of the operations. */
  readonly fashion: () => { readonly types: readonly Type[]; readonly mutations: number };
  readonly onStale: (found: Stale, by: Asked) => void;
}

/** An operation, for the report. */
export interface Asked {
  readonly client: string;
  readonly url: string;
  readonly text: string;
  readonly variables: object;
  readonly sent: number;
  readonly answered: number;
}

export interface Person {
  readonly name: string;
  readonly project: string;
  readonly eyes: Eyes;
}

/** Of so many queries one asks what the cache did. */
const EXPLAINED = 8;

/** One client: asks and changes, one operation at a time. */
export class Client {
  readonly #run: Run;
  readonly #person: Person;
  readonly #random: Random;
  readonly #questions: Questions;
  readonly #mutations: Mutations | null;
  #token = '';

  constructor(run: Run, person: Person, random: Random, questions: Questions, mutations: Mutations | null) {
    this.#run = run;
    this.#person = person;
    this.#random = random;
    this.#questions = questions;
    this.#mutations = mutations;
  }

  /** A token of its own: the cloud tells by it whose writes are whose. */
  async login(): Promise<void> {
    this.#token = await login(this.#run.ground.cloud.authUrl, this.#person.name, this.#person.project);
  }

  async step(): Promise<void> {
    const { types, mutations } = this.#run.fashion();
    const changes = this.#random.next() < mutations;
    if (this.#mutations !== null && changes) await this.#change(this.#mutations.next(types));
    else await this.#ask(this.#questions.next());
  }

  async #ask(question: Question): Promise<void> {
    const { promises, tally, pool, checker } = this.#run;
    const url = pool.pick(this.#random);
    const explain = this.#random.between(0, EXPLAINED) === 0;
    const request = promises.begin();
    const answer = await this.#post(url, question, explain);
    const answered = promises.end(request);
    tally.query(answer, question.size);
    if (answer === null || !answer.data || answer.errors) return;
    const span = { sent: request.sent, answered, own: null };
    this.#report(question.judge(answer.data, checker, span), question, url, span);
  }

  async #change(change: Change): Promise<void> {
    const { promises, tally, pool, checker, ground } = this.#run;
    const url = pool.pick(this.#random);
    const deed: Deed = {
      text: `${this.#label}: ${change.text.slice(0, 90)} ${JSON.stringify(change.variables)}`,
      versions: [],
      end: null,
    };
    ground.expect(this.#token, deed);
    const request = promises.begin();
    const answer = await this.#post(url, change, false);
    const outcome = outcomeOf(answer);
    const answered = promises.end(request, deed, outcome);
    tally.mutation(answer, outcome, deed.versions.length > 0);
    if (answer === null) await this.login();
    else ground.expect(this.#token, null);
    if (!answer?.data || answer.errors) return;
    const span = { sent: request.sent, answered, own: deed };
    this.#report(change.judge(answer.data, checker, span), change, url, span);
  }

  /** Null where no answer came. */
  async #post(url: string, asked: Question | Change, explain: boolean): Promise<Answer | null> {
    try {
      return await post(url, this.#token, { query: asked.text, variables: asked.variables }, explain);
    } catch {
      return null;
    }
  }

  get #label(): string {
    return `${this.#person.name}@${this.#person.project}`;
  }

  #report(
    found: readonly Stale[],
    { text, variables }: Question | Change,
    url: string,
    span: { sent: { tick: number }; answered: { tick: number } },
  ): void {
    for (const stale of found) {
      const [sent, answered] = [span.sent.tick, span.answered.tick];
      this.#run.onStale(stale, { client: this.#label, url, text, variables, sent, answered });
    }
  }
}

function outcomeOf(answer: Answer | null): Outcome {
  if (answer === null || answer.errors?.some(({ extensions }) => extensions?.['outcome'] === 'UNKNOWN'))
    return 'unknown';
  return (answer.extensions?.cache?.unconfirmed ?? []).length > 0 ? 'unconfirmed' : 'confirmed';
}
