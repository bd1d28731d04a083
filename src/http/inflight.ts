import { setMaxListeners } from 'node:events';
import type { ServerResponse } from 'node:http';

/** What an operation is, as far as stopping is concerned. */
export type OperationKind = 'read' | 'write';

/** One operation that is being answered; it counts as a read until `write` says otherwise. */
export class Flight {
  kind: OperationKind = 'read';
  readonly #land: (flight: Flight) => void;
  /** Made for whoever wants to be told: most answers that are kept are sent before anybody does. */
  #controller: AbortController | null = null;
  #isAborted = false;

  constructor(land: (flight: Flight) => void) {
    this.#land = land;
  }

  get signal(): AbortSignal {
    if (this.#controller === null) {
      this.#controller = new AbortController();
      // Each call that is under way listens: Node takes more than ten for a leak and says so on stderr.
      setMaxListeners(0, this.#controller.signal);
      if (this.#isAborted) this.#controller.abort();
    }
    return this.#controller.signal;
  }

  abort(): void {
    this.#isAborted = true;
    this.#controller?.abort();
  }

  write(): void {
    this.kind = 'write';
  }

  end(): void {
    this.#land(this);
  }
}

/** The operations that are being answered now; what a stopping server waits for. */
export class InFlight {
  readonly #flights = new Set<Flight>();
  readonly #waiters = new Set<() => void>();

  begin(): Flight {
    const flight = new Flight(this.#land);
    this.#flights.add(flight);
    return flight;
  }

  readonly #land = (flight: Flight): void => {
    if (!this.#flights.delete(flight)) return;
    for (const check of this.#waiters) check();
  };

  /** The same for whoever waits for this response: aborted where the client leaves before it is written. */
  beginFor(response: ServerResponse): Flight {
    const flight = this.begin();
    response.once('close', () => {
      if (!response.writableFinished) flight.abort();
    });
    return flight;
  }

  /** How many operations of a kind are under way. */
  count(kind: OperationKind): number {
    return [...this.#flights].filter((flight) => flight.kind === kind).length;
  }

  /** Resolves once no operation of this kind is left, or after `ms` milliseconds; true if none is left. */
  async drained(kind: OperationKind, ms: number): Promise<boolean> {
    if (this.count(kind) === 0) return true;
    return new Promise((resolve) => {
      const settle = (): void => {
        clearTimeout(timer);
        this.#waiters.delete(check);
        resolve(this.count(kind) === 0);
      };
      const check = (): void => {
        if (this.count(kind) === 0) settle();
      };
      const timer = setTimeout(settle, ms);
      this.#waiters.add(check);
    });
  }

  /** Tells every read that nobody waits for it any longer. */
  abortReads(): void {
    for (const flight of this.#flights) if (flight.kind === 'read') flight.abort();
  }
}
