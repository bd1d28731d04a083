import { describe, expect, it } from 'vitest';
import type { RestRequest } from '../../src/rest/rest.js';
import { askerOf, FakeRest, forbidden, notFound, OWN_PROJECT, uuid } from '../load/standins.js';
import { ask } from './standins.js';

const SERVER = uuid(1);
const PORT = uuid(2);
const NETWORK = uuid(3);
const GROUP = uuid(4);

/** A cloud of one server with two ports in one group; `more` answers before it does. */
function cloud(more: (request: RestRequest) => unknown = () => undefined): FakeRest {
  const server = { id: SERVER, name: 'web', status: 'ACTIVE', tenant_id: OWN_PROJECT, image: '' };
  const port = { device_id: SERVER, device_owner: 'compute:nova', network_id: NETWORK, security_groups: [GROUP] };
  return new FakeRest((request) => {
    const special = more(request);
    if (special !== undefined) return special;
    switch (request.path) {
      case '/servers/detail':
        return { servers: [server] };
      case `/servers/${SERVER}`:
        return { server };
      case '/ports':
        return { ports: [PORT, uuid(5)].map((id) => ({ id, ...port })) };
      case `/networks/${NETWORK}`:
        return { network: { id: NETWORK, name: 'net' } };
      case `/security-groups/${GROUP}`:
        return { security_group: { id: GROUP, name: 'default' } };
      default:
        return notFound(request.service);
    }
  });
}

describe('a relation', () => {
  it('is read once for all rows that name it', async () => {
    const rest = cloud();
    const { data } = await ask('{ servers { nodes { name ports { id network { name } } } } }', rest);
    const network = { name: 'net' };
    const ports = [PORT, uuid(5)].map((id) => ({ id, network }));
    expect(data).toEqual({ servers: { nodes: [{ name: 'web', ports }] } });
    expect(rest.calls).toEqual([
      'GET /servers/detail?limit=101',
      `GET /ports?device_id=${SERVER}`,
      `GET /networks/${NETWORK}`,
    ]);
  });

  it('by way of another shows each row once', async () => {
    const { data } = await ask(`{ server(id: "${SERVER}") { securityGroups { name } } }`, cloud());
    expect(data).toEqual({ server: { securityGroups: [{ name: 'default' }] } });
  });

  it('to one of several types says which it is', async () => {
    const { data } = await ask('{ ports { nodes { device { __typename ... on Server { name } } } } }', cloud());
    const device = { __typename: 'Server', name: 'web' };
    expect(data).toEqual({ ports: { nodes: [{ device }, { device }] } });
  });

  it('costs no call for what the row holds itself, and none where the row names nothing', async () => {
    const rest = cloud();
    const { data } = await ask(`{ server(id: "${SERVER}") { imageId image { name } projectId status } }`, rest);
    expect(data).toEqual({ server: { imageId: null, image: null, projectId: OWN_PROJECT, status: 'ACTIVE' } });
    expect(rest.calls).toEqual([`GET /servers/${SERVER}`]);
  });

  it('whose row is gone is null', async () => {
    const { data, errors } = await ask(`{ server(id: "${SERVER}") { name project { name } } }`, cloud());
    expect([data, errors]).toEqual([{ server: { name: 'web', project: null } }, undefined]);
  });

  it('that is refused is null, with one note for the field and how many rows it was asked for', async () => {
    const refusing = cloud(({ path }) => (path.startsWith('/networks') ? forbidden('network') : undefined));
    const { data, errors, extensions } = await ask('{ ports { nodes { id network { name } } } }', refusing);
    expect(data).toEqual({ ports: { nodes: [PORT, uuid(5)].map((id) => ({ id, network: null })) } });
    expect(errors).toBeUndefined();
    expect(extensions?.['refused']).toMatchObject([
      { field: 'Port.network', service: 'network', status: 403, requestId: null, message: 'not for you', rows: 2 },
    ]);
  });

  it('says where it was cut', async () => {
    const ports = Array.from({ length: 1001 }, (_, n) => ({ id: uuid(1000 + n), device_id: SERVER }));
    const crowded = cloud(({ path }) => (path === '/ports' ? { ports } : undefined));
    const { data, extensions } = await ask(`{ server(id: "${SERVER}") { ports { id } } }`, crowded);
    expect(data?.['server']).toHaveProperty('ports.length', 1000);
    expect(extensions?.['truncated']).toEqual([{ field: 'Server.ports', id: SERVER, shown: 1000 }]);
  });
});

