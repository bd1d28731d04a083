import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { editDistance } from '../../src/config/unknown.js';
import { type Config, ConfigError, readConfig } from '../../src/config.js';
import { defaultLimits, limitTable } from '../../src/graph/limits/table.js';
import { ALL_SHORTCUTS } from '../../src/shortcuts.js';

let cwd = '';
beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'config-'));
});
afterAll(() => rm(cwd, { recursive: true }));

const SECRET = 'correct-horse-battery-staple-32-bytes';
const OTHER = 'another-horse-battery-staple-32-bytes';

function read(env: Record<string, string>, cachedTypes: ReadonlySet<string> | null = null): Config {
  return readConfig({ env: { HOME: cwd, ...env }, cwd, cachedTypes });
}

function faultsOf(env: Record<string, string>, cachedTypes?: ReadonlySet<string>): readonly string[] {
  try {
    read(env, cachedTypes ?? null);
  } catch (error) {
    if (error instanceof ConfigError) return error.faults;
    throw error;
  }
  return [];
}

describe('the configuration', () => {
  it('has a default for everything', () => {
    expect(read({})).toEqual({
      host: '127.0.0.1',
      port: 4000,
      cloud: null,
      memcachedServers: [],
      cacheSecrets: [],
      cacheEncrypt: false,
      cacheTtl: new Map(),
      cacheWrites: 'default',
      corsOrigins: [],
      trustProxy: false,
      logLevel: 'info',
      drainSeconds: 5,
      shortcuts: ALL_SHORTCUTS,
      limits: defaultLimits,
      demoServers: 60,
    });
  });

  it('takes every variable, with blanks around its parts', () => {
    const config = read({
      HOST: '::1',
      PORT: '0',
      MEMCACHED_SERVERS: 'cache-1:11211, [::1]:11212',
      CACHE_SECRET: `${SECRET}, ${OTHER}`,
      CACHE_ENCRYPT: 'true',
      CACHE_TTL: 'Server=5, Flavor=3600',
      CACHE_WRITES: 'strict',
      CORS_ORIGINS: 'https://one.example,http://localhost:3000',
      TRUST_PROXY: '10.0.0.0/8, fd00::/8, loopback',
      LOG_LEVEL: 'debug',
      SHORTCUTS_OFF: 'answers, compiled',
      DRAIN_SECONDS: '0',
      DEMO_SERVERS: '10',
    });
    expect(config).toMatchObject({
      host: '::1',
      port: 0,
      memcachedServers: ['cache-1:11211', '[::1]:11212'],
      cacheEncrypt: true,
      cacheTtl: new Map([
        ['Server', 5],
        ['Flavor', 3600],
      ]),
      cacheWrites: 'strict',
      corsOrigins: ['https://one.example', 'http://localhost:3000'],
      trustProxy: ['10.0.0.0/8', 'fd00::/8', 'loopback'],
      logLevel: 'debug',
      shortcuts: new Set(['primed', 'texts', 'collections', 'parsed']),
      drainSeconds: 0,
      demoServers: 10,
    });
    expect(config.cacheSecrets.map((secret) => secret.reveal())).toEqual([SECRET, OTHER]);
    expect(Object.isFrozen(config)).toBe(true);
  });

  it('treats blank as absent', () => {
    expect(read({ PORT: '', LOG_LEVEL: ' ', MEMCACHED_SERVERS: '' })).toEqual(read({}));
  });

  it('takes numbers and truths for TRUST_PROXY', () => {
    expect(['true', 'false', '2'].map((value) => read({ TRUST_PROXY: value }).trustProxy)).toEqual([true, false, 2]);
  });

  it('lists all faults at once', () => {
    const faults = faultsOf({
      PORT: '70000',
      LOG_LEVEL: 'loud',
      MEMCACHED_SERVERS: 'cache-1',
      CACHE_TTL: 'Server=soon',
      CACHE_SERCET: SECRET,
    });
    expect(faults).toEqual([
      'CACHE_SERCET: unknown variable; did you mean CACHE_SECRET?',
      'MEMCACHED_SERVERS: expected host:port,host:port, got "cache-1"',
      'PORT: expected a whole number from 0 to 65535, got "70000"',
      'CACHE_SECRET: required with MEMCACHED_SERVERS; make one with: openssl rand -base64 48',
      'CACHE_TTL: expected Type=seconds up to 3600, got "Server=soon"',
      'LOG_LEVEL: expected one of fatal, error, warn, info, debug, trace, silent, got "loud"',
    ]);
  });

  it('never shows a secret in a fault', () => {
    const faults = faultsOf({ CACHE_SECRET: `short-secret,${SECRET},${OTHER}` });
    expect(faults).toHaveLength(2);
    expect(faults.join()).not.toMatch(/horse|short-secret/);
    expect(new ConfigError(faults).message).toContain('2 faults in the configuration:');
  });

  it.each([
    ['PORT', '-1'],
    ['PORT', '4000x'],
    ['HOST', 'http://localhost'],
    ['HOST', 'localhost:4000/'],
    ['MEMCACHED_SERVERS', 'a:0'],
    ['MEMCACHED_SERVERS', 'a:1,a:1'],
    ['CACHE_TTL', 'server=5'],
    ['CACHE_TTL', 'Server=86401'],
    ['CACHE_TTL', 'Server=5,Server=6'],
    ['CACHE_WRITES', 'Strict'],
    ['CACHE_ENCRYPT', 'yes'],
    ['CORS_ORIGINS', 'dashboard.example'],
    ['CORS_ORIGINS', 'https://dashboard.example/'],
    ['CORS_ORIGINS', '*,https://dashboard.example'],
    ['TRUST_PROXY', 'proxy.example'],
    ['DRAIN_SECONDS', '301'],
    ['DEMO_SERVERS', '9'],
    ['SHORTCUTS_OFF', 'answers,speed'],
    ['LIMIT_DEPTH', '2'],
    ['LIMIT_CALLS', 'none'],
    ['LIMIT_NODES', '100000001'],
    ['DEMO_SERVERS', '10001'],
  ])('refuses %s=%s by name', (name, value) => {
    const faults = faultsOf({ [name]: value, CACHE_SECRET: SECRET });
    expect(faults).toHaveLength(1);
    expect(faults[0]).toContain(`${name}: expected`);
  });

  it('takes each limit from its variable', () => {
    const env = Object.fromEntries(Object.values(limitTable).map(({ variable, most }) => [variable, `${most}`]));
    const most = Object.entries(limitTable).map(([name, row]) => [name, row.most]);
    expect(read(env).limits).toEqual(Object.fromEntries(most));
  });

  it('knows the types that CACHE_TTL may name', () => {
    expect(faultsOf({ CACHE_TTL: 'Severs=5' }, new Set(['Server']))).toEqual([
      'CACHE_TTL: expected a type of the schema that is cached, got "Severs"',
    ]);
  });
});

