import { type Attack, http, post, raw } from './attack.js';
import { smuggling } from './smuggling.js';
import type { World } from './world.js';

const ASK = '{"query":"{ __typename }"}';
const ME = '{"query":"{ me { user { name } } }"}';
const MUTATION = 'mutation { revokeToken { revoked } }';
const REVOKE = JSON.stringify({ query: MUTATION });
const badRequest = { status: 400, code: 'BAD_REQUEST' } as const;
const noSuchPlace = { status: 404, code: 'NOT_FOUND' } as const;
const refusedToken = { status: 401, code: 'UNAUTHENTICATED' } as const;

const typed = (type: string, body: string) => (world: World) =>
  http(
    'POST /graphql',
    [
      ['Content-Type', type],
      ['Content-Length', String(Buffer.byteLength(body))],
      ['X-Auth-Token', world.aliceToken],
    ],
    body,
  );

const form = (body: string) => typed('application/x-www-form-urlencoded', body);
const multipart = (body: string) =>
  typed(
    'multipart/form-data; boundary=b',
    `--b\r\nContent-Disposition: form-data; name="operations"\r\n\r\n${body}\r\n--b--\r\n`,
  );
const get =
  (path: string, ...headers: [string, string][]) =>
  () =>
    http(`GET ${path}`, headers);
const asked = encodeURIComponent('{ __typename }');

/** What a page of another origin can make a browser send, with and without the token that it does not have. */
const csrf: readonly Attack[] = [
  {
    name: 'a query by GET from a page',
    tries: 'a call that needs no preflight',
    bytes: get(`/graphql?query=${asked}`),
    ...badRequest,
  },
  {
    name: 'a mutation by GET from a page',
    tries: 'a write by an image tag',
    bytes: get(`/graphql?query=${encodeURIComponent(MUTATION)}`),
    ...badRequest,
  },
  {
    name: 'a mutation by GET with the preflight header',
    tries: 'a write in a link',
    bytes: (world) =>
      http(`GET /graphql?query=${encodeURIComponent(MUTATION)}`, [
        ['Apollo-Require-Preflight', '1'],
        ['X-Auth-Token', world.aliceToken],
      ]),
    status: 405,
    code: 'BAD_REQUEST',
  },
  {
    name: 'a form',
    tries: 'a write by a form',
    bytes: form(`query=${encodeURIComponent(MUTATION)}`),
    status: 415,
    code: 'BAD_REQUEST',
  },
  { name: 'a multipart form', tries: 'a write by a form', bytes: multipart(REVOKE), status: 415, code: 'BAD_REQUEST' },
  { name: 'JSON as text/plain', tries: 'a write by a form', bytes: typed('text/plain', REVOKE), ...badRequest },
  {
    name: 'JSON as text/plain with parameters',
    tries: 'a write by a form',
    bytes: typed('text/plain; application/json', REVOKE),
    ...badRequest,
  },
  {
    name: 'JSON of no type',
    tries: 'a write by a blob',
    bytes: (world) =>
      http(
        'POST /graphql',
        [
          ['Content-Length', String(REVOKE.length)],
          ['X-Auth-Token', world.aliceToken],
        ],
        REVOKE,
      ),
    status: 415,
    code: 'BAD_REQUEST',
  },
  {
    name: 'two content types',
    tries: 'a check of one and a parser of the other',
    bytes: (world) =>
      http(
        'POST /graphql',
        [
          ['Content-Type', 'text/plain'],
          ['Content-Type', 'application/json'],
          ['Content-Length', String(REVOKE.length)],
          ['X-Auth-Token', world.aliceToken],
        ],
        REVOKE,
      ),
    ...badRequest,
  },
  {
    name: 'two queries in an address',
    tries: 'a check of one and a run of the other',
    bytes: get(`/graphql?query=${asked}&query=${encodeURIComponent('{ me { user { name } } }')}`, [
      'Apollo-Require-Preflight',
      '1',
    ]),
    ...badRequest,
  },
  {
    name: 'arrays and __proto__ in an address',
    tries: 'a parser that makes objects',
    bytes: get('/graphql?__proto__[x]=1&query[]=a', ['Apollo-Require-Preflight', '1']),
    ...badRequest,
  },
  {
    name: 'a preflight of a foreign page',
    tries: 'permission to read answers',
    bytes: () =>
      http('OPTIONS /graphql', [
        ['Origin', 'https://evil.example'],
        ['Access-Control-Request-Method', 'POST'],
        ['Access-Control-Request-Headers', 'x-auth-token,content-type'],
      ]),
    status: 404,
    code: 'NOT_FOUND',
    hides: /access-control-allow/i,
  },
  {
    name: 'a foreign Origin',
    tries: 'permission to read answers',
    bytes: post(ASK, () => [['Origin', 'https://evil.example']]),
    status: 200,
    code: null,
    hides: /access-control-allow/i,
  },
];

const PATHS: readonly string[] = [
  '//',
  '///',
  '//graphql',
  '/graphql/../metrics',
  '/graphql/..%2fmetrics',
  '/%2e%2e/%2e%2e/etc/passwd',
  '/..;/metrics',
  '/schema.graphql/',
  '/schema.graphql%00',
  '/SCHEMA.GRAPHQL',
  '/schema%2egraphql/..',
  '/explorer/assets/..%2f..%2f..%2fpackage.json',
  '/explorer/assets/__proto__',
  '/explorer/assets/%2e%2e%2f%2e%2e%2fmain.js',
  '/.env',
  '/.git/config',
  '/package.json',
  '/dist/main.js',
  '/\\evil.example',
  '/graphql/console',
];

