import { describe, expect, it } from 'vitest';
import { Collections } from '../../src/load/collections.js';
import { Loaders } from '../../src/load/loaders.js';
import { hasMany, type ReverseEdge } from '../../src/resource.js';
import type { Rest, RestRequest } from '../../src/rest/rest.js';
import { resourceOf } from '../../src/services/registry.js';
import { askerOf, FakeRest, forbidden, REGION_ONE, uuid, valuesOf } from './standins.js';

const port = resourceOf('Port');
const volume = resourceOf('Volume');
const byDevice = hasMany('Port', { filter: 'device_id' }) as ReverseEdge & { kind: 'reverse'; target: 'Port' };

const portOf = (number: number) => ({ id: uuid(number), device_id: uuid(100 + number), status: 'ACTIVE' });

/** A Neutron that lists so many ports, with a link to a second page where there are more, and finds others by filter alone. */
function neutron({ listed = 3, more = false } = {}): FakeRest {
  return new FakeRest((request) => portsFor(request, listed, more));
}

function portsFor(request: RestRequest, listed: number, more: boolean): unknown {
  const filters = [...valuesOf(request, 'id'), ...valuesOf(request, 'device_id')];
  const ports = Array.from({ length: filters.length > 0 ? 9 : listed }, (_, index) => portOf(index + 1));
  const found =
    filters.length > 0 ? ports.filter((row) => filters.includes(row.id) || filters.includes(row.device_id)) : ports;
  const next =
    more && filters.length === 0 && valuesOf(request, 'marker').length === 0
      ? [{ rel: 'next', href: 'http://x/ports?marker=z' }]
      : [];
  return { ports: found, ports_links: next };
}

function startOf(rest: FakeRest, role: 'member' | 'admin' = 'member', collections = new Collections()) {
  const asker = { ...askerOf(rest, role), collections };
  return { asker, collections, loaders: new Loaders(asker) };
}

describe('whether all rows are worth fetching', () => {
  const asker = startOf(neutron()).asker;
  const bound = (parents: number, size?: number, who = asker) => {
    const collections = new Collections(() => 0);
    const rows = Array.from({ length: Math.min(size ?? 0, 2000) }, (_, index) => portOf(index));
    if (size !== undefined) collections.note(who, port, REGION_ONE, { rows, more: false }, 4000);
    return collections.boundFor(who, port, REGION_ONE, parents);
  };

  it('depends on how many parents name them, and on how many there were at the last look', () => {
    expect([bound(19), bound(20)]).toEqual([null, 150]);
    expect([bound(20, 150), bound(100, 151), bound(19, 1)]).toEqual([150, null, null]);
    expect([bound(101, 151), bound(300, 450), bound(300, 451)]).toEqual([450, 450, null]);
    expect([bound(301, 451), bound(301, 1000), bound(301, 1001)]).toEqual([1000, 1000, null]);
    // Volumes are found by no other way than the list of all of them.
    expect(new Collections().boundFor(asker, resourceOf('Volume'), REGION_ONE, 100)).toBe(1000);
    // So many parents would ask for a thousand rows by their ids.
    expect([bound(799, 1001), bound(800, 1001)]).toEqual([null, 4000]);
  });

  it('is no question for who sees more than a project, or may not ask for everything', () => {
    expect(bound(100, 10, startOf(neutron(), 'admin').asker)).toBeNull();
    expect(bound(100, 10, { ...asker, policy: { bypass: true } })).toBeNull();
  });

  it('is told by the number of volumes until ports have been counted', () => {
    const collections = new Collections();
    const note = (resource: typeof port | typeof volume, count: number) => {
      const rows = Array.from({ length: count }, (_, index) => portOf(index));
      collections.note(asker, resource, REGION_ONE, { rows, more: false }, 1000);
    };
    const boundOf = () => collections.boundFor(asker, port, REGION_ONE, 100);
    expect([collections.isUnknown(asker, port, REGION_ONE), boundOf()]).toEqual([true, 150]);
    note(volume, 151);
    expect([collections.isUnknown(asker, port, REGION_ONE), boundOf()]).toEqual([false, null]);
    note(port, 150);
    expect(boundOf()).toBe(150);
    // What else Neutron has is not told by it: there are a few networks, however large the project.
    expect(collections.boundFor(asker, resourceOf('Network'), REGION_ONE, 100)).toBe(150);
  });

  it('forgets sizes after a while, and knows those of other audiences for theirs alone', () => {
    let now = 0;
    const collections = new Collections(() => now);
    const boundOf = (who: typeof asker) => collections.boundFor(who, port, REGION_ONE, 100);
    collections.note(asker, port, REGION_ONE, { rows: [], more: true }, 150);
    expect(boundOf(asker)).toBeNull();
    expect(boundOf({ ...asker, audience: () => 'bob' })).toBe(150);
    now = 6 * 3_600_000;
    expect(boundOf(asker)).toBe(150);
  });
});

