import { setTimeout as wait } from 'node:timers/promises';

/** What became of the requests of a while. */
export interface Tally {
  readonly requests: number;
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

/**
 * Requests at a fixed rate, whatever the answers do. Each is timed from the moment at which it should have begun, so that a
 * gateway that stands still cannot hide the requests that would have come meanwhile ("coordinated omission").
 */
export class Arrivals {
  readonly #send: () => Promise<void>;
  #milliseconds: number[] = [];
  #open = 0;

  /** `send` is one request with all checks of its answer; it never rejects. */
  constructor(send: () => Promise<void>) {
    this.#send = send;
  }

  /** Requests that were begun and have no answer yet. */
  get open(): number {
    return this.#open;
  }

  /** Sends `rate` requests a second for so long; resolves behind the last one that is sent, not answered. */
  async run(rate: number, seconds: number): Promise<void> {
    const began = performance.now();
    const total = Math.round(rate * seconds);
    for (let sent = 0; sent < total; ) {
      const due = began + (sent * 1000) / rate;
      const early = due - performance.now();
      if (early > 0) await wait(early);
      for (; sent < total && began + (sent * 1000) / rate <= performance.now(); sent += 1) {
        void this.#one(began + (sent * 1000) / rate);
      }
    }
  }

  /** Resolves when nothing is open, or after so many milliseconds; true if nothing is. */
  async idle(ms: number): Promise<boolean> {
    const until = performance.now() + ms;
    while (this.#open > 0 && performance.now() < until) await wait(20);
    return this.#open === 0;
  }

  /** What was answered since last asked. */
  take(): Tally {
    const sorted = Float64Array.from(this.#milliseconds).sort();
    this.#milliseconds = [];
    const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
    return { requests: sorted.length, p50: at(0.5), p99: at(0.99), max: at(1) };
  }

  async #one(due: number): Promise<void> {
    this.#open += 1;
    await this.#send();
    this.#open -= 1;
    this.#milliseconds.push(performance.now() - due);
  }
}
