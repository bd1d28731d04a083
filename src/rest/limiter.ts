/** Lets at most `limit` holders in at once; the others wait in order of arrival. */
export class Limiter {
  readonly #limit: number;
  readonly #waiting = new Set<() => void>();
  readonly #tell: (change: 1 | -1) => void;
  #inside = 0;

  /** `tell` hears of everybody who begins or ends to wait. */
  constructor(limit: number, tell: (change: 1 | -1) => void = () => {}) {
    this.#limit = limit;
    this.#tell = tell;
  }

  /** Resolves once there is room; rejects with the signal's reason if that comes first. Each entry needs one `leave`. */
  async enter(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (this.#inside < this.#limit) {
      this.#inside += 1;
      return;
    }
    await this.#turn(signal);
  }

  /** Makes room: the place goes straight to who has waited longest. */
  leave(): void {
    const next = this.#waiting.values().next();
    if (next.done) {
      this.#inside -= 1;
      return;
    }
    this.#waiting.delete(next.value);
    next.value();
  }

  #turn(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#tell(1);
      const admit = (): void => {
        this.#tell(-1);
        signal.removeEventListener('abort', give);
        resolve();
      };
      const give = (): void => {
        this.#tell(-1);
        this.#waiting.delete(admit);
        reject(signal.reason);
      };
      this.#waiting.add(admit);
      signal.addEventListener('abort', give, { once: true });
    });
  }
}
