import { setMaxListeners } from 'node:events';
import type { ServerResponse } from 'node:http';

/** What an operation is, as far as stopping is concerned. */
export type OperationKind = 'read' | 'write';

/** One operation that is being answered; it counts as a read until `write` says otherwise. */
export class Flight {
  kind: OperationKind = 'read';
  /** Where `InFlight` keeps it; -1 once it has landed. */
  place = -1;
  readonly #land: (flight: Flight) => void;
  readonly #response: ServerResponse | null;
  /** Made for whoever wants to be told: most answers that are kept are sent before anybody does. */
  #controller: AbortController | null = null;
  #isAborted = false;

  /** `response`: aborted where its client leaves before it is written. */
  constructor(land: (flight: Flight) => void, response: ServerResponse | null = null) {
    this.#land = land;
    this.#response = response;
  }

  get signal(): AbortSignal {
    if (this.#controller === null) {
      this.#controller = new AbortController();
      // Each call that is under way listens: Node takes more than ten for a leak and says so on stderr.
      setMaxListeners(0, this.#controller.signal);
      this.#listen();
      if (this.#isAborted) this.#controller.abort();
    }
    return this.#controller.signal;
  }

  #listen(): void {
    const response = this.#response;
    const left = () => {
      if (response?.writableFinished === false) this.abort();
    };
    if (response?.destroyed) left();
    else response?.once('close', left);
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
  /**
   * In no order. No `Set`: after so many deletions V8 makes a new table and has the one before point at it, so that one that has
   * grown old keeps all later ones, requests included, until a full collection (young ones took 4 ms instead of 0.8).
   */
  readonly #flights: Flight[] = [];
  readonly #waiters = new Set<() => void>();

  /** `response`: whose client waits for it, if it is known. */
  begin(response: ServerResponse | null = null): Flight {
    const flight = new Flight(this.#land, response);
    flight.place = this.#flights.push(flight) - 1;
    return flight;
  }

  readonly #land = (flight: Flight): void => {
    if (flight.place === -1) return;
    const last = this.#flights.pop();
    if (last !== undefined && last !== flight) {
      this.#flights[flight.place] = last;
      last.place = flight.place;
    }
    flight.place = -1;
    for (const check of this.#waiters) check();
  };

  /** How many operations of a kind are under way. */
  count(kind: OperationKind): number {
    return this.#flights.filter((flight) => flight.kind === kind).length;
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
