import { type Cloud, login, serversFor, startCloud, type Ticket } from './cloud.js';
import { ask, type Setting, startGateway } from './gateways.js';
import { Started, startWorker, type Worker } from './processes.js';
import { page } from './queries.js';
import { median } from './rounds.js';
import { atMost, type Measured, type Row, times } from './table.js';

/** The test control plane of `test/cloud/up`. */
const CONTROL_PLANE = 'http://127.0.0.1:5000/v3';
const PROBE_MS = 3000;
const HOW = 'CLOUD_COMPUTES=6 test/cloud/up; test/cloud/seed 1500';
/** A page of a gateway costs a second and its start another: these rounds are few. */
const MOST_ROUNDS = 5;
/** The naive client makes thousands of calls for a thousand servers: once is enough to know. */
const NAIVE_ROUNDS = 1;
const MAX_SERVERS = 1000;
const SERVERS = [100, MAX_SERVERS];

const WHO = {
  first: 'stratograph, first page of a project',
  again: 'stratograph, the same page again',
  plain: 'stratograph, SHORTCUTS_OFF=all',
  threeWaves: 'raw REST, bulk calls in three waves',
  oneWave: 'raw REST, all lists at once',
  rowByRow: 'raw REST, a GET per row, ten at a time',
} as const;

type Name = keyof typeof WHO;

/** A page that was fetched: calls, milliseconds, and what it shows. */
interface Fetched {
  readonly calls: number;
  readonly ms: number;
  readonly text: string;
}

interface Place {
  readonly name: string;
  readonly authUrl: string;
  readonly first: number;
}

/** Pages that no cache knows, beside what raw REST takes for them: on the control plane if it is up, and on demo clouds. */
export async function* cold(rounds: number): Measured {
  const servers = (await isUp(CONTROL_PLANE)) ? await serversOfAlice() : 0;
  for (const first of pagesFilledBy(servers)) {
    const place = { name: `control plane, project of ${servers}`, authUrl: CONTROL_PLANE, first };
    // A small page takes no longer than what a control plane does now and then for itself: more rounds see past that.
    yield await at(place, first < MAX_SERVERS ? rounds * 2 : Math.min(rounds, MOST_ROUNDS));
  }
  for (const first of SERVERS) {
    const cloud: Cloud = await startCloud(serversFor(first), 'real');
    try {
      yield await at(
        { name: "demo cloud, a real one's delays", authUrl: cloud.authUrl, first },
        Math.min(rounds, MOST_ROUNDS),
      );
    } finally {
      await cloud.stop();
    }
  }
}

/** What cannot be measured is named. */
function pagesFilledBy(servers: number): readonly number[] {
  const [filled, empty] = [SERVERS.filter((first) => first <= servers), SERVERS.filter((first) => first > servers)];
  for (const first of empty)
    console.error(`skipped: a page of ${first} servers of the control plane, where alice has ${servers}: ${HOW}`);
  return filled;
}

async function serversOfAlice(): Promise<number> {
  const { token, places } = await login(CONTROL_PLANE, 'alice', 'demo-a');
  const answer = await fetch(`${places.compute}/servers?limit=${MAX_SERVERS}`, {
    headers: { 'x-auth-token': token },
  });
  if (!answer.ok) throw new Error(`expected alice's servers at ${places.compute}, got status ${answer.status}`);
  return ((await answer.json()) as { readonly servers: readonly unknown[] }).servers.length;
}

async function isUp(authUrl: string): Promise<boolean> {
  const answer = await fetch(authUrl, { signal: AbortSignal.timeout(PROBE_MS) }).catch(() => null);
  return answer?.ok === true;
}

