import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { TestProject } from 'vitest/node';
import { memcachedInstalled, startMemcached, why } from '../../memcached.js';
import { startReplica } from '../../support/replica.js';
import watchRun from '../../support/secrets/setup.js';
import { AUTH_URL } from './openstack.js';

declare module 'vitest' {
  interface ProvidedContext {
    /** Two gateways with one memcached pool. */
    replicas: readonly [string, string];
    memcached: readonly string[];
  }
}

const FOLDER = fileURLToPath(new URL('..', import.meta.url));

/** Servers of both tenants together: two thirds of them are alice's. */
const SERVERS = process.env['CLOUD_SERVERS'] ?? '150';

/** Once per run: the control plane with its contents, two memcached servers, two gateway processes. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  if (!memcachedInstalled) throw new Error(`the cloud tests need memcached: ${why}`);
  const endWatch = await watchRun();
  run('up');
  run('seed', SERVERS);
  const memcached = await Promise.all([startMemcached(), startMemcached()]);
  const servers = memcached.map(({ address }) => address);
  const env = {
    OS_AUTH_URL: AUTH_URL,
    MEMCACHED_SERVERS: servers.join(','),
    CACHE_SECRET: 'of-no-worth-yet-thirty-two-bytes-long',
    LOG_LEVEL: 'warn',
    // The tests ask for all relations of a thousand rows at once, which is more than the default allows anybody.
    LIMIT_CALLS: '10000',
    LIMIT_NODES: '5000000',
  };
  const replicas = await Promise.all([startReplica(env), startReplica(env)]);
  project.provide('replicas', [replicas[0].url, replicas[1].url]);
  project.provide('memcached', servers);
  return async () => {
    // Whatever they find fails the run once all are stopped.
    await Promise.allSettled(replicas.map((replica) => replica.stop()));
    await Promise.allSettled(memcached.map((server) => server.stop()));
    await endWatch();
  };
}

function run(script: string, ...args: readonly string[]): void {
  execFileSync(`${FOLDER}${script}`, args, { stdio: 'inherit' });
}
