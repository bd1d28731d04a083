interface Waiter {
  readonly settle: (failed: null) => void;
  /** `performance.now()`; endless until the question has left. */
  sentAt: number;
}

/**
 * Those who wait for answers of one connection, in the order in which they asked, and one timer for all of them: it is set for
 * the first, and again for whoever is first by then.
 */
export class Waiting {
  readonly #deadline: number;
  readonly #onLate: () => void;
  readonly #waiters = new Map<number, Waiter>();
  #unsent: Waiter[] = [];
  #timer: NodeJS.Timeout | null = null;
  #isWatching = false;

  /** `deadline` in milliseconds from the sending; `onLate` is called when somebody has waited longer. */
  constructor(deadline: number, onLate: () => void) {
    this.#deadline = deadline;
    this.#onLate = onLate;
  }

  /** `settle` is for whoever is left when the connection ends. */
  add(opaque: number, settle: (failed: null) => void): void {
    const waiter = { settle, sentAt: Number.POSITIVE_INFINITY };
    this.#waiters.set(opaque, waiter);
    this.#unsent.push(waiter);
    if (!this.#isWatching) this.#watch(this.#deadline);
  }

  /** What was asked so far has left: the time counts from now, since what this process did in between is not memcached's fault. */
  sent(): void {
    const now = performance.now();
    for (const waiter of this.#unsent) waiter.sentAt = now;
    this.#unsent = [];
  }

  /** Whether somebody waited for this answer; nobody does any more. */
  take(opaque: number): boolean {
    return this.#waiters.delete(opaque);
  }

  /** Settles everybody with null; answers with whether there was anybody. */
  end(): boolean {
    if (this.#timer !== null) clearTimeout(this.#timer);
    const hadAny = this.#waiters.size > 0;
    // Each takes itself off.
    for (const { settle } of [...this.#waiters.values()]) settle(null);
    return hadAny;
  }

  #watch(ms: number): void {
    this.#isWatching = true;
    this.#timer = setTimeout(() => this.#look(), ms);
  }

  #look(): void {
    this.#isWatching = false;
    const [oldest] = this.#waiters;
    if (oldest === undefined) return;
    const [opaque, waiter] = oldest;
    const left = waiter.sentAt + this.#deadline - performance.now();
    if (left > 0) this.#watch(Math.min(left, this.#deadline));
    else this.#judge(opaque, waiter);
  }

  /**
   * Two more turns of the event loop: if this process was busy all the while, the answer may lie unread in the socket, and that
   * is not memcached's fault.
   */
  #judge(opaque: number, waiter: Waiter): void {
    this.#isWatching = true;
    const afterTwoTurns = () => (this.#waiters.get(opaque) === waiter ? this.#onLate() : this.#look());
    setImmediate(() => setImmediate(afterTwoTurns));
  }
}
