import { request as httpRequest } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import type { RunningServer } from '../../src/server.js';
import { ask, createToy, memoryLog, startToy, TOKEN_IN_ERROR } from './toy.js';

const running: RunningServer[] = [];

async function start(...args: Parameters<typeof startToy>): Promise<RunningServer> {
  const server = await startToy(...args);
  running.push(server);
  return server;
}

afterEach(async () => {
  await Promise.all(running.splice(0).map((server) => server.stop()));
});

describe('answers', () => {
  it('give the data of a query', async () => {
    const { url } = await start(createToy());
    const answer = await ask(url, '{ hello(name: "you") }');
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual({ data: { hello: 'hello you' } });
  });

  it("carry the context's extensions", async () => {
    const { url } = await start(createToy());
    const answer = await ask(url, '{ hello }', { 'X-Explain': '1' });
    expect(answer.body.extensions).toEqual({ explain: { rest: [] } });
  });

  it('show the code and the details of a fault and keep the rest of the data', async () => {
    const { url } = await start(createToy());
    const answer = await ask(url, '{ hello forbidden }');
    expect(answer.status).toBe(200);
    expect(answer.body.data).toEqual({ hello: 'hello world', forbidden: null });
    expect(answer.body.errors?.[0]?.extensions).toEqual({
      code: 'FORBIDDEN',
      service: 'compute',
      status: 403,
      requestId: 'req-1',
    });
  });

  it('are 401 without data where everything is UNAUTHENTICATED, and 200 where something is not', async () => {
    const { url } = await start(createToy());
    const nothing = await ask(url, '{ whoami }');
    expect(nothing.status).toBe(401);
    expect(nothing.body.data).toBeNull();
    const something = await ask(url, '{ whoami hello }');
    expect(something.status).toBe(200);
    expect(something.body.data).toEqual({ whoami: null, hello: 'hello world' });
  });

  it('are 401 where the context refuses the token', async () => {
    const { url } = await start(createToy());
    const answer = await ask(url, '{ hello }', { 'X-Auth-Token': 'refused' });
    expect(answer.status).toBe(401);
    expect(answer.body.errors?.[0]).toMatchObject({ message: 'log in', extensions: { code: 'UNAUTHENTICATED' } });
    expect(answer.body.data).toBeUndefined();
  });

  it('hide unexpected errors behind a request id under which they are logged without secrets', async () => {
    const { log, lines } = memoryLog();
    const { url } = await start(createToy(), { log });
    const answer = await ask(url, '{ broken hello }');
    const { message, extensions } = answer.body.errors?.[0] ?? { message: '', extensions: {} };
    expect(extensions['code']).toBe('INTERNAL_SERVER_ERROR');
    expect(message).not.toContain('socket');
    expect(JSON.stringify(answer.body)).not.toMatch(/stacktrace|node_modules/);
    expect(answer.headers.get('x-request-id')).toBe(extensions['requestId']);
    const line = lines.find((text) => text.includes('unexpected error')) ?? '';
    expect(line).toContain(String(extensions['requestId']));
    expect(line).toContain('socket of');
    expect(lines.join('')).not.toContain(TOKEN_IN_ERROR);
  });

  it('are 500 where nothing but an unexpected error came', async () => {
    const { url } = await start(createToy());
    expect((await ask(url, '{ number }')).status).toBe(500);
  });

  it('name what is wrong with a document or a body', async () => {
    const { url } = await start(createToy());
    const unknown = await ask(url, '{ nothing }');
    expect(unknown.status).toBe(400);
    expect(unknown.body.errors?.[0]?.extensions['code']).toBe('GRAPHQL_VALIDATION_FAILED');
    const headers = { 'content-type': 'application/json' };
    const broken = await fetch(`${url}/graphql`, { method: 'POST', headers, body: '{' });
    expect(broken.status).toBe(400);
    expect(await broken.json()).toMatchObject({ errors: [{ extensions: { code: 'BAD_REQUEST' } }] });
    const body = JSON.stringify({ query: '{ hello }', extensions: { padding: 'x'.repeat(1024 * 1024) } });
    expect((await fetch(`${url}/graphql`, { method: 'POST', headers, body })).status).toBe(413);
  });

  it('refuse what a web form or an image could send', async () => {
    const { url } = await start(createToy());
    const get = await fetch(`${url}/graphql?query={hello}`);
    expect(get.status).toBe(400);
    expect(await get.text()).toContain('CSRF');
    const withHeader = await fetch(`${url}/graphql?query={hello}`, { headers: { 'apollo-require-preflight': '1' } });
    expect(await withHeader.json()).toEqual({ data: { hello: 'hello world' } });
  });
});

