/** The time that one call has, retries and waiting included, and the client's wish to stop it. */
export class Budget {
  readonly #controller = new AbortController();
  readonly #ends: number;
  readonly #timer: NodeJS.Timeout;
  readonly #client: AbortSignal | undefined;
  /** Who ended it: the clock or the client; null while it runs. */
  ended: 'deadline' | 'client' | null = null;

  /** `client` is given for reads only: a write runs to its end. */
  constructor(ms: number, client: AbortSignal | undefined) {
    this.#ends = performance.now() + ms;
    this.#timer = setTimeout(() => this.#end('deadline'), ms);
    this.#client = client;
    if (client?.aborted) this.#end('client');
    else client?.addEventListener('abort', this.#leave);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Milliseconds that are left. */
  get left(): number {
    return this.#ends - performance.now();
  }

  /** Lets go of timer and listener; call it when the call is over. */
  close(): void {
    clearTimeout(this.#timer);
    this.#client?.removeEventListener('abort', this.#leave);
  }

  readonly #leave = (): void => this.#end('client');

  #end(by: 'deadline' | 'client'): void {
    this.ended ??= by;
    this.#controller.abort();
  }
}
