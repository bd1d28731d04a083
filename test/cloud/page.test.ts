import { beforeAll, describe, expect, inject, it } from 'vitest';
import { ADMIN, ALICE, Client, READER, type User } from '../support/client.js';
import { startReplica } from '../support/replica.js';
import { AUTH_URL, Raw, type RawRow } from './support/openstack.js';

const PAGE = `query Page {
  servers(first: 100) {
    nodes {
      id name status statusText
      flavor { name }
      image { name size }
      ports { id network { id name } securityGroups { id name } floatingIps { floatingIpAddress } }
      volumes { id name size }
    }
    pageInfo { hasNextPage }
  }
}`;

interface PageData {
  readonly servers: { readonly nodes: readonly Readonly<Record<string, unknown>>[]; readonly pageInfo: unknown };
}

/** The same page from OpenStack itself, in as few calls as a careful client can make. */
async function pageByHand(raw: Raw, admin: boolean): Promise<readonly unknown[]> {
  const own = admin ? `&project_id=${raw.projectId}` : '';
  const [servers, flavors, images, ports, volumes, networks, groups, floating] = await Promise.all([
    raw.rows('compute', '/servers/detail?limit=101', 'servers'),
    raw.rows('compute', '/flavors/detail', 'flavors'),
    raw.rows('image', '/images?limit=1000', 'images'),
    raw.rows('network', '/ports', 'ports'),
    raw.rows('block-storage', '/volumes/detail', 'volumes'),
    raw.rows('network', '/networks', 'networks'),
    raw.rows('network', '/security-groups', 'security_groups'),
    raw.rows('network', `/floatingips?${own}`, 'floatingips'),
  ]);
  const byId = (rows: readonly RawRow[]) => new Map(rows.map((row) => [row.id, row]));
  const [imageById, networkById, groupById, volumeById] = [images, networks, groups, volumes].map(byId) as [
    Map<string, RawRow>,
    Map<string, RawRow>,
    Map<string, RawRow>,
    Map<string, RawRow>,
  ];
  const pick = (row: RawRow | undefined, ...names: readonly string[]) =>
    row ? Object.fromEntries(names.map((name) => [name, row[name]])) : null;
  return servers.slice(0, 100).map((server) => ({
    ...pick(server, 'id', 'name', 'status'),
    statusText: server['status'],
    flavor: pick(
      flavors.find(({ name }) => name === (server['flavor'] as { original_name: string }).original_name),
      'name',
    ),
    image: pick(imageById.get((server['image'] as { id: string }).id), 'name', 'size'),
    ports: ports
      .filter((port) => port['device_id'] === server.id)
      .map((port) => ({
        id: port.id,
        network: pick(networkById.get(String(port['network_id'])), 'id', 'name'),
        securityGroups: (port['security_groups'] as string[]).map((id) => pick(groupById.get(id), 'id', 'name')),
        floatingIps: floating
          .filter((ip) => ip['port_id'] === port.id)
          .map((ip) => ({ floatingIpAddress: ip['floating_ip_address'] })),
      })),
    volumes: (server['os-extended-volumes:volumes_attached'] as RawRow[]).map(({ id }) =>
      pick(volumeById.get(id), 'id', 'name', 'size'),
    ),
  }));
}

/** Service and collection of the calls that the page takes, and of the token's validation. */
const TOUCHED = [
  'block-storage /volumes',
  'compute /flavors',
  'compute /servers',
  'identity /auth',
  'image /images',
  'network /floatingips',
  'network /networks',
  'network /ports',
  'network /security-groups',
];

function typeTouched(call: string): string {
  return call.split('/', 2).join('/');
}

/** Lists whose order no service promises. */
function sorted(nodes: readonly unknown[]): unknown {
  return JSON.parse(JSON.stringify(nodes), (key, value: unknown) =>
    ['ports', 'securityGroups', 'floatingIps', 'volumes'].includes(key) && Array.isArray(value)
      ? [...value].sort((one, other) => JSON.stringify(one).localeCompare(JSON.stringify(other)))
      : value,
  );
}

describe('the instances page of a tenant with 100 servers', () => {
  const [url] = inject('replicas');
  let fresh: string;

  beforeAll(async () => {
    // A replica whose cache is empty, so that a cold page is cold.
    const replica = await startReplica({ OS_AUTH_URL: AUTH_URL, LOG_LEVEL: 'warn' });
    fresh = replica.url;
    const warm = await Client.login(fresh, ADMIN);
    await warm.ask('{ servers(first: 1) { nodes { id } } volumes(first: 1) { nodes { id } } }');
    return () => replica.stop();
  });

  it('takes at most ten REST calls cold, version documents known, and none when repeated', async () => {
    const client = await Client.login(fresh, ALICE);
    const cold = await client.ask<PageData>(PAGE);
    expect(cold.data.servers.nodes).toHaveLength(100);
    const calls = cold.extensions?.explain?.rest.map(({ service, path }) => `${service} ${path}`) ?? [];
    // One may be for what a list leaves out (the volume of a server that failed), or a read that was repeated.
    expect(calls.length, calls.join(', ')).toBeLessThanOrEqual(10);
    expect([...new Set(calls.map(typeTouched))].sort()).toEqual(TOUCHED);
    const warm = await client.ask<PageData>(PAGE);
    expect(warm.extensions?.explain?.rest).toEqual([]);
    expect(warm.data).toEqual(cold.data);
  });

  it.each([ALICE, READER, ADMIN])('equals what raw REST gives $name, field by field', async (user: User) => {
    const [client, raw] = await Promise.all([Client.login(url, user), Raw.login(user)]);
    const { data } = await client.ask<PageData>(PAGE, {}, { 'cache-control': 'no-cache' });
    expect(sorted(data.servers.nodes)).toEqual(sorted(await pageByHand(raw, user === ADMIN)));
  });
});
