import { Registry } from 'prom-client';
import type { AuthFigures } from './auth/figures.js';
import type { CacheFigures, StoreFigures } from './cache/figures.js';
import type { CacheOptions } from './cache/options.js';
import type { AnswerFigures } from './graph/answers.js';
import type { HttpFigures } from './http/figures.js';
import type { Metrics as HttpMetrics } from './http/parts.js';
import { bounded } from './metrics/bounded.js';
import { Later } from './metrics/later.js';
import { Figures, processRegistry } from './metrics/registry.js';
import type { RestFigures, Target } from './rest/figures.js';

/** Where each stage of one gateway counts. `docs/metrics.md` tells what the figures mean. */
export interface Metrics extends HttpMetrics {
  readonly cache: CacheFigures;
  readonly store: StoreFigures;
  readonly unconfirmed: NonNullable<CacheOptions['onUnconfirmed']>;
  readonly rest: RestFigures;
  readonly auth: AuthFigures;
  readonly answers: AnswerFigures;
}

/** The metrics of one gateway, in a registry of its own: several gateways may run in one process. */
export function createMetrics(): Metrics {
  const figures = new Figures();
  const ofProcess = processRegistry();
  const later = new Later();
  const cache = cacheFigures(figures);
  const store = storeFigures(figures);
  const answers = answerFigures(figures);
  const http = httpFigures(figures);
  const all = {
    cache: { ...cache, lookups: later.of(cache.lookups) },
    unconfirmed: unconfirmedFigures(figures),
    store: { ...store, operation: later.of(store.operation) },
    rest: restFigures(figures),
    auth: authFigures(figures),
    answers: { asked: later.of(answers.asked) },
    figures: { ...http, request: later.of(http.request), operation: later.of(http.operation) },
  };
  return {
    ...all,
    async page() {
      later.tell();
      const merged = Registry.merge([figures.registry, ofProcess]);
      return { type: merged.contentType, text: await merged.metrics() };
    },
  };
}

/** As many as a schema has types, a catalog services with their regions, and some. */
const MOST_TYPES = 300;
const MOST_TARGETS = 200;
const MOST_CODES = 100;
const MOST_LIMITS = 50;

const REASONS = ['forged', 'unknown_secret', 'malformed', 'encryption', 'expired'] as const;

function cacheFigures(figures: Figures): CacheFigures {
  const lookups = figures.counter('cache_lookups_total', 'Look-ups in the cache', ['type', 'outcome']);
  const joins = figures.counter('cache_joins_total', 'Look-ups answered by the fetch of somebody else', ['other']);
  const refused = figures.counter('cache_refused_total', 'What lay in the store and was not used', ['what', 'reason']);
  const held = figures.counter('cache_held_total', 'Look-ups that missed and met a hold', ['state']);
  // An alert on an increase needs the zero before it.
  for (const reason of REASONS) refused.inc({ what: 'entry', reason }, 0);
  const typeOf = bounded(MOST_TYPES);
  return {
    lookups: (type, outcome, count) => lookups.inc({ type: typeOf(type), outcome }, count),
    joined: (other) => joins.inc({ other }),
    refused: (what, reason) => refused.inc({ what, reason }),
    heldBy: (state) => held.inc({ state }),
  };
}

function unconfirmedFigures(figures: Figures): Metrics['unconfirmed'] {
  const events = figures.counter('cache_unconfirmed_total', 'Bumps that no memcached acknowledged', ['state']);
  const outstanding = figures.gauge('cache_unconfirmed_outstanding', 'Bumps being repeated now', []);
  return ({ state }) => {
    events.inc({ state: state === 'given up' ? 'given_up' : state });
    outstanding.inc(state === 'retrying' ? 1 : -1);
  };
}

function storeFigures(figures: Figures): StoreFigures {
  const operations = figures.counter('memcached_operations_total', 'Operations on memcached', ['server', 'outcome']);
  const breaker = figures.gauge('memcached_breaker_open', '1 while a memcached server is left alone', ['server']);
  return {
    operation: (server, outcome) => operations.inc({ server, outcome }),
    breaker: (server, open) => breaker.set({ server }, open ? 1 : 0),
  };
}

function restFigures(figures: Figures): RestFigures {
  const labels = ['service', 'region'] as const;
  const calls = figures.counter('rest_calls_total', 'HTTP exchanges with OpenStack', [...labels, 'method', 'status']);
  const seconds = figures.durations('rest_call_duration_seconds', 'Time of one HTTP exchange', [...labels, 'method']);
  const retries = figures.counter('rest_retries_total', 'Reads that were sent again', labels);
  const spared = figures.counter('rest_spared_total', 'Calls refused since the breaker was open', labels);
  const breaker = figures.gauge('rest_breaker_open', '1 while a service is left alone', labels);
  const waiting = figures.gauge('rest_waiting', 'Calls that wait for one of the places of their service', labels);
  const bound = bounded(MOST_TARGETS);
  const labelsOf = ({ service, region }: Target) => ({ service: bound(service), region: bound(region) });
  return {
    exchange(target, method, status, took) {
      const to = labelsOf(target);
      calls.inc({ ...to, method, status: classOf(status) });
      seconds.observe({ ...to, method }, took);
    },
    retried: (target) => retries.inc(labelsOf(target)),
    spared: (target) => spared.inc(labelsOf(target)),
    breaker: (target, open) => breaker.set(labelsOf(target), open ? 1 : 0),
    waiting: (target, change) => waiting.inc(labelsOf(target), change),
  };
}

function classOf(status: number): string {
  return status === 0 ? 'none' : `${Math.trunc(status / 100)}xx`;
}

function authFigures(figures: Figures): AuthFigures {
  const validated = figures.counter('tokens_validated_total', 'Tokens asked about at Keystone', ['outcome']);
  return { validated: (outcome) => validated.inc({ outcome }) };
}

function answerFigures(figures: Figures): AnswerFigures {
  const asked = figures.counter('answers_total', 'Queries that a whole answer was looked for', ['outcome']);
  return { asked: (outcome) => asked.inc({ outcome }) };
}

/** What HTTP clients may choose freely, and Node's parser takes some thirty of. */
const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

function httpFigures(figures: Figures): HttpFigures {
  const requests = figures.counter('http_requests_total', 'HTTP requests', ['method', 'route', 'status']);
  const operations = figures.counter('graphql_operations_total', 'GraphQL operations', ['type', 'outcome']);
  const errors = figures.counter('graphql_errors_total', 'GraphQL operations with an error of this code', ['code']);
  const seconds = figures.durations('graphql_operation_duration_seconds', 'Time to answer an operation', ['type']);
  const refused = figures.counter('queries_refused_total', 'Documents refused by a limit', ['limit']);
  const codeOf = bounded(MOST_CODES);
  const limitOf = bounded(MOST_LIMITS);
  return {
    request(method, route, status) {
      requests.inc({ method: METHODS.has(method) ? method : 'other', route: route ?? 'none', status });
    },
    operation(kind, codes, partial, took) {
      const type = kind ?? 'none';
      const outcome = codes.length === 0 ? 'ok' : partial ? 'partial' : 'failed';
      operations.inc({ type, outcome });
      for (const code of codes) errors.inc({ code: codeOf(code) });
      seconds.observe({ type }, took);
    },
    refused: (limit) => refused.inc({ limit: limitOf(limit) }),
  };
}
