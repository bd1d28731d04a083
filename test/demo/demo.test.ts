import { afterEach, describe, expect, it } from 'vitest';
import { type Commit, createDemoCloud, type DemoCloud, type DemoCloudOptions } from '../../src/demo/index.js';

const clouds: DemoCloud[] = [];
afterEach(async () => {
  await Promise.all(clouds.splice(0).map((cloud) => cloud.close()));
});

async function start(options: DemoCloudOptions = {}): Promise<DemoCloud> {
  const cloud = await createDemoCloud({ pace: 0, ...options });
  clouds.push(cloud);
  return cloud;
}

async function logIn(cloud: DemoCloud, name: string, project: string): Promise<Ask> {
  const domain = { name: 'Default' };
  const password = { user: { name, domain, password: `${name}-secret` } };
  const auth = { identity: { methods: ['password'], password }, scope: { project: { name: project, domain } } };
  const answer = await fetch(`${cloud.authUrl}/auth/tokens`, { method: 'POST', body: JSON.stringify({ auth }) });
  const token = answer.headers.get('x-subject-token') ?? '';
  return async (request, body) => {
    const [method = 'GET', path = '/'] = request.split(' ');
    const microversion = path.startsWith('/block-storage') ? 'volume 3.70' : 'compute 2.93';
    const headers = { 'x-auth-token': token, 'openstack-api-version': microversion };
    const response = await fetch(cloud.url + path, {
      method,
      headers,
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    const text = await response.text();
    return { status: response.status, body: text.startsWith('{') ? JSON.parse(text) : text };
  };
}

type Ask = (request: string, body?: unknown) => Promise<{ status: number; body: Record<string, never> & Answer }>;
interface Answer {
  servers: { id: string; name: string; status: string }[];
  servers_links?: { href: string }[];
  server: { id: string; status: string };
  volumes: { id: string; status: string }[];
  networks: { name: string }[];
  network: { id: string };
  images: { id: string }[];
  flavors: { id: string; name: string }[];
}

const LISTS = [
  '/compute/v2.1/servers/detail',
  '/network/v2.0/ports',
  '/network/v2.0/networks',
  '/network/v2.0/subnets',
  '/network/v2.0/floatingips',
  '/network/v2.0/security-groups',
  '/block-storage/v3/volumes/detail',
  '/image/v2/images',
  '/compute/v2.1/flavors/detail',
];

describe('the demo cloud', () => {
  it('is the same cloud, ids included, for the same seed, and another for another', async () => {
    const contents = async (seed: number) => {
      const cloud = await start({ seed, servers: 30, clock: () => Date.UTC(2026, 5, 1) });
      const ask = await logIn(cloud, 'alice', 'demo-a');
      const answers = await Promise.all(LISTS.map((list) => ask(`GET ${list}`)));
      return JSON.stringify(answers).replaceAll(cloud.url, '');
    };
    const first = await contents(7);
    expect(await contents(7)).toBe(first);
    expect(await contents(8)).not.toBe(first);
  });

  it('refuses a number of servers that it does not do', async () => {
    await expect(createDemoCloud({ servers: 9 })).rejects.toThrow('10 to 10000 servers, got 9');
    await expect(createDemoCloud({ servers: 10_001 })).rejects.toThrow(RangeError);
  });

  it('pages through 10,000 servers without losing or repeating one', async () => {
    const cloud = await start({ servers: 10_000 });
    const ask = await logIn(cloud, 'bob', 'demo-b');
    const names = new Set<string>();
    let path: string | undefined = '/compute/v2.1/servers?limit=1000';
    let pages = 0;
    while (path !== undefined) {
      const { body } = await ask(`GET ${path}`);
      for (const { id } of body.servers) names.add(id);
      pages += 1;
      path = body.servers_links?.[0]?.href.slice(cloud.url.length);
    }
    expect(names.size).toBe(3333);
    expect(pages).toBe(4);
  });

  it('shows no tenant a row of another', async () => {
    const cloud = await start();
    const [alice, bob] = [await logIn(cloud, 'alice', 'demo-a'), await logIn(cloud, 'bob', 'demo-b')];
    const ids = async (ask: Ask) => (await ask('GET /compute/v2.1/servers')).body.servers.map(({ id }) => id);
    const [mine, theirs] = [await ids(alice), await ids(bob)];
    expect([mine.length, theirs.length]).toEqual([40, 20]);
    expect(mine.filter((id) => theirs.includes(id))).toEqual([]);
    expect((await bob(`GET /compute/v2.1/servers/${mine[0]}`)).status).toBe(404);
  });

  it('logs every step of a server from its creation to its end, in order', async () => {
    const cloud = await start();
    const ask = await logIn(cloud, 'alice', 'demo-a');
    const seen: Commit[] = [];
    cloud.onCommit((commit) => seen.push(commit));
    const flavor = (await ask('GET /compute/v2.1/flavors')).body.flavors.find(({ name }) => name === 'm1.nano');
    const image = (await ask('GET /image/v2/images')).body.images[0];
    const server = { name: 'logged', flavorRef: flavor?.id, imageRef: image?.id, networks: 'none' };
    const { id } = (await ask('POST /compute/v2.1/servers', { server })).body.server;
    await cloud.settled();
    expect((await ask(`GET /compute/v2.1/servers/${id}`)).body.server.status).toBe('ACTIVE');
    await ask(`DELETE /compute/v2.1/servers/${id}`);
    await cloud.settled();
    expect((await ask(`GET /compute/v2.1/servers/${id}`)).status).toBe(404);
    const steps = cloud.log.filter((commit) => commit.id === id).map(({ change, row }) => [change, taskOf(row)]);
    expect(steps).toEqual([
      ['create', 'scheduling'],
      ['update', 'networking'],
      ['update', 'spawning'],
      ['update', null],
      ['update', 'deleting'],
      ['delete', 'deleting'],
    ]);
    expect(seen).toEqual(cloud.log);
    expect(cloud.log.map(({ sequence }) => sequence)).toEqual(cloud.log.map((_commit, index) => index + 1));
  });

  it('commits a write whose answer was lost', async () => {
    let lose = true;
    const cloud = await start({
      disturb: ({ method, service }) => {
        if (!lose || method !== 'POST' || service !== 'network') return undefined;
        lose = false;
        return { answer: 'drop', before: 1 };
      },
    });
    const ask = await logIn(cloud, 'alice', 'demo-a');
    const committed = new Promise<Commit>((resolve) => cloud.onCommit(resolve));
    await expect(ask('POST /network/v2.0/networks', { network: { name: 'late' } })).rejects.toThrow();
    expect((await committed).type).toBe('network');
    expect((await ask('GET /network/v2.0/networks?name=late')).body.networks).toHaveLength(1);
  });

  it('answers a write that it was told to fail with that status, and does it all the same', async () => {
    const cloud = await start({
      disturb: ({ method, service }) => (method === 'POST' && service === 'network' ? { answer: 504 } : undefined),
    });
    const ask = await logIn(cloud, 'alice', 'demo-a');
    const committed = new Promise<Commit>((resolve) => cloud.onCommit(resolve));
    expect((await ask('POST /network/v2.0/networks', { network: { name: 'late' } })).status).toBe(504);
    expect((await committed).change).toBe('create');
  });

  it('goes on honouring a revoked token for five minutes where it has been seen, but not at Keystone', async () => {
    let now = Date.UTC(2026, 5, 1);
    const cloud = await start({ clock: () => now });
    const domain = { name: 'Default' };
    const password = { user: { name: 'alice', domain, password: 'alice-secret' } };
    const auth = { identity: { methods: ['password'], password }, scope: { project: { name: 'demo-a', domain } } };
    const issued = await fetch(`${cloud.authUrl}/auth/tokens`, { method: 'POST', body: JSON.stringify({ auth }) });
    const token = issued.headers.get('x-subject-token') ?? '';
    const headers = { 'x-auth-token': token, 'x-subject-token': token };
    const statusOf = async (path: string, method = 'GET') =>
      (await fetch(cloud.url + path, { method, headers })).status;
    expect(await statusOf('/compute/v2.1/servers')).toBe(200);
    expect(await statusOf('/identity/v3/auth/tokens', 'DELETE')).toBe(204);
    expect(await statusOf('/identity/v3/auth/tokens')).toBe(401);
    now += 299_000;
    expect(await statusOf('/compute/v2.1/servers')).toBe(200);
    now += 2_000;
    expect(await statusOf('/compute/v2.1/servers')).toBe(401);
  });

  it('takes its time where delays are asked for, and still answers', async () => {
    const cloud = await start({ delays: { min: 1, max: 3 } });
    const ask = await logIn(cloud, 'admin', 'demo-a');
    expect((await ask('GET /compute/v2.1/servers?all_tenants=1')).body.servers).toHaveLength(60);
  });
});

function taskOf(row: object): unknown {
  return 'taskState' in row ? row.taskState : undefined;
}
