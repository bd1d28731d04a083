import type { Rest } from '../../rest/rest.js';
import { refusal } from './refusal.js';
import type { LimitValues } from './table.js';

/**
 * What one operation has spent while it runs. Its cost was reckoned before, from what is usual; where a cloud has more
 * rows than that, this ends it at the limit.
 */
export class Budget {
  readonly #limits: LimitValues;
  #calls = 0;
  #nodes = 0;
  #told = false;

  constructor(limits: LimitValues) {
    this.#limits = limits;
  }

  /** Calls that were made so far. */
  get calls(): number {
    return this.#calls;
  }

  /** Counts a call that is about to be made; throws where it may not be. Writes are counted and never stopped. */
  call(isRead: boolean): void {
    this.#calls += 1;
    const { MAX_CALLS } = this.#limits;
    if (isRead && this.#calls > MAX_CALLS) throw refusal('MAX_CALLS', MAX_CALLS, this.#calls);
  }

  /**
   * Counts rows that are about to be shown. Where they are too many, the first asker gets a fault for the answer to tell,
   * and the others false: an error for each row would be an answer too large by itself.
   */
  show(rows: number): boolean {
    this.#nodes += rows;
    const { MAX_NODES } = this.#limits;
    if (this.#nodes <= MAX_NODES) return true;
    if (this.#told) return false;
    this.#told = true;
    throw refusal('MAX_NODES', MAX_NODES, this.#nodes);
  }

  /** Whether so many more rows may be shown. */
  hasRoomFor(rows: number): boolean {
    return this.#nodes + rows <= this.#limits.MAX_NODES;
  }

  /** Nothing has been shown yet: the operation is executed once more. Calls that were made stay counted. */
  rewind(): void {
    this.#nodes = 0;
    this.#told = false;
  }
}

/** `rest` within a budget. */
export function withinBudget(rest: Rest, budget: Budget): Rest {
  return {
    call: async (request) => {
      budget.call(request.method === 'GET' || request.method === 'HEAD');
      return rest.call(request);
    },
    page: async (request, many) => {
      budget.call(true);
      return rest.page(request, many);
    },
    regionsOf: (service) => rest.regionsOf(service),
    microversion: (service, region) => rest.microversion(service, region),
  };
}
