import { AsyncLocalStorage } from 'node:async_hooks';
import { randomUUID } from 'node:crypto';
import type { Logger } from 'pino';
import type { InFlight } from './inflight.js';

/** One HTTP request to `/graphql`, for all that happens on its behalf. */
export interface CurrentRequest {
  readonly id: string;
  readonly log: Logger;
  readonly flight: ReturnType<InFlight['begin']>;
}

const storage = new AsyncLocalStorage<CurrentRequest>();

/** Runs `work` so that `currentRequest()` knows the request anywhere below it. */
export function withRequest<T>(request: CurrentRequest, work: () => Promise<T>): Promise<T> {
  return storage.run(request, work);
}

/** The request that the code asking belongs to; undefined outside of one. */
export function currentRequest(): CurrentRequest | undefined {
  return storage.getStore();
}

/** An id in the form that OpenStack gives its own. */
export function newRequestId(): string {
  return `req-${randomUUID()}`;
}
