import { request as httpRequest } from 'node:http';
import { afterEach, expect, it } from 'vitest';
import { createDoor, isLoopback } from '../../src/http/door.js';
import type { RunningServer } from '../../src/server.js';
import { ask, createToy, startToy } from './toy.js';

const door = createDoor();
let server: RunningServer | undefined;

async function start(): Promise<string> {
  server = await startToy(createToy(), { door });
  return server.url;
}

afterEach(() => server?.stop());

/** Like fetch, which does not let its caller choose `Host`. */
function statusWithHost(url: string, host: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const headers = { host, 'x-start-secret': door.secret };
    const request = httpRequest(`${url}/healthz`, { headers }, (answer) => {
      answer.resume();
      resolve(answer.statusCode);
    });
    request.on('error', reject);
    request.end();
  });
}

it.each(['/graphql', '/healthz', '/readyz', '/schema.graphql', '/nothing'])('%s needs the secret', async (path) => {
  const url = await start();
  const answer = await fetch(url + path);
  expect(answer.status).toBe(401);
  expect(JSON.stringify(await answer.json())).not.toContain(door.secret);
  const last = door.secret.endsWith('x') ? 'y' : 'x';
  const wrong = await fetch(`${url}${path}?secret=${door.secret.slice(0, -1)}${last}`);
  expect(wrong.status).toBe(401);
});

it('takes the secret as a header, as a cookie and in the URL', async () => {
  const url = await start();
  expect((await ask(url, '{ hello }')).status).toBe(401);
  expect((await ask(url, '{ hello }', { 'X-Start-Secret': door.secret })).status).toBe(200);
  const cookie = `other=1; stratograph-${new URL(url).port}=${door.secret}`;
  expect((await ask(url, '{ hello }', { cookie })).status).toBe(200);
  expect((await fetch(`${url}/healthz?secret=${door.secret}`)).status).toBe(200);
});

it('gives a browser a cookie for the printed URL and takes the secret out of the address bar', async () => {
  const url = await start();
  const printed = door.urlWithSecret(`${url}/graphql`);
  const answer = await fetch(printed, { headers: { accept: 'text/html' }, redirect: 'manual' });
  expect(answer.status).toBe(303);
  expect(answer.headers.get('location')).toBe('/graphql');
  const cookie = answer.headers.get('set-cookie') ?? '';
  expect(cookie).toMatch(/; HttpOnly; SameSite=Strict; Path=\/$/);
  expect((await ask(url, '{ hello }', { cookie: cookie.split(';')[0] ?? '' })).status).toBe(200);
});

it('answers at its own address only, against names that somebody made point here', async () => {
  const url = await start();
  const { port } = new URL(url);
  expect(await statusWithHost(url, `127.0.0.1:${port}`)).toBe(200);
  expect(await statusWithHost(url, `localhost:${port}`)).toBe(200);
  expect(await statusWithHost(url, `evil.example:${port}`)).toBe(403);
  expect(await statusWithHost(url, '127.0.0.1')).toBe(403);
});

it('refuses pages of other origins even with the secret', async () => {
  const url = await start();
  const from = (origin: string): Promise<{ status: number }> =>
    ask(url, '{ hello }', { 'X-Start-Secret': door.secret, origin });
  expect((await from(url)).status).toBe(200);
  expect((await from('http://evil.example')).status).toBe(403);
  expect((await from('null')).status).toBe(403);
});

it('has another secret at each start', () => {
  expect(createDoor().secret).not.toBe(createDoor().secret);
  expect(createDoor().secret.length).toBeGreaterThanOrEqual(32);
});

it('tells loopback addresses from others', () => {
  expect(['127.0.0.1', '127.1.2.3', '::1', 'localhost'].every(isLoopback)).toBe(true);
  expect(['0.0.0.0', '::', '10.0.0.1', '127.0.0.1.example', 'example'].some(isLoopback)).toBe(false);
});
