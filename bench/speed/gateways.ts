import { type Replica, startReplica } from '../../test/support/replica.js';
import type { Question } from './queries.js';

/** All types of the instances page: none may run out of time while warm pages are measured, all must for the herd. */
const TYPES = ['Server', 'Flavor', 'Image', 'Port', 'Network', 'SecurityGroup', 'FloatingIp', 'Volume'];
const SECRET = 'a-secret-for-the-bench-that-has-32-bytes';

/** What a gateway of the bench has beside its cloud. */
export interface Setting {
  /** Seconds that every row lives; each type's own time unless said otherwise. */
  readonly ttl?: number;
  /** `host:port`; a store inside the process unless said otherwise. */
  readonly memcached?: string;
  readonly shortcutsOff?: 'all';
}

/** A gateway in a process of its own, as `npm start` runs it. */
export function startGateway(authUrl: string, { ttl, memcached, shortcutsOff }: Setting = {}): Promise<Replica> {
  return startReplica({
    OS_AUTH_URL: authUrl,
    LOG_LEVEL: 'warn',
    // Pages of a thousand servers with eight relations hold more rows than anybody may ask for unless it is allowed.
    LIMIT_NODES: '100000000',
    LIMIT_CALLS: '100000',
    ...(ttl === undefined ? {} : { CACHE_TTL: TYPES.map((type) => `${type}=${ttl}`).join(',') }),
    ...(memcached === undefined ? {} : { MEMCACHED_SERVERS: memcached, CACHE_SECRET: SECRET }),
    ...(shortcutsOff === undefined ? {} : { SHORTCUTS_OFF: shortcutsOff }),
  });
}

/** What a gateway answered: the whole text, and the REST calls behind it. */
export interface Asked {
  readonly text: string;
  readonly calls: number;
  readonly ms: number;
}

/** One question; throws where the answer has errors. With `explain` the answer tells its calls, which it else does not. */
export async function ask(
  url: string,
  token: string | null,
  question: Question,
  { explain = false, noCache = false } = {},
): Promise<Asked> {
  const began = performance.now();
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(token === null ? {} : { 'x-auth-token': token }),
      ...(explain ? { 'x-explain': '1' } : {}),
      ...(noCache ? { 'cache-control': 'no-cache' } : {}),
    },
    body: JSON.stringify(question),
  });
  const text = await response.text();
  const ms = performance.now() - began;
  if (response.status !== 200 || !text.startsWith('{"data":'))
    throw new Error(`expected data of ${url}, got status ${response.status}: ${text.slice(0, 600)}`);
  return { text, ms, calls: explain ? callsOf(text) : 0 };
}

function callsOf(text: string): number {
  const { extensions } = JSON.parse(text) as {
    readonly extensions: { readonly explain: { readonly rest: readonly unknown[] } };
  };
  return extensions.explain.rest.length;
}
