import { createHash, hkdfSync, randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import type { Logger } from 'pino';
import { audienceOf } from './auth/audience.js';
import type { CloudSettings } from './auth/clouds.js';
import { createIssuer, type Issuer } from './auth/issue.js';
import type { IssueInput } from './auth/issue-input.js';
import type { Scope, Secret } from './auth/scope.js';
import { createSelf, type Self } from './auth/self.js';
import { type Authenticator, createAuthenticator } from './auth/validate.js';
import type { Cache } from './cache/cache.js';
import { wallClock } from './cache/clock.js';
import { createEmbeddedStore } from './cache/embedded.js';
import { createMemcachedStore } from './cache/memcached.js';
import { PARSED_BYTES } from './cache/parsed.js';
import { createCache, type WholeCache } from './cache/protocol.js';
import type { Config } from './config.js';
import { KnownQueries } from './graph/again.js';
import { AnswerStore } from './graph/answers.js';
import { createExecutor } from './graph/compiled.js';
import { type Auth, Context, type Gateway } from './graph/context.js';
import { QueryLimits } from './graph/limits/limits.js';
import type { Notes } from './graph/notes.js';
import type { Origins } from './graph/origins.js';
import { executableSchema } from './graph/schema.js';
import { KeptTexts } from './graph/texts.js';
import { errorForLog } from './http/log.js';
import type { Parts, Readiness, RequestFacts } from './http/parts.js';
import type { Asker } from './load/asker.js';
import { Collections } from './load/collections.js';
import { createMetrics, type Metrics } from './metrics.js';
import { createTransport, type Transport } from './rest/client.js';
import { Fault } from './rest/fault.js';
import type { Limits } from './rest/options.js';
import { isObject } from './row.js';

export interface GatewayOptions {
  readonly config: Config;
  /** The configured cloud, or the demo. */
  readonly cloud: CloudSettings;
  /** Single-user mode: requests without a token use the one that the gateway gets with the cloud's credentials. */
  readonly singleUser: boolean;
  readonly log: Logger;
  /** Where the stages count; by default in a registry of the gateway's own. */
  readonly metrics?: Metrics;
  /** For tests: other bounds on calls than the usual, and another clock (milliseconds since 1970) than the machine's. */
  readonly forTests?: { readonly limits?: Partial<Limits>; readonly now?: () => number };
}

const SCHEMA_FOLDER = fileURLToPath(new URL('../schema', import.meta.url));

/** Seconds for pending bumps to be acknowledged when the gateway stops. */
const LAST_BUMPS = 5;

/** Puts the stages together: REST client, cache, authentication and resolvers over one cloud. Calls nothing yet. */
export async function createGateway(options: GatewayOptions): Promise<Parts<Context>> {
  const { config, cloud, log, forTests = {} } = options;
  const metrics = options.metrics ?? createMetrics();
  const transport = transportTo(cloud, metrics, forTests);
  const cache = cacheOf(options, metrics);
  const placeOf = placesOf(cloud);
  const authenticator = createAuthenticator({
    transport,
    cache,
    place: placeOf(''),
    secret: tokenSecret(config),
    figures: metrics.auth,
    ...(forTests.now ? { now: forTests.now } : {}),
  });
  const issuer = createIssuer(transport);
  const self = options.singleUser && cloud.credentials !== null ? createSelf(cloud.credentials, issuer) : null;
  const forget = (scope: Scope) => {
    self?.forget();
    authenticator
      .forget(scope.token)
      .catch((error: unknown) => log.warn({ err: errorForLog(error) }, 'a token was not forgotten'));
  };
  const collections = config.shortcuts.has('collections') ? new Collections() : null;
  const gateway: Gateway = {
    auth: authOf(authenticator, issuer, self),
    cache,
    defaultRegion: cloud.region,
    limits: config.limits,
    shortcuts: config.shortcuts,
    askerFor: (scope, facts, notes, origins) =>
      askerFor({ ...options, transport, cache, collections, placeOf, forget }, scope, facts, notes, origins),
  };
  const { schema, sdl } = executableSchema(SCHEMA_FOLDER);
  const execute = createExecutor<Context>(schema, {
    compile: config.shortcuts.has('compiled'),
    rewind: (context) => context.rewind(),
    ...(config.shortcuts.has('texts') ? { texts: new KeptTexts(cache) } : {}),
  });
  const limits = new QueryLimits(schema, config.limits);
  const contextFor = (facts: RequestFacts) => new Context(gateway, facts);
  const scopeOf = (token: Secret) => authenticator.known(token);
  const answers = config.shortcuts.has('answers') ? new AnswerStore(cache, metrics.answers, scopeOf) : null;
  return {
    ...(answers ? { answers, again: new KnownQueries({ answers, limits, execute, contextFor, scopeOf }) } : {}),
    schema,
    sdl,
    contextFor,
    readiness: () => readiness(transport, cache),
    execute,
    limits,
    metrics,
    async close() {
      await cache.close(LAST_BUMPS);
      transport.close();
    },
  };
}

function transportTo(
  cloud: CloudSettings,
  metrics: Metrics,
  { limits, now }: NonNullable<GatewayOptions['forTests']>,
): Transport {
  const { authUrl, region, verify, cacert, cert, key, endpoints, microversions } = cloud;
  return createTransport({
    authUrl,
    region,
    interface: cloud.interface,
    endpoints,
    microversions,
    figures: metrics.rest,
    ...(limits ? { limits } : {}),
    ...(now ? { time: { now } } : {}),
    tls: { verify, ...(cacert ? { cacert } : {}), ...(cert ? { cert } : {}), ...(key ? { key } : {}) },
  });
}

function cacheOf({ config, log, forTests = {} }: GatewayOptions, metrics: Metrics): WholeCache {
  const { now = wallClock.now } = forTests;
  const store =
    config.memcachedServers.length > 0
      ? createMemcachedStore(config.memcachedServers, { figures: metrics.store })
      : createEmbeddedStore({ now });
  return createCache({
    store,
    secrets: config.cacheSecrets,
    encrypt: config.cacheEncrypt,
    strictWrites: config.cacheWrites === 'strict',
    parsedBytes: config.shortcuts.has('parsed') ? PARSED_BYTES : 0,
    figures: metrics.cache,
    clock: { ...wallClock, now },
    onUnconfirmed(event) {
      metrics.unconfirmed(event);
      log.warn({ state: event.state }, 'a bump of the cache was not acknowledged');
    },
  });
}

/** Tokens are remembered under an HMAC: of a key of its own where replicas share a secret, of a random one otherwise. */
function tokenSecret({ cacheSecrets: [secret] }: Config): Buffer {
  if (!secret) return randomBytes(32);
  return Buffer.from(hkdfSync('sha256', secret.reveal(), '', 'stratograph tokens', 32));
}

/** Two clouds behind one memcached must not meet: their stamps and keys begin with the address of their Keystone. */
function placesOf({ authUrl }: CloudSettings): (region: string) => string {
  const cloud = createHash('sha256').update(authUrl).digest('hex').slice(0, 16);
  return (region) => `${cloud}/${region}`;
}

function authOf(authenticator: Authenticator, issuer: Issuer, self: Self | null): Auth {
  return {
    scopeOf: (token, facts, record) => authenticator.scopeOf(token, { address: facts.remoteAddress, record }),
    issueToken: (input, facts, record) =>
      issuer.issueToken(input as IssueInput, { address: facts.remoteAddress, record }),
    revokeToken: ({ scope }) => authenticator.revoke(scope.token, () => issuer.revokeToken(scope.token)),
    ownScope: async () => (self === null ? null : self.scope()),
  };
}

/** What all askers share. */
interface Shared extends GatewayOptions {
  readonly transport: Transport;
  readonly cache: Cache;
  readonly collections: Collections | null;
  readonly placeOf: (region: string) => string;
  /** A service refused the token of this scope: nobody may take it for valid from memory. */
  readonly forget: (scope: Scope) => void;
}

function askerFor(
  { config, cloud, transport, cache, collections, placeOf, forget }: Shared,
  scope: Scope,
  facts: RequestFacts,
  notes: Notes,
  origins: Origins,
): Asker {
  const { noCache, maxAge } = facts.freshness;
  return {
    scope,
    cache,
    rest: transport.as(scope, {
      signal: facts.signal,
      record: (record) => notes.rest(record),
      onUnauthorized: () => forget(scope),
    }),
    policy: {
      bypass: scope.hasAccessRules,
      noCache,
      refresher: scope.user.id,
      observe: (event) => notes.cache(event),
      part: origins.parts.add,
      seen: () => origins.seen,
      ...(maxAge === undefined ? {} : { maxAge }),
    },
    place: placeOf,
    audience: (sharing, region) => audienceOf(scope, cloud.authUrl, region, sharing),
    ttlOverride: (type) => config.cacheTtl.get(type),
    collections,
  };
}

async function readiness(transport: Transport, cache: Cache): Promise<Readiness> {
  const [keystone, store] = await Promise.all([keystoneHealth(transport), cache.health()]);
  return { keystone, cache: store };
}

/** Milliseconds: who asks whether the gateway is ready does not wait long for the answer. */
const READY_DEADLINE = 2_000;

/** Keystone's version document needs no token. */
async function keystoneHealth(transport: Transport): Promise<Readiness['keystone']> {
  try {
    const { body } = await transport.keystone({ method: 'GET', path: '', deadline: READY_DEADLINE });
    if (!isObject(body) || !isObject(body['version'])) return { ok: false, detail: 'answers with no version document' };
    return { ok: true, detail: 'answers' };
  } catch (error) {
    return { ok: false, detail: error instanceof Fault ? error.message : 'cannot be asked' };
  }
}
