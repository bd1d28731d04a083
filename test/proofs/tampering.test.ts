import { setTimeout as wait } from 'node:timers/promises';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { memcachedInstalled, onMemcached, type RunningMemcached, startMemcached } from '../memcached.js';
import { ADMIN, ALICE, BOB, type Client, type DemoGateway, READER, startDemoGateway } from '../support/demo-gateway.js';
import { figure } from '../support/metrics.js';
import { type RawItem, RawMemcached } from '../support/raw-memcached.js';
import { everyName, gatewaySays, openstackSays, type Said } from './support/openstack-says.js';
import { sized } from './support/sized.js';
import { flipped, kindOf, tamper, tampering } from './support/tamper.js';

const USERS = [ALICE, BOB, READER, ADMIN] as const;
const SECRET = 'a-secret-for-the-proof-of-tampering';

/** What a process keeps by itself nobody can tamper with: gateways that keep nothing read everything from memcached. */
const KEEP_NOTHING = { SHORTCUTS_OFF: 'answers,texts,parsed,collections' };

/** A demo cloud, gateways that share one memcached, and somebody with a shell on its network. */
class Stage {
  readonly demo: DemoGateway;
  readonly memcached: RunningMemcached;
  readonly raw: RawMemcached;
  /** One for each of `USERS`. */
  readonly clients: readonly Client[];

  private constructor(demo: DemoGateway, memcached: RunningMemcached, raw: RawMemcached, clients: readonly Client[]) {
    this.demo = demo;
    this.memcached = memcached;
    this.raw = raw;
    this.clients = clients;
  }

  static async set(servers: number, env: Readonly<Record<string, string>> = {}, gateways = 2): Promise<Stage> {
    const memcached = await startMemcached();
    const demo = await startDemoGateway(
      { servers, pace: 0 },
      { MEMCACHED_SERVERS: memcached.address, CACHE_SECRET: SECRET, ...KEEP_NOTHING, ...env },
      gateways,
    );
    const raw = await RawMemcached.open(memcached.port);
    return new Stage(demo, memcached, raw, await Promise.all(USERS.map((user) => demo.login(user))));
  }

  async strike(): Promise<void> {
    this.raw.close();
    await this.demo.stop();
    await this.memcached.stop();
  }

  get alice(): Client {
    const [alice] = this.clients;
    if (alice === undefined) throw new Error('nobody is logged in');
    return alice;
  }

  /** What OpenStack says to each of `USERS`. */
  truths(): Promise<readonly Said[]> {
    return Promise.all(this.clients.map((client) => openstackSays(this.demo.cloud.url, client.token ?? '')));
  }

  /** What everybody is told at every gateway. */
  async answers(): Promise<readonly (readonly Said[])[]> {
    const asked = this.demo.urls.map((url) =>
      Promise.all(this.clients.map(async (client) => (await gatewaySays(client.at(url))).said)),
    );
    return Promise.all(asked);
  }

  /** Of all gateways together. */
  async refused(labels: Readonly<Record<string, string>> = {}): Promise<number> {
    const each = this.demo.urls.map((url) => figure(url, 'stratograph_cache_refused_total', labels));
    return (await Promise.all(each)).reduce((total, count) => total + count, 0);
  }

  async dump(kind: string): Promise<readonly RawItem[]> {
    return (await this.raw.dump()).filter((item) => kindOf(item) === kind);
  }
}

