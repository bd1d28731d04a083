import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fetchPage, listQuery, pageHere } from '../../src/load/fetch-list.js';
import { Loaders } from '../../src/load/loaders.js';
import { Fault } from '../../src/rest/fault.js';
import type { Row } from '../../src/row.js';
import { resourceOf } from '../../src/services/registry.js';
import { askerOf, FakeRest, listOf, OWN_PROJECT, REGION_ONE, uuid, valuesOf } from './standins.js';

const network = resourceOf('Network');
const server = resourceOf('Server');
const silent = new FakeRest(() => ({}));

describe('the parameters of a list', () => {
  it("keep an admin's list at Neutron to the project of the token", () => {
    const query = listQuery(askerOf(silent, 'admin'), network, listOf());
    expect(valuesOf({ query }, 'project_id')).toEqual([OWN_PROJECT]);
  });

  it("let an admin's own filter by project replace that of the token: Neutron reads two as either", () => {
    const terms = [{ query: [['project_id', 'b'.repeat(32)]] as const }];
    const query = listQuery(askerOf(silent, 'admin'), network, listOf({ terms }));
    expect(valuesOf({ query }, 'project_id')).toEqual(['b'.repeat(32)]);
  });

  it('name no project for members, nor for an admin who asks for all projects', () => {
    expect(listQuery(askerOf(silent), network, listOf())).toEqual([]);
    expect(listQuery(askerOf(silent, 'admin'), network, listOf({ allProjects: true }))).toEqual([]);
    expect(listQuery(askerOf(silent, 'admin'), server, listOf({ allProjects: true }))).toEqual([['all_tenants', '1']]);
  });
});

describe('a page of a list', () => {
  it('is asked for with one row more than it shows, which tells whether there is a next page', async () => {
    const rest = new FakeRest(() => ({ networks: [1, 2, 3].map((number) => ({ id: uuid(number) })) }));
    const page = await fetchPage(askerOf(rest), network, listOf({ first: 2, marker: uuid(9) }));
    expect(rest.calls).toEqual([`GET /networks?limit=3&marker=${uuid(9)}`]);
    expect(page.rows.map((row) => row['id'])).toEqual([uuid(1), uuid(2)]);
    expect(page.more).toBe(true);
  });

  it('reads on where the service gave less than was asked for and says that there is more', async () => {
    const rest = new FakeRest((request) =>
      valuesOf(request, 'marker').length === 0
        ? {
            networks: [{ id: uuid(1) }],
            networks_links: [{ rel: 'next', href: `http://elsewhere/?marker=${uuid(1)}` }],
          }
        : { networks: [{ id: uuid(2) }] },
    );
    const page = await fetchPage(askerOf(rest), network, listOf({ first: 5 }));
    expect(rest.calls).toEqual(['GET /networks?limit=6', `GET /networks?marker=${uuid(1)}&limit=5`]);
    expect(page.rows).toHaveLength(2);
    expect(page.more).toBe(false);
  });

  it('as large as the service makes them is one call, whatever may come behind it', async () => {
    const rows = Array.from({ length: 1000 }, (_, number) => ({ id: uuid(number) }));
    const links = [{ rel: 'next', href: `http://elsewhere/?marker=${uuid(999)}` }];
    const full = new FakeRest(() => ({ networks: rows, networks_links: links }));
    const page = await fetchPage(askerOf(full), network, listOf({ first: 1000 }));
    expect(full.calls).toEqual(['GET /networks?limit=1000']);
    expect({ ...page, rows: page.rows.length }).toEqual({ rows: 1000, more: true, unseen: true });
    const last = new FakeRest(() => ({ networks: rows }));
    expect(await fetchPage(askerOf(last), network, listOf({ first: 1000 }))).toEqual({ rows, more: false });
  });

  it('drops rows that the filter of the schema does not mean, and never asks for fewer than a hundred then', async () => {
    const accept = (row: Row) => row['name'] === 'exact';
    const rows = ['Exact', 'exact', 'EXACT'].map((name, index) => ({ id: uuid(index), name }));
    const rest = new FakeRest(() => ({ networks: rows }));
    const terms = [{ query: [['name', 'exact']] as const, accept }];
    const page = await fetchPage(askerOf(rest), network, listOf({ first: 2, terms }));
    expect(page.rows.map((row) => row['name'])).toEqual(['exact']);
    expect(rest.calls).toEqual(['GET /networks?name=exact&limit=100']);
  });
});

