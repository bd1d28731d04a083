import { describe, expect, it } from 'vitest';
import type { Asker } from '../../src/load/asker.js';
import { lookupsOf } from '../../src/load/lookups.js';
import { type AnyResource, resourceOf } from '../../src/services/registry.js';
import { askerOf, FakeRest, OWN_PROJECT, REGION_ONE, uuid } from './standins.js';

const server = resourceOf('Server');
const network = resourceOf('Network');
const member = askerOf(new FakeRest(() => null));
const admin = askerOf(new FakeRest(() => null), 'admin');

const row = { id: uuid(1), tenant_id: OWN_PROJECT, status: 'ACTIVE', updated: '2026-11-22T11:00:00Z', name: 'web' };

async function stampsOf(asker: Asker, resource: AnyResource): Promise<{ row: string[]; list: string[] }> {
  const lookups = await lookupsOf(asker, resource, REGION_ONE);
  return { row: [...lookups.row(uuid(1)).stamps], list: [...lookups.list('all').stamps] };
}

describe('what an entry depends on', () => {
  it('are stamps of the own project alone where a member can see no other rows', async () => {
    const { row: rowStamps, list } = await stampsOf(member, server);
    expect(rowStamps).toContain(`cloud/RegionOne/row/Server/${uuid(1)}`);
    expect(list).toContain(`cloud/RegionOne/list/Server/${OWN_PROJECT}`);
    expect([...rowStamps, ...list].filter((stamp) => stamp.endsWith('/any'))).toEqual([]);
  });

  it('are stamps that every write moves for an admin, and for rows that can be shared', async () => {
    for (const { row: rowStamps, list } of [await stampsOf(admin, server), await stampsOf(member, network)]) {
      expect(rowStamps.some((stamp) => stamp.endsWith('/any'))).toBe(true);
      expect(list.some((stamp) => stamp.endsWith('/any'))).toBe(true);
    }
  });
});

describe('the key of an entry', () => {
  it('differs by kind, id, audience, region and microversion', async () => {
    const keysOf = async (asker: Asker, region: string) => {
      const lookups = await lookupsOf(asker, server, region);
      const all = [lookups.row('a'), lookups.row('b'), lookups.full('a'), lookups.list('a'), lookups.edge('a', 'b')];
      return all.map(({ key }) => key);
    };
    const keys = await Promise.all([
      keysOf(member, 'R1'),
      keysOf(member, 'R2'),
      keysOf(admin, 'R1'),
      keysOf({ ...member, rest: Object.assign(new FakeRest(() => null), { microversion: async () => '2.93' }) }, 'R1'),
    ]);
    expect(new Set(keys.flat()).size).toBe(20);
  });

  it('begins with what it is of, for people who look at memcached', async () => {
    expect((await lookupsOf(member, server, 'R1')).row('a').key).toMatch(/^Server\/row\//);
  });
});

describe('a change behind the gateway’s back', () => {
  const changed = async (before: object | null, now: object | null, early = false) => {
    const lookup = (await lookupsOf(member, server, REGION_ONE)).row(uuid(1));
    return lookup.changed?.(before as typeof row | null, now as typeof row | null, early) ?? [];
  };

  it('moves the stamps of the row, its lists and what it touches', async () => {
    const stamps = await changed(row, { ...row, status: 'SHUTOFF' });
    expect(stamps).toContain(`cloud/RegionOne/row/Server/${uuid(1)}`);
    expect(stamps).toContain(`cloud/RegionOne/list/Server/${OWN_PROJECT}`);
    expect(stamps).toContain(`cloud/RegionOne/sweep/Port/${OWN_PROJECT}`);
  });

  it('is also that the row is gone', async () => {
    expect(await changed(row, null)).toContain(`cloud/RegionOne/row/Server/${uuid(1)}`);
  });

  it('is not seen in what is not watched, nor in a row that nobody had seen before', async () => {
    expect(await changed(row, { ...row, name: 'other', progress: 7 })).toEqual([]);
    expect(await changed(null, row)).toEqual([]);
  });

  it('is any difference where the row that it replaces is still being shown', async () => {
    expect(await changed(row, { ...row, name: 'other' }, true)).toContain(`cloud/RegionOne/row/Server/${uuid(1)}`);
    expect(await changed(row, { ...row }, true)).toEqual([]);
  });
});
