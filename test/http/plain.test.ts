import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PlainHead, PlainRequests } from '../../src/http/plain.js';

const MOST_BYTES = 100;

type Line = readonly [string, string];

const PLAIN: readonly Line[] = [
  ['Host', 'here'],
  ['Content-Type', 'application/json'],
  ['Content-Length', '2'],
];

const withMore = (...more: readonly Line[]): readonly Line[] => [...PLAIN, ...more];

/** Plain ones, and all kinds of others. */
const REQUESTS: readonly (readonly Line[])[] = [
  PLAIN,
  withMore(['X-Auth-Token', 'one']),
  withMore(['X-Auth-Token', 'two']),
  withMore(['X-Auth-Token', 'no token']),
  withMore(['Authorization', 'Bearer one']),
  withMore(['X-Auth-Token', 'one'], ['Authorization', 'Bearer two']),
  withMore(['Authorization', 'Bearer one'], ['Authorization', 'Bearer one']),
  withMore(['X-Auth-Token', 'one'], ['Accept', 'application/json']),
  withMore(['X-Auth-Token', 'one'], ['Accept', '*/*']),
  withMore(['X-Auth-Token', 'one'], ['X-Explain', '1']),
  withMore(['X-Auth-Token', 'one'], ['Cache-Control', 'no-cache']),
  withMore(['X-Auth-Token', 'one'], ['Origin', 'http://elsewhere']),
  withMore(['X-Auth-Token', 'one'], ['X-Else', 'of no interest']),
  [['Host', '[broken'], ...PLAIN.slice(1)],
  [['Host', 'there'], ...PLAIN],
  PLAIN.map(([name, value]) => [name, value.replace('json', 'xml')] as const),
];

/** Two readers of the same requests: one for all of them, and a new one for each, which remembers nothing. */
describe('what a plain request says', () => {
  let server: Server;
  let connection: Socket;
  const heard: { remembering: PlainHead | null; reading: PlainHead | null }[] = [];

  beforeAll(async () => {
    const requests = new PlainRequests(MOST_BYTES);
    server = createServer((request, response) => {
      const reading = new PlainRequests(MOST_BYTES).headOf(request);
      heard.push({ remembering: requests.headOf(request), reading });
      request.resume().on('end', () => response.end());
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    connection = connect((server.address() as AddressInfo).port, '127.0.0.1');
    await once(connection, 'connect');
  });
  afterAll(() => {
    connection.destroy();
    server.close();
  });

  async function hear(lines: readonly Line[], { method = 'POST', url = '/graphql' } = {}) {
    const text = lines.map(([name, value]) => `${name}: ${value}\r\n`).join('');
    connection.write(`${method} ${url} HTTP/1.1\r\n${text}\r\n{}`);
    await once(connection, 'data');
    const last = heard.at(-1);
    if (last === undefined) throw new Error('expected the server to have heard a request');
    return last;
  }

  const shown = (head: PlainHead | null) => head && { token: head.token?.reveal(), accept: head.accept };

  it('is its token and what it accepts, once and no more for lines that are repeated', async () => {
    const lines: readonly Line[] = [...PLAIN, ['X-Auth-Token', 'one'], ['Accept', '*/*']];
    const first = await hear(lines);
    expect(shown(first.remembering)).toEqual({ token: 'one', accept: '*/*' });
    expect((await hear(lines)).remembering).toBe(first.remembering);
    expect((await hear([...lines].reverse())).remembering).not.toBe(first.remembering);
  });

  it('is nothing at another address or in another way, whatever was said before', async () => {
    const lines = [...PLAIN, ['X-Auth-Token', 'one']] as const;
    expect((await hear(lines)).remembering).not.toBeNull();
    expect((await hear(lines, { url: '/graphql?x' })).remembering).toBeNull();
    expect((await hear(lines, { method: 'PUT' })).remembering).toBeNull();
  });

  it('is the same whatever was said before', async () => {
    const wrong: unknown[] = [];
    for (const before of REQUESTS) {
      for (const now of REQUESTS) {
        await hear(before);
        const { remembering, reading } = await hear(now);
        if (JSON.stringify(shown(remembering)) !== JSON.stringify(shown(reading))) wrong.push({ before, now });
      }
    }
    expect(wrong).toEqual([]);
    expect(heard.filter(({ reading }) => reading !== null).length).toBeGreaterThan(100);
  });
});

describe('a body behind a head', () => {
  it('is the very same text for the same bytes, and another for others', () => {
    const head = new PlainHead(null, '*/*');
    const first = head.bodyOf(Buffer.from('{"query":"ü"}'));
    expect(first.text).toBe(Buffer.from('{"query":"ü"}').toString('latin1'));
    expect(head.bodyOf(Buffer.from('{"query":"ü"}'))).toBe(first);
    const other = head.bodyOf(Buffer.from('{"query":"u"}'));
    expect(other).toEqual({ text: '{"query":"u"}', name: '*/*\0{"query":"u"}' });
    expect(head.bodyOf(Buffer.from('{"query":"ü"}'))).toEqual(first);
  });

  it('is not kept where it is large', () => {
    const head = new PlainHead(null, '');
    const large = Buffer.alloc(17 * 1024, 'x');
    expect(head.bodyOf(large)).toEqual(head.bodyOf(large));
    expect(head.bodyOf(large)).not.toBe(head.bodyOf(large));
  });
});