/** Addresses and methods that lead nowhere. */
const places: readonly Attack[] = [
  ...PATHS.map((path) => ({
    name: `the address ${path}`,
    tries: 'files, or another route',
    bytes: get(path),
    ...noSuchPlace,
  })),
  ...['/%', '/%ff%c0%ae', '/%zz', 'http://[::/'].map((path) => ({
    name: `the address ${path}`,
    tries: 'an error in the router',
    bytes: get(path),
    ...badRequest,
  })),
  ...['TRACE', 'PUT', 'DELETE', 'PATCH', 'PROPFIND', 'OPTIONS'].map((method) => ({
    name: `${method} /graphql`,
    tries: 'a method that nobody thought of',
    bytes: () => http(`${method} /graphql`),
    ...noSuchPlace,
  })),
  {
    name: 'a method that HTTP does not know',
    tries: 'a method that nobody thought of',
    bytes: () => http('BREW /graphql'),
    ...badRequest,
  },
  { name: 'CONNECT', tries: 'a tunnel', bytes: () => http('CONNECT 169.254.169.254:80'), status: 0 },
  {
    name: 'a WebSocket',
    tries: 'subscriptions past every limit',
    bytes: raw(
      () =>
        'GET /graphql HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, close\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
    ),
    ...badRequest,
  },
  {
    name: 'HTTP/2 without asking',
    tries: 'another parser',
    bytes: raw(() => 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),
    ...badRequest,
  },
  {
    name: 'TLS to a plain port',
    tries: 'an error in the parser',
    bytes: raw(() => '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'),
    ...badRequest,
  },
  {
    name: 'HTTP/9.9',
    tries: 'an error in the parser',
    bytes: raw(() => 'GET /healthz HTTP/9.9\r\nHost: x\r\n\r\n'),
    ...badRequest,
  },
];

const me = (headers: (world: World) => readonly (readonly [string, string])[]) => post(ME, headers);

/** Tokens that are more than one, or none. */
const tokens: readonly Attack[] = [
  {
    name: 'two X-Auth-Token',
    tries: 'a check of one and a use of the other',
    bytes: me(({ aliceToken, bobToken }) => [
      ['X-Auth-Token', aliceToken],
      ['X-Auth-Token', bobToken],
    ]),
    ...refusedToken,
  },
  {
    name: 'two tokens in one header',
    tries: 'a check of one and a use of the other',
    bytes: me(({ aliceToken, bobToken }) => [['X-Auth-Token', `${aliceToken}, ${bobToken}`]]),
    ...refusedToken,
  },
  {
    name: 'two Authorization',
    tries: 'a check of one and a use of the other',
    bytes: me(({ aliceToken, bobToken }) => [
      ['Authorization', `Bearer ${aliceToken}`],
      ['Authorization', `Bearer ${bobToken}`],
    ]),
    ...refusedToken,
  },
  {
    name: 'X-Auth-Token and another Bearer',
    tries: 'a check of one and a use of the other',
    bytes: me(({ aliceToken, bobToken }) => [
      ['X-Auth-Token', aliceToken],
      ['Authorization', `Bearer ${bobToken}`],
    ]),
    ...refusedToken,
  },
  {
    name: 'a control character in a token',
    tries: 'a header of the REST call',
    bytes: me(() => [['X-Auth-Token', 'a\x01b']]),
    ...badRequest,
  },
  {
    name: 'a NUL in a token',
    tries: 'a header of the REST call',
    bytes: me(() => [['X-Auth-Token', 'a\0b']]),
    ...badRequest,
  },
  {
    name: 'Latin letters in a token',
    tries: 'a header of the REST call',
    bytes: me(() => [['X-Auth-Token', 'a\xe9b']]),
    ...refusedToken,
  },
  {
    name: 'an encoded line break in a token',
    tries: 'a header of the REST call',
    bytes: me(() => [['X-Auth-Token', 'a%0d%0aX-Roles: admin']]),
    ...refusedToken,
  },
  {
    name: 'a token of 10 KB',
    tries: 'what Keystone takes',
    bytes: me(() => [['X-Auth-Token', 'a'.repeat(10_000)]]),
    ...refusedToken,
  },
  {
    name: 'Bearer without a token',
    tries: 'an empty token',
    bytes: me(() => [['Authorization', 'Bearer ']]),
    ...refusedToken,
  },
  {
    name: "a middleware's own headers",
    tries: 'to be somebody without a token',
    bytes: me(() => [
      ['X-Identity-Status', 'Confirmed'],
      ['X-User-Id', 'admin'],
      ['X-Roles', 'admin'],
      ['X-Project-Id', 'x'],
      ['X-Is-Admin-Project', 'True'],
      ['X-Service-Token', 'x'],
    ]),
    ...refusedToken,
  },
  {
    name: 'a max-age that is none',
    tries: 'arithmetic',
    bytes: post(ASK, () => [['Cache-Control', 'max-age=1e999']]),
    status: 200,
    code: 'BAD_USER_INPUT',
  },
  {
    name: "a request id of the client's own",
    tries: 'lines of its own in logs and answers',
    bytes: post(ASK, () => [
      ['X-Request-Id', 'evil-id'],
      ['X-Openstack-Request-Id', 'evil-id'],
    ]),
    status: 200,
    code: null,
    hides: /evil-id/,
  },
];

export const requests: readonly Attack[] = [...csrf, ...places, ...smuggling, ...tokens];
