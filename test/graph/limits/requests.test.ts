import { getIntrospectionQuery } from 'graphql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ALICE, type Client, type DemoGateway, startDemoGateway } from '../../support/demo-gateway.js';
import { figure } from '../../support/metrics.js';
import { faultOf } from '../../support/rest-calls.js';

let gateway: DemoGateway;
let alice: Client;

beforeAll(async () => {
  gateway = await startDemoGateway();
  alice = await gateway.login(ALICE);
});

afterAll(() => gateway.stop());

const nested = (levels: number): string => `${'{ a '.repeat(levels)}${'}'.repeat(levels)}`;

/** Fragments that each spread the next one twice: the text grows by a line, what it stands for doubles. */
function doubling(lines: number): string {
  const fragments = Array.from(
    { length: lines },
    (_, line) => `fragment F${line} on Server { ...F${line + 1} flavor { id } ...F${line + 1} }`,
  );
  return `{ servers { nodes { ...F0 } } } ${fragments.join(' ')} fragment F${lines} on Server { a: name }`;
}

function introspection(depth: number): string {
  return `{ __schema { types { fields { type { ${'ofType { '.repeat(depth)} name ${'} '.repeat(depth)} } } } } }`;
}

const SERVERS = '{ servers { nodes { id } } }';

const refused: readonly (readonly [what: string, query: string, variables: object, limit: string, found: number])[] = [
  ['too many tokens', `{ ${'a '.repeat(10_001)} }`, {}, 'MAX_TOKENS', 10_001],
  ['fields too deep', nested(16), {}, 'MAX_DEPTH', 16],
  ['fields deeper than the parser can go', `${'{a'.repeat(4_900)}${'}'.repeat(100)}`, {}, 'MAX_DEPTH', 16],
  ['inline fragments too deep', `{ ${'... { '.repeat(200)} a ${'} '.repeat(200)} }`, {}, 'MAX_DEPTH', 16],
  ['a field too often', `{ servers { nodes { ${'name '.repeat(3000)} } } }`, {}, 'MAX_FIELDS', 3002],
  ['fragments that double', doubling(30), {}, 'MAX_FIELDS', 3 * 2 ** 30],
  [
    'too many aliases',
    `{ ${Array.from({ length: 101 }, (_, at) => `a${at}: me { system }`).join(' ')} }`,
    {},
    'MAX_ALIASES',
    101,
  ],
  ['too many directives', `{ me { system ${'@include(if: true) '.repeat(101)} } }`, {}, 'MAX_DIRECTIVES', 101],
  [
    'directives where a fragment is spread again',
    `{ me { ...F ${'...F @include(if: true) '.repeat(101)} } } fragment F on Me { system }`,
    {},
    'MAX_DIRECTIVES',
    101,
  ],
  [
    'directives in an unused fragment',
    `{ me { system } } fragment F on Me { system ${'@a '.repeat(101)} }`,
    {},
    'MAX_DIRECTIVES',
    101,
  ],
  ['deep introspection', introspection(20), {}, 'MAX_INTROSPECTION_DEPTH', 24],
  [
    'introspection by three names',
    '{ a: __schema { description } b: __schema { description } c: __type(name: "Server") { name } }',
    {},
    'MAX_INTROSPECTIONS',
    3,
  ],
  [
    'fields of fields of types',
    '{ __schema { types { fields { type { fields { type { fields { name } } } } } } } }',
    {},
    'MAX_INTROSPECTION_LISTS',
    4,
  ],
  [
    'a deep value',
    `{ servers(filter: { name: ${'['.repeat(21)}${']'.repeat(21)} }) { nodes { id } } }`,
    {},
    'MAX_INPUT_DEPTH',
    21,
  ],
  ['a deep type', `query ($a: ${'['.repeat(21)}Int${']'.repeat(21)}) { me { system } }`, {}, 'MAX_INPUT_DEPTH', 21],
  ['a deep variable', SERVERS, { deep: JSON.parse('['.repeat(500) + ']'.repeat(500)) }, 'MAX_INPUT_DEPTH', 21],
  ['a long list in a variable', SERVERS, { ids: Array.from({ length: 5000 }, () => 'a') }, 'MAX_INPUT_VALUES', 5001],
  [
    'a field that GraphQL has to compare with itself too often',
    `{ servers { nodes { ${'image { name } '.repeat(900)} } } }`,
    {},
    'MAX_COMPARISONS',
    500_001,
  ],
  [
    'relations inside relations',
    '{ networks(first: 1000) { nodes { ports { network { ports { network { ports { id } } } } } } } }',
    {},
    'MAX_NODES',
    1_030_506_000,
  ],
  ['a call for each of too many rows', '{ flavors(first: 1000) { nodes { servers { id } } } }', {}, 'MAX_CALLS', 1014],
];

