import { describe, expect, it } from 'vitest';
import { fetchRow, fetchRows } from '../../src/load/fetch-rows.js';
import { Loaders } from '../../src/load/loaders.js';
import type { RestRequest } from '../../src/rest/rest.js';
import { REGION } from '../../src/row.js';
import { resourceOf } from '../../src/services/registry.js';
import { askerOf, FakeRest, forbidden, notFound, REGION_ONE, uuid, valuesOf } from './standins.js';

const port = resourceOf('Port');
const image = resourceOf('Image');
const server = resourceOf('Server');
const ids = (count: number) => Array.from({ length: count }, (_, index) => uuid(index));
const idIn = ({ path }: RestRequest) => path.slice(path.lastIndexOf('/') + 1);

/** A Nova of `count` servers; it lists them under /servers/detail and shows one under /servers/<id>. */
function nova(count: number, list: (request: RestRequest) => unknown = () => ({ servers: rows(count) })): FakeRest {
  return new FakeRest((request) => {
    if (request.path.endsWith('/detail')) return list(request);
    return ids(count).includes(idIn(request)) ? { server: { id: idIn(request) } } : notFound('compute');
  });
}

function rows(count: number): readonly { readonly id: string }[] {
  return ids(count).map((id) => ({ id }));
}

describe('a single row', () => {
  it('knows its region and has no secrets', async () => {
    const rest = new FakeRest(() => ({ server: { id: uuid(1), name: 'web', adminPass: 'hidden' } }));
    const row = await fetchRow(askerOf(rest), server, REGION_ONE, uuid(1));
    expect(row).toEqual({ id: uuid(1), name: 'web', [REGION]: REGION_ONE });
    expect(row?.[REGION]).toBe(REGION_ONE);
  });

  it('is null when the service says 404, and a fault when it shows another one than asked for', async () => {
    const rest = new FakeRest((request) =>
      idIn(request) === uuid(1) ? notFound('compute') : { server: { id: uuid(3) } },
    );
    expect(await fetchRow(askerOf(rest), server, REGION_ONE, uuid(1))).toBeNull();
    await expect(fetchRow(askerOf(rest), server, REGION_ONE, uuid(2))).rejects.toMatchObject({
      code: 'UPSTREAM_UNAVAILABLE',
      message: `compute: expected Server ${uuid(2)}, got the one with id ${uuid(3)}`,
    });
  });

  it('is null when only the case of its id differs: some databases ignore it, and one row must have one id', async () => {
    const rest = new FakeRest(() => ({ project: { id: 'abc' } }));
    expect(await fetchRow(askerOf(rest), resourceOf('Project'), REGION_ONE, 'ABC')).toBeNull();
    expect(await fetchRow(askerOf(rest), resourceOf('Project'), REGION_ONE, 'abc')).toMatchObject({ id: 'abc' });
  });

  it('is a fault when the body has no row, or a row has no id', async () => {
    const bodies: readonly unknown[] = [
      null,
      'text',
      {},
      { server: null },
      { server: [] },
      { server: { name: 'web' } },
    ];
    for (const body of bodies) {
      const asker = askerOf(new FakeRest(() => body));
      const asked = fetchRow(asker, server, REGION_ONE, uuid(1));
      await expect(asked, JSON.stringify(body)).rejects.toMatchObject({
        code: 'UPSTREAM_UNAVAILABLE',
        service: 'compute',
      });
    }
  });
});

describe('many rows of Neutron', () => {
  it('come by one filter of their ids; rows that were not asked for are dropped and absent ones are null', async () => {
    const rest = new FakeRest(() => ({ ports: [{ id: uuid(2) }, { id: uuid(77) }, { id: uuid(0) }] }));
    const found = await fetchRows(askerOf(rest), port, REGION_ONE, ids(3));
    expect([...found.keys()]).toEqual(ids(3));
    expect([...found.values()].map((row) => (row as { id?: string } | null)?.id ?? null)).toEqual([
      uuid(0),
      null,
      uuid(2),
    ]);
    expect(rest.calls).toEqual([`GET /ports?id=${uuid(0)}&id=${uuid(1)}&id=${uuid(2)}`]);
  });

  it('take a call for every 190 ids', async () => {
    const rest = new FakeRest((request) => ({ ports: valuesOf(request, 'id').map((id) => ({ id })) }));
    const found = await fetchRows(askerOf(rest), port, REGION_ONE, ids(400));
    expect(rest.calls).toHaveLength(3);
    expect([...found.values()].every((row) => row !== null)).toBe(true);
  });
});

describe('many rows of Glance', () => {
  it('come by in:, and the hidden ones that this leaves out by a GET each', async () => {
    const rest = new FakeRest((request) =>
      request.path === '/images'
        ? { images: [{ id: uuid(0) }, { id: uuid(77) }, { id: uuid(1) }] }
        : { id: idIn(request) },
    );
    const found = await fetchRows(askerOf(rest), image, REGION_ONE, ids(3));
    expect(rest.calls).toEqual([`GET /images?id=in:${ids(3).join(',')}&limit=1000`, `GET /images/${uuid(2)}`]);
    expect([...found.keys()].sort()).toEqual(ids(3));
  });
});