describe('a field that lists leave out', () => {
  it('costs a call for those rows only that need it', async () => {
    const failed = { id: uuid(6), status: 'ERROR' };
    const told = { id: uuid(7), status: 'ERROR', fault: { message: 'no host' } };
    const rest = cloud(({ path }) => {
      if (path === '/servers/detail') return { servers: [{ id: SERVER, status: 'ACTIVE' }, failed, told] };
      return path.endsWith(failed.id) ? { server: { ...failed, fault: { message: 'no disk' } } } : undefined;
    });
    const { data } = await ask('{ servers { nodes { fault { message } } } }', rest);
    const faults = [null, { message: 'no disk' }, { message: 'no host' }];
    expect(data).toEqual({ servers: { nodes: faults.map((fault) => ({ fault })) } });
    expect(rest.calls).toEqual(['GET /servers/detail?limit=101', `GET /servers/${failed.id}`]);
  });
});

describe('a root field', () => {
  it('that is refused is an error of its own, and the fields beside it arrive', async () => {
    const refusing = cloud(({ path }) => (path === '/ports' ? forbidden('network') : undefined));
    const { data, errors } = await ask('{ ports { nodes { id } } servers { nodes { name } } }', refusing);
    expect(data).toEqual({ ports: null, servers: { nodes: [{ name: 'web' }] } });
    expect(errors?.map(({ path }) => path)).toEqual([['ports']]);
  });

  it('is null for a row that does not exist', async () => {
    const { data, errors } = await ask(`{ server(id: "${uuid(99)}") { name } }`, cloud());
    expect([data, errors]).toEqual([{ server: null }, undefined]);
  });

  it('refuses, before any call, what cannot be: ids, sizes, cursors and regions', async () => {
    const wrong = {
      '{ server(id: "../os-services") { name } }': /^id: expected a UUID/,
      '{ servers(first: 0) { nodes { name } } }': /^first: expected a whole number from 1 to 1000, got 0/,
      '{ servers(first: 1001) { nodes { name } } }': /^first: expected a whole number from 1 to 1000, got 1001/,
      '{ servers(after: "next") { nodes { name } } }': /^after: expected an `endCursor` of this list/,
      '{ servers(filter: { status: [] }) { nodes { name } } }': /^filter.status: expected at least one value/,
      '{ servers(filter: { status: [ACTIVE, UNKNOWN] }) { nodes { name } } }': /^filter.status: expected a value that/,
      '{ servers(region: "Moon") { nodes { name } } }': /^region: expected one of RegionOne, got "Moon"/,
    };
    for (const [query, message] of Object.entries(wrong)) {
      const rest = cloud();
      const { errors } = await ask(query, rest);
      expect(errors?.map((error) => error.message)).toEqual([expect.stringMatching(message)]);
      expect(rest.calls).toEqual([]);
    }
  });

  it('refuses the cursor of another filter and follows its own', async () => {
    const rest = cloud();
    const first = await ask('{ servers(filter: { name: "web" }) { pageInfo { endCursor } } }', rest);
    const { endCursor } = (first.data as { servers: { pageInfo: { endCursor: string } } }).servers.pageInfo;
    const other = await ask(`{ servers(filter: { name: "db" }, after: "${endCursor}") { nodes { id } } }`, rest);
    expect(other.errors?.[0]?.message).toMatch(/^after: expected a cursor of a list with the same filter/);
    await ask(`{ servers(filter: { name: "web" }, after: "${endCursor}") { nodes { id } } }`, rest);
    expect(rest.calls.at(-1)).toBe(`GET /servers/detail?name=^web$&limit=101&marker=${SERVER}`);
  });
});