async function at(place: Place, rounds: number): Promise<readonly Row[]> {
  const rest = await startWorker('rest');
  const fetched = new Map<Name, Fetched[]>((Object.keys(WHO) as Name[]).map((name) => [name, []]));
  try {
    for (let round = 0; round < rounds; round += 1) {
      const names = [...fetched.keys()].filter((name) => name !== 'rowByRow' || round < NAIVE_ROUNDS);
      for (const name of round % 2 === 0 ? names : names.toReversed())
        fetched.get(name)?.push(await turn(name, place, rest));
    }
  } finally {
    await rest.stop();
  }
  mustShowTheSame(fetched);
  return [...fetched].map(([name, pages]) => rowOf(place, name, pages, fetched.get('threeWaves') ?? []));
}

/** A page with a token of its own, so that nobody knows the token from the turn before. */
async function turn(name: Name, place: Place, rest: Worker<unknown>): Promise<Fetched> {
  const ticket = await login(place.authUrl, 'alice', 'demo-a');
  if (name === 'first' || name === 'again') return coldPage(place, ticket, { again: name === 'again' });
  if (name === 'plain') return coldPage(place, ticket, { setting: { shortcutsOff: 'all' } });
  return rest.ask<Fetched>({ client: name, ticket, first: place.first });
}

/**
 * A fresh gateway, whose code somebody of another project has warmed up and whose cache holds nothing of this one. `again`: it has
 * shown the page before, so that it knows how large the project's collections are, and is to take nothing of it from its cache.
 */
async function coldPage(
  { authUrl, first }: Place,
  { token }: Ticket,
  { again = false, setting = {} }: { readonly again?: boolean; readonly setting?: Setting } = {},
): Promise<Fetched> {
  const started = new Started();
  try {
    const gateway = await started.add(startGateway(authUrl, setting));
    const other = await login(authUrl, 'bob', 'demo-b');
    await ask(gateway.url, other.token, page(10));
    if (again) await ask(gateway.url, (await login(authUrl, 'alice', 'demo-a')).token, page(first));
    const answer = await ask(gateway.url, token, page(first), { explain: true, noCache: again });
    const { nodes } = (JSON.parse(answer.text) as { readonly data: { readonly servers: { readonly nodes: unknown } } })
      .data.servers;
    return { calls: answer.calls, ms: answer.ms, text: JSON.stringify(nodes) };
  } finally {
    await started.stop();
  }
}

function rowOf(
  { name: place, first }: Place,
  name: Name,
  pages: readonly Fetched[],
  reference: readonly Fetched[],
): Row {
  const ratio = median(pages.map(({ ms }, round) => ms / (reference[round]?.ms ?? Number.NaN)));
  return {
    item: 3,
    work: `cold page, ${first} servers, ${place}; × time of three waves`,
    who: WHO[name],
    got: times(ratio),
    ...(name === 'first' || name === 'again' ? { target: atMost(1, ratio) } : {}),
    calls: median(pages.map(({ calls }) => calls)),
    p50: median(pages.map(({ ms }) => ms)),
  };
}

/** A page that shows something else than the others was not a page. Lists inside a row come in any order. */
function mustShowTheSame(fetched: ReadonlyMap<Name, readonly Fetched[]>): void {
  const [expected, ...others] = [...fetched].map(([name, pages]) => ({
    name,
    shown: canonical(JSON.parse(pages[0]?.text ?? '[]')),
  }));
  for (const { name, shown } of others) {
    if (shown === expected?.shown) continue;
    const at = [...shown].findIndex((character, index) => character !== expected?.shown[index]);
    throw new Error(`expected ${WHO[name]} to show what ${WHO.first} shows, got another page:
${shown.slice(at - 100, at + 200)}\nand not\n${expected?.shown.slice(at - 100, at + 200)}`);
  }
}

function canonical(nodes: readonly unknown[]): string {
  const sorted = (_: string, value: unknown): unknown =>
    Array.isArray(value)
      ? [...value].sort((one, other) => JSON.stringify(one).localeCompare(JSON.stringify(other)))
      : value;
  return JSON.stringify(nodes, sorted);
}
