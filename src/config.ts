import type { CloudSettings } from './auth/clouds.js';
import { readCloud } from './auth/clouds.js';
import type { Secret } from './auth/scope.js';
import { parseLimits } from './config/limits.js';
import {
  parseCacheSecrets,
  parseCacheTtl,
  parseCorsOrigins,
  parseHost,
  parseLogLevel,
  parseMemcachedServers,
  parseShortcuts,
  parseTrustProxy,
  Reader,
  type TrustProxy,
} from './config/parse.js';
import { unknownVariables } from './config/unknown.js';
import type { LimitValues } from './graph/limits/table.js';
import type { LogLevel } from './http/log.js';
import type { Shortcuts } from './shortcuts.js';

/** All that the environment says, checked once at the start. `docs/configuration.md` describes the variables. */
export interface Config {
  readonly host: string;
  /** 0 lets the system choose. */
  readonly port: number;
  /** The cloud to serve; null starts the embedded demo cloud. */
  readonly cloud: CloudSettings | null;
  /** `host:port` each; none means the embedded store. */
  readonly memcachedServers: readonly string[];
  /** The first one signs; all are accepted on reading. */
  readonly cacheSecrets: readonly Secret[];
  readonly cacheEncrypt: boolean;
  /** Seconds by GraphQL type, instead of the descriptors' own. */
  readonly cacheTtl: ReadonlyMap<string, number>;
  readonly cacheWrites: 'default' | 'strict';
  /** Origins, or `*` alone; none means same origin only. */
  readonly corsOrigins: readonly string[];
  readonly trustProxy: TrustProxy;
  readonly logLevel: LogLevel;
  /** How long to serve on after SIGTERM. */
  readonly drainSeconds: number;
  readonly demoServers: number;
  /** What requests may hold and cost. */
  readonly limits: LimitValues;
  /** The tricks for speed that are on. */
  readonly shortcuts: Shortcuts;
}

/** The configuration is wrong; the message lists every fault, one per line. */
export class ConfigError extends Error {
  readonly faults: readonly string[];

  constructor(faults: readonly string[]) {
    const count = faults.length === 1 ? 'One fault' : `${faults.length} faults`;
    super([`${count} in the configuration:`, ...faults.map((fault) => `  ${fault}`)].join('\n'));
    this.name = 'ConfigError';
    this.faults = faults;
  }
}

export interface ConfigSources {
  readonly env: NodeJS.ProcessEnv;
  /** Directory in which `clouds.yaml` is looked for first. */
  readonly cwd: string;
  /** Types that `CACHE_TTL` may name; null skips that check. */
  readonly cachedTypes: ReadonlySet<string> | null;
}

/** Reads the whole configuration; throws one `ConfigError` that lists everything that is wrong with it. */
export function readConfig({ env, cwd, cachedTypes }: ConfigSources): Config {
  const reader = new Reader(env);
  const { cloud, faults } = readCloud(env, cwd);
  const memcachedServers = parseMemcachedServers(reader);
  const config: Config = {
    host: parseHost(reader),
    port: reader.integer('PORT', 4000, 0, 65_535),
    cloud,
    memcachedServers,
    cacheSecrets: parseCacheSecrets(reader, memcachedServers.length > 0),
    cacheEncrypt: reader.oneOf('CACHE_ENCRYPT', ['true', 'false'], 'false') === 'true',
    cacheTtl: parseCacheTtl(reader, cachedTypes),
    cacheWrites: reader.oneOf('CACHE_WRITES', ['default', 'strict'], 'default'),
    corsOrigins: parseCorsOrigins(reader),
    trustProxy: parseTrustProxy(reader),
    logLevel: parseLogLevel(reader),
    drainSeconds: reader.integer('DRAIN_SECONDS', 5, 0, 300),
    demoServers: reader.integer('DEMO_SERVERS', 60, 10, 10_000),
    limits: parseLimits(reader),
    shortcuts: parseShortcuts(reader),
  };
  const all = [...unknownVariables(env), ...reader.faults, ...faults];
  if (all.length > 0) throw new ConfigError(all);
  return Object.freeze(config);
}
