import { gzipSync } from 'node:zlib';
import { type Attack, post, query } from './attack.js';

const BY_ID = 'query ($id: ID!) { server(id: $id) { name } }';
const badArgument = { status: 200, code: 'BAD_USER_INPUT' } as const;
const badBody = { status: 400, code: 'BAD_REQUEST' } as const;
const deep = (levels: number): string => `${'['.repeat(levels)}${']'.repeat(levels)}`;

const ODD_IDS: readonly (readonly [what: string, id: string])[] = [
  ['..', '..'],
  ['an encoded ..', '%2e%2e'],
  ['a path', '../../identity/v3/users'],
  ['a slash', 'a/b'],
  ['a query', '?all_tenants=1'],
  ['a fragment', '#'],
  ['a UUID with a query', '51b40c1e-633b-4035-a7e3-45e552ac76e5?all_tenants=1'],
  ['a UUID with a line break', '51b40c1e-633b-4035-a7e3-45e552ac76e5\r\nX-Auth-Token: x'],
  ['a UUID with a NUL', '51b40c1e-633b-4035-a7e3-45e552ac76e5\0'],
  ['digits of another script', '٥1b40c1e-633b-4035-a7e3-45e552ac76e5'],
  ['half a character', '\ud800'],
  ['a URL', 'http://169.254.169.254/latest/meta-data'],
  ['a URL without scheme', '//169.254.169.254/'],
  ['an expression', `\${jndi:ldap://x/a}' OR 1=1 --`],
  ['__proto__', '__proto__'],
  ['nothing', ''],
  ['900 KB', 'a'.repeat(900_000)],
];

/** Values of arguments. */
const values: readonly Attack[] = [
  ...ODD_IDS.map(([what, id]) => ({
    name: `an id that is ${what}`,
    tries: 'another path than was meant',
    bytes: query(BY_ID, { id }),
    ...badArgument,
    shows: /"argument":"id"/,
  })),
  {
    name: 'a keypair-like name as a flavor',
    tries: 'another path than was meant',
    bytes: query('{ flavor(id: "../servers/detail") { name } }'),
    ...badArgument,
  },
  {
    name: 'a URL as a region',
    tries: "calls to an address of the client's",
    bytes: query('{ servers(region: "http://169.254.169.254/") { nodes { id } } }'),
    ...badArgument,
    shows: /"argument":"region"/,
  },
  {
    name: 'a number of 400 digits',
    tries: 'infinity',
    bytes: post(
      `{"query":"query($n: Int!) { servers(first: $n) { nodes { id } } }","variables":{"n":${'9'.repeat(400)}}}`,
    ),
    status: 400,
    code: 'BAD_USER_INPUT',
  },
  {
    name: '1e400 in a document',
    tries: 'infinity',
    bytes: query('{ servers(first: 1e400) { nodes { id } } }'),
    status: 400,
    code: 'GRAPHQL_VALIDATION_FAILED',
  },
  {
    name: '-1, 0 and 2^31 rows',
    tries: 'no limit',
    bytes: query(
      '{ a: servers(first: -1) { nodes { id } } b: servers(first: 0) { nodes { id } } c: servers(first: 2147483647) { nodes { id } } }',
    ),
    status: 200,
    code: 'BAD_USER_INPUT',
  },
  {
    name: 'a list of 100,000 values',
    tries: 'memory',
    bytes: post(
      `{"query":"query($i: [String!]) { ports(filter: { ids: $i }) { nodes { id } } }","variables":{"i":[${'"a",'.repeat(100_000)}"a"]}}`,
    ),
    status: 400,
  },
  {
    name: 'variables 100,000 levels deep',
    tries: 'the stack of whatever walks them',
    bytes: post(`{"query":"{ __typename }","variables":{"a":${deep(100_000)}}}`),
    status: 400,
    code: 'BAD_USER_INPUT',
    limit: 'MAX_INPUT_DEPTH',
  },
  {
    name: 'extensions 100,000 levels deep',
    tries: 'the stack of whatever walks them',
    bytes: post(`{"query":"{ __typename }","extensions":{"a":${deep(100_000)}}}`),
    status: 200,
    code: null,
  },
  {
    name: 'a body 100,000 levels deep',
    tries: 'the stack of the JSON parser',
    bytes: post(deep(100_000)),
    status: 400,
  },
  {
    name: 'objects 100,000 levels deep',
    tries: 'the stack of the JSON parser',
    bytes: post(`{"query":"{ __typename }","variables":${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}}`),
    status: 400,
    code: 'BAD_USER_INPUT',
    limit: 'MAX_INPUT_DEPTH',
  },
  {
    name: '__proto__ beside the query',
    tries: 'properties of every object',
    bytes: post('{"query":"{ __typename }","__proto__":{"polluted":1}}'),
    ...badBody,
  },
  {
    name: '__proto__ in variables',
    tries: 'properties of every object',
    bytes: post('{"query":"{ __typename }","variables":{"__proto__":{"polluted":1}}}'),
    ...badBody,
  },
  {
    name: 'constructor.prototype in variables',
    tries: 'properties of every object',
    bytes: post('{"query":"{ __typename }","variables":{"constructor":{"prototype":{"polluted":1}}}}'),
    ...badBody,
  },
  {
    name: '__proto__ with an escape',
    tries: 'the same past a search for the text',
    bytes: post('{"query":"{ __typename }","variables":{"__pr\\u006fto__":{"polluted":1}}}'),
    ...badBody,
  },
  {
    name: '__proto__ in an input',
    tries: 'properties of every object',
    bytes: query('{ servers(filter: { __proto__: { name: "a" } }) { nodes { id } } }'),
    status: 400,
    code: 'GRAPHQL_VALIDATION_FAILED',
  },
  {
    name: 'a variable named __proto__',
    tries: 'properties of every object',
    bytes: query('query ($__proto__: String) { servers(filter: { name: $__proto__ }) { nodes { id } } }'),
    status: 200,
    asksOpenStack: true,
  },
  {
    name: 'an alias __proto__',
    tries: 'properties of the answer',
    bytes: query('{ __proto__: __typename constructor: __typename toString: __typename }'),
    status: 200,
    code: null,
    shows: /"__proto__":"Query"/,
  },
];

