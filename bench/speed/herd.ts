import { setTimeout as wait } from 'node:timers/promises';
import { startMemcached } from '../../test/memcached.js';
import type { Replica } from '../../test/support/replica.js';
import { type Calls, type Cloud, login, serversFor, startCloud } from './cloud.js';
import { ask, startGateway } from './gateways.js';
import { Started, startWorker, type Worker } from './processes.js';
import { page } from './queries.js';
import { median, quantile, type Sent } from './rounds.js';
import { type Measured, type Row, times } from './table.js';

const CLIENTS = 200;
const SERVERS = 100;
/** Seconds: longer than a herd takes to be served, or the page would expire once more under its feet. */
const TTL = 8;
const MOST_ROUNDS = 3;
const RAW_PATH = '/page';

const WHO = { gateways: 'stratograph, two replicas, memcached', raw: 'ready-made bytes, two servers' } as const;

interface Stampede {
  readonly calls: number;
  /** What was called most. */
  readonly type: string;
  /** Answers that were no data without errors. */
  readonly wrong: number;
  readonly p50: number;
  readonly p99: number;
}

/** So many clients at once want a page that has just expired, of two replicas. */
export async function* herd(rounds: number): Measured {
  const started = new Started();
  try {
    const cloud = await started.add(startCloud(serversFor(SERVERS), 'small'));
    const memcached = await started.add(startMemcached());
    const setting = { ttl: TTL, memcached: memcached.address };
    const replicas = [
      await started.add(startGateway(cloud.authUrl, setting)),
      await started.add(startGateway(cloud.authUrl, setting)),
    ];
    const { token } = await login(cloud.authUrl, 'alice', 'demo-a');
    const raws = [await startRaw(started, replicas, token), await startRaw(started, replicas, token)];
    const generator = await started.add(startWorker('generator'));
    const taken: { readonly gateways: Stampede; readonly raw: Stampede }[] = [];
    for (let round = 0; round < Math.min(rounds, MOST_ROUNDS); round += 1) {
      await expire(replicas, cloud, token);
      const gateways = await stampede(
        generator,
        replicas.map(({ url }) => url),
        '/graphql',
        token,
      );
      const most = mostOfAType(await cloud.calls());
      const raw = await stampede(generator, raws, RAW_PATH, token);
      taken.push({ gateways: { ...gateways, ...most }, raw: { ...raw, calls: 0, type: 'none' } });
    }
    yield rowsOf(taken);
  } finally {
    await started.stop();
  }
}

async function startRaw(started: Started, [replica]: readonly Replica[], token: string): Promise<string> {
  const raw = await started.add(startWorker<{ readonly url: string }>('bytes', { kind: 'raw' }));
  const { text } = await ask(replica?.url ?? '', token, page(SERVERS));
  await raw.ask({ path: RAW_PATH, text });
  return raw.hello.url;
}

/** All that was cached of the page has run out of time, and both replicas have code that has run before. */
async function expire(replicas: readonly Replica[], cloud: Cloud, token: string): Promise<void> {
  for (const { url } of replicas) await ask(url, token, page(SERVERS));
  await wait(TTL * 1000 + 500);
  await cloud.calls();
}

async function stampede(
  generator: Worker<unknown>,
  urls: readonly string[],
  path: string,
  token: string,
): Promise<Omit<Stampede, 'calls' | 'type'>> {
  const bodies = [JSON.stringify(page(SERVERS))];
  const { took, wrong } = await generator.ask<Sent>({
    urls,
    path,
    token,
    bodies,
    count: CLIENTS,
    connections: CLIENTS,
  });
  if (wrong.length > 0)
    console.error(`herd: ${wrong.length} of ${CLIENTS} answers were wrong, the first was\n${wrong[0]}`);
  return { wrong: wrong.length, p50: quantile(took, 0.5), p99: quantile(took, 0.99) };
}

/** The method and path that was called most. The token's validation comes when it is due, whoever asks. */
function mostOfAType(calls: Calls): Pick<Stampede, 'calls' | 'type'> {
  const own = Object.entries(calls).filter(([name]) => !name.includes('/auth/tokens'));
  const [type, count] = own.reduce((most, one) => (one[1] > most[1] ? one : most), ['none', 0]);
  return { calls: count, type };
}

function rowsOf(taken: readonly { readonly gateways: Stampede; readonly raw: Stampede }[]): readonly Row[] {
  const most = taken.map(({ gateways }) => gateways).reduce((one, other) => (other.calls > one.calls ? other : one));
  const wrong = Math.max(...taken.map(({ gateways }) => gateways.wrong));
  const ratio = median(taken.map(({ gateways, raw }) => gateways.p99 / raw.p99));
  const common = { item: 7, work: `${CLIENTS} clients at once, expired page of ${SERVERS} servers` };
  const target = { text: '≤ 1 of a type, none failed', met: most.calls <= 1 && wrong === 0 };
  const figures = (of: (one: (typeof taken)[number]) => Stampede) => ({
    p50: median(taken.map((one) => of(one).p50)),
    p99: median(taken.map((one) => of(one).p99)),
  });
  return [
    { ...common, who: WHO.gateways, got: `${most.calls} ${most.type}, ${wrong} failed`, target, calls: most.calls },
    { ...common, who: `${WHO.gateways}; × p99`, got: times(ratio), ...figures(({ gateways }) => gateways) },
    { ...common, who: WHO.raw, got: times(1), ...figures(({ raw }) => raw) },
  ];
}
