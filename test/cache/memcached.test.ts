import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { holdKey, holdState } from '../../src/cache/holds.js';
import { formatAddress, parseAddress } from '../../src/cache/memcached/address.js';
import { OPCODE } from '../../src/cache/memcached/binary.js';
import { Link } from '../../src/cache/memcached/link.js';
import { Ring } from '../../src/cache/memcached/ring.js';
import { createMemcachedStore, type MemcachedOptions } from '../../src/cache/memcached.js';
import type { Store } from '../../src/cache/store.js';
import { memcachedInstalled, onMemcached, type RunningMemcached, startMemcached, why } from '../memcached.js';
import { cacheOver, lookup, PLAIN, service, stamp } from './help.js';
import { type FaultyProxy, startProxy } from './proxy.js';

const text = (value: string) => Buffer.from(value);

describe('addresses of memcached servers', () => {
  it.each([
    ['cache', { host: 'cache', port: 11_211 }],
    ['10.0.0.1:2000', { host: '10.0.0.1', port: 2000 }],
    ['[::1]:2000', { host: '::1', port: 2000 }],
    ['[fe80::1]', { host: 'fe80::1', port: 11_211 }],
  ])('reads %s', (written, address) => {
    expect(parseAddress(written)).toEqual(address);
    expect(parseAddress(formatAddress(address))).toEqual(address);
  });

  it.each(['', '::1', 'host:', 'host:0', 'host:99999', 'user:word@host:1', '[::1'])('refuses %j', (written) => {
    expect(() => parseAddress(written)).toThrow('expected host:port');
  });
});

describe('the ring', () => {
  const keys = Array.from({ length: 3000 }, (_, index) => `key/${index}`);
  const owners = (names: readonly string[]) => {
    const ring = new Ring(names);
    return keys.map((key) => names[ring.ownerOf(key)]);
  };

  it('gives every server about its share', () => {
    const owned = owners(['a:1', 'b:1', 'c:1']);
    for (const name of ['a:1', 'b:1', 'c:1'])
      expect(owned.filter((owner) => owner === name).length).toBeGreaterThan(600);
  });

  it('does not depend on the order in which servers are listed', () => {
    expect(owners(['a:1', 'b:1', 'c:1'])).toEqual(owners(['c:1', 'a:1', 'b:1']));
  });

  it('gives a new server keys of the others and moves no other key', () => {
    const [before, after] = [owners(['a:1', 'b:1']), owners(['a:1', 'b:1', 'c:1'])];
    expect(after.every((owner, index) => owner === before[index] || owner === 'c:1')).toBe(true);
  });
});

if (!memcachedInstalled) console.warn(`skipped: test/cache/memcached.test.ts, faults of memcached (${why})`);

