import { describe, expect, it } from 'vitest';
import { Collections } from '../../src/load/collections.js';
import type { RestRequest } from '../../src/rest/rest.js';
import { ALL_SHORTCUTS, type ShortcutName, type Shortcuts } from '../../src/shortcuts.js';
import { askerOf, FakeRest, forbidden, notFound, OWN_PROJECT, uuid } from '../load/standins.js';
import { ask } from './standins.js';

const SERVERS = 30;
const serverOf = (number: number) => ({
  id: uuid(number),
  name: `web-${number}`,
  tenant_id: OWN_PROJECT,
  image: number % 3 === 0 ? '' : { id: uuid(500 + (number % 2)) },
  flavor: { original_name: number % 2 === 0 ? 'small' : 'gone' },
  'os-extended-volumes:volumes_attached': [{ id: uuid(700 + number) }],
});
const portOf = (number: number) => ({
  id: uuid(1000 + number),
  device_id: uuid(number),
  device_owner: 'compute:nova',
  network_id: uuid(800 + (number % 3)),
  security_groups: [uuid(900), uuid(901)],
  fixed_ips: [{ subnet_id: uuid(950), ip_address: `10.0.0.${number}` }],
});
const numbers = Array.from({ length: SERVERS }, (_, index) => index + 1);

/** Everything that the page names but every third server's image; lists know filters by id and by edge. */
function cloud(more: (request: RestRequest) => unknown = () => undefined): FakeRest {
  const all: Readonly<Record<string, readonly object[]>> = {
    '/ports': numbers.map(portOf),
    '/networks': [0, 1, 2].map((number) => ({ id: uuid(800 + number), name: `net-${number}` })),
    '/security-groups': [{ id: uuid(900), name: 'default' }],
    '/subnets': [{ id: uuid(950), cidr: '10.0.0.0/24' }],
    '/floatingips': [{ id: uuid(970), port_id: uuid(1001), floating_ip_address: '203.0.113.1' }],
    '/images': [{ id: uuid(500), name: 'debian' }],
    '/volumes/detail': numbers.map((number) => ({ id: uuid(700 + number), name: `disk-${number}` })),
    '/flavors/detail': [{ id: '1', name: 'small', vcpus: 1 }],
    '/servers/detail': numbers.map(serverOf),
  };
  return new FakeRest((request) => {
    const special = more(request);
    if (special !== undefined) return special;
    const [, collection = '', id] = request.path.split('/');
    const rows = all[request.path];
    if (rows === undefined) {
      if (request.service === 'identity') return forbidden('identity');
      const row = (all[`/${collection}`] ?? []).find((one) => 'id' in one && one.id === id);
      const one = collection.replace('-', '_').replace(/s$/, '');
      return row === undefined ? notFound(request.service) : collection === 'images' ? row : { [one]: row };
    }
    const many = collection.replace('-', '_');
    const filters = (request.query ?? []).filter(([name]) => ['id', 'device_id', 'port_id'].includes(name));
    const wanted = (row: object) =>
      filters.length === 0 ||
      filters.some(([name, value]) => value.includes(String((row as Record<string, unknown>)[name])));
    return { [many]: rows.filter(wanted) };
  });
}

const PAGE = `{
  servers(first: 50) {
    nodes { name flavor { name } image { name } ...Wired volumesAttached { volume { name } } }
    edges { node { securityGroups { name } } }
  }
}
fragment Wired on Server {
  links: ports { id network { name } securityGroups { name } fixedIps { subnet { cidr } } floatingIps { floatingIpAddress }
    device { ... on Server { name project { name } } } }
}`;

const without = (...names: ShortcutName[]): Shortcuts =>
  new Set([...ALL_SHORTCUTS].filter((name) => !names.includes(name)));

async function answered(shortcuts: Shortcuts, rest = cloud(), known = new Collections()) {
  const collections = shortcuts.has('collections') ? known : null;
  const answer = await ask(PAGE, rest, { ...askerOf(rest), collections }, undefined, shortcuts);
  return { answer, paths: pathsOf(rest), calls: rest.calls };
}

const pathsOf = ({ calls }: FakeRest) => calls.map((call) => call.replace(/\?.*/, ''));

