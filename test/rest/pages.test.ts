import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Fault } from '../../src/rest/fault.js';
import { everyPage, pageOf, queryOf } from '../../src/rest/pages.js';
import type { Page, Query, Rest } from '../../src/rest/rest.js';

const garbage = expect.objectContaining({ code: 'UPSTREAM_UNAVAILABLE' });

describe('a page', () => {
  it.each([
    [
      'compute',
      'servers',
      { servers: [], servers_links: [{ rel: 'next', href: 'http://n:8774/v2.1/servers?limit=1&marker=x' }] },
    ],
    [
      'block-storage',
      'volumes',
      { volumes: [], volumes_links: [{ rel: 'next', href: 'https://c/v3/p/volumes?limit=1&marker=x' }] },
    ],
    [
      'network',
      'ports',
      {
        ports: [],
        ports_links: [
          { rel: 'previous', href: 'http://n/?page_reverse=True' },
          { rel: 'next', href: 'http://n/v2.0/ports?limit=1&marker=x' },
        ],
      },
    ],
    ['image', 'images', { images: [], next: '/v2/images?limit=1&marker=x' }],
    [
      'identity',
      'users',
      { users: [], links: { self: 'http://k/v3/users', next: 'http://k/v3/users?limit=1&marker=x' } },
    ],
  ])('of %s says where the next one is', (service, many, body) => {
    const page = pageOf(service, many, [['limit', '1']], body);
    expect(page.next).toEqual([
      ['limit', '1'],
      ['marker', 'x'],
    ]);
  });

  it.each([
    ['network', 'ports', { ports: [], ports_links: [{ rel: 'previous', href: 'http://n/?page_reverse=True' }] }],
    ['compute', 'servers', { servers: [] }],
    ['image', 'images', { images: [] }],
    ['identity', 'users', { users: [], links: { next: null } }],
  ])('of %s may be the last', (service, many, body) => {
    expect(pageOf(service, many, [], body).next).toBeNull();
  });

  it.each([null, 'text', [], {}, { ports: {} }, { ports: [1] }, { ports: [null] }])(
    'is a fault if it is %j',
    (body) => {
      expect(() => pageOf('network', 'ports', [], body)).toThrow(garbage);
    },
  );

  it('is a fault if its link leads back to itself, whatever else is in the link', () => {
    const body = { ports: [], ports_links: [{ rel: 'next', href: 'http://n/?marker=a&limit=2' }] };
    expect(() =>
      pageOf(
        'network',
        'ports',
        [
          ['limit', '1'],
          ['marker', 'a'],
        ],
        body,
      ),
    ).toThrow(garbage);
  });

  it('never throws anything but a fault, for any body', () => {
    const services = fc.constantFrom('compute', 'image', 'identity', 'network', 'dns');
    const body = fc.oneof(
      fc.jsonValue(),
      fc.record({ ports: fc.constant([]), ports_links: fc.jsonValue(), next: fc.jsonValue(), links: fc.jsonValue() }),
    );
    fc.assert(
      fc.property(services, body, (service, value) => {
        try {
          const { next } = pageOf(service, 'ports', [], value);
          return next === null || Array.isArray(next);
        } catch (error) {
          return error instanceof Fault;
        }
      }),
    );
  });
});

describe('the query of a link', () => {
  it('is what was encoded into it, in order, whatever the host', () => {
    const pairs = fc.array(fc.tuple(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' })));
    fc.assert(
      fc.property(pairs, fc.constantFrom('', 'http://evil:1', 'https://h/p'), (query, host) => {
        const text = new URLSearchParams(query).toString();
        expect(queryOf('image', `${host}/v2/images?${text}`)).toEqual(query);
      }),
    );
  });
});

/** A service whose page after marker `m` is `pages[m]`. */
function paged(pages: Readonly<Record<string, Page>>): Rest {
  const unused = (): never => {
    throw new Error('not used');
  };
  const page = async ({ query = [] }: { query?: Query }): Promise<Page> =>
    pages[new Map(query).get('marker') ?? ''] ?? unused();
  return { call: unused, regionsOf: unused, microversion: unused, page };
}

const request = { service: 'network', region: 'R1', path: '/ports' };

async function idsOf(rest: Rest): Promise<unknown[]> {
  const ids: unknown[] = [];
  for await (const page of everyPage(rest, request, 'ports')) ids.push(...page.rows.map((row) => row['id']));
  return ids;
}

describe('every page', () => {
  const to = (marker: string): Query => [['marker', marker]];

  it('is read until there is no next one', async () => {
    const rest = paged({ '': { rows: [{ id: 1 }], next: to('a') }, a: { rows: [{ id: 2 }], next: null } });
    expect(await idsOf(rest)).toEqual([1, 2]);
  });

  it('is not read for ever where the links go round', async () => {
    const rest = paged({
      '': { rows: [], next: to('a') },
      a: { rows: [], next: to('b') },
      b: { rows: [], next: to('a') },
    });
    await expect(idsOf(rest)).rejects.toEqual(garbage);
  });

  it('is not read for ever where the links lead on without end, with rows or without', async () => {
    const rest = (rows: Page['rows']): { rest: Rest; read: () => number } => {
      let read = 0;
      const page = async (): Promise<Page> => {
        read += 1;
        return { rows, next: to(String(read)) };
      };
      return { rest: { ...paged({}), page }, read: () => read };
    };
    const [empty, full] = [rest([]), rest([{ id: 1 }])];
    await expect(idsOf(empty.rest)).rejects.toEqual(garbage);
    await expect(idsOf(full.rest)).rejects.toEqual(garbage);
    expect([empty.read(), full.read()]).toEqual([10, 1000]);
  });
});