describe('the marker of a page', () => {
  it('is looked up first where the service would begin again for one that is gone', async () => {
    const group = { id: uuid(1) };
    const rest = new FakeRest((request) => ({ security_groups: valuesOf(request, 'id').length > 0 ? [] : [group] }));
    const gone = new FakeRest(({ path }) => {
      if (path.includes(uuid(2))) return { security_group: { id: uuid(2) } };
      return { security_groups: [group] };
    });
    const found = await new Loaders(askerOf(gone)).page('SecurityGroup', listOf({ marker: uuid(2) }));
    expect(found.rows).toHaveLength(1);
    expect(gone.calls[0]).toBe(`GET /security-groups/${uuid(2)}`);
    const forged = new Loaders(askerOf(rest)).page('SecurityGroup', listOf({ marker: 'no uuid' }));
    await expect(forged).rejects.toMatchObject({ code: 'BAD_USER_INPUT', argument: 'after' });
    expect(rest.calls).toEqual([]);
  });

  it('is refused in the same words whatever the service says of one that is gone', async () => {
    const marker = uuid(7);
    const told = [
      { code: 'BAD_USER_INPUT', status: 400, message: `marker [${marker}] not found` }, // Nova
      { code: 'NOT_FOUND', status: 404, message: `Port ${marker} could not be found.` }, // Neutron, Cinder
    ] as const;
    for (const { code, status, message } of told) {
      const rest = new FakeRest(() => new Fault({ code, status, message, service: 'network' }));
      const page = new Loaders(askerOf(rest)).page('Port', listOf({ marker }));
      await expect(page).rejects.toMatchObject({ code: 'BAD_USER_INPUT', argument: 'after' });
    }
    const other = new FakeRest(() => new Fault({ code: 'BAD_USER_INPUT', status: 400, message: 'no such sort key' }));
    const refused = new Loaders(askerOf(other)).page('Port', listOf({ marker }));
    await expect(refused).rejects.toMatchObject({ message: 'no such sort key' });
  });

  it('leaves it at what the service has said where the last row of a page is gone before somebody looks behind it', async () => {
    const gone = new FakeRest(() => new Fault({ code: 'NOT_FOUND', status: 404, message: `${uuid(1)}: not found` }));
    const down = new FakeRest(() => new Fault({ code: 'UPSTREAM_UNAVAILABLE', service: 'network', message: 'down' }));
    const page = { rows: [{ id: uuid(1) }], more: true, unseen: true } as const;
    const behind = (rest: FakeRest) => new Loaders(askerOf(rest)).isMoreBehind('Port', listOf({ first: 1000 }), page);
    expect(await behind(gone)).toBe(true);
    await expect(behind(down)).rejects.toMatchObject({ code: 'UPSTREAM_UNAVAILABLE' });
  });

  it('is refused in a collection that is paged here when its row is gone or does not pass the filter any more', async () => {
    const flavors = ['a', 'b', 'c'].map((id) => ({ id, name: id, ram: id === 'b' ? 1 : 2 }));
    const loaders = new Loaders(askerOf(new FakeRest(() => ({ flavors }))));
    const refused = { code: 'BAD_USER_INPUT', argument: 'after' };
    await expect(loaders.page('Flavor', listOf({ marker: 'd' }))).rejects.toMatchObject(refused);
    const terms = [{ query: [], accept: (row: Row) => row['ram'] === 2 }];
    await expect(loaders.page('Flavor', listOf({ marker: 'b', terms }))).rejects.toMatchObject(refused);
    const page = await loaders.page('Flavor', listOf({ marker: 'a', terms }));
    expect(page.rows.map((row) => row['id'])).toEqual(['c']);
  });
});

describe('a page that is cut here', () => {
  const rows = fc.uniqueArray(fc.record({ id: fc.uuid(), size: fc.integer({ min: 0, max: 5 }) }), {
    selector: ({ id }) => id,
    maxLength: 30,
  });

  it('shows, page after page, every row once and in order', () => {
    fc.assert(
      fc.property(rows, fc.integer({ min: 1, max: 7 }), fc.constantFrom('asc', 'desc'), (all, first, direction) => {
        const order = { key: 'size', direction } as const;
        const seen: Row[] = [];
        let marker: string | null = null;
        for (let more = true; more; ) {
          const page = pageHere(all, listOf({ region: REGION_ONE, order, first, marker }));
          expect(page.rows.length).toBeLessThanOrEqual(first);
          seen.push(...page.rows);
          more = page.more;
          marker = String(page.rows.at(-1)?.['id'] ?? null);
        }
        const sign = direction === 'asc' ? 1 : -1;
        expect(seen.map((row) => row['size'])).toEqual(all.map(({ size }) => size).sort((a, b) => sign * (a - b)));
        expect(new Set(seen).size).toBe(all.length);
      }),
    );
  });

  it('sorts numbers by size, texts by their letters and puts what is missing first', () => {
    const sorted = (values: readonly unknown[]) => {
      const given = values.map((value, index) => ({ id: String(index), value }));
      return pageHere(given, listOf({ order: { key: 'value', direction: 'asc' } })).rows.map((row) => row['value']);
    };
    expect(sorted([10, 9, 100])).toEqual([9, 10, 100]);
    expect(sorted(['b', null, 'a'])).toEqual([null, 'a', 'b']);
  });
});
