import { Secret } from '../auth/scope.js';
import { LONGEST_LIFE } from '../cache/options.js';
import { LOG_LEVELS, type LogLevel } from '../http/log.js';
import { type Shortcuts, shortcutNames } from '../shortcuts.js';

/** Reads variables one by one and remembers what is wrong with them, instead of stopping at the first. */
export class Reader {
  readonly faults: string[] = [];
  readonly #env: NodeJS.ProcessEnv;

  constructor(env: NodeJS.ProcessEnv) {
    this.#env = env;
  }

  /** The text of a variable; absent and blank are the same: null. */
  text(name: string): string | null {
    const text = this.#env[name]?.trim();
    return text === undefined || text === '' ? null : text;
  }

  /** Parts between commas, trimmed; none where the variable is absent. */
  list(name: string): string[] {
    return (this.text(name) ?? '')
      .split(',')
      .map((part) => part.trim())
      .filter((part) => part !== '');
  }

  fault(name: string, expected: string, got: string): void {
    this.faults.push(`${name}: expected ${expected}, got ${JSON.stringify(got)}`);
  }

  /** A whole number within bounds. */
  integer(name: string, fallback: number, least: number, most: number): number {
    const text = this.text(name);
    if (text === null) return fallback;
    const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
    if (value >= least && value <= most) return value;
    this.fault(name, `a whole number from ${least} to ${most}`, text);
    return fallback;
  }

  oneOf<T extends string>(name: string, choices: readonly T[], fallback: T): T {
    const text = this.text(name);
    if (text === null) return fallback;
    const choice = choices.find((candidate) => candidate === text);
    if (choice === undefined) this.fault(name, `one of ${choices.join(', ')}`, text);
    return choice ?? fallback;
  }
}

export function parseHost(reader: Reader): string {
  const host = reader.text('HOST') ?? '127.0.0.1';
  if (/^[\w.:%-]+$/.test(host)) return host;
  reader.fault('HOST', 'an address or host name, without port or scheme', host);
  return host;
}

/** `host:port` each; an IPv6 address in brackets. Duplicates would unbalance the ring. */
export function parseMemcachedServers(reader: Reader): readonly string[] {
  const servers = reader.list('MEMCACHED_SERVERS');
  for (const server of servers) {
    const port = Number(/^(?:[\w.-]+|\[[\da-fA-F:.]+\]):(\d{1,5})$/.exec(server)?.[1]);
    if (!(port >= 1 && port <= 65_535)) reader.fault('MEMCACHED_SERVERS', 'host:port,host:port', server);
  }
  if (new Set(servers).size !== servers.length) {
    reader.fault('MEMCACHED_SERVERS', 'each server once', servers.join(','));
  }
  return servers;
}

const LEAST_SECRET_BYTES = 32;

/** The secrets' own texts are never part of a fault. */
export function parseCacheSecrets(reader: Reader, needed: boolean): readonly Secret[] {
  const secrets = reader.list('CACHE_SECRET');
  if (needed && secrets.length === 0) {
    reader.faults.push('CACHE_SECRET: required with MEMCACHED_SERVERS; make one with: openssl rand -base64 48');
  }
  if (secrets.length > 2) {
    reader.faults.push(`CACHE_SECRET: expected one secret, or two during a change, got ${secrets.length}`);
  }
  for (const [index, secret] of secrets.entries()) {
    const bytes = Buffer.byteLength(secret);
    if (bytes >= LEAST_SECRET_BYTES) continue;
    reader.faults.push(
      `CACHE_SECRET: expected ${LEAST_SECRET_BYTES} bytes or more, got ${bytes} (secret ${index + 1})`,
    );
  }
  return secrets.map((secret) => new Secret(secret));
}

/** `Type=seconds,…`. With `types`, a type that the schema does not have is a fault. */
export function parseCacheTtl(reader: Reader, types: ReadonlySet<string> | null): ReadonlyMap<string, number> {
  const byType = new Map<string, number>();
  for (const part of reader.list('CACHE_TTL')) {
    const [, type = '', digits = ''] = /^([A-Z][A-Za-z0-9]*)\s*=\s*(\d{1,6})$/.exec(part) ?? [];
    const seconds = Number(digits);
    if (type === '' || seconds > LONGEST_LIFE) reader.fault('CACHE_TTL', `Type=seconds up to ${LONGEST_LIFE}`, part);
    else if (types !== null && !types.has(type)) reader.fault('CACHE_TTL', 'a type of the schema that is cached', type);
    else if (byType.has(type)) reader.fault('CACHE_TTL', 'each type once', type);
    else byType.set(type, seconds);
  }
  return byType;
}

export function parseCorsOrigins(reader: Reader): readonly string[] {
  const origins = reader.list('CORS_ORIGINS');
  for (const origin of origins) {
    if (origin === '*' && origins.length === 1) continue;
    if (!isOrigin(origin))
      reader.fault('CORS_ORIGINS', 'origins such as https://dashboard.example, or * alone', origin);
  }
  return origins;
}

function isOrigin(text: string): boolean {
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol) && new URL(text).origin === text;
}

/** In Fastify's own terms. */
export type TrustProxy = boolean | number | readonly string[];

const NETWORK = /^(?:\d{1,3}(?:\.\d{1,3}){3}|[\da-fA-F:]*:[\da-fA-F:.]*)(?:\/\d{1,3})?$/;
const NAMED_NETWORKS = new Set(['loopback', 'linklocal', 'uniquelocal']);

export function parseTrustProxy(reader: Reader): TrustProxy {
  const text = reader.text('TRUST_PROXY') ?? 'false';
  if (text === 'true' || text === 'false') return text === 'true';
  if (/^[1-9]\d?$/.test(text)) return Number(text);
  const networks = reader.list('TRUST_PROXY');
  for (const network of networks) {
    if (NETWORK.test(network) || NAMED_NETWORKS.has(network)) continue;
    reader.fault('TRUST_PROXY', 'true, false, a number of proxies, or addresses and networks', network);
  }
  return networks;
}

export function parseLogLevel(reader: Reader): LogLevel {
  return reader.oneOf('LOG_LEVEL', LOG_LEVELS, 'info');
}

/** `SHORTCUTS_OFF`: names of shortcuts to do without, or `all`. */
export function parseShortcuts(reader: Reader): Shortcuts {
  const off = new Set(reader.list('SHORTCUTS_OFF'));
  for (const name of off) {
    const isKnown = name === 'all' || shortcutNames.some((known) => known === name);
    if (!isKnown) reader.fault('SHORTCUTS_OFF', `all, or some of ${shortcutNames.join(', ')}`, name);
  }
  return new Set(off.has('all') ? [] : shortcutNames.filter((name) => !off.has(name)));
}
