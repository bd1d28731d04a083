import { setTimeout as wait } from 'node:timers/promises';
import { type Cloud, login, startCloud } from './cloud.js';
import { cpuOf, rssOf } from './cpu.js';
import { ask, startGateway } from './gateways.js';
import { Started } from './processes.js';
import { HELLO, page, type Question } from './queries.js';
import { median } from './rounds.js';
import { atMost, type Measured, number, type Row } from './table.js';

const START_SECONDS = 1.5;
const IDLE_MIB = 150;
/** As many as the demo cloud has at most; only an admin sees them all. */
const SERVERS = 10_000;
const PAGE = 1000;
const SMALL_PAGE = 100;
/** Pages of a hundred, so that the processor time can be read at all. */
const SMALL_PAGES = 5;
/** What a process does behind its first answers is done by then. */
const IDLE_MS = 3000;
/** Times that all servers are walked through, each time from the cloud: what is kept is full after the third. */
const WALKS = 9;
const FULL_AFTER = 3;
/** RSS of the last three walks beside that of the first three with all stores full. */
const FLAT = 1.1;
const WHO = 'stratograph';

/** What a gateway takes to start, idle, and to be led through ten thousand servers. */
export async function* size(rounds: number): Measured {
  const started = new Started();
  try {
    const small = await started.add(startCloud(60, 'none'));
    yield [await start(small, rounds)];
    yield [await idle(small)];
    const large = await started.add(startCloud(SERVERS, 'none'));
    yield await throughAll(large);
  } finally {
    await started.stop();
  }
}

async function start({ authUrl }: Cloud, rounds: number): Promise<Row> {
  const took: number[] = [];
  const cpu: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const began = performance.now();
    const gateway = await startGateway(authUrl);
    await ask(gateway.url, null, HELLO);
    took.push(performance.now() - began);
    cpu.push(await cpuOf(gateway.pid));
    await gateway.stop();
  }
  const seconds = median(took) / 1000;
  return {
    item: 5,
    work: 'from `node dist/main.js` to the first answer',
    who: WHO,
    got: `${number(seconds)} s`,
    target: atMost(START_SECONDS, seconds, ' s'),
    cpu: median(cpu),
  };
}

async function idle({ authUrl }: Cloud): Promise<Row> {
  const gateway = await startGateway(authUrl);
  try {
    const { token } = await login(authUrl, 'alice', 'demo-a');
    for (const question of [page(10), page(10), page(20), HELLO]) await ask(gateway.url, token, question);
    await wait(IDLE_MS);
    const rss = await rssOf(gateway.pid);
    const target = atMost(IDLE_MIB, rss, ' MiB');
    return { item: 5, work: 'memory (RSS), idle after a few queries', who: WHO, got: `${number(rss)} MiB`, target };
  } finally {
    await gateway.stop();
  }
}

/** Pages that no cache knows, one after the other. */
async function throughAll({ authUrl }: Cloud): Promise<readonly Row[]> {
  const started = new Started();
  try {
    const gateway = await started.add(startGateway(authUrl));
    const { token } = await login(authUrl, 'admin', 'demo-a');
    const reader = new Reader(gateway.url, gateway.pid, token);
    // Code that has not run yet is slow: a page of others' rows first.
    await ask(gateway.url, (await login(authUrl, 'bob', 'demo-b')).token, page(SMALL_PAGE));
    const hundred = await reader.read(SMALL_PAGE, SMALL_PAGES);
    const thousand = await reader.read(PAGE, 1);
    const all = await reader.read(PAGE, SERVERS / PAGE);
    return [
      cost(`${SMALL_PAGES} pages of ${SMALL_PAGE}`, hundred),
      cost(`1 page of ${PAGE}`, thousand),
      cost(`${SERVERS / PAGE} pages of ${PAGE}`, all),
      memory(await rssOfWalks(reader)),
    ];
  } finally {
    await started.stop();
  }
}

/** MiB behind each walk. */
async function rssOfWalks(reader: Reader): Promise<readonly number[]> {
  const rss: number[] = [];
  for (let walk = 0; walk < WALKS; walk += 1) rss.push((await reader.read(PAGE, SERVERS / PAGE, true)).rss);
  return rss;
}

function memory(rss: readonly number[]): Row {
  const full = rss.slice(FULL_AFTER - 1);
  const [first, last] = [median(full.slice(0, 3)), median(full.slice(-3))];
  return {
    item: 5,
    work: `memory (RSS) behind each of ${WALKS} walks through ${SERVERS} servers; × from the third on`,
    who: WHO,
    got: `${number(last / first)}×: ${rss.map(number).join(', ')} MiB`,
    target: atMost(FLAT, last / first),
  };
}

interface Passage {
  readonly rows: number;
  readonly cpu: number;
  readonly ms: number;
  readonly calls: number;
  /** MiB behind the last page. */
  readonly rss: number;
}

function cost(pages: string, { rows, cpu, ms, calls }: Passage): Row {
  return {
    item: 5,
    work: `cold, ${pages} servers; CPU per server`,
    who: WHO,
    got: `${number(cpu / rows)} ms`,
    calls,
    cpu,
    p50: ms,
  };
}

/** Leads a gateway through all projects' servers, from the newest on. */
class Reader {
  readonly #url: string;
  readonly #pid: number;
  readonly #token: string;

  constructor(url: string, pid: number, token: string) {
    this.#url = url;
    this.#pid = pid;
    this.#token = token;
  }

  /** `noCache`: whatever the gateway knows, the rows come from the cloud. */
  async read(first: number, pages: number, noCache = false): Promise<Passage> {
    const before = await cpuOf(this.#pid);
    const began = performance.now();
    let after: string | null = null;
    let rows = 0;
    let calls = 0;
    for (let read = 0; read < pages; read += 1) {
      const answer = await ask(this.#url, this.#token, pageAfter(first, after), { explain: true, noCache });
      const { nodes, pageInfo } = (JSON.parse(answer.text) as Answer).data.servers;
      rows += nodes.length;
      calls += answer.calls;
      after = pageInfo.endCursor;
    }
    if (rows !== first * pages) throw new Error(`expected ${first * pages} servers, got ${rows}`);
    const ms = performance.now() - began;
    return { rows, calls, ms, cpu: (await cpuOf(this.#pid)) - before, rss: await rssOf(this.#pid) };
  }
}

interface Answer {
  readonly data: {
    readonly servers: { readonly nodes: readonly unknown[]; readonly pageInfo: { readonly endCursor: string | null } };
  };
}

function pageAfter(first: number, after: string | null): Question {
  const { query, variables } = page(first);
  const all = query
    .replace('$first: Int!', '$first: Int! $after: String')
    .replace('first: $first', 'first: $first, after: $after, allProjects: true')
    .replace('{ nodes', '{ pageInfo { endCursor } nodes');
  return { query: all, variables: { ...variables, after } };
}