describe('a request is refused before anybody is asked anything', () => {
  it.each(refused)('for %s', async (_what, query, variables, limit, found) => {
    const before = gateway.cloud.log.length;
    const answer = await alice.tell(query, variables);
    expect(faultOf(answer)).toMatchObject({ code: 'BAD_USER_INPUT', limit, found });
    expect(answer.errors?.[0]?.message).toContain(`${limit}: expected at most`);
    expect(answer.status).toBe(400);
    // No other rule has looked into it.
    expect(answer.errors?.filter(({ extensions }) => extensions['limit'] === undefined)).toEqual([]);
    expect(answer.data).toBeUndefined();
    expect(gateway.cloud.log.length).toBe(before);
  });
});

it.each([
  ['@include', 'edges { a: node { image { name } } b: node { id @include(if: $shown) } }'],
  ['@skip', 'nodes { ...Named @skip(if: $shown) }'],
])('a variable of %s that is null is refused by its name', async (_directive, selection) => {
  const fragment = selection.includes('...') ? ' fragment Named on Server { name }' : '';
  const query = `query ($shown: Boolean = true) { servers(first: 30) { ${selection} } }${fragment}`;
  const answer = await alice.tell(query, { shown: null });
  expect(faultOf(answer)).toEqual({ code: 'BAD_USER_INPUT', argument: '$shown' });
  expect(answer.errors?.[0]?.message).toBe(
    '$shown: expected true or false, as @skip and @include take nothing else, got null',
  );
  expect(answer.status).toBe(400);
  expect((await alice.tell(query, {})).errors).toBeUndefined();
});

