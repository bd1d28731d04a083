import { readConfig } from '../../src/config.js';
import { createDemoCloud } from '../../src/demo/index.js';
import { createGateway } from '../../src/gateway.js';
import { createLogger } from '../../src/http/log.js';
import { startServer } from '../../src/server.js';
import { ADMIN, ALICE, BOB, Client, READER, type User } from './client.js';
import { keepEnvironment, searchMetrics } from './secrets/gateways.js';
import { logged, writeDown } from './secrets/watch.js';
import { hasTwins, pairUp, TWIN_ENV, tellOfTwins } from './twins.js';

type DemoOptions = NonNullable<Parameters<typeof createDemoCloud>[0]>;

/** A demo cloud with gateways in front of it, all in this process. */
export interface DemoGateway {
  /** One URL for each gateway. */
  readonly urls: readonly string[];
  /** A client with a fresh token at the first gateway. */
  login(user: User): Promise<Client>;
  readonly cloud: Awaited<ReturnType<typeof createDemoCloud>>;
  stop(): Promise<void>;
}

export { ADMIN, ALICE, BOB, Client, READER };

/** Starts a demo cloud and `gateways` gateways, configured by `env` as a user would. */
export async function startDemoGateway(
  demo: DemoOptions = {},
  env: Readonly<Record<string, string>> = {},
  gateways = 1,
): Promise<DemoGateway> {
  const cloud = await createDemoCloud(demo);
  const servers = await Promise.all(Array.from({ length: gateways }, () => startGatewayAt(cloud.authUrl, env)));
  const urls = servers.map(({ url }) => url);
  return {
    urls,
    cloud,
    login: (user) => Client.login(urls[0] ?? '', user),
    stop: async () => {
      await Promise.all(urls.map(searchMetrics));
      await Promise.all(servers.map((server) => server.stop()));
      await cloud.close();
      writeDown();
    },
  };
}

/** One more gateway in front of a cloud that runs already; with a twin, where answers are compared. */
export async function startGatewayAt(authUrl: string, env: Readonly<Record<string, string>>) {
  const server = await startOne(authUrl, env);
  if (!hasTwins || env['SHORTCUTS_OFF'] !== undefined) return server;
  const twin = await startOne(authUrl, { ...env, ...TWIN_ENV });
  pairUp(server.url, twin.url);
  return {
    url: server.url,
    async stop() {
      await Promise.all([server.stop(), twin.stop()]);
      tellOfTwins();
    },
  };
}

async function startOne(authUrl: string, env: Readonly<Record<string, string>>) {
  keepEnvironment(env);
  const config = readConfig({ env: { OS_AUTH_URL: authUrl, PORT: '0', ...env }, cwd: '/', cachedTypes: null });
  if (config.cloud === null) throw new Error('expected a cloud from OS_AUTH_URL, got none');
  // As talkative as it can be, for those who look for secrets in it.
  const log = createLogger('trace', { write: logged });
  const parts = await createGateway({ config, cloud: config.cloud, singleUser: false, log });
  return startServer({ ...config, log }, parts);
}
