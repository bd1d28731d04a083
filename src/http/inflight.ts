import type { ServerResponse } from 'node:http';

/** What an operation is, as far as stopping is concerned: `unknown` until its document has been parsed. */
export type OperationKind = 'read' | 'write';

interface Operation {
  kind: OperationKind;
  /** Made for whoever wants to be told: most answers that are kept are sent before anybody does. */
  controller: AbortController | null;
  isAborted: boolean;
}

/** The operations that are being answered now; what a stopping server waits for. */
export class InFlight {
  readonly #operations = new Set<Operation>();
  readonly #waiters = new Set<() => void>();

  /** Registers an operation; it counts as a read until `write` says otherwise. */
  begin(): { readonly signal: AbortSignal; abort(): void; write(): void; end(): void } {
    const operation: Operation = { kind: 'read', controller: null, isAborted: false };
    this.#operations.add(operation);
    return {
      get signal() {
        operation.controller ??= controllerOf(operation);
        return operation.controller.signal;
      },
      abort: () => abort(operation),
      write: () => {
        operation.kind = 'write';
      },
      end: () => {
        if (!this.#operations.delete(operation)) return;
        for (const check of this.#waiters) check();
      },
    };
  }

  /** The same for whoever waits for this response: aborted where the client leaves before it is written. */
  beginFor(response: ServerResponse): ReturnType<InFlight['begin']> {
    const flight = this.begin();
    response.once('close', () => {
      if (!response.writableFinished) flight.abort();
    });
    return flight;
  }

  /** How many operations of a kind are under way. */
  count(kind: OperationKind): number {
    return [...this.#operations].filter((operation) => operation.kind === kind).length;
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
    for (const operation of this.#operations) if (operation.kind === 'read') abort(operation);
  }
}

function controllerOf({ isAborted }: Operation): AbortController {
  const controller = new AbortController();
  if (isAborted) controller.abort();
  return controller;
}

function abort(operation: Operation): void {
  operation.isAborted = true;
  operation.controller?.abort();
}