describe('facts of a request', () => {
  it('reach the context', async () => {
    const { url } = await start(createToy());
    const headers = { 'X-Auth-Token': 'abc', 'Cache-Control': 'no-cache, max-age=7', 'X-Explain': '1' };
    const { body } = await ask(url, '{ facts }', headers);
    expect(JSON.parse(String(body.data?.['facts']))).toMatchObject({
      token: 'abc',
      remoteAddress: '127.0.0.1',
      freshness: { noCache: true, maxAge: 7 },
      explain: true,
      requestId: expect.stringMatching(/^req-/),
    });
  });

  it('believe a forwarded address only from a trusted proxy', async () => {
    const addressSeen = async (trustProxy: boolean | number): Promise<unknown> => {
      const { url } = await start(createToy(), { trustProxy });
      const { body } = await ask(url, '{ facts }', { 'X-Forwarded-For': '198.51.100.1, 203.0.113.9' });
      return JSON.parse(String(body.data?.['facts'])).remoteAddress;
    };
    expect(await addressSeen(false)).toBe('127.0.0.1');
    expect(await addressSeen(1)).toBe('203.0.113.9');
    expect(await addressSeen(true)).toBe('198.51.100.1');
  });

  it('refuse a max-age that is no number', async () => {
    const { url } = await start(createToy());
    const answer = await ask(url, '{ hello }', { 'Cache-Control': 'max-age=soon' });
    expect(answer.body.errors?.[0]?.extensions).toEqual({ code: 'BAD_USER_INPUT', argument: 'Cache-Control' });
  });
});

describe('the log', () => {
  it('names operation, hash, time and codes, and never query, variables, headers or tokens', async () => {
    const { log, lines } = memoryLog();
    const { url } = await start(createToy(), { log });
    await ask(url, 'query Greeting { hello(name: "Rumpelstiltskin") forbidden }', { 'X-Auth-Token': 'tell-nobody' });
    const entry = lines.map((line) => JSON.parse(line)).find(({ msg }) => msg === 'operation');
    expect(entry).toMatchObject({ operation: 'Greeting', kind: 'query', codes: ['FORBIDDEN'] });
    expect(entry.hash).toMatch(/^[\da-f]{64}$/);
    expect(typeof entry.ms).toBe('number');
    expect(lines.join('')).not.toMatch(/Rumpelstiltskin|tell-nobody|hello/);
  });
});

describe('routes beside /graphql', () => {
  it('serve the schema, and 404 elsewhere', async () => {
    const { url } = await start(createToy());
    expect(await (await fetch(`${url}/schema.graphql`)).text()).toContain('type Query');
    expect((await fetch(`${url}/nothing`)).status).toBe(404);
  });

  it('forbid everything to pages that are not theirs', async () => {
    const { url } = await start(createToy());
    const { headers } = await ask(url, '{ hello }');
    expect(headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('access-control-allow-origin')).toBeNull();
  });

  it('let configured origins in, preflight included, and no others', async () => {
    const { url } = await start(createToy(), { corsOrigins: ['https://dashboard.example'] });
    const preflight = (origin: string): Promise<Response> =>
      fetch(`${url}/graphql`, { method: 'OPTIONS', headers: { origin, 'access-control-request-method': 'POST' } });
    const welcome = await preflight('https://dashboard.example');
    expect(welcome.status).toBe(204);
    expect(welcome.headers.get('access-control-allow-origin')).toBe('https://dashboard.example');
    expect(welcome.headers.get('access-control-allow-headers')).toContain('X-Auth-Token');
    const stranger = await preflight('https://elsewhere.example');
    expect(stranger.headers.get('access-control-allow-origin')).toBeNull();
    expect(stranger.headers.get('vary')).toBe('Origin');
  });
});

describe('a client that leaves', () => {
  it('aborts the signal of its operation', async () => {
    const toy = createToy();
    const { url } = await start(toy);
    const body = JSON.stringify({ query: '{ wait }' });
    const request = httpRequest(`${url}/graphql`, { method: 'POST', headers: { 'content-type': 'application/json' } });
    request.on('error', () => {});
    request.end(body);
    const { signal } = await toy.reached;
    expect(signal.aborted).toBe(false);
    const left = new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
    request.destroy();
    await left;
    expect(signal.aborted).toBe(true);
  });
});
