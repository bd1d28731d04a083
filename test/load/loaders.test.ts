import { describe, expect, it } from 'vitest';
import type { Asker } from '../../src/load/asker.js';
import { Loaders } from '../../src/load/loaders.js';
import { hasMany, type Relation, type ReverseEdge } from '../../src/resource.js';
import { REGION } from '../../src/row.js';
import { askerOf, FakeRest, listOf, notFound, REGION_ONE, uuid, valuesOf } from './standins.js';

const server = { id: uuid(1), name: 'web', status: 'ACTIVE', 'OS-EXT-STS:task_state': null, adminPass: 'hidden' };

/** A Nova and a Neutron of one server with one port. */
function cloud(): FakeRest {
  return new FakeRest(({ path, service }) => {
    if (path === '/servers/detail') return { servers: [server] };
    if (path === `/servers/${server.id}`) return { server };
    if (path === '/ports') return { ports: [{ id: uuid(2), device_id: server.id, status: 'ACTIVE' }] };
    return notFound(service);
  });
}

function edgeOf(relation: Relation): ReverseEdge {
  if (relation.kind !== 'reverse') throw new Error(`expected a reverse relation, got ${relation.kind}`);
  return relation;
}

const ports = edgeOf(hasMany('Port', { filter: 'device_id' }));

/** The next request of the same asker: nothing is shared with the one before but the cache. */
async function readAll(asker: Asker) {
  const loaders = new Loaders(asker);
  const page = await loaders.page('Server', listOf());
  const row = await loaders.row('Server', REGION_ONE, server.id);
  const edge = await loaders.pointingAt('Port', REGION_ONE, ports, server.id);
  const port = await loaders.row('Port', REGION_ONE, uuid(2));
  return { page, row, edge, port };
}

describe('what one request has read', () => {
  it('is not read again by it: rows of pages and edges are known by their ids', async () => {
    const rest = cloud();
    const { row, port } = await readAll(askerOf(rest));
    expect([row?.['name'], port?.['device_id']]).toEqual(['web', server.id]);
    expect(rest.calls).toEqual(['GET /servers/detail?limit=101', `GET /ports?device_id=${server.id}`]);
  });

  it('comes out of the cache in the next: lists and edges in one piece, with their region and without secrets', async () => {
    const rest = cloud();
    const asker = askerOf(rest);
    const first = await readAll(asker);
    const calls = rest.calls.length;
    const second = await readAll(asker);
    expect(rest.calls).toHaveLength(calls);
    expect(second).toEqual(first);
    expect([second.page.rows[0]?.[REGION], second.edge.rows[0]?.[REGION]]).toEqual([REGION_ONE, REGION_ONE]);
    expect(JSON.stringify([first, second])).not.toContain('hidden');
  });

  it('is not shown to somebody of another audience who uses the same cache', async () => {
    const rest = cloud();
    const alice = askerOf(rest);
    await readAll(alice);
    const calls = rest.calls.length;
    await readAll({ ...alice, audience: () => 'another tenant' });
    expect(rest.calls).toHaveLength(2 * calls);
  });

  it('is read again for a token with access rules, whose answers the cache may not hold', async () => {
    const rest = cloud();
    const asker = { ...askerOf(rest), policy: { bypass: true } };
    await new Loaders(asker).row('Server', REGION_ONE, server.id);
    await new Loaders(asker).row('Server', REGION_ONE, server.id);
    expect(rest.calls).toHaveLength(2);
  });

  it('tells lists apart: another filter, order, size, place or reach is another list', async () => {
    const rest = cloud();
    const asker = askerOf(rest);
    const lists = [
      listOf(),
      listOf({ filterKey: '{"name":"web"}', terms: [{ query: [['name', 'web']] }] }),
      listOf({ order: { key: 'display_name', direction: 'asc' } }),
      listOf({ first: 1 }),
      listOf({ marker: uuid(9) }),
      listOf({ allProjects: true }),
    ];
    for (const list of [...lists, ...lists]) await new Loaders(asker).page('Server', list);
    expect(rest.calls).toHaveLength(lists.length);
    expect(new Set(rest.calls).size).toBe(lists.length);
  });
});

describe('the count of a list', () => {
  it('is asked for with the list’s own parameters, and is null where the service counts nothing', async () => {
    const rest = new FakeRest((request) => ({ volumes: [], count: valuesOf(request, 'status').length + 40 }));
    const loaders = new Loaders(askerOf(rest, 'admin'));
    const list = listOf({ allProjects: true, terms: [{ query: [['status', 'error']] }] });
    expect(await loaders.count('Volume', list)).toBe(41);
    expect(rest.calls).toEqual(['GET /volumes?all_tenants=1&status=error&with_count=true&limit=0']);
    expect(await loaders.count('Server', list)).toBeNull();
  });

  it('is null where the service answers without one', async () => {
    for (const body of [null, {}, { count: 'many' }]) {
      expect(await new Loaders(askerOf(new FakeRest(() => body))).count('Volume', listOf())).toBeNull();
    }
  });
});
