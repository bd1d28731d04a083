import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DemoCloud } from '../../src/demo/index.js';
import { memcachedInstalled, onMemcached, why } from '../memcached.js';
import { ALICE, Client } from '../support/client.js';
import { FAULTS } from './memcached-faults/faults.js';
import { type Pool, startPool } from './memcached-faults/pool.js';
import { cloudForFaults, type Outcome, runFaults, runRefusedAtStart, runRingChanges } from './memcached-faults/run.js';
import { Stage } from './memcached-faults/stage.js';
import { tableOf } from './memcached-faults/table.js';
import { sized } from './support/sized.js';

if (!memcachedInstalled) console.warn(`skipped: test/proofs/memcached-faults.test.ts, all of it (${why})`);

/** In the short run one of each family: the others differ in detail, and take their time. */
const SHORT = ['killed', 'stopped', 'cut', 'others', 'hole'];
const OPTIONS = sized({ ms: 200, pace: 15 }, { ms: 1000, pace: 20 });

/** Titles of what went otherwise than promised, with the first reason. */
function broken(outcomes: readonly Outcome[], fates: readonly string[]): string[] {
  return outcomes.flatMap(({ title, operations }) =>
    operations
      .filter(({ fate }) => fates.includes(fate))
      .map(({ kind, fate, why: reason }) => `${title}: ${kind} ${fate} ${reason}`),
  );
}

describe.skipIf(!memcachedInstalled)(onMemcached('memcached fails under load'), () => {
  const outcomes: Outcome[] = [];

  beforeAll(async () => {
    const chosen = FAULTS.filter(({ name }) => sized(SHORT.includes(name), true));
    // Whatever does not recover within 45 s ends this with an error that says what was waited for.
    outcomes.push(...(await runFaults(chosen, OPTIONS)));
    if (sized(false, true)) outcomes.push(await runRefusedAtStart(OPTIONS), await runRingChanges(OPTIONS));
    console.log(`\n${tableOf(outcomes)}\n`);
  }, 280_000);

  it('every fault was met by queries and mutations', () => {
    for (const { operations } of outcomes) expect(operations.length).toBeGreaterThan(0);
    const mutations = outcomes.flatMap(({ operations }) => operations.filter(({ kind }) => kind === 'mutation'));
    expect(mutations.length).toBeGreaterThan(outcomes.length);
  });

  it('no query is answered with anything older than an answered mutation, unless that mutation said `unconfirmed`', () => {
    expect(broken(outcomes, ['wrong'])).toEqual([]);
    expect(outcomes.filter(({ waves }) => waves.wrong > 0)).toEqual([]);
  });

  it('no operation is left pending', () => expect(broken(outcomes, ['pending'])).toEqual([]));

  it('no operation fails', () => expect(broken(outcomes, ['error'])).toEqual([]));

  it('/readyz names the server that does not answer while it does not', () => {
    const told = outcomes.filter(({ told: said }) => said.length > 0);
    expect(told.length).toBeGreaterThan(1);
    for (const { told: said } of told) for (const one of said) expect(one).toMatch(/no answer from 127\.0\.0\.1:\d+/);
  });
});

describe.skipIf(!memcachedInstalled)(onMemcached('a mutation while memcached does not answer'), () => {
  let cloud: DemoCloud;
  let pool: Pool;
  let stage: Stage;
  let strict: Stage;
  let alice: Client;
  let server: { readonly id: string; readonly name: string };
  const rename = (client: Client, name: string) =>
    client.tell<{ updateServer: { server: { name: string } } | null }>(
      'mutation ($id: ID!, $name: String!) { updateServer(id: $id, input: { name: $name }) { server { name } } }',
      { id: server.id, name },
    );
  const nameAt = async (url: string) => {
    const { data } = await alice.at(url).ask<{ server: { name: string } }>(`{ server(id: "${server.id}") { name } }`);
    return data.server.name;
  };

  beforeAll(async () => {
    [cloud, pool] = await Promise.all([cloudForFaults(), startPool()]);
    [stage, strict] = await Promise.all([
      Stage.start(cloud, pool.addresses),
      Stage.start(cloud, pool.addresses, { count: 1, env: { CACHE_WRITES: 'strict' } }),
    ]);
    alice = await Client.login(stage.urls[0] ?? '', ALICE);
    const { data } = await alice.ask<{ servers: { nodes: readonly [typeof server] } }>(
      '{ servers(first: 1) { nodes { id name } } }',
    );
    [server] = data.servers.nodes;
  });
  afterAll(async () => {
    await Promise.all([stage, strict].map((one) => one?.stop()));
    await pool?.stop();
    await cloud?.close();
  });

  it('is refused before anything is sent where writes are strict, and done once memcached is back', async () => {
    const [url = ''] = strict.urls;
    for (const one of pool.servers) one.pause();
    const commits = cloud.log.length;
    const refused = await rename(alice.at(url), 'strictly');
    expect(refused.errors?.[0]?.message).toContain('CACHE_WRITES=strict. Nothing was changed');
    expect(refused.errors?.[0]?.extensions['code']).toBe('UPSTREAM_UNAVAILABLE');
    expect(cloud.log.length).toBe(commits);
    for (const one of pool.servers) one.resume();
    await strict.untilReadyzSays(true);
    const done = await rename(alice.at(url), 'strictly');
    expect(done.errors).toBeUndefined();
    expect(done.extensions?.cache).toBeUndefined();
  });

  it('is done, says `unconfirmed`, and shows at every replica once memcached is back', async () => {
    await stage.untilHits([server.id]);
    for (const one of pool.servers) one.pause();
    const answer = await rename(alice, 'unconfirmed');
    expect(answer.errors).toBeUndefined();
    expect(answer.data.updateServer?.server.name).toBe('unconfirmed');
    expect(answer.extensions?.cache?.unconfirmed).toContain('Server');
    for (const one of pool.servers) one.resume();
    await stage.untilMadeGood();
    for (const url of [...stage.urls, ...strict.urls]) expect(await nameAt(url)).toBe('unconfirmed');
  });
});
