import type { Response } from 'memjs';
import type { StoreFigures } from '../figures.js';
import { type Address, formatAddress } from './address.js';
import { OPCODE } from './binary.js';
import type { Found } from './found.js';
import type { KeyList } from './key-list.js';
import { Link, type Request } from './link.js';

export interface NodeOptions {
  /** Milliseconds that an operation may take. */
  readonly deadline: number;
  /** Milliseconds for which a failing server is left alone; doubles up to four times as much. */
  readonly pause: number;
  readonly figures: StoreFigures;
}

/** Connections lost in a row. An answer that does not come in time is enough by itself: the next would cost as much again. */
const LOSSES_TO_OPEN = 2;
const LONGEST_PAUSES = 4;

/**
 * One memcached server behind a breaker: a server that hangs costs those one deadline who wait for it when it begins to,
 * and nobody else. While the breaker is open operations are answered at once; whether the server is back is found out
 * beside them, by a question of the breaker's own. Nothing is ever sent twice.
 */
export class MemcachedNode {
  readonly name: string;
  readonly #address: Address;
  readonly #options: NodeOptions;
  #link: Link | null = null;
  /** In a row. */
  #failures = 0;
  #isOpen = false;
  #openUntil = 0;
  #probe: Promise<boolean> | null = null;
  #closed = false;

  constructor(address: Address, options: NodeOptions) {
    this.name = formatAddress(address);
    this.#address = address;
    this.#options = options;
    options.figures.breaker(this.name, false);
  }

  /** Null: not acknowledged. */
  ask(request: Request): Promise<Response | null> {
    return this.#through((link) => link.ask(request));
  }

  /** Null: not acknowledged. */
  getMany(keys: readonly string[]): Promise<Found | null> {
    return this.#through((link) => link.getMany(keys));
  }

  /** Tells `then` once; null: not acknowledged. */
  getAgain(list: KeyList, then: (found: Found | null) => void): void {
    const link = this.#linkIfWell();
    if (link === null) then(null);
    else link.getAgain(list, (found) => then(this.#noted(link, found)));
  }

  /** Whether the server answers now, even if it is being left alone. */
  async answers(): Promise<boolean> {
    if (this.#closed) return false;
    return this.#isOpen ? this.#ask() : (await this.ask({ opcode: OPCODE.noop })) !== null;
  }

  close(): void {
    this.#closed = true;
    this.#link?.end();
  }

  async #through<T>(operation: (link: Link) => Promise<T | null>): Promise<T | null> {
    const link = this.#linkIfWell();
    return link && this.#noted(link, await operation(link));
  }

  /** Null while the server is being left alone. */
  #linkIfWell(): Link | null {
    if (this.#closed) return null;
    if (!this.#isOpen) return this.#current();
    if (performance.now() >= this.#openUntil) void this.#ask();
    this.#options.figures.operation(this.name, 'spared');
    return null;
  }

  #noted<T>(link: Link, answer: T | null): T | null {
    if (answer !== null) this.#failures = 0;
    this.#options.figures.operation(this.name, answer !== null ? 'answered' : link.wasLate ? 'timeout' : 'failed');
    return answer;
  }

  /** The breaker's own question, one at a time: an answer closes it. */
  #ask(): Promise<boolean> {
    this.#probe ??= this.#current()
      .ask({ opcode: OPCODE.noop })
      .then((answer) => {
        this.#probe = null;
        if (answer === null) return false;
        this.#failures = 0;
        this.#turn(false);
        return true;
      });
    return this.#probe;
  }

  #current(): Link {
    if (this.#link !== null) return this.#link;
    const link: Link = new Link(this.#address, this.#options.deadline, (hadPending) => {
      if (this.#link === link) this.#link = null;
      if (hadPending) this.#failed(link.wasLate);
    });
    this.#link = link;
    return link;
  }

  #failed(wasLate: boolean): void {
    this.#failures += 1;
    if (!wasLate && this.#failures < LOSSES_TO_OPEN) return;
    // After a single late answer the next operation may look at once whether that was all: looking delays nobody.
    const pauses = this.#failures === 1 ? 0 : Math.min(LONGEST_PAUSES, 2 ** (this.#failures - LOSSES_TO_OPEN));
    this.#openUntil = performance.now() + this.#options.pause * pauses;
    this.#turn(true);
  }

  #turn(open: boolean): void {
    if (this.#isOpen !== open) this.#options.figures.breaker(this.name, open);
    this.#isOpen = open;
  }
}
