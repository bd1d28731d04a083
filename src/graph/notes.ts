import type { CacheEvent } from '../cache/cache.js';
import type { FaultCode } from '../rest/codes.js';
import type { Fault } from '../rest/fault.js';
import type { RestRecord } from '../rest/rest.js';

/**
 * A relation that OpenStack refused to the asker, or a field that the cloud is too old for: one entry for each field,
 * however many rows it was asked for.
 */
export interface Refusal {
  /** `Server.project` */
  readonly field: string;
  readonly code: FaultCode;
  readonly service: string | null;
  readonly status: number | null;
  readonly requestId: string | null;
  readonly message: string;
  rows: number;
}

/** A relation that had more rows than it shows. */
export interface Cut {
  readonly field: string;
  readonly id: string;
  readonly shown: number;
}

/** What the operation could have cost at most, and what is allowed. */
export interface ShownCost {
  readonly calls: number;
  readonly nodes: number;
  readonly allowedCalls: number;
  readonly allowedNodes: number;
}

/** What an answer has to say beside its data; it becomes the answer's `extensions`. */
export class Notes {
  readonly #refused = new Map<string, Refusal>();
  #cut: Cut[] = [];
  readonly #stale = new Map<string, number>();
  readonly #unconfirmed = new Set<string>();
  readonly #rest: RestRecord[] = [];
  #cost: ShownCost | null = null;
  readonly #counts = { hits: 0, misses: 0, bypassed: 0 };

  refused(field: string, fault: Fault): void {
    const known = this.#refused.get(field);
    if (known) known.rows += 1;
    else {
      const { code, service, status, requestId, message } = fault;
      this.#refused.set(field, { field, code, service, status, requestId, message, rows: 1 });
    }
  }

  cut(field: string, id: string, shown: number): void {
    this.#cut.push({ field, id, shown });
  }

  /** Forgets what resolvers said, who are about to say it again. What was called and read stays. */
  rewind(): void {
    this.#refused.clear();
    this.#cut = [];
  }

  /** Stamps are internal names; the client is told the types whose cached rows may still be old. */
  unconfirmed(types: readonly string[]): void {
    for (const type of types) this.#unconfirmed.add(type);
  }

  rest(record: RestRecord): void {
    this.#rest.push(record);
  }

  cost(cost: ShownCost | null): void {
    this.#cost = cost;
  }

  /** What was noted as the operation's cost. */
  get shownCost(): ShownCost | null {
    return this.#cost;
  }

  /** Look-ups that were not made, since what they would bring is known to be as it was. */
  spared(hits: number): void {
    this.#counts.hits += hits;
  }

  cache(event: CacheEvent): void {
    if (event.kind === 'stale') {
      const type = typeIn(event.key);
      this.#stale.set(type, Math.max(this.#stale.get(type) ?? 0, event.ageSeconds));
    } else this.#counts[event.kind === 'hit' ? 'hits' : event.kind === 'miss' ? 'misses' : 'bypassed'] += 1;
  }

  /** What to add to the answer; nothing where there is nothing to say. */
  extensions(explain: boolean): Readonly<Record<string, unknown>> {
    const stale = [...this.#stale].map(([type, ageSeconds]) => ({ type, ageSeconds }));
    return {
      ...(this.#refused.size > 0 ? { refused: [...this.#refused.values()] } : {}),
      ...(this.#cut.length > 0 ? { truncated: this.#cut } : {}),
      ...(stale.length > 0 ? { stale } : {}),
      ...(this.#unconfirmed.size > 0 ? { cache: { unconfirmed: [...this.#unconfirmed] } } : {}),
      ...(explain ? { explain: { rest: this.#rest, cache: { ...this.#counts }, stale, cost: this.#cost } } : {}),
    };
  }
}

/** `Server/row/[…]` tells the type without telling anything else. */
function typeIn(key: string): string {
  return key.slice(0, key.indexOf('/'));
}