describe('a gathered collection', () => {
  it('answers for rows and edges in one call, and an id that it lacks is asked for', async () => {
    const rest = neutron();
    const { loaders } = startOf(rest);
    loaders.gather('Port', REGION_ONE, 100);
    await loaders.loadRows('Port', REGION_ONE, [uuid(1), uuid(2), uuid(7), uuid(8)]);
    await loaders.loadEdges('Port', REGION_ONE, byDevice, [uuid(101), uuid(108)]);
    expect(loaders.peekRow('Port', REGION_ONE, uuid(2))).toMatchObject(portOf(2));
    expect(loaders.peekRow('Port', REGION_ONE, uuid(7))).toMatchObject(portOf(7));
    expect(loaders.peekEdges('Port', REGION_ONE, byDevice, uuid(101))).toMatchObject({
      rows: [portOf(1)],
      more: false,
    });
    // The whole list is what the service shows: it would show no more through a filter.
    expect(loaders.peekEdges('Port', REGION_ONE, byDevice, uuid(108))).toEqual({ rows: [], more: false });
    expect(rest.calls).toEqual(['GET /ports?limit=150', `GET /ports?id=${uuid(7)}&id=${uuid(8)}`]);
  });

  it('is one entry of the cache: the next request finds everything in it', async () => {
    const rest = neutron();
    const { asker } = startOf(rest);
    for (const loaders of [new Loaders(asker), new Loaders(asker)]) {
      loaders.gather('Port', REGION_ONE, 100);
      await loaders.loadEdges('Port', REGION_ONE, byDevice, [uuid(101)]);
    }
    expect(rest.calls).toEqual(['GET /ports?limit=150']);
  });

  it('says nothing of edges where it goes on beyond what was fetched, and is not tried again', async () => {
    const rest = neutron({ more: true });
    const { asker } = startOf(rest);
    for (const loaders of [new Loaders(asker), new Loaders(asker)]) {
      loaders.gather('Port', REGION_ONE, 100);
      await loaders.loadEdges('Port', REGION_ONE, byDevice, [uuid(108)]);
      expect(loaders.peekEdges('Port', REGION_ONE, byDevice, uuid(108))).toMatchObject({ rows: [portOf(8)] });
    }
    expect(rest.calls).toEqual(['GET /ports?limit=150', `GET /ports?device_id=${uuid(108)}`]);
  });

  it('of more than a page is fetched whole for a large page of parents', async () => {
    const rest = neutron({ more: true });
    const { asker } = startOf(rest);
    for (const loaders of [new Loaders(asker), new Loaders(asker)]) {
      loaders.gather('Port', REGION_ONE, 1000);
      await loaders.loadEdges('Port', REGION_ONE, byDevice, [uuid(101)]);
      expect(loaders.peekEdges('Port', REGION_ONE, byDevice, uuid(101))).toMatchObject({ rows: [portOf(1)] });
    }
    expect(rest.calls).toEqual(['GET /ports?limit=1000', 'GET /ports?marker=z']);
  });

  it('that cannot be had leaves everything as it was', async () => {
    const rest = new FakeRest((request) =>
      valuesOf(request, 'device_id').length > 0 ? { ports: [portOf(1)] } : forbidden('network'),
    );
    const { loaders } = startOf(rest);
    loaders.gather('Port', REGION_ONE, 100);
    await loaders.loadEdges('Port', REGION_ONE, byDevice, [uuid(101)]);
    expect(loaders.peekEdges('Port', REGION_ONE, byDevice, uuid(101))).toMatchObject({ rows: [portOf(1)] });
  });
});

/** `rest` without a service, which takes calls and never answers. */
function hanging(service: string, rest: FakeRest): Rest {
  return {
    call: (request) => (request.service === service ? new Promise(() => {}) : rest.call(request)),
    page: (request, many) => (request.service === service ? new Promise(() => {}) : rest.page(request, many)),
    regionsOf: () => rest.regionsOf(),
    microversion: () => rest.microversion(),
  };
}

describe('ports that nobody has counted', () => {
  /** Beside a Neutron with three ports a Cinder with so many volumes; null: one that fails. */
  function cloudOf(volumes: number | null): FakeRest {
    return new FakeRest((request) => {
      if (request.service !== 'block-storage') return portsFor(request, 3, false);
      return volumes === null
        ? forbidden('block-storage')
        : { volumes: Array.from({ length: volumes }, (_, index) => ({ id: uuid(index) })) };
    });
  }

  async function callsOf(rest: FakeRest, types: readonly ('Port' | 'Volume')[]): Promise<readonly string[]> {
    const { asker } = startOf(rest);
    for (const loaders of [new Loaders(asker), new Loaders(asker)]) {
      for (const type of types) loaders.gather(type, REGION_ONE, 100);
      await loaders.loadEdges('Port', REGION_ONE, byDevice, [uuid(101)]);
      expect(loaders.peekEdges('Port', REGION_ONE, byDevice, uuid(101))).toMatchObject({ rows: [portOf(1)] });
    }
    return rest.calls;
  }

  it('are asked for by ids where there are many volumes', async () => {
    const calls = await callsOf(cloudOf(151), ['Port', 'Volume']);
    expect(calls).toEqual(['GET /volumes/detail?limit=1000', `GET /ports?device_id=${uuid(101)}`]);
  });

  it('are fetched whole behind the volumes where these are few', async () => {
    const calls = await callsOf(cloudOf(150), ['Port', 'Volume']);
    expect(calls).toEqual(['GET /volumes/detail?limit=1000', 'GET /ports?limit=150']);
  });

  it('do not wait for volumes for ever', async () => {
    const rest = neutron();
    const { asker } = startOf(rest);
    const loaders = new Loaders({ ...asker, rest: hanging('block-storage', rest) });
    for (const type of ['Port', 'Volume'] as const) loaders.gather(type, REGION_ONE, 100);
    await loaders.loadEdges('Port', REGION_ONE, byDevice, [uuid(101)]);
    expect(rest.calls).toEqual(['GET /ports?limit=150']);
  });

  it('are tried where nothing is to be learnt of volumes', async () => {
    expect(await callsOf(cloudOf(150), ['Port'])).toEqual(['GET /ports?limit=150']);
    const calls = await callsOf(cloudOf(null), ['Port', 'Volume']);
    expect(calls.filter((call) => call.includes('ports'))).toEqual(['GET /ports?limit=150']);
  });
});