const ASK = '{"query":"{ __typename }"}';

/** Bodies that are no GraphQL request, or not only one. */
const bodies: readonly Attack[] = [
  {
    name: 'a list of 1000 operations',
    tries: '1000 operations for one request',
    bytes: post(`[${`${ASK},`.repeat(999)}${ASK}]`),
    status: 400,
    code: 'BAD_USER_INPUT',
    limit: 'MAX_BATCH',
  },
  { name: 'a list of one operation', tries: 'the way of a list past the limits', bytes: post(`[${ASK}]`), status: 400 },
  { name: 'an empty list', tries: 'an operation that is none', bytes: post('[]'), status: 400 },
  ...[
    'null',
    '1',
    '"x"',
    'true',
    '{}',
    '',
    '{',
    '{"query":1}',
    '{"query":["{ __typename }"]}',
    '{"query":""}',
    '{"query":"{ __typename }","variables":"x"}',
    '{"query":"{ __typename }","variables":[1]}',
    '{"query":"{ __typename }","operationName":7}',
    '{"query":"{ __typename }","extensions":"x"}',
  ].map((body) => ({
    name: `the body ${body || 'of no bytes'}`,
    tries: 'code that expects an object',
    bytes: post(body),
    ...badBody,
  })),
  {
    name: 'two keys "query"',
    tries: 'a check of one and a run of the other',
    bytes: post('{"query":"mutation { revokeToken { revoked } }","query":"{ __typename }"}'),
    status: 200,
    code: null,
    shows: /"__typename":"Query"/,
  },
  {
    name: 'a persisted query',
    tries: 'a cache that others can fill',
    bytes: post(
      `{"query":"{ __typename }","extensions":{"persistedQuery":{"version":1,"sha256Hash":"${'a'.repeat(64)}"}}}`,
    ),
    status: 200,
    code: 'PERSISTED_QUERY_NOT_SUPPORTED',
  },
  {
    name: 'bytes that are not UTF-8',
    tries: 'another text than was checked',
    bytes: post(
      Buffer.concat([
        Buffer.from('{"query":"{ server(id: \\"'),
        Buffer.from([0xc0, 0xae, 0xff, 0xfe]),
        Buffer.from('\\") { id } }"}'),
      ]),
    ),
    ...badArgument,
  },
  {
    name: 'an overlong slash',
    tries: 'another path than was meant',
    bytes: post(
      Buffer.concat([
        Buffer.from('{"query":"{ flavor(id: \\"..'),
        Buffer.from([0xc0, 0xaf]),
        Buffer.from('servers\\") { id } }"}'),
      ]),
    ),
    status: 200,
    asksOpenStack: true,
    shows: /"flavor":null/,
  },
  {
    name: 'half a character in a document',
    tries: 'text that cannot be encoded',
    bytes: post('{"query":"{ __typename } # \\ud800"}'),
    status: 400,
    code: 'GRAPHQL_PARSE_FAILED',
  },
  {
    name: 'half a character in a filter',
    tries: 'text that no URL can hold',
    bytes: query('query ($n: String) { servers(filter: { name: $n }) { nodes { id } } }', { n: '\ud800' }),
    ...badArgument,
  },
  {
    name: 'a NUL in a document',
    tries: 'text that ends early',
    bytes: post('{"query":"{ __typename } \\u0000"}'),
    status: 400,
    code: 'GRAPHQL_PARSE_FAILED',
  },
  {
    name: 'a NUL in a filter',
    tries: 'text that ends early',
    bytes: query('query ($n: String) { servers(filter: { name: $n }) { nodes { id } } }', { n: 'a\0b' }),
    status: 200,
    asksOpenStack: true,
  },
  {
    name: 'UTF-16',
    tries: 'text that a filter in front cannot read',
    bytes: post(Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(ASK, 'utf16le')])),
    ...badBody,
  },
  {
    name: 'a byte order mark',
    tries: 'another text than was checked',
    bytes: post(Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), Buffer.from(ASK)])),
    status: 200,
    code: null,
  },
  {
    name: 'a body of 2 MB',
    tries: 'memory',
    bytes: post(`{"query":"{ __typename }","variables":{"a":"${'x'.repeat(2_000_000)}"}}`),
    status: 413,
    code: 'BAD_USER_INPUT',
    limit: 'MAX_BODY_BYTES',
  },
  {
    name: 'a compressed body of 100 MB',
    tries: 'memory, by what 100 KB become',
    bytes: (world) => {
      const body = gzipSync(Buffer.alloc(100_000_000, ' '));
      return post(body, () => [
        ['Content-Encoding', 'gzip'],
        ['X-Auth-Token', world.aliceToken],
      ])(world);
    },
    status: 415,
    code: 'BAD_REQUEST',
  },
  {
    name: 'a plain body that says it is compressed',
    tries: 'a filter in front that reads something else',
    bytes: post(ASK, () => [['Content-Encoding', 'gzip']]),
    status: 415,
    code: 'BAD_REQUEST',
  },
];

export const inputs: readonly Attack[] = [...values, ...bodies];