describe('unknown variables', () => {
  it.each([
    ['OS_AUTHURL', 'OS_AUTH_URL'],
    ['LOG_LEVELS', 'LOG_LEVEL'],
    ['TRUST_PROXIES', null],
    ['CACHE_TTLS', 'CACHE_TTL'],
    ['MEMCACHE_SERVERS', 'MEMCACHED_SERVERS'],
    ['cors_origins', 'CORS_ORIGINS'],
    ['CACHE_PREFIX', null],
  ])('%s is refused', (name, suggestion) => {
    const [fault = '', ...more] = faultsOf({ [name]: '1' });
    expect(more).toEqual([]);
    expect(fault).toContain(suggestion === null ? 'unknown variable; known are' : `did you mean ${suggestion}?`);
  });

  it('of other programs are none of our business', () => {
    const env = {
      HOSTNAME: 'x',
      PATH: '/bin',
      OS_IDENTITY_API_VERSION: '3',
      OS_VOLUME_API_VERSION: '3',
      LOGNAME: 'me',
    };
    expect(faultsOf(env)).toEqual([]);
  });

  it('are compared by edits', () => {
    expect(editDistance('kitten', 'sitting')).toBe(3);
    expect(editDistance('', 'abc')).toBe(3);
    expect(editDistance('same', 'same')).toBe(0);
  });
});
