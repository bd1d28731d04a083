import { afterEach, describe, expect, it } from 'vitest';
import type { Asker } from '../../src/rest/client.js';
import { Fault } from '../../src/rest/fault.js';
import type { Limits } from '../../src/rest/options.js';
import type { Rest, RestRequest } from '../../src/rest/rest.js';
import { closeAll, type Handler, json, type StandIn, scopeWith, standIn, TOKEN, transportTo } from './standin.js';

afterEach(closeAll);

const read: RestRequest = { service: 'network', region: 'R1', method: 'GET', path: '/ports' };
const write: RestRequest = { ...read, method: 'POST', body: { port: {} } };

interface Setup {
  readonly rest: Rest;
  readonly service: StandIn;
  readonly waits: number[];
}

async function setup(handler: Handler, limits: Partial<Limits> = {}, asker: Asker = {}): Promise<Setup> {
  const service = await standIn(handler);
  const { transport, waits } = transportTo(service.url, limits);
  return { rest: transport.as(scopeWith({ network: service.url }), asker), service, waits };
}

async function faultOf(promise: Promise<unknown>): Promise<Fault> {
  const error: unknown = await promise.then(
    () => null,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(Fault);
  return error as Fault;
}

const ok: Handler = (_, response) => json(response, 200, { ports: [] }, { 'x-openstack-request-id': 'req-theirs' });

describe('a call', () => {
  it('goes below the versioned root with token, query in order and an id of its own', async () => {
    const { rest, service } = await setup(ok);
    const query = [
      ['id', 'a b'],
      ['id', 'c&d'],
    ] as const;
    const answer = await rest.call({ ...read, query });
    expect(answer.requestId).toBe('req-theirs');
    expect(service.seen[0]).toMatchObject({ method: 'GET', url: '/v2.0/ports?id=a%20b&id=c%26d' });
    expect(service.seen[0]?.headers['x-auth-token']).toBe(TOKEN);
    expect(service.seen[0]?.headers['x-openstack-request-id']).toMatch(/^req-[0-9a-f-]{36}$/);
    expect(service.seen[0]?.headers['openstack-api-version']).toBeUndefined();
  });

  it('is recorded with path and status, without its query', async () => {
    const records: unknown[] = [];
    const { rest } = await setup(ok, {}, { record: (record) => records.push(record) });
    await rest.call({ ...read, query: [['name', 'hidden']] });
    expect(records).toMatchObject([{ service: 'network', method: 'GET', path: '/ports', status: 200 }]);
    expect(JSON.stringify(records)).not.toContain('hidden');
  });

  it('refuses a path that leaves its root', async () => {
    const { rest, service } = await setup(ok);
    for (const path of ['/../v3/users', '/ports/./x', '/ports?x=1', '/ports#x', '/ports\\x']) {
      expect(await faultOf(rest.call({ ...read, path }))).toMatchObject({ code: 'INTERNAL_SERVER_ERROR' });
    }
    expect(service.seen).toHaveLength(0);
  });

  it('tells who remembers the token of a 401, once per request, and does not retry it', async () => {
    let told = 0;
    const handler: Handler = (_, response) =>
      json(response, 401, { error: { code: 401, message: `bad ${TOKEN}`, title: 'x' } });
    const { rest, service } = await setup(handler, {}, { onUnauthorized: () => (told += 1) });
    const fault = await faultOf(rest.call(read));
    expect(fault).toMatchObject({ code: 'UNAUTHENTICATED', message: 'bad [secret]' });
    await faultOf(rest.call(write));
    expect([told, service.seen.length]).toEqual([1, 2]);
  });

  it('is UNSUPPORTED where the catalog lacks service or region, with no call made', async () => {
    const { rest, service } = await setup(ok);
    expect(await faultOf(rest.call({ ...read, service: 'dns' }))).toMatchObject({
      code: 'UNSUPPORTED',
      service: 'dns',
    });
    expect(await faultOf(rest.call({ ...read, region: 'R2' }))).toMatchObject({ code: 'UNSUPPORTED' });
    expect(service.seen).toHaveLength(0);
    expect([rest.regionsOf('dns'), rest.regionsOf('network')]).toEqual([[], ['R1']]);
  });
});

describe('calls of one scope', () => {
  it('go where their own region and interface are, whichever were asked before', async () => {
    const hosts = { 'R1 public': await standIn(ok), 'R2 public': await standIn(ok), 'R1 internal': await standIn(ok) };
    const endpoints = [
      { region: 'R1', interface: 'public', url: hosts['R1 public'].url },
      { region: 'R2', interface: 'public', url: hosts['R2 public'].url },
      { region: 'R1', interface: 'internal', url: hosts['R1 internal'].url },
    ] as const;
    const scope = { ...scopeWith({}), catalog: [{ type: 'network', name: 'neutron', endpoints }] };
    const { transport } = transportTo(hosts['R1 public'].url, {}, { region: null });
    const went = (): readonly number[] => Object.values(hosts).map((host) => host.seen.length);

    for (const round of [1, 2]) {
      await transport.as(scope).call(read);
      expect(went()).toEqual([round, round - 1, round - 1]);
      await transport.as(scope).call({ ...read, region: 'R2' });
      expect(went()).toEqual([round, round, round - 1]);
      await transport.as(scope, { interface: 'internal' }).call(read);
      expect(went()).toEqual([round, round, round]);
    }
  });
});

describe('a redirect', () => {
  it.each([301, 302, 303, 307, 308])('%i is a fault, and the token goes nowhere', async (status) => {
    const elsewhere = await standIn(ok);
    const handler: Handler = (_, response) => {
      response.writeHead(status, { location: `${elsewhere.url}/v2.0/ports?secret=1` });
      response.end();
    };
    const { rest, service } = await setup(handler);
    for (const request of [read, write]) {
      const fault = await faultOf(rest.call(request));
      expect(fault).toMatchObject({ code: 'UPSTREAM_UNAVAILABLE', service: 'network', status, outcome: undefined });
      expect(fault.message).not.toContain('secret');
    }
    expect([service.seen.length, elsewhere.seen.length]).toEqual([2, 0]);
  });
});

describe('a read', () => {
  it.each([502, 503, 504])('is retried after %i and answered by what comes then', async (status) => {
    const { rest, service } = await setup((_, response, count) =>
      count < 3 ? json(response, status, {}) : json(response, 200, { n: count }),
    );
    expect((await rest.call(read)).body).toEqual({ n: 3 });
    expect(service.seen).toHaveLength(3);
  });

  it('waits longer each time, and as long as the service asks within reason', async () => {
    const { rest, waits } = await setup((_, response, count) =>
      json(response, 503, {}, count === 2 ? { 'retry-after': '2' } : {}),
    );
    await faultOf(rest.call(read));
    expect(waits).toEqual([50, 2000]);
  });

  it('is not retried where the service asks for more patience than there is', async () => {
    const { rest, service } = await setup((_, response) => json(response, 503, {}, { 'retry-after': '120' }));
    expect(await faultOf(rest.call(read))).toMatchObject({ code: 'UPSTREAM_UNAVAILABLE', retryAfter: 120 });
    expect(service.seen).toHaveLength(1);
  });

  it.each([400, 403, 404, 409, 429, 500])('is not retried after %i', async (status) => {
    const { rest, service } = await setup((_, response) => json(response, status, {}));
    expect(await faultOf(rest.call(read))).toMatchObject({ status });
    expect(service.seen).toHaveLength(1);
  });

  it('survives a kept-alive socket that died meanwhile', async () => {
    const used = new Set<unknown>();
    const { rest, service } = await setup((request, response) => {
      if (used.has(request.socket)) request.socket.destroy();
      else json(response, 200, { ports: [] });
      used.add(request.socket);
    });
    await rest.call(read);
    expect((await rest.call(read)).status).toBe(200);
    expect(service.seen).toHaveLength(3);
  });

  it('ends when the client leaves', async () => {
    const client = new AbortController();
    const { rest, service } = await setup(() => client.abort(), {}, { signal: client.signal });
    expect(await faultOf(rest.call(read))).toMatchObject({ code: 'UPSTREAM_TIMEOUT', outcome: undefined });
    expect(service.seen).toHaveLength(1);
  });

  it('ends at its deadline when the service hangs', async () => {
    const { rest } = await setup(() => undefined, { readDeadline: 30 });
    expect(await faultOf(rest.call(read))).toMatchObject({
      code: 'UPSTREAM_TIMEOUT',
      service: 'network',
      outcome: undefined,
    });
  });

  it('ends at its deadline when the service hangs in the middle of its answer', async () => {
    const { rest } = await setup(
      (_, response) => void response.writeHead(200, { 'content-length': '100' }).write('{"ports'),
      { readDeadline: 60 },
    );
    expect(await faultOf(rest.call(read))).toMatchObject({ code: 'UPSTREAM_TIMEOUT' });
  });
});

describe('a useless answer', () => {
  const bodies: readonly (readonly [string, Handler])[] = [
    [
      'malformed JSON',
      (_, response) => response.writeHead(200, { 'content-type': 'application/json' }).end('{"ports":'),
    ],
    [
      'an HTML page',
      (_, response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<html>Welcome!</html>'),
    ],
    [
      'a body cut short',
      (_, response) =>
        void response.writeHead(200, { 'content-length': '100' }).write('{}', () => response.socket?.destroy()),
    ],
    [
      'a chunked body cut short',
      (_, response) => void response.writeHead(200).write('{}', () => response.socket?.destroy()),
    ],
    [
      'a body longer than announced',
      (request) =>
        void request.socket.write(`HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n${'{"ports": []}'.repeat(9)}`, () =>
          request.socket.end(),
        ),
    ],
    ['no HTTP at all', (request) => void request.socket.end('garbage\r\n\r\n')],
    ['a body of no bounds', (_, response) => json(response, 200, 'x'.repeat(5000))],
  ];

  it.each(bodies)('(%s) is a fault that names the service', async (_, handler) => {
    const { rest } = await setup(handler, { maxBody: 2000 });
    expect(await faultOf(rest.call(read))).toMatchObject({ code: 'UPSTREAM_UNAVAILABLE', service: 'network' });
  });

  it.each(bodies)('(%s) leaves the outcome of a write unknown, and is not asked for again', async (_, handler) => {
    const { rest, service } = await setup(handler, { maxBody: 2000 });
    expect(await faultOf(rest.call(write))).toMatchObject({ code: 'UPSTREAM_UNAVAILABLE', outcome: 'UNKNOWN' });
    expect(service.seen).toHaveLength(1);
  });
});

describe('a write', () => {
  it.each([
    [500, undefined],
    [502, 'UNKNOWN'],
    [503, undefined],
    [504, 'UNKNOWN'],
  ])('that ends with %i is sent once; its outcome is %s', async (status, outcome) => {
    const { rest, service } = await setup((_, response) => json(response, status, {}));
    expect(await faultOf(rest.call(write))).toMatchObject({ status, outcome });
    expect(service.seen).toHaveLength(1);
  });

  it('that is reset after it was sent is not sent again; its outcome is unknown', async () => {
    const { rest, service } = await setup((request) => void request.socket.destroy());
    expect(await faultOf(rest.call(write))).toMatchObject({ code: 'UPSTREAM_UNAVAILABLE', outcome: 'UNKNOWN' });
    expect(service.seen).toHaveLength(1);
  });

  it('that found nobody listening did not happen', async () => {
    const { rest, service } = await setup(ok);
    await service.close();
    expect(await faultOf(rest.call(write))).toMatchObject({ code: 'UPSTREAM_UNAVAILABLE', outcome: undefined });
  });

  it('that hangs has an unknown outcome', async () => {
    const { rest } = await setup(() => undefined, { writeDeadline: 1000 });
    expect(await faultOf(rest.call(write))).toMatchObject({ code: 'UPSTREAM_TIMEOUT', outcome: 'UNKNOWN' });
  });

  it('never uses a socket that a call before it has left open', async () => {
    const { rest, service } = await setup(ok);
    for (const request of [read, read, write, write, read]) await rest.call(request);
    const [r1, r2, w1, w2] = service.seen.map((seen) => seen.socket);
    expect(r2).toBe(r1);
    expect(new Set([r1, w1, w2]).size).toBe(3);
  });

  it('runs to its end when the client leaves', async () => {
    const client = new AbortController();
    const handler: Handler = (_, response) => {
      client.abort();
      setImmediate(() => json(response, 201, { port: {} }));
    };
    const { rest } = await setup(handler, {}, { signal: client.signal });
    expect((await rest.call(write)).status).toBe(201);
  });
});

describe('a busy service', () => {
  it('gets no more calls at a time than the bound, and all in the end', async () => {
    let inside = 0;
    let most = 0;
    const handler: Handler = (_, response) => {
      inside += 1;
      most = Math.max(most, inside);
      setImmediate(() => {
        inside -= 1;
        json(response, 200, {});
      });
    };
    const { rest, service } = await setup(handler, { concurrency: 3 });
    await Promise.all(Array.from({ length: 20 }, () => rest.call(read)));
    expect(most).toBeLessThanOrEqual(3);
    expect(service.seen).toHaveLength(20);
  });

  it('is no reason to wait beyond the deadline', async () => {
    const { rest, service } = await setup(() => undefined, { concurrency: 1, readDeadline: 1000 });
    const faults = await Promise.all([faultOf(rest.call(read)), faultOf(rest.call(read))]);
    expect(faults.map((fault) => fault.code)).toEqual(['UPSTREAM_TIMEOUT', 'UPSTREAM_TIMEOUT']);
    expect(service.seen).toHaveLength(1);
  });
});

describe('the breaker', () => {
  const limits = { attempts: 1, breaker: { failures: 3, openMs: 1000, maxOpenMs: 4000 } };

  it.each([400, 401, 403, 404, 409, 413, 429, 500])(
    'does not count %i: a tenant could shut out all others',
    async (status) => {
      const { rest, service } = await setup((_, response) => json(response, status, {}), limits);
      for (let call = 0; call < 6; call += 1) await faultOf(rest.call(read));
      expect(service.seen).toHaveLength(6);
    },
  );

  it.each([502, 503, 504])(
    'opens after %i in a row and spares the service, in its own region and service only',
    async (status) => {
      const service = await standIn((_, response) => json(response, status, {}));
      const other = await standIn(ok);
      const { transport } = transportTo(service.url, limits);
      const rest = transport.as(scopeWith({ network: service.url, image: other.url }));
      for (let call = 0; call < 5; call += 1) await faultOf(rest.call(read));
      const fault = await faultOf(rest.call(write));
      expect(fault).toMatchObject({ code: 'UPSTREAM_UNAVAILABLE', retryAfter: 1, status: null, outcome: undefined });
      expect(service.seen).toHaveLength(3);
      expect((await rest.call({ ...read, service: 'image' })).status).toBe(200);
    },
  );

  it('lets one probe through after a while, and closes when it succeeds', async () => {
    let now = 0;
    const service = await standIn((_, response, count) => json(response, count <= 4 ? 503 : 200, {}));
    const { transport } = transportTo(service.url, limits, { time: { now: () => now } });
    const rest = transport.as(scopeWith({ network: service.url }));
    for (let call = 0; call < 3; call += 1) await faultOf(rest.call(read));
    now = 1001;
    await Promise.all([faultOf(rest.call(read)), faultOf(rest.call(read))]);
    expect(service.seen).toHaveLength(4);
    now = 2500;
    await faultOf(rest.call(read));
    expect(service.seen).toHaveLength(4);
    now = 3100;
    await rest.call(read);
    await rest.call(read);
    expect(service.seen).toHaveLength(6);
  });
});

describe('a page', () => {
  it('takes rows and the query of the link, never its host', async () => {
    const elsewhere = await standIn(ok);
    const { rest, service } = await setup((request, response) => {
      const last = request.url.includes('marker=b');
      const links = last ? [] : [{ rel: 'next', href: `${elsewhere.url}/v2.0/ports?limit=1&marker=b` }];
      json(response, 200, { ports: [{ id: last ? 'b' : 'a' }], ports_links: links });
    });
    const first = await rest.page({ ...read, query: [['limit', '1']] }, 'ports');
    expect(first.rows).toEqual([{ id: 'a' }]);
    const second = await rest.page({ ...read, query: first.next ?? [] }, 'ports');
    expect(second).toMatchObject({ rows: [{ id: 'b' }], next: null, answer: { status: 200 } });
    expect([service.seen.length, elsewhere.seen.length]).toEqual([2, 0]);
  });
});
