import type { Interface } from '../auth/scope.js';
import type { TlsOptions } from './agents.js';
import type { BreakerOptions } from './breaker.js';
import type { RestFigures } from './figures.js';

/** What `createTransport` needs to know; all but the first three have defaults. */
export interface TransportOptions {
  /** Keystone's address, with or without `/v3`. */
  readonly authUrl: string;
  readonly region: string | null;
  readonly interface: Interface;
  readonly tls?: TlsOptions;
  /** Endpoint overrides by official service type. */
  readonly endpoints?: Readonly<Record<string, string>>;
  /** Upper bounds for negotiated microversions, by official service type. */
  readonly microversions?: Readonly<Record<string, string>>;
  readonly limits?: Partial<Limits>;
  readonly figures?: RestFigures;
  /** For tests: the clock, the dice, the waiting. */
  readonly time?: Partial<Time>;
}

export interface Limits {
  /** Milliseconds for a read with all its retries, and for a write. */
  readonly readDeadline: number;
  readonly writeDeadline: number;
  /** Calls that one service of one region gets at a time. */
  readonly concurrency: number;
  /** Attempts at a read in all. */
  readonly attempts: number;
  /** Milliseconds before the first retry; doubles with each. */
  readonly backoff: number;
  /** Milliseconds: the longest wait before a retry; a service that asks for more is not retried. */
  readonly maxBackoff: number;
  /** Bytes of the longest answer. */
  readonly maxBody: number;
  /** Milliseconds for which a service's version document is believed. */
  readonly versionsFor: number;
  readonly breaker: BreakerOptions;
}

export interface Time {
  readonly now: () => number;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  /** Waits `ms`; rejects with the signal's reason if that comes first. */
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
}

export const defaultLimits: Limits = {
  readDeadline: 30_000,
  writeDeadline: 60_000,
  concurrency: 16,
  attempts: 3,
  backoff: 100,
  maxBackoff: 3_000,
  maxBody: 64 * 1024 * 1024,
  versionsFor: 10 * 60_000,
  breaker: { failures: 5, openMs: 5_000, maxOpenMs: 60_000 },
};

export const realTime: Time = {
  now: Date.now,
  random: Math.random,
  sleep: (ms, signal) =>
    new Promise((resolve, reject) => {
      const give = (): void => {
        clearTimeout(timer);
        reject(signal.reason);
      };
      const timer = setTimeout(() => {
        signal.removeEventListener('abort', give);
        resolve();
      }, ms);
      if (signal.aborted) give();
      else signal.addEventListener('abort', give, { once: true });
    }),
};
