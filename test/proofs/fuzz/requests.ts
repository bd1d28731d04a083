import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { connect } from 'node:net';
import fc from 'fast-check';
import { diceOf } from '../support/random-query.js';
import { anyOperation, type Material } from './documents.js';

/** A request as it will be sent; `raw` ones are bytes on a connection of their own. */
export type Shot =
  | {
      readonly kind: 'http';
      readonly method: string;
      readonly path: string;
      readonly headers: Readonly<Record<string, string>>;
      readonly body: Buffer;
    }
  | { readonly kind: 'raw'; readonly bytes: Buffer };

/** What came back; status 0 where the connection ended without an answer. */
export interface Hit {
  readonly status: number;
  readonly body: string;
}

/** Milliseconds in which every request has to be answered. */
const PATIENCE = 30_000;

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'HEAD', 'PROPFIND'] as const;
const PLACES = ['/graphql', '/', '/healthz', '/readyz', '/metrics', '/schema.graphql', '/explorer/', '/graphql/x'];
const TYPES = [
  'application/json',
  'application/json; charset=utf-16',
  'application/graphql',
  'text/plain',
  'multipart/form-data',
  'application/x-www-form-urlencoded',
  ';;',
] as const;
const NAMES = [
  'cache-control',
  'x-explain',
  'authorization',
  'x-auth-token',
  'origin',
  'accept',
  'x-forwarded-for',
  'content-encoding',
  'apollo-require-preflight',
  'x-request-id',
  'if-none-match',
  'range',
  'cookie',
] as const;

/** Any request: most of them are operations, some are mangled ones, and some have nothing to do with GraphQL. */
export function anyShot(material: Material, token: string): fc.Arbitrary<Shot> {
  const operation = fc
    .array(fc.nat(10_000), { minLength: 20, maxLength: 60 })
    .map((numbers) => JSON.stringify(anyOperation(material, diceOf(numbers))));
  const posted = operation.map((body) => post(body, token));
  const mangled = fc.tuple(operation, edits()).map(([body, edit]) => post(edit(Buffer.from(body)), token));
  const variables = fc
    .tuple(fc.constantFrom('String', 'ID!', 'Int', '[ServerStatus!]', 'ServerFilter', 'DateTime'), fc.jsonValue())
    .map(([type, value]) =>
      post(
        JSON.stringify({ query: `query ($v: ${type}) { servers { nodes { id } } }`, variables: { v: value } }),
        token,
      ),
    );
  const bodies = fc.oneof(
    fc.jsonValue().map((value) => post(JSON.stringify(value), token)),
    fc.uint8Array({ maxLength: 200 }).map((bytes) => post(Buffer.from(bytes), token)),
    fc.string({ unit: 'binary', maxLength: 200 }).map((query) => post(JSON.stringify({ query }), token)),
  );
  const raw = fc
    .tuple(operation, edits())
    .map(([body, edit]): Shot => ({ kind: 'raw', bytes: edit(Buffer.from(wire(body, token))) }));
  return fc.oneof(
    { arbitrary: posted, weight: 10 },
    { arbitrary: mangled, weight: 3 },
    { arbitrary: variables, weight: 2 },
    { arbitrary: bodies, weight: 2 },
    { arbitrary: anyHttp(), weight: 2 },
    { arbitrary: raw, weight: 1 },
  );
}

function post(body: Buffer | string, token: string): Shot {
  const headers = { 'content-type': 'application/json', 'x-auth-token': token };
  return { kind: 'http', method: 'POST', path: '/graphql', headers, body: Buffer.from(body) };
}

function wire(body: string, token: string): string {
  const length = Buffer.byteLength(body);
  return `POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nX-Auth-Token: ${token}\r\nContent-Length: ${length}\r\nConnection: close\r\n\r\n${body}`;
}