describe.skipIf(!memcachedInstalled)(onMemcached('memcached behind its guard'), () => {
  let server: RunningMemcached;
  let proxy: FaultyProxy;
  const stores: Store[] = [];
  const open = (address: string, options: MemcachedOptions = {}) => {
    const store = createMemcachedStore([address], { deadline: 150, pause: 20, marks: false, ...options });
    stores.push(store);
    return store;
  };
  const answersAgain = (store: Store) =>
    vi.waitFor(async () => expect(await store.set('again', text('1'), 60)).toBe(true));

  beforeEach(async () => {
    server = await startMemcached();
    proxy = await startProxy(server.port);
  });
  afterEach(async () => {
    await Promise.all(stores.splice(0).map((store) => store.close()));
    await proxy.close();
    server.resume();
    await server.stop();
  });

  it('settles every operation while memcached hangs under steady traffic, and works again when it goes on', async () => {
    const store = open(server.address);
    await store.set('a', text('1'), 60);
    server.pause();
    const answers = await Promise.all(
      Array.from({ length: 50 }, async (_, index) => {
        await new Promise((resolve) => setTimeout(resolve, index * 10));
        return store.getMany(['a']);
      }),
    );
    expect(answers.every((found) => found.size === 0)).toBe(true);
    server.resume();
    await answersAgain(store);
    expect((await store.getMany(['a'])).get('a')?.value.toString()).toBe('1');
  });

  it('settles what was pending when memcached was killed, and finds it empty after a restart', async () => {
    const store = open(server.address);
    await store.set('a', text('1'), 60);
    server.pause();
    const pending = Promise.all([store.getMany(['a']), store.increment('n', 1, 60), store.set('b', text('2'), 60)]);
    await server.kill();
    expect(await pending).toEqual([new Map(), null, false]);
    await server.start();
    await answersAgain(store);
    expect((await store.getMany(['a'])).get('a')).toBeNull();
  });

  it('asks a dead server no more than the breaker lets it', async () => {
    const store = open(server.address, { pause: 60_000 });
    await server.kill();
    for (let attempt = 0; attempt < 3; attempt += 1) await store.set('a', text('1'), 60);
    await server.start();
    expect(await store.set('a', text('1'), 60)).toBe(false);
  });

  it('makes one operation wait for a hung server, and none while it is left alone', async () => {
    const told: string[] = [];
    const figures = { operation: (_server: string, outcome: string) => told.push(outcome), breaker: () => {} };
    const store = open(server.address, { pause: 10, figures });
    await store.set('a', text('1'), 60);
    server.pause();
    for (let attempt = 0; attempt < 30; attempt += 1) {
      await store.getMany(['a']);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    const after = told.slice(told.indexOf('timeout') + 1);
    expect(after.length).toBeGreaterThan(20);
    expect(new Set(after)).toEqual(new Set(['spared']));
    server.resume();
    await answersAgain(store);
  });

  it('finds a server well again when asked for its health, however long it was to be left alone', async () => {
    const store = open(server.address, { pause: 60_000 });
    await server.kill();
    for (let attempt = 0; attempt < 3; attempt += 1) await store.set('a', text('1'), 60);
    expect(await store.health()).toEqual({ ok: false, detail: `no answer from ${server.address}` });
    await server.start();
    expect(await store.health()).toMatchObject({ ok: true });
    expect(await store.set('a', text('1'), 60)).toBe(true);
  });

  it('gives a connection up at once when an answer comes that nobody asked for', async () => {
    const store = open(proxy.address, { deadline: 60_000 });
    await store.set('a', text('1'), 60);
    proxy.garble((bytes) => {
      const other = Buffer.from(bytes);
      other.writeUInt32BE(bytes.readUInt32BE(12) + 1, 12);
      return other;
    });
    expect(await store.increment('n', 1, 60)).toBeNull();
  });

  it('takes no answer about another key: what was asked for is then unknown, not missing', async () => {
    const store = open(proxy.address, { deadline: 60_000 });
    await store.set('key/a', text('1'), 60);
    proxy.garble((bytes) => Buffer.from(bytes.toString('latin1').replace('key/a', 'key/b'), 'latin1'));
    expect(await store.getMany(['key/a'])).toEqual(new Map());
  });

  it('takes no answer that an earlier connection was given', async () => {
    const [one, other] = [open(proxy.address), open(proxy.address)];
    const answers: Buffer[] = [];
    proxy.garble((bytes) => {
      answers.push(bytes);
      return bytes;
    });
    expect(await one.increment('n', 41, 60)).toBe(41);
    proxy.garble(() => answers[0] ?? null);
    expect(await other.increment('n', 1, 60)).toBeNull();
  });

  it('throws a cut connection away with whatever half an answer it held', async () => {
    const store = open(proxy.address);
    await store.set('a', text('a'.repeat(5000)), 60);
    proxy.garble((bytes) => bytes.subarray(0, 100));
    expect(await store.getMany(['a'])).toEqual(new Map());
    proxy.garble((bytes) => bytes);
    await answersAgain(store);
    expect((await store.getMany(['a'])).get('a')?.value.toString()).toBe('a'.repeat(5000));
    expect(proxy.connections()).toBeGreaterThan(1);
  });

  it('reconnects after a reset of an idle connection without failing an operation', async () => {
    const store = open(proxy.address);
    await store.set('a', text('1'), 60);
    proxy.cut();
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect((await store.getMany(['a'])).get('a')?.value.toString()).toBe('1');
  });

  it('takes no garbage for an answer', async () => {
    const store = open(proxy.address);
    await store.set('a', text('1'), 60);
    proxy.garble((bytes) => Buffer.alloc(bytes.length, 0x55));
    expect(await store.getMany(['a'])).toEqual(new Map());
    expect(await store.increment('n', 1, 60)).toBeNull();
  });

  it('sends nothing twice, whatever goes wrong', async () => {
    const store = open(proxy.address);
    await store.increment('n', 1, 60);
    proxy.garble(() => null);
    expect(await store.increment('n', 1, 60)).toBeNull();
    proxy.garble((bytes) => bytes);
    await answersAgain(store);
    expect((await store.getMany(['n'])).get('n')?.value.toString()).toBe('2');
  });

  it('asks for any number of keys in one write', async () => {
    const store = open(proxy.address);
    await store.set('a', text('1'), 60);
    const before = proxy.requests();
    await store.getMany(Array.from({ length: 50 }, (_, index) => `key/${index}`));
    expect(proxy.requests() - before).toBe(1);
  });

  it('does not blame memcached for a process that was busy past the deadline', async () => {
    const store = open(server.address, { deadline: 100 });
    await answersAgain(store);
    const answer = store.getMany(['again']);
    await Promise.resolve();
    // The thread stands still without taking the processor from memcached, which is to answer meanwhile.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 600);
    expect((await answer).get('again')?.value.toString()).toBe('1');
  });

  it('acknowledges nothing under a key that memcached would choke on, and goes on', async () => {
    const store = open(server.address);
    for (const key of ['', 'k'.repeat(251), 'with space', 'new\nline', 'ü']) {
      expect(await store.set(key, text('1'), 60)).toBe(false);
      expect(await store.getMany([key])).toEqual(new Map());
    }
    expect(await store.set('k'.repeat(250), text('1'), 60)).toBe(true);
  });

  it('counts its requests anew before memjs runs out of numbers', async () => {
    const link = new Link({ host: '127.0.0.1', port: server.port }, 500, () => {}, 2 ** 31 - 3);
    for (let request = 0; request < 6; request += 1) {
      const header = (await link.ask({ opcode: OPCODE.noop }))?.header;
      expect(header?.status).toBe(0);
      expect(header?.opaque).toBeLessThan(2 ** 31);
    }
    link.end();
  });

  it('serves over IPv6', async () => {
    const six = await startMemcached({ host: '::1' }).catch(() => null);
    if (six === null) return console.warn('skipped: memcached over IPv6 (this machine has no ::1)');
    const store = open(six.address);
    expect(await store.set('a', text('1'), 60)).toBe(true);
    await six.stop();
  });

  it('never lets a query fail because memcached does', async () => {
    const cache = cacheOver(open(server.address), { deadlines: { flight: 100, wave: 50 } });
    const { fetch, asked } = service((key) => ({ key }));
    server.pause();
    for (const name of ['a', 'b']) {
      expect((await cache.read([lookup(name)], fetch, PLAIN)).get(`Thing/row/${name}`)).toEqual({
        key: `Thing/row/${name}`,
      });
    }
    expect(asked).toHaveLength(2);
  });

  it('says which stamps nobody acknowledged, and bumps them when memcached answers again', async () => {
    const told: string[] = [];
    const cache = cacheOver(open(server.address), { onUnconfirmed: ({ state }) => told.push(state) });
    const { fetch, asked } = service(() => 'value');
    await cache.read([lookup('a')], fetch, PLAIN);
    server.pause();
    const affected = { stamps: [{ stamp: stamp('a'), settle: 5 }] };
    const written = await cache.write(affected, async () => ({ value: 1, accepted: false }));
    expect(written.unconfirmed).toEqual([stamp('a')]);
    server.resume();
    await vi.waitFor(() => expect(told).toEqual(['retrying', 'confirmed']), { timeout: 5000 });
    await cache.read([lookup('a')], fetch, PLAIN);
    expect(asked).toHaveLength(2);
  });

  it('refuses a mutation before it is sent where writes are strict', async () => {
    const cache = cacheOver(open(server.address), { strictWrites: true });
    server.pause();
    const write = vi.fn(async () => ({ value: 1, accepted: false }));
    const affected = { stamps: [{ stamp: stamp('a'), settle: 5 }] };
    await expect(cache.write(affected, write)).rejects.toThrow('CACHE_WRITES=strict');
    expect(write).not.toHaveBeenCalled();
  });

  it('lets two replicas share one fetch', async () => {
    const [one, other] = [cacheOver(open(server.address)), cacheOver(open(server.address))];
    const { fetch, asked } = service(async () => {
      await new Promise((resolve) => setTimeout(resolve, 100));
      return 'value';
    });
    const both = [one, other].map((cache) => cache.read([lookup('a')], fetch, PLAIN));
    for (const answer of await Promise.all(both)) expect([...answer.values()]).toEqual(['value']);
    expect(asked).toHaveLength(1);
  });

  it('lets many writers of two replicas share one stamp', async () => {
    const store = open(server.address, { deadline: 2000 });
    const caches = [cacheOver(store), cacheOver(open(server.address, { deadline: 2000 }))];
    const affected = { stamps: [{ stamp: stamp('any'), settle: 5 }] };
    const writes = Array.from({ length: 100 }, (_, index) =>
      caches[index % 2]?.write(affected, async () => ({ value: index, accepted: false })),
    );
    for (const written of await Promise.all(writes)) expect(written?.unconfirmed).toEqual([]);
    const hold = (await store.getMany([holdKey(stamp('any'))])).get(holdKey(stamp('any')));
    expect(holdState(hold)).toBe('settling');
  });

  it('shows at one replica what another has changed', async () => {
    const [one, other] = [cacheOver(open(server.address)), cacheOver(open(server.address))];
    let version = 1;
    const { fetch } = service(() => version);
    for (let round = 0; round < 20; round += 1) {
      expect([...(await other.read([lookup('a')], fetch, PLAIN)).values()]).toEqual([version]);
      await one.write({ stamps: [{ stamp: stamp('a'), settle: 5 }] }, async () => {
        version += 1;
        return { value: version, accepted: false };
      });
    }
  });
});
