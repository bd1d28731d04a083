import type { Outcome } from './history.js';
import type { Answer } from './http.js';

/** What has been done so far. */
export class Tally {
  /** Root fields asked for, and mutations. */
  operations = 0;
  queries = 0;
  /** Queries that no whole answer came to: their gateway was killed, or a part of the answer failed. */
  unanswered = 0;
  mutations = 0;
  /** Mutations that changed something in the cloud. */
  effective = 0;
  readonly outcomes: Record<Outcome, number> = { confirmed: 0, unconfirmed: 0, unknown: 0 };
  readonly errors = new Map<string, number>();
  hits = 0;
  misses = 0;
  kills = 0;

  query(answer: Answer | null, size: number): void {
    this.operations += size;
    this.queries += 1;
    if (answer === null || answer.errors) this.unanswered += 1;
    this.#count('query', answer);
    this.hits += answer?.extensions?.explain?.cache.hits ?? 0;
    this.misses += answer?.extensions?.explain?.cache.misses ?? 0;
  }

  mutation(answer: Answer | null, outcome: Outcome, changed: boolean): void {
    this.operations += 1;
    this.mutations += 1;
    this.outcomes[outcome] += 1;
    if (changed) this.effective += 1;
    this.#count('mutation', answer);
  }

  /** Share of the looked-up values that came from the cache, of the queries that were asked to tell. */
  get hitRatio(): number {
    return this.hits / Math.max(1, this.hits + this.misses);
  }

  #count(kind: string, answer: Answer | null): void {
    if (answer === null) this.#add(`${kind}: no answer`);
    for (const { message, extensions } of answer?.errors ?? []) {
      const code = String(extensions?.['code'] ?? message);
      this.#add(`${kind}: ${code}`);
    }
  }

  #add(name: string): void {
    this.errors.set(name, (this.errors.get(name) ?? 0) + 1);
  }
}
