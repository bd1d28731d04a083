import { describe, expect, it } from 'vitest';
import { fetchEdges, RELATION_CAP, rowsByKey } from '../../src/load/fetch-edges.js';
import type { RowList } from '../../src/load/lookups.js';
import { hasMany, type Relation, type ReverseEdge } from '../../src/resource.js';
import type { Row } from '../../src/row.js';
import { resourceOf } from '../../src/services/registry.js';
import { askerOf, FakeRest, forbidden, REGION_ONE, uuid, valuesOf } from './standins.js';

const port = resourceOf('Port');
const volume = resourceOf('Volume');

function edgeOf(relation: Relation): ReverseEdge {
  if (relation.kind !== 'reverse') throw new Error(`expected a reverse relation, got ${relation.kind}`);
  return relation;
}

const ofDevice = edgeOf(hasMany('Port', { filter: 'device_id' }));

const ofProject = edgeOf(
  hasMany('Volume', {
    filter: 'project_id',
    adminFilter: true,
    adminQuery: [['all_tenants', '1']],
    batched: false,
    pointsAt: (row) => [String(row['owner'])],
  }),
);

function idsIn(list: RowList | Error | undefined): readonly unknown[] {
  if (list === undefined || list instanceof Error) throw new Error('expected rows');
  return list.rows.map((row) => row['id']);
}

describe('the rows that point at many parents', () => {
  it('come in one call and are sorted to their parents; those of nobody asked for are dropped', async () => {
    const ports = [1, 2, 3].map((n) => ({ id: uuid(n), device_id: ['a', 'b', 'stranger'][n - 1] }));
    const rest = new FakeRest(() => ({ ports }));
    const found = await fetchEdges(askerOf(rest), port, REGION_ONE, ofDevice, ['a', 'b', 'c']);
    expect(rest.calls).toEqual(['GET /ports?device_id=a&device_id=b&device_id=c']);
    expect(['a', 'b', 'c'].map((key) => idsIn(found.get(key)))).toEqual([[uuid(1)], [uuid(2)], []]);
  });

  it('that say no parent are nobody’s', () => {
    const rows: readonly Row[] = [{ id: '1' }, { id: '2', device_id: '' }, { id: '3', device_id: null }];
    expect(rowsByKey(ofDevice, ['', 'a'], rows)).toEqual(
      new Map([
        ['', []],
        ['a', []],
      ]),
    );
  });

  it('are cut at the cap, and the cut is said', async () => {
    const ports = Array.from({ length: RELATION_CAP + 1 }, (_, n) => ({ id: uuid(n), device_id: 'a' }));
    const found = await fetchEdges(askerOf(new FakeRest(() => ({ ports }))), port, REGION_ONE, ofDevice, ['a', 'b']);
    expect(idsIn(found.get('a'))).toHaveLength(RELATION_CAP);
    expect(found.get('a')).toMatchObject({ more: true });
    expect(found.get('b')).toEqual({ rows: [], more: false });
  });

  it('are read for ten pages at most, and every parent is told that there may be more', async () => {
    const rest = new FakeRest((request) => {
      const marker = Number(valuesOf(request, 'marker')[0] ?? 0) + 1;
      return {
        ports: [{ id: uuid(marker), device_id: 'a' }],
        ports_links: [{ rel: 'next', href: `/?marker=${marker}` }],
      };
    });
    const found = await fetchEdges(askerOf(rest), port, REGION_ONE, ofDevice, ['a', 'b']);
    expect(rest.calls).toHaveLength(10);
    expect([found.get('a'), found.get('b')]).toMatchObject([{ more: true }, { more: true }]);
  });

  it('fail for the parents of one call only', async () => {
    const rest = new FakeRest((request) =>
      valuesOf(request, 'device_id').includes(uuid(0)) ? forbidden('network') : { ports: [] },
    );
    const keys = Array.from({ length: 200 }, (_, n) => uuid(n));
    const found = await fetchEdges(askerOf(rest), port, REGION_ONE, ofDevice, keys);
    expect(found.get(uuid(0))).toMatchObject({ code: 'FORBIDDEN' });
    expect(found.get(uuid(199))).toEqual({ rows: [], more: false });
  });
});

describe('an edge whose filter is for admins', () => {
  const answer = {
    volumes: [
      { id: uuid(1), owner: 'p1' },
      { id: uuid(2), owner: 'p2' },
    ],
  };

  it('is asked for without the filter by members, and the rows of others are dropped', async () => {
    const rest = new FakeRest(() => answer);
    const found = await fetchEdges(askerOf(rest), volume, REGION_ONE, ofProject, ['p1']);
    expect(rest.calls).toEqual(['GET /volumes/detail']);
    expect(idsIn(found.get('p1'))).toEqual([uuid(1)]);
  });

  it('is asked for with it, in all projects, by admins: once for each parent', async () => {
    const rest = new FakeRest(() => answer);
    await fetchEdges(askerOf(rest, 'admin'), volume, REGION_ONE, ofProject, ['p1', 'p2']);
    expect(rest.calls).toEqual(['p1', 'p2'].map((id) => `GET /volumes/detail?all_tenants=1&project_id=${id}`));
  });
});