const bare = without('primed', 'collections');

describe('a page whose relations are loaded ahead', () => {
  it('is the same page, whatever was loaded ahead', async () => {
    const { answer } = await answered(bare);
    expect(JSON.stringify(answer)).toContain('203.0.113.1');
    for (const shortcuts of [without('collections'), without('primed'), ALL_SHORTCUTS]) {
      expect((await answered(shortcuts)).answer).toEqual(answer);
    }
  });

  it('takes the same calls as without', async () => {
    const [one, other] = [await answered(bare), await answered(without('collections'))];
    expect([...other.calls].sort()).toEqual([...one.calls].sort());
  });

  it('fetches each collection that it needs once', async () => {
    const { paths } = await answered(ALL_SHORTCUTS);
    const counts = new Map<string, number>();
    for (const path of paths) counts.set(path, (counts.get(path) ?? 0) + 1);
    // What the lists lack is asked for by its id: a group, an image, a project.
    expect(Object.fromEntries(counts)).toMatchObject({
      'GET /servers/detail': 1,
      'GET /ports': 1,
      'GET /networks': 1,
      'GET /subnets': 1,
      'GET /floatingips': 1,
      'GET /volumes/detail': 1,
      'GET /flavors/detail': 1,
      'GET /images': 1,
    });
  });

  it('fetches them beside its rows, not behind them', async () => {
    const down = (request: RestRequest) => (request.path === '/servers/detail' ? forbidden('compute') : undefined);
    const rest = cloud(down);
    await answered(ALL_SHORTCUTS, rest);
    // Ports and floating IPs wait for the volumes of a project that nobody has counted, and nobody for these here.
    const beside = ['volumes/detail', 'ports', 'networks', 'subnets', 'floatingips', 'flavors/detail', 'images'];
    await expect.poll(() => pathsOf(rest)).toEqual(expect.arrayContaining(beside.map((path) => `GET /${path}`)));
    expect(pathsOf(rest).indexOf('GET /ports')).toBeGreaterThan(pathsOf(rest).indexOf('GET /volumes/detail'));
  });

  it('waits for no collection to tell how large another is once it has been counted', async () => {
    const collections = new Collections();
    await answered(ALL_SHORTCUTS, cloud(), collections);
    const noVolumes = (request: RestRequest) =>
      request.path === '/volumes/detail' ? forbidden('block-storage') : undefined;
    const { paths } = await answered(ALL_SHORTCUTS, cloud(noVolumes), collections);
    expect(paths.indexOf('GET /ports')).toBeLessThan(paths.indexOf('GET /volumes/detail'));
  });

  it('leaves out what the query skips', async () => {
    const rest = cloud();
    const query = `{ servers(first: 50) { nodes { name ports @skip(if: true) { id } ... on Server @include(if: false) { flavor { name } } } } }`;
    await ask(query, rest, { ...askerOf(rest), collections: new Collections() });
    expect(rest.calls).toEqual(['GET /servers/detail?limit=51']);
  });

  it('has its errors where they belong: at each field that needs what failed', async () => {
    const down = (request: RestRequest) => (request.path.startsWith('/networks') ? forbidden('network') : undefined);
    const { answer } = await answered(bare, cloud(down));
    expect(answer.extensions).toMatchObject({ refused: [{ field: 'Port.network' }, { field: 'Server.project' }] });
    for (const shortcuts of [without('collections'), ALL_SHORTCUTS]) {
      const { answer: other } = await answered(shortcuts, cloud(down));
      expect(other.data).toEqual(answer.data);
      const refused = (one: typeof other) =>
        ((one.extensions?.['refused'] ?? []) as { field: string; rows: number }[])
          .map(({ field, rows }) => `${field} ${rows}`)
          .sort();
      expect(refused(other)).toEqual(refused(answer));
    }
  });

  it('of one row, too', async () => {
    const rest = cloud((request) => (request.path === `/servers/${uuid(1)}` ? { server: serverOf(1) } : undefined));
    const { data } = await ask(`{ server(id: "${uuid(1)}") { ports { network { name } } flavor { vcpus } } }`, rest);
    expect(data).toEqual({ server: { ports: [{ network: { name: 'net-1' } }], flavor: null } });
  });
});
