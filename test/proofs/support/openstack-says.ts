import type { Client } from '../../support/client.js';

/** What is asked of the gateway, and where OpenStack itself says the same. */
const QUERIES = [
  { field: 'servers', service: 'compute', path: '/v2.1/servers/detail', rows: 'servers' },
  { field: 'flavors', service: 'compute', path: '/v2.1/flavors/detail', rows: 'flavors' },
  { field: 'ports', service: 'network', path: '/v2.0/ports', rows: 'ports' },
  { field: 'networks', service: 'network', path: '/v2.0/networks', rows: 'networks' },
  { field: 'securityGroups', service: 'network', path: '/v2.0/security-groups', rows: 'security_groups' },
  { field: 'images', service: 'image', path: '/v2/images', rows: 'images' },
  { field: 'volumes', service: 'block-storage', path: '/v3/PROJECT/volumes/detail', rows: 'volumes' },
] as const;

interface Row {
  readonly id: string;
  readonly name: string;
}

/** Ids with names, by root field, in one order. */
export type Said = Readonly<Record<string, readonly string[]>>;

/** Asks for everything at once, with the servers' ports and their networks. */
export const EVERYTHING = `{ me { user { name } project { id name } roles { name } }
  ${QUERIES.map(({ field }) => `${field}(first: 1000) { nodes { id name ${field === 'servers' ? 'ports { id network { id name } }' : ''} } }`).join('\n  ')} }`;

/** What the demo cloud at `url` says to the owner of the token, by its REST APIs and without any gateway. */
export async function openstackSays(url: string, token: string): Promise<Said> {
  const headers = { 'x-auth-token': token, 'x-subject-token': token };
  const { token: self } = (await get(`${url}/identity/v3/auth/tokens`, headers)) as {
    token: { user: Row; project: Row; roles: readonly Row[] };
  };
  const said = QUERIES.map(async ({ field, service, path, rows }) => {
    // Neutron shows an admin every project's rows; the gateway asks for the scope's own unless told otherwise.
    const isAdmin = self.roles.some(({ name }) => name === 'admin');
    const query = service === 'network' && isAdmin ? `?project_id=${self.project.id}` : '';
    const body = await get(`${url}/${service}${path.replace('PROJECT', self.project.id)}${query}`, headers);
    return [field, named(body[rows] as readonly Row[])] as const;
  });
  const me = [self.user.name, self.project.name, ...self.roles.map(({ name }) => name).sort()];
  return { me, ...Object.fromEntries(await Promise.all(said)) };
}

/** Every name, id and address in what OpenStack shows to the owner of the token. */
export async function everyName(url: string, token: string): Promise<readonly string[]> {
  const headers = { 'x-auth-token': token, 'x-subject-token': token };
  const self = await get(`${url}/identity/v3/auth/tokens`, headers);
  const { id } = (self['token'] as { project: Row }).project;
  const paths = [
    ...QUERIES.map(({ service, path }) => `${service}${path.replace('PROJECT', id)}`),
    ...['network/v2.0/subnets', 'network/v2.0/floatingips', 'network/v2.0/security-group-rules'],
    ...['identity/v3/auth/projects', 'compute/v2.1/os-keypairs'],
  ];
  const bodies = await Promise.all(paths.map((path) => get(`${url}/${path}`, headers)));
  // Of the token itself not its catalog, which names services and regions.
  const { user, project } = self['token'] as { user: Row; project: Row };
  return [user, project, ...bodies].flatMap((body) => namesIn(body, ''));
}

const ID = /^(?:[0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/;
const ADDRESS =
  /^(?:\d{1,3}(?:\.\d{1,3}){3}(?:\/\d+)?|(?:[0-9a-f]{2}:){5}[0-9a-f]{2}|[0-9a-f]{0,4}(?::[0-9a-f]{0,4}){2,7})$/i;
const EVERYBODYS = new Set(['0.0.0.0', '0.0.0.0/0', '::', '::/0', '']);

function namesIn(value: unknown, key: string): readonly string[] {
  if (Array.isArray(value)) return value.flatMap((one) => namesIn(one, key));
  if (typeof value === 'object' && value !== null) {
    return Object.entries(value).flatMap(([name, one]) => namesIn(one, name));
  }
  if (typeof value !== 'string' || EVERYBODYS.has(value)) return [];
  return key === 'name' || ID.test(value) || ADDRESS.test(value) ? [value] : [];
}

/** The same, as a gateway answers `EVERYTHING`. Throws where a port or a network below is not one of those that it lists. */
export async function gatewaySays(
  client: Client,
): Promise<{ readonly said: Said; readonly hits: number; readonly misses: number }> {
  const { data, extensions } = await client.ask<Data>(EVERYTHING);
  const { me, ...lists } = data;
  checkRelations(data);
  const { hits = 0, misses = 0 } = extensions?.explain?.cache ?? {};
  return {
    said: {
      me: [me.user.name, me.project.name, ...me.roles.map(({ name }) => name).sort()],
      ...Object.fromEntries(Object.entries(lists).map(([field, { nodes }]) => [field, named(nodes)])),
    },
    hits,
    misses,
  };
}

interface Server extends Row {
  readonly ports: readonly { readonly id: string; readonly network: Row | null }[];
}

type Data = Readonly<Record<string, { readonly nodes: readonly Row[] }>> & {
  readonly me: { readonly user: Row; readonly project: Row; readonly roles: readonly Row[] };
  readonly servers: { readonly nodes: readonly Server[] };
};

function checkRelations({ servers, ports, networks }: Data): void {
  const known = new Set([...(ports?.nodes ?? []), ...(networks?.nodes ?? [])].map(({ id, name }) => `${id} ${name}`));
  const ids = new Set((ports?.nodes ?? []).map(({ id }) => id));
  for (const { id, ports: own } of servers.nodes) {
    for (const port of own) {
      if (!ids.has(port.id)) throw new Error(`server ${id} shows port ${port.id}, which the same token cannot list`);
      if (port.network !== null && !known.has(`${port.network.id} ${port.network.name}`)) {
        throw new Error(`port ${port.id} shows network ${port.network.id}, which the same token cannot list`);
      }
    }
  }
}

function named(rows: readonly Row[]): readonly string[] {
  return rows.map(({ id, name }) => `${id} ${name}`).sort();
}

async function get(url: string, headers: Readonly<Record<string, string>>): Promise<Readonly<Record<string, unknown>>> {
  const answer = await fetch(url, { headers });
  if (answer.status !== 200) throw new Error(`expected 200 of ${url}, got ${answer.status} ${await answer.text()}`);
  return (await answer.json()) as Record<string, unknown>;
}
