import { pino } from 'pino';
import { readConfig } from '../../../src/config.js';
import { createDemoCloud, type DemoCloud } from '../../../src/demo/index.js';
import { createGateway } from '../../../src/gateway.js';
import type { Limits } from '../../../src/rest/options.js';
import { type RunningServer, startServer } from '../../../src/server.js';
import { Client, type User } from '../../support/client.js';
import { FaultProxy } from './proxy.js';

/** Milliseconds that a call has where a fault takes them all: enough for a busy machine, few enough to wait for. */
export const DEADLINE = 6_000;

const TYPES =
  'Server Flavor Image Volume VolumeSnapshot Network Port Subnet SecurityGroup SecurityGroupRule FloatingIp Project';

/** Seconds that everything lives in the cache here. */
export const TTL = 3;

const LIMITS: Partial<Limits> = {
  readDeadline: 15_000,
  writeDeadline: 15_000,
  attempts: 2,
  backoff: 1,
  maxBackoff: 20,
  maxBody: 128 * 1024,
  // The breaker has tests of its own; elsewhere every call shall meet the fault itself.
  breaker: { failures: 1_000_000, openMs: 1, maxOpenMs: 1 },
};

/** A gateway over a demo cloud, with something between them that makes the services fail, and a clock to be set. */
export interface Setting {
  readonly cloud: DemoCloud;
  readonly proxy: FaultProxy;
  readonly url: string;
  login(user: User): Promise<Client>;
  /** Lets seconds pass for cache, tokens and breakers. */
  pass(seconds: number): void;
  /** The URL of another gateway over the same cloud; without the proxy and without a cache it tells the truth. */
  truth(): Promise<string>;
  stop(): Promise<void>;
}

export interface SettingOptions {
  readonly limits?: Partial<Limits>;
  /** Called between the proxy's start and the gateway's. */
  readonly before?: (proxy: FaultProxy) => void;
}

/** Starts one. Everything that it has begun ends with `stop`. */
export async function startSetting({ limits = {}, before }: SettingOptions = {}): Promise<Setting> {
  let ahead = 0;
  const now = () => Date.now() + ahead;
  const cloud = await createDemoCloud({ servers: 12, pace: 0, clock: now });
  const proxy = await FaultProxy.start(cloud.url);
  before?.(proxy);
  const servers: RunningServer[] = [];
  const start = async (authUrl: string, seconds: number): Promise<string> => {
    const server = await startGateway(authUrl, seconds, { limits: { ...LIMITS, ...limits }, now });
    servers.push(server);
    return server.url;
  };
  let truth: Promise<string> | null = null;
  const url = await start(proxy.authUrl, TTL);
  return {
    cloud,
    proxy,
    url,
    login: (user) => Client.login(url, user),
    pass: (seconds) => {
      ahead += seconds * 1000;
    },
    truth: () => {
      truth ??= start(cloud.authUrl, 0);
      return truth;
    },
    stop: async () => {
      await Promise.all(servers.map((server) => server.stop()));
      await proxy.stop();
      await cloud.close();
    },
  };
}

type ForTests = NonNullable<Parameters<typeof createGateway>[0]['forTests']>;

async function startGateway(authUrl: string, ttl: number, forTests: ForTests): Promise<RunningServer> {
  const CACHE_TTL = TYPES.split(' ')
    .map((type) => `${type}=${ttl}`)
    .join(',');
  const config = readConfig({ env: { OS_AUTH_URL: authUrl, PORT: '0', CACHE_TTL }, cwd: '/', cachedTypes: null });
  if (config.cloud === null) throw new Error('expected a cloud from OS_AUTH_URL, got none');
  const log = pino({ level: 'silent' });
  const parts = await createGateway({ config, cloud: config.cloud, singleUser: false, log, forTests });
  return startServer({ ...config, log }, parts);
}
