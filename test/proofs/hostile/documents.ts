import { type Attack, post, query, queryOf } from './attack.js';

const many = (count: number, part: (index: number) => string): string =>
  Array.from({ length: count }, (_, i) => part(i)).join(' ');
const nested = (levels: number, open: string, inside: string): string =>
  `${open.repeat(levels)}${inside}${'}'.repeat(levels)}`;

/** Each fragment spreads the next one twice. */
const doubling = (lines: number): string =>
  `{ servers { nodes { ...F0 } } } ${many(lines, (i) => `fragment F${i} on Server { a${i}: name ...F${i + 1} ... { ...F${i + 1} } }`)} fragment F${lines} on Server { id }`;

const ring = (length: number): string =>
  `{ ...F0 } ${many(length, (i) => `fragment F${i} on Query { ...F${(i + 1) % length} }`)}`;

const refused = { status: 400, code: 'GRAPHQL_VALIDATION_FAILED' } as const;
const beyond = (limit: string) => ({ status: 400, code: 'BAD_USER_INPUT', limit }) as const;
const unparsed = { status: 400, code: 'GRAPHQL_PARSE_FAILED' } as const;
/** An argument's fault: found by its resolver, so that other fields of the operation still answer. */
const badArgument = { status: 200, code: 'BAD_USER_INPUT' } as const;