describe('a mutation', () => {
  const writes = (rest: FakeRest) => rest.calls.filter((call) => !call.startsWith('GET'));

  it('is sent once and shows the row as it is afterwards, not as the write answered', async () => {
    const port = { id: PORT, name: 'renamed', project_id: OWN_PROJECT };
    const rest = cloud((request) => {
      if (request.path !== `/ports/${PORT}`) return undefined;
      return { port: request.method === 'GET' ? port : { ...port, name: 'as the write said' } };
    });
    const query = `mutation { updatePort(id: "${PORT}", input: { name: "renamed", description: null }) { port { name } } }`;
    expect((await ask(query, rest)).data).toEqual({ updatePort: { port: { name: 'renamed' } } });
    expect(rest.calls).toEqual([`GET /ports/${PORT}`, `PUT /ports/${PORT}`, `GET /ports/${PORT}`]);
  });

  it('that is made of what the row holds asks for the row anew: the cache may not know the latest', async () => {
    let metadata: object = { a: '1', b: '2' };
    let sent: unknown = null;
    const rest = cloud(({ method, path, body }) => {
      if (path !== `/volumes/${PORT}`) return undefined;
      if (method === 'PUT') sent = body;
      return { volume: { id: PORT, status: 'available', metadata } };
    });
    const asker = askerOf(rest);
    await ask(`{ volume(id: "${PORT}") { metadata { key } } }`, rest, asker);
    metadata = { ...metadata, c: 'added by somebody else' };
    const removal = `mutation { updateVolume(id: "${PORT}", input: { removeMetadata: ["b"] }) { volume { id } } }`;
    await ask(removal, rest, asker);
    expect(sent).toEqual({ volume: { metadata: { a: '1', c: 'added by somebody else' } } });
  });

  it('that deletes says whether the service is still at it', async () => {
    const lingering = await ask(`mutation { deleteServer(id: "${SERVER}") { id accepted } }`, cloud());
    expect(lingering.data).toEqual({ deleteServer: { id: SERVER, accepted: true } });
    let gone = false;
    const prompt = cloud(({ method }) => {
      if (method === 'DELETE') gone = true;
      return gone ? (method === 'GET' ? notFound('compute') : null) : undefined;
    });
    const done = await ask(`mutation { deleteServer(id: "${SERVER}") { id accepted } }`, prompt);
    expect(done.data).toEqual({ deleteServer: { id: SERVER, accepted: false } });
  });

  it('of a row that does not exist writes nothing', async () => {
    for (const [id, code] of [
      [uuid(99), 'NOT_FOUND'],
      ['web', 'BAD_USER_INPUT'],
    ] as const) {
      const rest = cloud();
      const { data, errors } = await ask(`mutation { stopServer(id: "${id}") { server { id } } }`, rest);
      expect(data).toEqual({ stopServer: null });
      expect(errors).toHaveLength(1);
      expect(writes(rest), code).toEqual([]);
    }
  });

  it('names the argument that holds what is no id, wherever that stands', async () => {
    const wrong = {
      [`mutation { attachVolume(input: { serverId: "web", volumeId: "${PORT}" }) { device } }`]: 'input.serverId',
      [`mutation { attachVolume(input: { serverId: "${SERVER}", volumeId: "disk" }) { device } }`]: 'input.volumeId',
      [`mutation { detachVolume(serverId: "${SERVER}", volumeId: "disk") { server { id } } }`]: 'volumeId',
    };
    for (const [query, argument] of Object.entries(wrong)) {
      const { errors } = await ask(query, cloud());
      expect(errors?.[0]?.message).toMatch(new RegExp(`^${argument}: expected a UUID`));
    }
  });

  it('whose answer does not say what was made has perhaps made it, and says so', async () => {
    const rest = cloud(({ method }) => (method === 'POST' ? { surprise: true } : undefined));
    const { errors } = await ask('mutation { createNetwork(input: { name: "x" }) { network { id } } }', rest);
    expect(errors?.[0]?.message).toMatch(/^network: expected an object under "network"/);
    expect(errors?.[0]?.extensions).toMatchObject({ outcome: 'UNKNOWN' });
    expect(writes(rest)).toEqual(['POST /networks']);
  });

  it('whose fresh row cannot be read has happened all the same: only the row is an error', async () => {
    let written = false;
    const rest = cloud(({ method }) => {
      if (method === 'POST') {
        written = true;
        return null;
      }
      return written ? forbidden('compute') : undefined;
    });
    const { data, errors } = await ask(`mutation { stopServer(id: "${SERVER}") { server { id } } }`, rest);
    expect(data).toEqual({ stopServer: { server: null } });
    expect(errors?.map(({ path }) => path)).toEqual([['stopServer', 'server']]);
    expect(writes(rest)).toEqual([`POST /servers/${SERVER}/action`]);
  });
});
