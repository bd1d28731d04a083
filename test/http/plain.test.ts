import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PlainHead, PlainRequests } from '../../src/http/plain.js';

const MOST_BYTES = 100;

type Line = readonly [string, string];

const PLAIN: readonly Line[] = [
  ['Host', 'here'],
  ['Content-Type', 'application/json'],
  ['Content-Length', '2'],
];

/** Lines that make a request another one, or none that is plain. */
const MORE: readonly (readonly Line[])[] = [
  [['X-Auth-Token', 'one']],
  [['X-Auth-Token', 'two']],
  [['Authorization', 'Bearer one']],
  [
    ['X-Auth-Token', 'one'],
    ['Authorization', 'Bearer two'],
  ],
  [
    ['Authorization', 'Bearer one'],
    ['Authorization', 'Bearer one'],
  ],
  [['X-Auth-Token', 'no token']],
  [['Accept', 'application/json']],
  [['Accept', '*/*']],
  [['X-Explain', '1']],
  [['Cache-Control', 'no-cache']],
  [['Origin', 'http://elsewhere']],
  [['X-Else', 'of no interest']],
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

  it('is the same whether it was said before or not', async () => {
    const request = fc.record({
      more: fc.subarray([...MORE], { maxLength: 2 }),
      without: fc.constantFrom(null, null, null, 'Content-Type', 'Host'),
    });
    const sequence = fc.array(fc.tuple(request, fc.integer({ min: 1, max: 3 })), { minLength: 1, maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(sequence, async (requests) => {
        for (const [{ more, without }, times] of requests) {
          const lines = [...PLAIN.filter(([name]) => name !== without), ...more.flat()];
          // Node itself refuses a request without a host.
          if (without === 'Host') lines.push(['Host', '[broken']);
          for (let time = 0; time < times; time += 1) {
            const { remembering, reading } = await hear(lines);
            expect(shown(remembering)).toEqual(shown(reading));
          }
        }
      }),
      { numRuns: 60 },
    );
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