describe('a request is refused at the door', () => {
  const send = (body: string, token = alice.token ?? '') =>
    fetch(`${alice.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-auth-token': token },
      body,
    });
  const extensionsOf = async (answer: Response) =>
    ((await answer.json()) as { errors: { extensions: object }[] }).errors[0]?.extensions;

  it('where it holds several operations', async () => {
    const answer = await send(JSON.stringify([{ query: SERVERS }, { query: SERVERS }]));
    expect(answer.status).toBe(400);
    expect(await extensionsOf(answer)).toEqual({ code: 'BAD_USER_INPUT', limit: 'MAX_BATCH', allowed: 1, found: 2 });
  });

  it('where its body is too large', async () => {
    const answer = await send(JSON.stringify({ query: SERVERS, padding: 'x'.repeat(1_048_576) }));
    expect(answer.status).toBe(413);
    const found = JSON.stringify({ query: SERVERS, padding: '' }).length + 1_048_576;
    expect(await extensionsOf(answer)).toEqual({
      code: 'BAD_USER_INPUT',
      limit: 'MAX_BODY_BYTES',
      allowed: 1_048_576,
      found,
    });
  });

  it('without its token having been looked at', async () => {
    const before = gateway.cloud.log.length;
    const answer = await send(JSON.stringify({ query: nested(16) }), 'no-such-token');
    expect(await extensionsOf(answer)).toMatchObject({ limit: 'MAX_DEPTH' });
    expect(gateway.cloud.log.length).toBe(before);
  });

  it('and counted by the name of the limit', async () => {
    const refusals = () => figure(alice.url, 'stratograph_queries_refused_total', { limit: 'MAX_BATCH' });
    const deep = () => figure(alice.url, 'stratograph_queries_refused_total', { limit: 'MAX_DEPTH' });
    const [batches, depths] = [await refusals(), await deep()];
    await send('[{}]');
    await alice.tell(nested(16));
    expect([(await refusals()) - batches, (await deep()) - depths]).toEqual([1, 1]);
  });
});

describe('circular fragments', () => {
  it('are refused at once', async () => {
    const circle = (size: number) =>
      Array.from(
        { length: size },
        (_, at) => `fragment F${at} on Me { ...F${(at + 1) % size} ...F${(at + 2) % size} }`,
      );
    const answer = await alice.tell(`{ me { ...F0 } } ${circle(60).join(' ')}`);
    expect(answer.status).toBe(400);
    expect(answer.errors?.[0]?.message).toContain('Cannot spread fragment');
  });
});

describe('a request is let through', () => {
  it('with the introspection of every tool', async () => {
    const query = getIntrospectionQuery({
      descriptions: true,
      specifiedByUrl: true,
      directiveIsRepeatable: true,
      schemaDescription: true,
      inputValueDeprecation: true,
      oneOf: true,
    });
    const { data } = await alice.ask<{ __schema: { types: unknown[] } }>(query);
    expect(data.__schema.types.length).toBeGreaterThan(50);
  });

  it('with the instances page of a thousand servers and everything about them, whose cost it shows', async () => {
    const page = `{ servers(first: 1000) { nodes { id name status flavor { name } image { name size }
      ports { id network { name } securityGroups { name } floatingIps { floatingIpAddress } } volumes { id name size }
      floatingIps { floatingIpAddress } project { name } } } }`;
    const { extensions } = await alice.ask(page);
    const { calls, nodes } = extensions?.explain?.cost ?? { calls: 0, nodes: 0 };
    expect(extensions?.explain?.cost).toMatchObject({ allowedCalls: 1000, allowedNodes: 500_000 });
    expect(calls).toBeGreaterThanOrEqual(extensions?.explain?.rest.length ?? 0);
    expect(calls).toBeLessThan(1000);
    expect(nodes).toBeLessThan(500_000);
  });

  it('with the default page of servers and the rules of their groups', async () => {
    await alice.ask('{ servers { nodes { ports { securityGroups { rules { direction remoteGroup { name } } } } } } }');
  });

  it('after the same document was refused for its variables', async () => {
    const query = 'query ($first: Int!) { flavors(first: $first) { nodes { servers { id } } } }';
    expect(faultOf(await alice.tell(query, { first: 1000 }))).toMatchObject({ limit: 'MAX_CALLS' });
    expect((await alice.ask(query, { first: 10 })).extensions?.explain?.cost?.calls).toBeLessThan(30);
    expect(faultOf(await alice.tell(query, { first: 1000 }))).toMatchObject({ limit: 'MAX_CALLS' });
  });

  it('where what would cost too much is skipped', async () => {
    const query = 'query ($all: Boolean!) { flavors(first: 1000) { nodes { id servers @include(if: $all) { id } } } }';
    expect(faultOf(await alice.tell(query, { all: true }))).toMatchObject({ limit: 'MAX_CALLS' });
    await alice.ask(query, { all: false });
  });

  it('with mutations, none of which makes more calls than it says', async () => {
    const costly = async <Data>(mutation: string): Promise<Data> => {
      const { data, extensions } = await alice.ask<Data>(mutation);
      expect(extensions?.explain?.rest.length).toBeLessThanOrEqual(extensions?.explain?.cost?.calls ?? 0);
      return data;
    };
    const { createSecurityGroup } = await costly<{ createSecurityGroup: { securityGroup: { id: string } } }>(
      'mutation { createSecurityGroup(input: { name: "costly" }) { securityGroup { id rules { id } project { name } } } }',
    );
    const { id } = createSecurityGroup.securityGroup;
    await costly(
      `mutation { a: updateSecurityGroup(id: "${id}", input: { name: "b" }) { securityGroup { name ports { id } } }
        b: updateSecurityGroup(id: "${id}", input: { name: "c" }) { securityGroup { name ports { id } } } }`,
    );
    await costly(`mutation { deleteSecurityGroup(id: "${id}") { accepted } }`);
  });
});
