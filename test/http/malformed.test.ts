import { once } from 'node:events';
import { connect } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { createDoor } from '../../src/http/door.js';
import type { RunningServer, ServerOptions } from '../../src/server.js';
import { ask, createToy, startToy } from './toy.js';

let server: RunningServer | undefined;

afterEach(() => server?.stop());

async function start(options: Partial<ServerOptions> = {}): Promise<string> {
  server = await startToy(createToy(), options);
  return server.url;
}

/** What a request as bytes is answered with, until the connection ends. */
async function answerTo(url: string, lines: readonly string[], body = ''): Promise<string> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  socket.write([...lines, 'Connection: close', '', body].join('\r\n'), 'latin1');
  await once(socket, 'close');
  return Buffer.concat(chunks).toString();
}

const ME = '{"query":"{ facts }"}';
const POST = ['POST /graphql HTTP/1.1', 'Host: x', 'Content-Type: application/json', `Content-Length: ${ME.length}`];

it.each(['//', '///', '//graphql', '/.//graphql'])('there is nothing at the address %s', async (path) => {
  const answer = await answerTo(await start(), [`GET ${path} HTTP/1.1`, 'Host: x', 'Accept: text/html']);
  expect(answer).toMatch(/^HTTP\/1\.1 404 /);
  expect(answer).toContain('"code":"NOT_FOUND"');
});

it('single-user mode asks for its secret at addresses that are no URLs too', async () => {
  const url = await start({ door: createDoor() });
  const answer = await answerTo(url, ['GET // HTTP/1.1', `Host: ${new URL(url).host}`]);
  expect(answer).toMatch(/^HTTP\/1\.1 401 /);
});

it('the printed secret does not redirect a browser to another host', async () => {
  const door = createDoor();
  const url = await start({ door });
  const path = `/.//evil.example/?secret=${door.secret}`;
  const answer = await answerTo(url, [`GET ${path} HTTP/1.1`, `Host: ${new URL(url).host}`, 'Accept: text/html']);
  expect(answer).toMatch(/^HTTP\/1\.1 404 /);
  expect(answer).not.toMatch(/^location:/im);
});

it.each<[string, readonly string[], number]>([
  ['an address that cannot be decoded', ['GET /% HTTP/1.1', 'Host: x'], 400],
  ['two lengths', [...POST, 'Content-Length: 3'], 400],
  ['headers of 70 KB', ['GET /healthz HTTP/1.1', 'Host: x', `X-A: ${'a'.repeat(20_000)}`], 431],
  ...['', '[', 'a b', '%', '1.2.3.999'].map((host): [string, readonly string[], number] => [
    `"${host}" for a host`,
    [POST[0] ?? '', `Host: ${host}`, ...POST.slice(2)],
    400,
  ]),
  ['a query without a host', ['POST /graphql HTTP/1.0', ...POST.slice(2)], 400],
  ['two hosts', ['GET /healthz HTTP/1.1', 'Host: x', 'Host: y'], 400],
  ['a compressed body', [...POST, 'Content-Encoding: gzip'], 415],
])('%s is refused with a code and the headers of every answer', async (_what, lines, status) => {
  const answer = await answerTo(await start(), lines, ME);
  expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
  expect(answer).toContain('"extensions":{"code":"BAD_REQUEST"}');
  expect(answer).toContain("default-src 'none'");
});

it('a probe by HTTP/1.0 needs no host', async () => {
  expect(await answerTo(await start(), ['GET /healthz HTTP/1.0'])).toMatch(/^HTTP\/1\.1 200 /);
});

it('two Authorization headers that differ are refused: whichever were taken, somebody checked the other', async () => {
  const url = await start();
  const two = [...POST, 'Authorization: Bearer abc', 'Authorization: Bearer def'];
  expect(await answerTo(url, two, ME)).toMatch(/^HTTP\/1\.1 401 .*"code":"UNAUTHENTICATED"/s);
  const same = [...POST, 'X-Auth-Token: abc', 'X-Auth-Token: abc'];
  expect(await answerTo(url, same, ME)).toContain('\\"token\\":\\"abc\\"');
});

it('a subscription is the fault of who sent it', async () => {
  const { status, body } = await ask(await start(), 'subscription { hello }');
  expect(status).toBe(400);
  expect(body.errors).toMatchObject([{ extensions: { code: 'OPERATION_RESOLUTION_FAILURE' } }]);
});

it('names as long as the body do not come back in each of a hundred errors', async () => {
  const variables = Array.from({ length: 100 }, (_, index) => `$v${index}: Int`).join(' ');
  const { body } = await ask(await start(), `query ${'A'.repeat(100_000)}(${variables}) { hello }`);
  expect(body.errors).toHaveLength(100);
  expect(JSON.stringify(body).length).toBeLessThan(100_000);
});