function anyHttp(): fc.Arbitrary<Shot> {
  const value = fc.string({ unit: 'grapheme-ascii', maxLength: 60 });
  const headers = fc.dictionary(fc.constantFrom(...NAMES), value, { maxKeys: 4, noNullPrototype: true });
  const path = fc.tuple(fc.constantFrom(...PLACES), fc.string({ unit: 'grapheme-ascii', maxLength: 40 }));
  return fc
    .record({
      method: fc.constantFrom(...METHODS),
      path: path.map(([place, rest]) => `${place}${rest === '' ? '' : `?query=${encodeURIComponent(rest)}&${rest}`}`),
      type: fc.constantFrom(...TYPES),
      headers,
      body: fc.uint8Array({ maxLength: 300 }),
    })
    .map(({ method, path: where, type, headers: more, body }) => ({
      kind: 'http',
      method,
      path: where.replace(/[^!-~]/g, '+'),
      headers: { ...more, 'content-type': type },
      body: Buffer.from(body),
    }));
}

/** Some bytes replaced, taken out or doubled. */
function edits(): fc.Arbitrary<(bytes: Buffer) => Buffer> {
  const edit = fc.tuple(fc.nat(4000), fc.nat(40), fc.uint8Array({ maxLength: 5 }));
  return fc.array(edit, { minLength: 1, maxLength: 4 }).map((all) => (bytes) => {
    let edited = bytes;
    for (const [place, length, put] of all) {
      const at = place % (edited.length + 1);
      edited = Buffer.concat([edited.subarray(0, at), put, edited.subarray(at + length)]);
    }
    return edited;
  });
}

/** Sends one request over the agent's connections; throws where it is not answered in time. */
export async function shoot(shot: Shot, port: number, agent: Agent): Promise<Hit> {
  if (shot.kind === 'raw') return shootRaw(shot.bytes, port);
  const { method, path, headers, body } = shot;
  const hasBody = method !== 'GET' && method !== 'HEAD';
  const length = hasBody ? { 'content-length': String(body.length) } : {};
  const sent = request({ host: '127.0.0.1', port, agent, method, path, headers: { ...headers, ...length } });
  sent.setTimeout(PATIENCE, () => sent.destroy(new Error(`no answer to ${method} ${path} within ${PATIENCE} ms`)));
  sent.end(hasBody ? body : undefined);
  const [answer] = (await once(sent, 'response')) as [import('node:http').IncomingMessage];
  return { status: answer.statusCode ?? 0, body: Buffer.concat(await answer.toArray()).toString() };
}

/** Sends bytes and no more of them: whatever the head promises, the gateway has all that comes. */
async function shootRaw(bytes: Buffer, port: number): Promise<Hit> {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  socket.on('end', () => socket.end());
  // Whoever is refused while still sending sees a reset.
  socket.on('error', () => {});
  let isLate = false;
  socket.setTimeout(PATIENCE, () => {
    isLate = true;
    socket.destroy();
  });
  socket.end(bytes);
  await once(socket, 'close');
  if (isLate) throw new Error(`a connection is still open after ${PATIENCE} ms: ${bytes.toString('latin1')}`);
  return firstIn(Buffer.concat(chunks));
}

/** The first answer of a connection: what a changed length leaves of a body is a request of its own, with an answer behind it. */
function firstIn(bytes: Buffer): Hit {
  const end = bytes.indexOf('\r\n\r\n');
  const head = bytes.subarray(0, end === -1 ? bytes.length : end).toString('latin1');
  const length = Number(/^content-length: (\d+)/im.exec(head)?.[1] ?? bytes.length);
  const body = end === -1 ? '' : bytes.subarray(end + 4, end + 4 + length).toString();
  return { status: Number(/^HTTP\/1\.1 (\d{3})/.exec(head)?.[1] ?? 0), body };
}

/** Connections that are kept, as those of a frontend. */
export function openAgent(): Agent {
  return new Agent({ keepAlive: true, maxSockets: 40 });
}