describe('many rows of Nova', () => {
  it('are asked for one by one up to eight', async () => {
    const rest = nova(8);
    await fetchRows(askerOf(rest), server, REGION_ONE, ids(8));
    expect(rest.calls).toEqual(ids(8).map((id) => `GET /servers/${id}`));
  });

  it('come in the list of the project from nine on', async () => {
    const rest = nova(9);
    const found = await fetchRows(askerOf(rest), server, REGION_ONE, ids(9));
    expect(rest.calls).toEqual(['GET /servers/detail?limit=1000']);
    expect([...found.values()].every((row) => row !== null)).toBe(true);
  });

  it('that the list does not show are asked for one by one: a 404 is null and takes no other row with it', async () => {
    const rest = nova(11, () => ({ servers: rows(9) }));
    const found = await fetchRows(askerOf(rest), server, REGION_ONE, ids(12));
    expect(rest.calls).toEqual([
      'GET /servers/detail?limit=1000',
      ...[9, 10, 11].map((n) => `GET /servers/${uuid(n)}`),
    ]);
    expect(found.get(uuid(10))).toMatchObject({ id: uuid(10) });
    expect(found.get(uuid(11))).toBeNull();
  });

  it('are asked for one by one where the list is refused', async () => {
    const rest = nova(9, () => forbidden('compute'));
    const found = await fetchRows(askerOf(rest), server, REGION_ONE, ids(9));
    expect(rest.calls).toHaveLength(10);
    expect([...found.values()].every((row) => row !== null)).toBe(true);
  });

  it('are not looked for on more pages of the list than single calls would be worth', async () => {
    const endless = nova(60, (request) => ({
      servers: [{ id: uuid(1_000 + Number(valuesOf(request, 'marker')[0] ?? 0)) }],
      servers_links: [{ rel: 'next', href: `/?marker=${Number(valuesOf(request, 'marker')[0] ?? 0) + 1}` }],
    }));
    await fetchRows(askerOf(endless), server, REGION_ONE, ids(60));
    expect(endless.calls.filter((call) => call.includes('detail'))).toHaveLength(2);
  });
});

describe('many rows of Nova for an admin', () => {
  it('come in the list of all projects where that of the own project lacks many', async () => {
    const rest = nova(20, (request) => ({ servers: valuesOf(request, 'all_tenants').length > 0 ? rows(20) : rows(5) }));
    const found = await fetchRows(askerOf(rest, 'admin'), server, REGION_ONE, ids(20));
    expect(rest.calls).toEqual(['GET /servers/detail?limit=1000', 'GET /servers/detail?all_tenants=1&limit=1000']);
    expect([...found.values()].every((row) => row !== null)).toBe(true);
  });

  it('come in the own list alone where a few single calls make up for what it lacks', async () => {
    const rest = nova(20, () => ({ servers: rows(12) }));
    await fetchRows(askerOf(rest, 'admin'), server, REGION_ONE, ids(20));
    const single = ids(20).slice(12);
    expect(rest.calls).toEqual(['GET /servers/detail?limit=1000', ...single.map((id) => `GET /servers/${id}`)]);
  });
});

describe('a row that a relation names', () => {
  it('does not exist where the id is no id of its type, and costs no call: users may have written it', async () => {
    const rest = new FakeRest(() => ({ id: uuid(1) }));
    const loaders = new Loaders(askerOf(rest));
    const written = ['', '..', '../../v2/images', `${uuid(1)},${uuid(2)}`, `${uuid(1)}&id=x`, 'a\nb', 'x'.repeat(300)];
    for (const id of written) expect(await loaders.row('Image', REGION_ONE, id), id).toBeNull();
    await loaders.loadRows('Port', REGION_ONE, written);
    for (const id of written) expect(loaders.peekRow('Port', REGION_ONE, id), id).toBeNull();
    for (const id of ['', '.', '..', 'a/b', 'a\u0000b'])
      expect(await loaders.row('Flavor', REGION_ONE, id), id).toBeNull();
    expect(rest.calls).toEqual([]);
  });

  it('is asked for once, however often it is named and however its digits are written', async () => {
    const id = 'abcdef00-0000-4000-8000-00000000000a';
    const rest = new FakeRest(() => ({ id }));
    const loaders = new Loaders(askerOf(rest));
    const found = await Promise.all([
      loaders.row('Image', REGION_ONE, id),
      loaders.row('Image', REGION_ONE, id.toUpperCase()),
    ]);
    expect(found.map((row) => row?.['id'])).toEqual([id, id]);
    expect(rest.calls).toEqual([`GET /images/${id}`]);
  });

  it('comes out of the whole collection where that is small, and by a GET where it is left out of it', async () => {
    const rest = new FakeRest((request) =>
      request.path === '/flavors/detail'
        ? { flavors: [{ id: '1', name: 'small' }] }
        : { flavor: { id: idIn(request) } },
    );
    const loaders = new Loaders(askerOf(rest));
    expect(await loaders.row('Flavor', REGION_ONE, '1')).toMatchObject({ name: 'small' });
    await loaders.loadBy('Flavor', REGION_ONE);
    expect(loaders.peekBy('Flavor', REGION_ONE, 'name', 'small')).toMatchObject({ id: '1' });
    expect(await loaders.row('Flavor', REGION_ONE, 'private')).toMatchObject({ id: 'private' });
    expect(rest.calls).toEqual(['GET /flavors/detail?is_public=None', 'GET /flavors/private']);
  });

  it('fails alone: the rows asked for in the same tick arrive', async () => {
    const rest = new FakeRest((request) =>
      idIn(request) === uuid(1) ? forbidden('compute') : { server: { id: idIn(request) } },
    );
    const loaders = new Loaders(askerOf(rest));
    const [good, bad] = await Promise.allSettled([uuid(0), uuid(1)].map((id) => loaders.row('Server', REGION_ONE, id)));
    expect(good).toMatchObject({ status: 'fulfilled', value: { id: uuid(0) } });
    expect(bad).toMatchObject({ status: 'rejected', reason: { code: 'FORBIDDEN' } });
  });
});
