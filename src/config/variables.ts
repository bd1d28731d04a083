import { shortcutNames } from '../shortcuts.js';
import { limitVariables } from './limits.js';

/** One row of the table in `docs/configuration.md`, which a test compares with this. */
export interface Variable {
  /** As the documentation shows it; "none" where leaving it out means something of its own. */
  readonly fallback: string;
  readonly example: string;
  readonly meaning: string;
}

/** Every variable that the gateway itself reads. Those of OpenStack's own tools are in `OPENSTACK_VARIABLES`. */
export const variables = {
  HOST: { fallback: '127.0.0.1', example: '0.0.0.0', meaning: 'Address to listen on.' },
  PORT: {
    fallback: '4000',
    example: '8080',
    meaning: 'Port to listen on, 0 to 65535; 0 picks a free one. The line `listening on URL` on stdout tells which.',
  },
  OS_AUTH_URL: {
    fallback: 'none: the demo cloud',
    example: 'https://cloud.example:5000/v3',
    meaning: 'Keystone of the cloud to serve.',
  },
  OS_CLOUD: {
    fallback: 'none',
    example: 'mine',
    meaning: 'Name of a cloud in `clouds.yaml` (and `secure.yaml`), instead of `OS_AUTH_URL`.',
  },
  OS_REGION_NAME: {
    fallback: "the catalog's only region",
    example: 'RegionOne',
    meaning: 'Region of root fields and mutations that name none.',
  },
  OS_INTERFACE: {
    fallback: 'public',
    example: 'internal',
    meaning: 'Endpoints of the catalog to call: `public`, `internal` or `admin`.',
  },
  OS_CACERT: {
    fallback: "Node's own authorities",
    example: '/etc/ssl/cloud.pem',
    meaning: "File with the certificate authorities (PEM) of the cloud's endpoints.",
  },
  MEMCACHED_SERVERS: {
    fallback: 'none: a store inside the process',
    example: 'cache-1:11211,cache-2:11211',
    meaning: 'memcached servers, `host:port` each. All replicas need the same list in the same spelling.',
  },
  CACHE_SECRET: {
    fallback: 'none; required with `MEMCACHED_SERVERS`',
    example: '`openssl rand -base64 48`',
    meaning:
      'Key of the cached values, 32 bytes or more, without commas. A second one behind a comma is accepted on reading, ' +
      'so that the key can be changed: put the new one first.',
  },
  CACHE_TTL: {
    fallback: "each type's own",
    example: 'Server=5,Flavor=3600',
    meaning: 'Seconds that rows of a type are served from the cache, 0 to 3600; 0 switches the cache off for it.',
  },
  CACHE_WRITES: {
    fallback: 'default',
    example: 'strict',
    meaning:
      '`default`: a mutation that memcached does not acknowledge goes on and its answer says so. `strict`: it is refused.',
  },
  CACHE_ENCRYPT: {
    fallback: 'false',
    example: 'true',
    meaning: 'Encrypt the cached values (AES-256-GCM) besides authenticating them.',
  },
  CORS_ORIGINS: {
    fallback: 'none: same origin only',
    example: 'https://dashboard.example',
    meaning: 'Origins whose pages may call the gateway, separated by commas, or `*`.',
  },
  TRUST_PROXY: {
    fallback: 'false',
    example: '10.0.0.0/8',
    meaning:
      "Whose `X-Forwarded-For` to believe: `false`, `true` (everybody's), a number of proxies, or addresses and networks " +
      'separated by commas.',
  },
  LOG_LEVEL: {
    fallback: 'info',
    example: 'debug',
    meaning: '`fatal`, `error`, `warn`, `info`, `debug`, `trace` or `silent`. The log is JSON lines on stderr.',
  },
  DRAIN_SECONDS: {
    fallback: '5',
    example: '15',
    meaning:
      'Seconds, 0 to 300, that the gateway serves on after SIGTERM with `/readyz` at 503, so that load balancers notice ' +
      'before connections are refused.',
  },
  DEMO_SERVERS: {
    fallback: '60',
    example: '1000',
    meaning: 'Servers in the demo cloud, 10 to 10000.',
  },
  SHORTCUTS_OFF: {
    fallback: 'none',
    example: 'answers,compiled',
    meaning: `Tricks for speed to do without: ${shortcutNames.map((name) => `\`${name}\``).join(', ')}, or \`all\`. None changes an answer.`,
  },
  ...limitVariables,
} as const satisfies Record<string, Variable>;

export type VariableName = keyof typeof variables;

/** Prefixes that are ours alone: any other variable that begins so is a mistake. */
export const OWN_PREFIXES = [
  'CACHE_',
  'MEMCACHED_',
  'MEMCACHE_',
  'CORS_',
  'DEMO_',
  'LIMIT_',
  'TRUST_',
  'DRAIN_',
  'SHORTCUTS_',
] as const;

/**
 * Variables of OpenStack's own tools that may stand in an openrc file; those with credentials serve single-user mode.
 * Source: keystoneauth1 (loading/_plugins) and openstacksdk (config/loader.py).
 */
export const OPENSTACK_VARIABLES: ReadonlySet<string> = new Set(
  [
    'OS_AUTH_TYPE OS_USERNAME OS_USER_ID OS_PASSWORD OS_PASSCODE OS_TOKEN OS_TRUST_ID OS_SYSTEM_SCOPE',
    'OS_USER_DOMAIN_NAME OS_USER_DOMAIN_ID OS_PROJECT_NAME OS_PROJECT_ID OS_PROJECT_DOMAIN_NAME OS_PROJECT_DOMAIN_ID',
    'OS_TENANT_NAME OS_TENANT_ID OS_DOMAIN_NAME OS_DOMAIN_ID OS_DEFAULT_DOMAIN OS_DEFAULT_DOMAIN_NAME',
    'OS_DEFAULT_DOMAIN_ID OS_APPLICATION_CREDENTIAL_ID OS_APPLICATION_CREDENTIAL_NAME OS_APPLICATION_CREDENTIAL_SECRET',
    'OS_CLIENT_CONFIG_FILE OS_CLIENT_SECURE_FILE OS_CLIENT_VENDOR_FILE OS_ENDPOINT_TYPE OS_CERT OS_KEY OS_INSECURE',
    'OS_VERIFY OS_URL OS_ENDPOINT OS_SERVICE_TYPE OS_SERVICE_TOKEN OS_SERVICE_ENDPOINT OS_IDENTITY_PROVIDER OS_PROTOCOL',
    'OS_DEBUG OS_BAREMETAL_API_VERSION OS_NO_CACHE OS_VENDOR OS_PROFILE OS_TOTP OS_ACCESS_TOKEN',
  ].flatMap((line) => line.split(' ')),
);
