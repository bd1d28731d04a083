import { RawMemcached } from '../raw-memcached.js';
import { FOLDER, keepSecret, searchedByAll } from './watch.js';

const SECRET_VARIABLES = ['CACHE_SECRET', 'OS_PASSWORD', 'OS_TOKEN', 'OS_APPLICATION_CREDENTIAL_SECRET'];

/** Keeps what a gateway is started with. */
export function keepEnvironment(env: Readonly<Record<string, string>>): void {
  for (const name of SECRET_VARIABLES) {
    for (const secret of env[name]?.split(',') ?? []) keepSecret(secret, `the ${name} of a gateway`);
  }
}

/** Reads `/metrics` a last time. A gateway that does not answer any more has nothing to show. */
export async function searchMetrics(url: string): Promise<void> {
  const page = await fetch(`${url}/metrics`, { signal: AbortSignal.timeout(2000) })
    .then((answer) => answer.text())
    .catch(() => '');
  searchedByAll('/metrics', 'metrics', page);
}

/** Searches all keys and values of a memcached; one that is dead holds none. */
export async function searchMemcached(port: number, host: string): Promise<void> {
  if (process.env[FOLDER] === undefined) return;
  const memcached = await RawMemcached.open(port, host).catch(() => null);
  if (memcached === null) return;
  try {
    const items = await memcached.dump();
    searchedByAll(
      'memcached',
      'memcached',
      Buffer.concat(items.flatMap(({ key, value }) => [Buffer.from(`\n${key} `), value])),
    );
  } finally {
    memcached.close();
  }
}
