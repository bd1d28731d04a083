import { randomUUID } from 'node:crypto';
import type { Agents } from './agents.js';
import { Breaker, type Verdict } from './breaker.js';
import { Budget } from './budget.js';
import { ExchangeError, exchange, type RawAnswer } from './exchange.js';
import { badInput, Fault } from './fault.js';
import { faultOf, isRead, requestIdIn, retryAfterOf } from './faults.js';
import type { RestFigures } from './figures.js';
import { Limiter } from './limiter.js';
import type { Limits, Time } from './options.js';
import type { Method, Query, RestAnswer, RestRecord } from './rest.js';

/** One call with everything decided but when and how often it is sent. */
export interface Call {
  readonly service: string;
  readonly region: string;
  readonly method: Method;
  /** The service's root, without a trailing slash. */
  readonly root: string;
  readonly path: string;
  readonly query?: Query | undefined;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
  readonly deadline?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly record?: ((record: RestRecord) => void) | undefined;
  /** Never to appear in a message. */
  readonly secrets: readonly string[];
}

/** How an attempt failed: what the asker is told, and what follows from it. */
interface Failure {
  readonly fault: Fault;
  readonly verdict: Verdict;
  readonly retriable: boolean;
  /** Seconds for which the service asked. */
  readonly retryAfter: number | null;
}

interface Gate {
  readonly limiter: Limiter;
  readonly breaker: Breaker;
}

const GATEWAY_ERRORS = new Set([502, 503, 504]);

/** Sends calls: bounded, timed, retried where that is safe, spared where the service is down. */
export class Caller {
  readonly #agents: Agents;
  readonly #limits: Limits;
  readonly #time: Time;
  readonly #figures: RestFigures;
  readonly #gates = new Map<string, Gate>();

  constructor(agents: Agents, limits: Limits, time: Time, figures: RestFigures) {
    this.#agents = agents;
    this.#limits = limits;
    this.#time = time;
    this.#figures = figures;
  }

  /** The answer to a call, a success by its status. Throws `Fault` only. */
  async send(call: Call): Promise<RestAnswer> {
    const url = urlOf(call);
    const { readDeadline, writeDeadline } = this.#limits;
    const reading = isRead(call.method);
    const gate = this.#gate(call);
    const report = this.#admit(call, gate);
    const budget = new Budget(
      call.deadline ?? (reading ? readDeadline : writeDeadline),
      reading ? call.signal : undefined,
    );
    let verdict: Verdict = 'unknown';
    try {
      const outcome = await this.#attempts(call, url, gate.limiter, budget);
      verdict = isFailure(outcome) ? outcome.verdict : 'alive';
      if (isFailure(outcome)) throw outcome.fault;
      return outcome;
    } finally {
      report(verdict);
      budget.close();
    }
  }

  #admit(call: Call, { breaker }: Gate): (verdict: Verdict) => void {
    try {
      return breaker.admit(call.service);
    } catch (refusal) {
      this.#figures.spared(call);
      throw refusal;
    }
  }

  async #attempts(call: Call, url: URL, limiter: Limiter, budget: Budget): Promise<RestAnswer | Failure> {
    for (let attempt = 1; ; attempt += 1) {
      const outcome = await this.#attempt(call, url, limiter, budget);
      if (!isFailure(outcome) || !outcome.retriable || attempt >= this.#limits.attempts) return outcome;
      const wait = this.#waitBefore(attempt, outcome.retryAfter);
      if (wait > this.#limits.maxBackoff || wait >= budget.left) return outcome;
      try {
        await this.#time.sleep(wait, budget.signal);
      } catch {
        return outcome;
      }
      this.#figures.retried(call);
    }
  }

  /** Full jitter: many gateways that failed together do not come back together. */
  #waitBefore(attempt: number, retryAfter: number | null): number {
    const ceiling = this.#limits.backoff * 2 ** (attempt - 1);
    return Math.max(this.#time.random() * ceiling, (retryAfter ?? 0) * 1000);
  }

  async #attempt(call: Call, url: URL, limiter: Limiter, budget: Budget): Promise<RestAnswer | Failure> {
    try {
      await limiter.enter(budget.signal);
    } catch {
      return { fault: endedFault(call, budget, false), verdict: 'unknown', retriable: false, retryAfter: null };
    }
    try {
      return await this.#exchange(call, url, budget);
    } finally {
      limiter.leave();
    }
  }

  async #exchange(call: Call, url: URL, budget: Budget): Promise<RestAnswer | Failure> {
    const began = performance.now();
    const socket = isRead(call.method) ? null : this.#agents.write();
    let status = 0;
    try {
      const raw = await exchange({
        url,
        method: call.method,
        headers: { ...call.headers, 'X-Openstack-Request-Id': `req-${randomUUID()}` },
        body: call.body,
        agent: socket?.agent ?? this.#agents.read,
        signal: budget.signal,
        maxBytes: this.#limits.maxBody,
      });
      status = raw.status;
      return this.#judge(call, raw);
    } catch (error) {
      if (error instanceof ExchangeError) status = error.status ?? 0;
      return failureOf(call, budget, error, socket?.connected() ?? false);
    } finally {
      socket?.close();
      const { service, method, path } = call;
      const ms = performance.now() - began;
      call.record?.({ service, method, path, status, ms });
      this.#figures.exchange(call, method, status, ms / 1000);
    }
  }

  #judge(call: Call, raw: RawAnswer): RestAnswer | Failure {
    const { status, header, body } = raw;
    // 300: Cinder's and Glance's way to say that their root has version documents.
    if (status >= 200 && status <= 300) return { status, header, body, requestId: requestIdIn(header) };
    const { service, method, secrets } = call;
    const down = GATEWAY_ERRORS.has(status);
    return {
      fault: faultOf({ service, method, status, body, header, secrets }),
      verdict: down ? 'failed' : 'alive',
      retriable: down && isRead(method),
      retryAfter: retryAfterOf(header('retry-after'), this.#time.now()),
    };
  }

  #gate(call: Call): Gate {
    const name = call.region === '' ? call.service : `${call.service} in region ${call.region}`;
    let gate = this.#gates.get(name);
    if (gate === undefined) {
      const { concurrency, breaker } = this.#limits;
      const target = { service: call.service, region: call.region };
      const tell = (open: boolean) => this.#figures.breaker(target, open);
      tell(false);
      gate = {
        limiter: new Limiter(concurrency, (change) => this.#figures.waiting(target, change)),
        breaker: new Breaker(name, breaker, this.#time.now, tell),
      };
      this.#gates.set(name, gate);
    }
    return gate;
  }
}

