import { ALICE, BOB, READER, type User } from '../../test/support/client.js';

/** A row as OpenStack sends it. */
export type Wire = Readonly<Record<string, unknown>> & { readonly id: string; readonly name: string };

const LISTS = {
  servers: 'compute/v2.1/servers/detail',
  flavors: 'compute/v2.1/flavors/detail',
  images: 'image/v2/images',
  volumes: 'block-storage/v3/volumes/detail',
  ports: 'network/v2.0/ports',
  networks: 'network/v2.0/networks',
  subnets: 'network/v2.0/subnets',
  securityGroups: 'network/v2.0/security-groups',
  floatingIps: 'network/v2.0/floatingips',
} as const;

export type ListName = keyof typeof LISTS;

/** A user with what was there before the load began; none of it is touched by the load. */
export interface Asker {
  readonly user: User;
  readonly token: string;
  /** Names by id. */
  readonly rows: Readonly<Record<ListName, ReadonlyMap<string, Wire>>>;
  /** Ids of a seeded server's ports. */
  readonly portsOf: ReadonlyMap<string, readonly string[]>;
  /** Whether the load may write as this user. */
  readonly writes: boolean;
}

/** Logs everybody in at the cloud itself, and reads what they see there. */
export async function readTruth(authUrl: string): Promise<readonly Asker[]> {
  const users = [ALICE, READER, BOB];
  return Promise.all(users.map((user) => readAs(authUrl, user, user === ALICE || user === BOB)));
}

/** Names of what the load has made and not deleted again. */
export async function leftBehind(authUrl: string, asker: Asker): Promise<readonly string[]> {
  const lists = await Promise.all(
    (['servers', 'ports', 'securityGroups'] as const).map((list) => readList(authUrl, asker.token, list)),
  );
  return lists.flatMap((rows) => [...rows.values()].map(({ name }) => name).filter(isOurs));
}

/** Whether a row of this name was made by the load. */
export function isOurs(name: string): boolean {
  return name.startsWith('load-');
}

async function readAs(authUrl: string, user: User, writes: boolean): Promise<Asker> {
  const token = await login(authUrl, user);
  const names = Object.keys(LISTS) as ListName[];
  const read = await Promise.all(names.map(async (name) => [name, await readList(authUrl, token, name)] as const));
  const rows = Object.fromEntries(read) as Record<ListName, ReadonlyMap<string, Wire>>;
  const portsOf = new Map<string, string[]>();
  for (const port of rows.ports.values()) {
    const server = String(port['device_id']);
    portsOf.set(server, [...(portsOf.get(server) ?? []), port.id]);
  }
  return { user, token, rows, portsOf, writes };
}

async function login(authUrl: string, { name, project }: User): Promise<string> {
  const domain = { name: 'Default' };
  const password = { user: { name, domain, password: `${name}-secret` } };
  const auth = { identity: { methods: ['password'], password }, scope: { project: { name: project, domain } } };
  const answer = await fetch(`${authUrl}/auth/tokens`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ auth }),
  });
  const token = answer.headers.get('x-subject-token');
  if (token === null) throw new Error(`expected a token for ${name}, got ${answer.status}`);
  return token;
}

async function readList(authUrl: string, token: string, list: ListName): Promise<ReadonlyMap<string, Wire>> {
  const url = `${authUrl.replace('identity/v3', '')}${LISTS[list]}?limit=1000`;
  const headers = {
    'x-auth-token': token,
    'openstack-api-version': LISTS[list].startsWith('compute') ? 'compute 2.93' : 'volume 3.70',
  };
  const answer = await fetch(url, { headers });
  if (!answer.ok) throw new Error(`${url}: expected 200, got ${answer.status}`);
  const [rows = []] = Object.values((await answer.json()) as Record<string, Wire[]>).filter(Array.isArray);
  return new Map(rows.map((row) => [row.id, row]));
}