/** Documents that are large, deep, circular or not meant to end. */
export const documents: readonly Attack[] = [
  { name: 'a fragment that spreads itself', tries: 'endless recursion', bytes: query(ring(1)), ...refused },
  { name: 'two fragments that spread each other', tries: 'endless recursion', bytes: query(ring(2)), ...refused },
  {
    name: 'a ring of 50 fragments',
    tries: 'endless recursion past a check of neighbours',
    bytes: query(ring(50)),
    ...refused,
  },
  {
    name: 'a ring of 1200 fragments',
    tries: 'the stack of the check itself',
    bytes: query(ring(1200)),
    ...beyond('MAX_DEPTH'),
  },
  {
    name: 'a fragment that spreads itself in a field',
    tries: 'endless recursion below a field',
    bytes: query('{ servers { nodes { ...A } } } fragment A on Server { ports { server { ...A } } }'),
    ...refused,
  },
  {
    name: 'fragments that double 10 times',
    tries: '1024 copies of a field',
    bytes: query(doubling(10)),
    ...beyond('MAX_FIELDS'),
    code: 'BAD_USER_INPUT',
  },
  {
    name: 'fragments that double 14 times',
    tries: '16,384 copies of a field',
    bytes: query(doubling(14)),
    ...beyond('MAX_FIELDS'),
  },
  {
    name: '1000 fragments that nobody spreads',
    tries: 'time of the check of unused fragments',
    bytes: query(`{ __typename } ${many(1000, (i) => `fragment F${i} on Query { __typename }`)}`),
    ...refused,
  },
  {
    name: 'one fragment spread 1500 times',
    tries: 'time of merging',
    bytes: query(`{ servers { nodes { ${many(1500, () => '...A')} } } } fragment A on Server { id name status }`),
    ...beyond('MAX_FIELDS'),
  },
  {
    name: '1000 aliases of a list',
    tries: '1000 lists of one request',
    bytes: query(`{ ${many(1000, (i) => `a${i}: servers { nodes { id } }`)} }`),
    ...beyond('MAX_ALIASES'),
  },
  {
    name: '101 aliases of the cheapest field',
    tries: 'aliases past a limit of cost',
    bytes: query(`{ ${many(101, (i) => `a${i}: __typename`)} }`),
    ...beyond('MAX_ALIASES'),
  },
  {
    name: '60 log-ins of one operation',
    tries: '60 guesses at a password for one request',
    bytes: query(
      `mutation { ${many(60, (i) => `a${i}: issueToken(input: { password: { username: "bob", password: "guess-${i}", userDomainName: "Default" } }) { token }`)} }`,
    ),
    ...badArgument,
  },
  {
    name: 'log-ins behind a fragment',
    tries: 'guesses past a count of fields',
    bytes: query(
      'mutation { ...A ...B } fragment A on Mutation { a: issueToken(input: { password: { username: "bob", password: "guess-1", userDomainName: "Default" } }) { token } } fragment B on Mutation { b: issueToken(input: { password: { username: "bob", password: "guess-2", userDomainName: "Default" } }) { token } }',
    ),
    ...badArgument,
  },
  {
    name: '3000 unknown directives on a field',
    tries: 'time of validation',
    bytes: query(`{ __typename ${'@aa '.repeat(3000)} }`),
    ...beyond('MAX_DIRECTIVES'),
  },
  {
    name: '1200 known directives on a field',
    tries: 'time of validation',
    bytes: query(`{ __typename ${'@include(if:true) '.repeat(1200)} }`),
    ...beyond('MAX_DIRECTIVES'),
  },
  {
    name: '3000 directives on an operation',
    tries: 'time of validation',
    bytes: query(`query ${'@aa '.repeat(3000)} { __typename }`),
    ...beyond('MAX_DIRECTIVES'),
  },
  {
    name: '90 unknown directives',
    tries: 'an answer many times the request',
    bytes: query(`{ __typename ${'@aa '.repeat(90)} }`),
    ...refused,
  },
  {
    name: '5000 times the same field',
    tries: 'time of merging',
    bytes: query(`{ servers { nodes { ${'id '.repeat(5000)} } } }`),
    ...beyond('MAX_FIELDS'),
  },
  {
    name: '5000 times __typename',
    tries: 'fields that no limit of cost sees',
    bytes: query(`{ ${'__typename '.repeat(5000)} }`),
    ...beyond('MAX_FIELDS'),
  },
  {
    name: '1000 conflicting fields',
    tries: 'the quadratic check of fields to be merged',
    bytes: query(
      `{ ${many(95, (i) => `a: servers(first: ${i + 1}) { nodes { ${many(15, (j) => `b: ${j % 2 ? 'id' : 'name'}`)} } }`)} }`,
    ),
    status: 400,
  },
  {
    name: '20 levels of relations',
    tries: 'rows of rows of rows',
    bytes: query(`{ servers { nodes ${'{ ports { server '.repeat(20)} { id } ${'} } '.repeat(20)} } }`),
    ...beyond('MAX_DEPTH'),
  },
  {
    name: '5000 levels of fields',
    tries: 'the stack of the parser',
    bytes: query(nested(5000, '{a', '')),
    ...beyond('MAX_DEPTH'),
  },
  {
    name: '4000 levels of lists in an argument',
    tries: 'the stack of the parser',
    bytes: query(`{ servers(filter: ${'['.repeat(4000)}${']'.repeat(4000)}) { nodes { id } } }`),
    status: 400,
    code: 'BAD_USER_INPUT',
  },
  {
    name: '4000 levels of lists in a type',
    tries: 'the stack of the parser',
    bytes: query(`query ($a: ${'['.repeat(4000)}Int${']'.repeat(4000)}) { __typename }`),
    ...beyond('MAX_INPUT_DEPTH'),
  },
  {
    name: 'introspection 30 levels deep',
    tries: 'types of types of types',
    bytes: query(`{ __schema { types { fields { type ${nested(30, '{ ofType ', '{ name }')} } } } }`),
    ...beyond('MAX_INTROSPECTION_DEPTH'),
  },
  {
    name: 'introspection that multiplies',
    tries: 'all fields of all types of all fields',
    bytes: query(`{ __schema { types { fields { type { fields { type { fields { name } } } } } } } }`),
    ...beyond('MAX_INTROSPECTION_LISTS'),
  },
  {
    name: '50 introspections',
    tries: 'the schema 50 times',
    bytes: query(`{ ${many(50, (i) => `a${i}: __schema { types { name } }`)} }`),
    ...beyond('MAX_INTROSPECTIONS'),
  },
  {
    name: '11,000 tokens',
    tries: 'memory of the parser',
    bytes: query(`{ ${'a '.repeat(11_000)} }`),
    ...beyond('MAX_TOKENS'),
  },
  { name: '900 KB of spaces', tries: 'time of the lexer', bytes: query(' '.repeat(900_000)), ...unparsed },
  { name: '900 KB of comment', tries: 'time of the lexer', bytes: query(`#${'x'.repeat(900_000)}`), ...unparsed },
  {
    name: 'an unknown operation beside a known one',
    tries: 'a check of one and a run of the other',
    bytes: post(
      JSON.stringify({ query: 'query A { __typename } mutation B { revokeToken { revoked } }', operationName: 'C' }),
    ),
    status: 400,
    code: 'OPERATION_RESOLUTION_FAILURE',
  },
  {
    name: 'two operations and no name',
    tries: 'a check of one and a run of the other',
    bytes: query('query A { __typename } query B { me { user { name } } }'),
    status: 400,
    code: 'OPERATION_RESOLUTION_FAILURE',
  },
  {
    name: 'two operations of one name',
    tries: 'a check of one and a run of the other',
    bytes: query('query A { __typename } query A { me { user { name } } }'),
    ...refused,
  },
  {
    name: 'an expensive operation that is not asked for',
    tries: 'validation of what never runs',
    bytes: post(
      JSON.stringify({
        query: `query A { __typename } query B { ${many(500, (i) => `a${i}: __typename`)} }`,
        operationName: 'A',
      }),
    ),
    ...beyond('MAX_ALIASES'),
  },
  {
    name: 'a subscription',
    tries: 'a kind of operation that there is not',
    bytes: query('subscription { a }'),
    status: 400,
    code: 'OPERATION_RESOLUTION_FAILURE',
  },
  {
    name: 'a subscription of __typename',
    tries: 'a field that every type has',
    bytes: query('subscription { __typename }'),
    status: 400,
    code: 'OPERATION_RESOLUTION_FAILURE',
  },
  {
    name: 'a type definition',
    tries: 'a change of the schema',
    bytes: query('extend type Query { a: Int } { __typename }'),
    ...refused,
  },
  {
    name: '@defer',
    tries: 'answers in parts past the end of the request',
    bytes: query('{ ... @defer { me { user { name } } } }'),
    ...refused,
  },
  {
    name: 'an operation name of 400 KB in a hundred errors',
    tries: 'an answer of 40 MB, log lines of 400 KB',
    bytes: query(`query ${'A'.repeat(400_000)}(${many(200, (i) => `$a${i}: Int`)}) { __typename }`),
    status: 400,
    shows: /^.{0,100000}$/s,
  },
  {
    name: 'a list of 10,000 servers',
    tries: 'more than a page',
    bytes: query('{ servers(first: 10000) { nodes { id } } }'),
    ...badArgument,
    code: 'BAD_USER_INPUT',
  },
  {
    name: 'a million rows below one another',
    tries: 'REST calls by the thousand',
    bytes: query('{ servers(first: 1000) { nodes { ports { network { ports { network { ports { id } } } } } } } }'),
    status: 400,
    code: 'BAD_USER_INPUT',
  },
  {
    name: 'a pattern that backtracks',
    tries: 'minutes in a regular expression',
    bytes: query('{ servers(filter: { nameMatches: "(a+)+$(a*)*b" }) { nodes { name } } }'),
    status: 200,
    asksOpenStack: true,
  },
  {
    name: 'a forged cursor',
    tries: "a place in a list of one's own choice",
    bytes: query('{ servers(after: "eyJsIjoieCIsImlkIjoiLi4vLi4ifQ") { nodes { id } } }'),
    ...badArgument,
  },
  {
    name: 'a cursor of another list',
    tries: 'a place in another list',
    bytes: queryOf(({ cursors }) => ({
      query: 'query ($after: String) { servers(after: $after) { nodes { id } } }',
      variables: { after: cursors.ports },
    })),
    ...badArgument,
  },
  {
    name: "bob's cursor in alice's list",
    tries: "rows after bob's",
    bytes: queryOf(({ cursors }) => ({
      query: 'query ($after: String) { servers(first: 3, after: $after) { nodes { id name } } }',
      variables: { after: cursors.bob },
    })),
    status: 200,
    asksOpenStack: true,
  },
  {
    name: "bob's server",
    tries: "another tenant's row",
    bytes: queryOf(({ bobServer }) => ({
      query: 'query ($id: ID!) { server(id: $id) { name } }',
      variables: { id: bobServer },
    })),
    status: 200,
    code: null,
    asksOpenStack: true,
    shows: /"server":null/,
  },
  {
    name: "stopping bob's server",
    tries: "another tenant's row",
    bytes: queryOf(({ bobServer }) => ({
      query: 'mutation ($id: ID!) { stopServer(id: $id) { server { name } } }',
      variables: { id: bobServer },
    })),
    status: 200,
    code: 'NOT_FOUND',
    asksOpenStack: true,
  },
];