function isFailure(outcome: RestAnswer | Failure): outcome is Failure {
  return 'fault' in outcome;
}

/** The call's URL: below its root, whatever its path is made of. */
function urlOf(call: Call): URL {
  const root = new URL(call.root);
  const url = new URL(`${call.root}${call.path}`);
  const asWritten = `${root.pathname === '/' ? '' : root.pathname}${call.path}`;
  if (url.origin !== root.origin || url.pathname !== asWritten || url.search !== '' || url.hash !== '') {
    const message = 'A path left the root of its service: paths with values in them must come from pathOf.';
    throw new Fault({ code: 'INTERNAL_SERVER_ERROR', service: call.service, message });
  }
  const query = (call.query ?? []).map(([name, value]) => `${encoded(name)}=${encoded(value, name)}`);
  url.search = query.join('&');
  return url;
}

/** A client can write half a surrogate pair into JSON, which no URL can hold. */
function encoded(text: string, parameter = 'filter'): string {
  if (/\p{Cs}/u.test(text)) throw badInput(parameter, 'text of whole characters', text);
  return encodeURIComponent(text);
}

function endedFault(call: Call, budget: Budget, sent: boolean, requestId: string | null = null): Fault {
  const { service } = call;
  const message =
    budget.ended === 'client' ? `The client left before ${service} answered.` : `${service} did not answer in time.`;
  return new Fault({
    code: 'UPSTREAM_TIMEOUT',
    service,
    requestId,
    message,
    ...(sent ? { outcome: 'UNKNOWN' as const } : {}),
  });
}

/** `sent`: the call is a write, and bytes of it may have reached the service. */
function failureOf(call: Call, budget: Budget, error: unknown, sent: boolean): Failure {
  const { service } = call;
  if (!(error instanceof ExchangeError)) throw error;
  if (error.kind === 'aborted') {
    const verdict = budget.ended === 'client' ? 'unknown' : 'failed';
    return { fault: endedFault(call, budget, sent, error.requestId), verdict, retriable: false, retryAfter: null };
  }
  const network = error.kind === 'network';
  const fault = new Fault({
    code: 'UPSTREAM_UNAVAILABLE',
    service,
    // The status of an answer that was broken off says nothing: no answer came.
    status: network ? null : error.status,
    requestId: error.requestId,
    message: describe(service, error),
    ...(sent && error.kind !== 'redirect' ? { outcome: 'UNKNOWN' as const } : {}),
  });
  const verdict = network || error.kind === 'certificate' ? 'failed' : 'alive';
  return { fault, verdict, retriable: network && isRead(call.method), retryAfter: null };
}

function describe(service: string, error: ExchangeError): string {
  switch (error.kind) {
    case 'network':
      return `${service} cannot be reached, or broke off its answer (${error.message}).`;
    case 'certificate':
      return `The TLS certificate of ${service} is not accepted (${error.message}): see OS_CACERT.`;
    case 'redirect':
      return `${service} answered with ${error.message}, which is never followed: correct its endpoint in the catalog.`;
    default:
      return `${service} answered with ${error.message}.`;
  }
}
