import { type Attack, http, raw } from './attack.js';

const ASK = '{"query":"{ __typename }"}';
const badRequest = { status: 400, code: 'BAD_REQUEST' } as const;

const framed = (headers: string, body: string) =>
  raw(
    (world) =>
      `POST /graphql HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX-Auth-Token: ${world.aliceToken}\r\nContent-Type: application/json\r\n${headers}\r\n\r\n${body}`,
  );
const smuggled = 'GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n';
const chunked = `${ASK.length.toString(16)}\r\n${ASK}\r\n0\r\n\r\n`;
const length = `Content-Length: ${ASK.length}`;
const once = { ...badRequest, hides: /\r\n\r\n.*HTTP\/1\.1/s } as const;

/** Requests that two programs on the way could cut in different places. */
export const smuggling: readonly Attack[] = [
  {
    name: 'Content-Length and Transfer-Encoding',
    tries: 'a second request inside the first',
    bytes: framed('Content-Length: 4\r\nTransfer-Encoding: chunked', `${chunked}${smuggled}`),
    ...once,
  },
  {
    name: 'Transfer-Encoding and Content-Length',
    tries: 'a second request inside the first',
    bytes: framed('Transfer-Encoding: chunked\r\nContent-Length: 4', `${chunked}${smuggled}`),
    ...once,
  },
  {
    name: 'two lengths that differ',
    tries: 'a second request inside the first',
    bytes: framed(`${length}\r\nContent-Length: 0`, `${ASK}${smuggled}`),
    ...once,
  },
  {
    name: 'two lengths that agree',
    tries: 'a program in front that adds them',
    bytes: framed(`${length}\r\n${length}`, ASK),
    ...once,
  },
  {
    name: 'a list of lengths',
    tries: 'a program in front that takes the first',
    bytes: framed(`Content-Length: ${ASK.length}, ${ASK.length}`, ASK),
    ...once,
  },
  { name: 'a negative length', tries: 'arithmetic', bytes: framed('Content-Length: -1', ASK), ...once },
  {
    name: 'a length with a sign',
    tries: 'a program in front that does not take it',
    bytes: framed(`Content-Length: +${ASK.length}`, ASK),
    ...once,
  },
  {
    name: 'a length in hexadecimal',
    tries: 'a program in front that reads 0',
    bytes: framed('Content-Length: 0x1a', ASK),
    ...once,
  },
  {
    name: 'a length of 30 digits',
    tries: 'arithmetic',
    bytes: framed(`Content-Length: ${'9'.repeat(30)}`, ASK),
    ...once,
  },
  {
    name: 'xchunked',
    tries: 'a program in front that does not know it',
    bytes: framed('Transfer-Encoding: xchunked', chunked),
    ...once,
  },
  {
    name: 'chunked behind identity',
    tries: 'a program in front that stops at identity',
    bytes: framed('Transfer-Encoding: chunked, identity', chunked),
    ...once,
  },
  {
    name: 'a space before the colon',
    tries: 'a header that a filter does not see',
    bytes: framed(`Transfer-Encoding : chunked\r\n${length}`, ASK),
    ...once,
  },
  {
    name: 'a folded header',
    tries: 'a header that a filter does not see',
    bytes: framed(`X-A: b\r\n Transfer-Encoding: chunked\r\n${length}`, ASK),
    ...once,
  },
  {
    name: 'a line that ends in LF alone',
    tries: 'a header inside a header',
    bytes: framed(`X-A: b\nX-Auth-Token: other\r\n${length}`, ASK),
    ...once,
  },
  {
    name: 'a line that ends in CR alone',
    tries: 'a header inside a header',
    bytes: framed(`X-A: b\rX-Auth-Token: other\r\n${length}`, ASK),
    ...once,
  },
  {
    name: 'LF alone everywhere',
    tries: 'a request that a filter does not see',
    bytes: raw(() => 'POST /graphql HTTP/1.1\nHost: x\nConnection: close\nContent-Length: 0\n\n'),
    ...once,
  },
  {
    name: 'chunks of a wrong size',
    tries: 'a second request inside the first',
    bytes: framed('Transfer-Encoding: chunked', `4\r\n${ASK}\r\n0\r\n\r\n${smuggled}`),
    ...once,
  },
  {
    name: '20 KB of chunk extensions',
    tries: 'bytes that count nowhere',
    bytes: framed('Transfer-Encoding: chunked', `1;${'a'.repeat(20_000)}\r\n{\r\n0\r\n\r\n`),
    status: 413,
    code: 'BAD_REQUEST',
  },
  {
    name: 'a header of 70 KB',
    tries: 'memory',
    bytes: framed(`X-A: ${'a'.repeat(70_000)}\r\n${length}`, ASK),
    status: 431,
  },
  {
    name: '3000 headers',
    tries: 'memory',
    bytes: framed(`${Array.from({ length: 3000 }, (_, i) => `a${i}: b`).join('\r\n')}\r\n${length}`, ASK),
    status: 431,
    code: 'BAD_REQUEST',
  },
  {
    name: 'an address of 15 KB',
    tries: 'memory',
    bytes: () => http(`GET /${'a'.repeat(15_000)}`, []),
    status: 404,
    code: 'NOT_FOUND',
  },
  {
    name: 'two hosts',
    tries: 'a check of one and a use of the other',
    bytes: raw(() => 'GET /healthz HTTP/1.1\r\nHost: a\r\nHost: b\r\nConnection: close\r\n\r\n'),
    ...badRequest,
  },
  {
    name: 'no host',
    tries: 'a check of what is not there',
    bytes: raw(() => 'GET /healthz HTTP/1.1\r\nConnection: close\r\n\r\n'),
    status: 400,
  },
];
