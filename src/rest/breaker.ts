import { Fault } from './fault.js';

export interface BreakerOptions {
  /** Failures in a row, with no success between, that open the breaker. */
  readonly failures: number;
  /** Milliseconds that it stays open at first; doubles with each failed probe. */
  readonly openMs: number;
  /** Upper bound of that. */
  readonly maxOpenMs: number;
}

export type Verdict = 'alive' | 'failed' | 'unknown';

/**
 * Spares a service that does not answer, and spares askers the wait for it. Only what says that the *service* is down
 * counts: connect errors, timeouts, 502 to 504. What a tenant does wrong never does, or one could shut out all others.
 */
export class Breaker {
  readonly #name: string;
  readonly #options: BreakerOptions;
  readonly #now: () => number;
  #failures = 0;
  #openUntil = 0;
  #openMs: number;
  #probing = false;
  readonly #tell: (open: boolean) => void;

  /** `tell` hears when it opens and when it closes. */
  constructor(name: string, options: BreakerOptions, now: () => number, tell: (open: boolean) => void = () => {}) {
    this.#tell = tell;
    this.#name = name;
    this.#options = options;
    this.#now = now;
    this.#openMs = options.openMs;
  }

  /**
   * Throws UPSTREAM_UNAVAILABLE while open; lets one probe at a time through after that. Call what it returns once, with
   * how the admitted call ended: `unknown` where that says nothing of the service (the client left).
   */
  admit(service: string): (verdict: Verdict) => void {
    if (this.#failures < this.#options.failures) return (verdict) => this.#judge(verdict, false);
    const wait = this.#openUntil - this.#now();
    if (wait > 0 || this.#probing) throw this.#refusal(service, wait);
    this.#probing = true;
    return (verdict) => {
      this.#probing = false;
      this.#judge(verdict, true);
    };
  }

  #refusal(service: string, wait: number): Fault {
    const seconds = Math.max(1, Math.ceil(wait / 1000));
    return new Fault({
      code: 'UPSTREAM_UNAVAILABLE',
      service,
      message: `${this.#name} has failed ${this.#failures} times in a row and is not asked again for ${seconds} s.`,
      retryAfter: seconds,
    });
  }

  #judge(verdict: Verdict, probe: boolean): void {
    if (verdict === 'alive') this.#close();
    if (verdict === 'failed') this.#fail(probe);
  }

  #close(): void {
    if (this.#failures >= this.#options.failures) this.#tell(false);
    this.#failures = 0;
    this.#openMs = this.#options.openMs;
  }

  #fail(probe: boolean): void {
    this.#failures += 1;
    if (this.#failures < this.#options.failures) return;
    if (this.#failures === this.#options.failures) this.#tell(true);
    // Calls that were under way when it opened fail together: only a failed probe is news.
    if (probe) this.#openMs = Math.min(this.#openMs * 2, this.#options.maxOpenMs);
    this.#openUntil = this.#now() + this.#openMs;
  }
}