describe.skipIf(!memcachedInstalled)(onMemcached('a hostile memcached'), () => {
  describe('with its values in clear', () => {
    let stage: Stage;
    beforeAll(async () => {
      stage = await Stage.set(30);
    });
    afterAll(() => stage.strike());

    it.each([
      ['keep nothing', KEEP_NOTHING],
      ['keep what they can', { SHORTCUTS_OFF: '' }],
    ])('makes no answer of gateways that %s differ from what OpenStack says to that token', async (_, env) => {
      const own = await Stage.set(30, env);
      const { raw } = own;
      const truths = await own.truths();
      const expected = own.demo.urls.map(() => truths);
      await fc.assert(
        fc.asyncProperty(fc.array(tampering, { minLength: 1, maxLength: 3 }), async (all) => {
          await raw.flush();
          expect(await own.answers()).toEqual(expected);
          for (const one of all) await tamper(raw, one);
          expect(await own.answers()).toEqual(expected);
        }),
        { numRuns: sized(3, 60), endOnFailure: true },
      );
      await own.strike();
    });

    it('is caught at every entry that it rewrote: each is a miss, and counted in /metrics', async () => {
      const { raw, alice } = stage;
      await raw.flush();
      await expect.poll(async () => (await gatewaySays(alice)).misses, { timeout: 20_000 }).toBe(0);
      const warm = await gatewaySays(alice);
      const entries = (await stage.dump('entry')).filter(({ key }) => !key.includes('/Token/'));
      for (const entry of entries)
        await raw.set({ ...entry, value: flipped(entry.value, entry.value.length - 1, 1) }, 0);
      const before = await stage.refused({ what: 'entry', reason: 'forged' });
      const forged = await gatewaySays(alice);
      expect(forged).toEqual({ said: warm.said, hits: 0, misses: warm.hits });
      expect((await stage.refused({ what: 'entry', reason: 'forged' })) - before).toBe(warm.hits);
    });

    it('cannot pass one tenant’s entry off as another’s, and is counted for every attempt', async () => {
      const { raw } = stage;
      const truths = await stage.truths();
      await raw.flush();
      await stage.answers();
      await alignCounters(stage);
      await stage.answers();
      const before = await stage.refused({ reason: 'forged' });
      const changed = await tamper(raw, {
        kinds: ['entry'],
        every: 1,
        how: { name: 'exchange', by: 1, within: 'type' },
        flags: 0,
        seconds: 0,
      });
      expect(changed.length).toBeGreaterThan(50);
      expect(await stage.answers()).toEqual(stage.demo.urls.map(() => truths));
      expect((await stage.refused({ reason: 'forged' })) - before).toBeGreaterThan(changed.length);
    });

    it('cannot make anybody somebody else by exchanging what Keystone said of their tokens', async () => {
      const { raw, demo, memcached } = stage;
      await raw.flush();
      const clients = await Promise.all(USERS.map((user) => demo.login(user)));
      // A gateway of a later start has nothing of these tokens in its own memory.
      const later = await startDemoGateway(
        { servers: 10 },
        { OS_AUTH_URL: demo.cloud.authUrl, MEMCACHED_SERVERS: memcached.address, CACHE_SECRET: SECRET },
        2,
      );
      const namesAt = (url = '') => Promise.all(clients.map((client) => nameOf(client.at(url))));
      const [first, second = ''] = later.urls;
      for (const client of clients) await nameOf(client);
      await alignCounters(stage);
      await namesAt(first);
      const tokens = (await stage.dump('entry')).filter(({ key }) => key.includes('/Token/'));
      for (const [index, { key, flags }] of tokens.entries()) {
        await raw.set({ key, flags, value: tokens[(index + 1) % tokens.length]?.value ?? Buffer.of() }, 0);
      }
      const names = await namesAt(second);
      const forged = await figure(second, 'stratograph_cache_refused_total', { reason: 'forged' });
      await later.stop();
      expect(tokens.length).toBe(USERS.length);
      expect(names).toEqual(USERS.map(({ name }) => name));
      expect(forged).toBe(USERS.length);
    });

    it('holds names, ids and addresses in clear, as long as CACHE_ENCRYPT is off, and no secret even then', async () => {
      const { alice, clients, raw } = stage;
      const admin = clients[USERS.indexOf(ADMIN)];
      const [password, userData] = [
        'canary-of-an-administrator',
        Buffer.from('#!/bin/sh\necho canary').toString('base64'),
      ];
      const { data } = await alice.ask<{ flavors: Rows; images: Rows; networks: Rows }>(
        '{ flavors { nodes { id } } images { nodes { id } } networks { nodes { id } } }',
      );
      const [flavorId, imageId, networkId] = [data.flavors, data.images, data.networks].map(
        ({ nodes }) => nodes[0]?.id,
      );
      const input = {
        name: 'guarded',
        flavorId,
        imageId,
        networks: [{ networkId }],
        adminPassword: password,
        userData,
      };
      const made = await alice.ask<{ createServer: { server: { id: string }; adminPassword: string } }>(
        'mutation ($input: CreateServerInput!) { createServer(input: $input) { server { id } adminPassword } }',
        { input },
      );
      expect(made.data.createServer.adminPassword).toBe(password);
      const { id } = made.data.createServer.server;
      await admin?.ask('query ($id: ID!) { server(id: $id) { name serverGroupIds } }', { id });
      await stage.answers();
      const dump = await raw.dump();
      expect(found(await namesIn(stage), dump).length).toBeGreaterThan(100);
      const tokens = clients.flatMap(({ token }) => token ?? []);
      expect(found([password, userData, ...tokens, ...USERS.map(({ name }) => `${name}-secret`)], dump)).toEqual([]);
    });
  });

  it('can replay a value under its own key only until that value’s own time ends, whatever expiry it gives it', async () => {
    const ttl = 4;
    const stage = await Stage.set(10, { CACHE_TTL: `Server=${ttl}` }, 1);
    const { raw, alice } = stage;
    try {
      const { data } = await alice.ask<{ servers: { nodes: { id: string; name: string }[] } }>(
        '{ servers(first: 1) { nodes { id name } } }',
      );
      const [{ id, name: before } = { id: '', name: '' }] = data.servers.nodes;
      const read = async () =>
        (await alice.ask<{ server: { name: string } }>('query ($id: ID!) { server(id: $id) { name } }', { id })).data
          .server.name;
      await read();
      const ended = Date.now() + ttl * 1000 + 100;
      const past = await raw.dump();
      await alice.ask('mutation ($id: ID!) { updateServer(id: $id, input: { name: "renamed" }) { server { id } } }', {
        id,
      });
      expect(await read()).toBe('renamed');
      await replay(raw, past);
      // What is not promised: counters can be set back, and an entry with them.
      expect(await read()).toBe(before);
      await wait(ended - Date.now());
      await replay(raw, past);
      expect(await read()).toBe('renamed');
    } finally {
      await stage.strike();
    }
  });

  it.concurrent('can neither exchange nor keep back the pieces of large values', async () => {
    const stage = await Stage.set(1500, {}, 1);
    const { raw, clients } = stage;
    const asked = clients.filter((_, index) => USERS[index] === ALICE || USERS[index] === ADMIN);
    try {
      const ask = () =>
        Promise.all(asked.map((client) => client.ask('{ servers(first: 1000) { nodes { id name } } }')));
      const cold = (await ask()).map(({ data }) => data);
      // Values are stored behind their answers, and not where memcached was late.
      const stored = async () => {
        await ask();
        return (await stage.dump('piece')).length;
      };
      await expect.poll(stored, { timeout: 20_000 }).toBeGreaterThan(3);
      const pieces = await stage.dump('piece');
      // Rows that two users see alike are alike byte for byte: only other bytes make a difference.
      const other = ({ value }: RawItem) => pieces.find((piece) => !piece.value.equals(value))?.value ?? Buffer.of();
      for (const piece of pieces) await raw.set({ ...piece, value: other(piece) }, 0);
      expect((await ask()).map(({ data }) => data)).toEqual(cold);
      expect(await stage.refused({ what: 'piece', reason: 'forged' })).toBeGreaterThan(0);
      for (const { key } of await stage.dump('piece')) await raw.delete(key);
      expect((await ask()).map(({ data }) => data)).toEqual(cold);
      expect(await stage.refused({ what: 'piece', reason: 'incomplete' })).toBeGreaterThan(0);
    } finally {
      await stage.strike();
    }
  });

  it.concurrent('holds no name, id or address in clear where CACHE_ENCRYPT is on, and is not believed either', async () => {
    const stage = await Stage.set(30, { CACHE_ENCRYPT: 'true' });
    const { raw, alice } = stage;
    try {
      const truths = await stage.truths();
      await stage.answers();
      const { data } = await alice.ask<{ servers: { nodes: { id: string }[] } }>(
        '{ servers(first: 5) { nodes { id } } }',
      );
      for (const { id } of data.servers.nodes) {
        await alice.ask(
          'mutation ($id: ID!) { updateServer(id: $id, input: { description: "plain-words-of-alice" }) { server { id description } } }',
          { id },
        );
      }
      await alice.ask('{ servers(filter: { name: "plain-words-of-alice" }) { nodes { id } } }');
      await stage.answers();
      const dump = await raw.dump();
      const kinds = new Set(dump.map(kindOf));
      expect(['entry', 'stamp', 'hold'].filter((kind) => !kinds.has(kind))).toEqual([]);
      expect(dump.length).toBeGreaterThan(150);
      expect(found(['plain-words-of-alice', ...(await namesIn(stage))], dump)).toEqual([]);
      await tamper(raw, {
        kinds: ['entry'],
        every: 1,
        how: { name: 'exchange', by: 1, within: 'type' },
        flags: 0,
        seconds: 0,
      });
      expect(await stage.answers()).toEqual(stage.demo.urls.map(() => truths));
    } finally {
      await stage.strike();
    }
  });
});

