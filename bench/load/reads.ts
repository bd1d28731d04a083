import type { Random } from '../../src/demo/random.js';
import { type Asker, isOurs, type ListName } from './truth.js';

/** A query with what must be in its answer. */
export interface Read {
  readonly asker: Asker;
  readonly query: string;
  readonly variables: object;
  /** What is wrong with the data of the answer; null where nothing is. */
  check(data: Data): string | null;
}

interface Named {
  readonly id: string;
  readonly name: string;
  readonly ports?: readonly Named[];
  readonly flavor?: { readonly name: string } | null;
}

/** The data of an answer to one of these queries. */
export type Data = Readonly<Record<string, unknown>>;

const PAGE = `query Page { servers(first: 100) { nodes { id name status flavor { name } image { name size }
  ports { id network { name } securityGroups { name } floatingIps { floatingIpAddress } } volumes { id name size } } } }`;

const LIST_FIELDS: Readonly<Record<ListName, string>> = {
  servers: 'status createdAt',
  flavors: 'vcpus ram',
  images: 'status size',
  volumes: 'status size',
  ports: 'status macAddress fixedIps { ipAddress }',
  networks: 'status subnets { cidr }',
  subnets: 'cidr',
  securityGroups: 'rules { direction protocol }',
  floatingIps: 'floatingIpAddress',
};

const RELATIONS = `query Relations($id: ID!) { server(id: $id) { id name flavor { name } image { name }
  ports { id network { name subnets { cidr } } securityGroups { name } } volumes { name } } }`;

const SINGLE = ['server', 'port', 'network', 'volume', 'securityGroup'] as const;

/** Chooses the next query: in 20 that only read 3 pages, 6 lists, 6 single rows, 4 with relations, 1 `me`. */
export function nextRead(random: Random, askers: readonly Asker[]): Read {
  const asker = oneOf(random, askers);
  const dice = random.next() * 20;
  if (dice < 3) return page(asker);
  if (dice < 9) return list(asker, oneOf(random, Object.keys(LIST_FIELDS) as ListName[]));
  if (dice < 15) return single(random, asker, oneOf(random, SINGLE));
  if (dice < 19) return relations(random, asker);
  const query = 'query Me { me { user { name } project { name } roles { name } } }';
  return {
    asker,
    query,
    variables: {},
    check: (data) => (JSON.stringify(data).includes(`"${asker.user.name}"`) ? null : 'me is somebody else'),
  };
}

export function oneOf<T>(random: Random, items: readonly T[]): T {
  const item = items[Math.floor(random.next() * items.length)];
  if (item === undefined) throw new Error('expected something to choose from, got nothing');
  return item;
}

function page(asker: Asker): Read {
  return {
    asker,
    query: PAGE,
    variables: {},
    check: (data) => {
      const nodes = nodesOf(data, 'servers');
      return wrongList(asker, 'servers', nodes) ?? first(nodes, (node) => wrongServer(asker, node));
    },
  };
}

function list(asker: Asker, name: ListName): Read {
  const nameField = name === 'floatingIps' ? '' : 'name';
  return {
    asker,
    query: `query List { ${name}(first: 200) { nodes { id ${nameField} ${LIST_FIELDS[name]} } } }`,
    variables: {},
    check: (data) => wrongList(asker, name, nodesOf(data, name)),
  };
}

function single(random: Random, asker: Asker, name: (typeof SINGLE)[number]): Read {
  const rows = asker.rows[`${name}s`];
  const row = oneOf(random, [...rows.values()]);
  return {
    asker,
    query: `query One($id: ID!) { ${name}(id: $id) { id name ${LIST_FIELDS[`${name}s`]} } }`,
    variables: { id: row.id },
    check: (data) => {
      const node = data[name] as Named | null;
      return node?.id === row.id && node.name === row.name ? null : `${name} ${row.id}: ${JSON.stringify(node)}`;
    },
  };
}

function relations(random: Random, asker: Asker): Read {
  const row = oneOf(random, [...asker.rows.servers.values()]);
  return {
    asker,
    query: RELATIONS,
    variables: { id: row.id },
    check: (data) => {
      const node = data['server'] as Named | null;
      return node === null ? `server ${row.id}: null` : wrongServer(asker, node);
    },
  };
}

function nodesOf(data: Data, name: string): readonly Named[] {
  return (data[name] as { readonly nodes: readonly Named[] } | null)?.nodes ?? [];
}

/** Everything that was there is there, under its name; whatever else there is was made by the load. */
function wrongList(asker: Asker, name: ListName, nodes: readonly Named[]): string | null {
  const known = asker.rows[name];
  const found = nodes.filter(({ id }) => known.has(id));
  if (found.length !== known.size) return `${name}: expected all of ${known.size} rows, got ${found.length}`;
  return first(nodes, (node) => {
    if (name === 'floatingIps') return known.has(node.id) ? null : `${name} ${node.id}: unknown`;
    const row = known.get(node.id);
    // Nova names no ports.
    if (row === undefined) return isOurs(node.name) || node.name === '' ? null : `${name}: ${node.name} is nobody's`;
    return row.name === node.name ? null : `${name} ${node.id}: expected ${row.name}, got ${node.name}`;
  });
}

function wrongServer(asker: Asker, node: Named): string | null {
  const row = asker.rows.servers.get(node.id);
  if (row === undefined) return null;
  const ports = new Set(node.ports?.map(({ id }) => id));
  const expected = asker.portsOf.get(node.id) ?? [];
  if (ports.size !== expected.length || !expected.every((id) => ports.has(id))) return `server ${node.id}: other ports`;
  const flavor = (row['flavor'] as { readonly original_name: string }).original_name;
  return node.flavor?.name === flavor ? null : `server ${node.id}: expected ${flavor}, got ${node.flavor?.name}`;
}

function first<T>(items: readonly T[], wrong: (item: T) => string | null): string | null {
  for (const item of items) {
    const problem = wrong(item);
    if (problem !== null) return problem;
  }
  return null;
}
