import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ALICE, BOB, Client, type DemoGateway, startDemoGateway } from '../support/demo-gateway.js';
import { figure, samplesOf, sum } from '../support/metrics.js';

const PAGE = '{ servers(first: 100) { nodes { name ports { id network { name } } } } }';

let demo: DemoGateway;
let alice: Client;

beforeAll(async () => {
  demo = await startDemoGateway({}, {}, 2);
  alice = await demo.login(ALICE);
});

afterAll(() => demo.stop());

function url(gateway = 0): string {
  return demo.urls[gateway] ?? '';
}

describe('/metrics', () => {
  it('counts the hits, misses and bypasses that the answers explain', async () => {
    const before = await samplesOf(url());
    const cold = (await alice.ask(PAGE)).extensions?.explain?.cache;
    const warm = (await alice.ask(PAGE)).extensions?.explain?.cache;
    const after = await samplesOf(url());
    const grown = (outcome: string) => {
      const labels = { outcome };
      const ofTypes = (samples: typeof after) =>
        sum(samples, 'stratograph_cache_lookups_total', labels) -
        sum(samples, 'stratograph_cache_lookups_total', { ...labels, type: 'Token' });
      return ofTypes(after) - ofTypes(before);
    };
    expect(grown('miss')).toBe((cold?.misses ?? 0) + (warm?.misses ?? 0));
    expect(grown('hit')).toBe((cold?.hits ?? 0) + (warm?.hits ?? 0));
    expect(grown('hit')).toBeGreaterThan(0);
  });

  it('counts REST calls by service, method and status class, with their time', async () => {
    const network = { service: 'network', method: 'GET' };
    const before = await samplesOf(url());
    const { extensions } = await alice.ask('{ networks { nodes { id } } }');
    const after = await samplesOf(url());
    const grown = (name: string, labels: Record<string, string>) =>
      sum(after, name, labels) - sum(before, name, labels);
    const calls = extensions?.explain?.rest.filter(({ service }) => service === 'network').length;
    expect(calls).toBeGreaterThan(0);
    expect(grown('stratograph_rest_calls_total', { ...network, status: '2xx' })).toBe(calls);
    expect(grown('stratograph_rest_call_duration_seconds_count', network)).toBe(calls);
    expect(grown('stratograph_rest_call_duration_seconds_sum', network)).toBeLessThan(20);
  });

  it('counts operations by type and outcome, and their error codes', async () => {
    const before = await samplesOf(url());
    await alice.ask('query { me { user { name } } }');
    await alice.tell('{ server(id: "not-an-id") { id } me { user { name } } }');
    await alice.tell('{ servers { nodes { nonsense } } }');
    await new Client(url(), null).tell('{ me { user { name } } }');
    await alice.tell('mutation { startServer(id: "51b40c1e-633b-4035-a7e3-45e552ac76e5") { server { id } } }');
    const after = await samplesOf(url());
    const grown = (labels: Record<string, string>, name = 'stratograph_graphql_operations_total') =>
      sum(after, name, labels) - sum(before, name, labels);
    expect(grown({ type: 'none', outcome: 'failed' })).toBe(1);
    expect(grown({ type: 'mutation', outcome: 'failed' })).toBe(1);
    expect(grown({ type: 'query' })).toBe(3);
    expect(grown({ code: 'GRAPHQL_VALIDATION_FAILED' }, 'stratograph_graphql_errors_total')).toBe(1);
    expect(grown({ code: 'UNAUTHENTICATED' }, 'stratograph_graphql_errors_total')).toBe(1);
    expect(grown({ type: 'query' }, 'stratograph_graphql_operation_duration_seconds_count')).toBe(3);
  });

  it('counts HTTP requests under the patterns of their routes, whatever a client writes there', async () => {
    await fetch(`${url()}/no-such-place-4711`);
    await fetch(`${url()}/healthz`);
    const samples = await samplesOf(url());
    expect(sum(samples, 'stratograph_http_requests_total', { route: 'none', status: '404' })).toBe(1);
    expect(sum(samples, 'stratograph_http_requests_total', { route: '/healthz', status: '200' })).toBe(1);
  });

  it('counts what Keystone said of tokens', async () => {
    const refused = () => figure(url(), 'stratograph_tokens_validated_total', { outcome: 'refused' });
    const before = await refused();
    await new Client(url(), 'no-token-of-anybody').tell('{ me { user { name } } }');
    expect((await refused()) - before).toBe(1);
  });

  it('counts for each gateway of a process by itself', async () => {
    const bob = await Client.login(url(1), BOB);
    await bob.ask('{ images { nodes { id } } }');
    expect(await figure(url(1), 'stratograph_cache_lookups_total', { type: 'Image' })).toBe(1);
    expect(await figure(url(0), 'stratograph_cache_lookups_total', { type: 'Image' })).toBe(0);
  });

  it('shows no name, id, address or token, and nothing that a client chose', async () => {
    await alice.ask('query MyOwnName { mine: servers(first: 1, filter: { name: "my-own-filter" }) { nodes { id } } }');
    const { data } = await alice.ask<{ servers: { nodes: { id: string; name: string }[] } }>(
      '{ servers { nodes { id name } } }',
    );
    const page = await (await fetch(`${url()}/metrics`)).text();
    const forbidden = [
      'MyOwnName',
      'mine',
      'my-own-filter',
      'alice',
      'demo-a',
      alice.token ?? '',
      ...data.servers.nodes.flatMap(({ id, name }) => [id, name]),
    ];
    expect(forbidden.filter((text) => page.includes(text))).toEqual([]);
    expect(page).not.toMatch(/[0-9a-f]{32}|[0-9a-f]{8}-[0-9a-f]{4}-/);
    expect(page).not.toMatch(/\b10\.\d+\.\d+\.\d+|\b127\.0\.0\.1\b/);
  });
});

describe('docs/metrics.md', () => {
  // prom-client finds some of the process's figures on Linux only.
  const isLinux = process.platform === 'linux';
  const complete = `names the metrics that there are, with type and labels${isLinux ? '' : ' (skipped: needs Linux)'}`;
  it.skipIf(!isLinux)(complete, async () => {
    const page = await (await fetch(`${url()}/metrics`)).text();
    const shown = [...page.matchAll(/^# TYPE (\w+) (\w+)$/gm)].map(([, name, type]) => `${name} ${type}`);
    expect(documented.map(({ name, type }) => `${name} ${type}`).sort()).toEqual(shown.sort());
  });

  it('names every label that a sample carries', async () => {
    const samples = await samplesOf(url());
    for (const { name, labels } of samples) {
      const row =
        documented.find((one) => one.name === name.replace(/_(bucket|sum|count)$/, '')) ??
        documented.find((one) => one.name === name);
      expect(
        Object.keys(labels)
          .filter((label) => label !== 'le')
          .filter((label) => !row?.labels.includes(label)),
      ).toEqual([]);
    }
  });
});

const documented = [
  ...(await readFile(new URL('../../docs/metrics.md', import.meta.url), 'utf8')).matchAll(
    /^\| `(?<name>\w+)` \| (?<type>counter|gauge|histogram) \|(?<labels>[^|]*)\|/gm,
  ),
].map(({ groups: { name = '', type = '', labels = '' } = {} }) => ({
  name,
  type,
  labels: [...labels.matchAll(/`(\w+)`/g)].map(([, label]) => label),
}));