interface Rows {
  readonly nodes: readonly { readonly id: string }[];
}

async function nameOf(client: Client): Promise<string> {
  return (await client.ask<{ me: { user: { name: string } } }>('{ me { user { name } } }')).data.me.user.name;
}

/** All counters are the same from here on, so that no entry is told from another by the counters that it has captured. */
async function alignCounters(stage: Stage): Promise<void> {
  for (const { key } of await stage.dump('stamp')) await stage.raw.set({ key, value: Buffer.from('7'), flags: 0 }, 0);
}

/** Everything as it was: entries and counters back, what came since gone. */
async function replay(raw: RawMemcached, past: readonly RawItem[]): Promise<void> {
  for (const key of await raw.keys()) await raw.delete(key);
  for (const item of past) await raw.set(item, 0);
}

/** Every name, id and address of the demo cloud, users and projects included. */
async function namesIn({ demo, clients }: Stage): Promise<readonly string[]> {
  const each = clients.map((client) => everyName(demo.cloud.url, client.token ?? ''));
  const names = [...new Set((await Promise.all(each)).flat())];
  expect(names.length).toBeGreaterThan(200);
  return names;
}

/** Those of the texts that stand somewhere in the dump. Short ones count as JSON writes them: any bytes may hold two letters. */
function found(texts: readonly string[], dump: readonly RawItem[]): readonly string[] {
  const all = Buffer.concat(dump.flatMap(({ key, value }) => [Buffer.from(`\n${key}\n`), value]));
  return texts.filter((text) => all.includes(text.length > 5 ? text : JSON.stringify(text)));
}
