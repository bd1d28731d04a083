import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { executableSchema } from '../../src/graph/schema.js';
import { ALICE, type DemoGateway, startDemoGateway, startGatewayAt } from '../support/demo-gateway.js';
import { randomQuery } from './compiled/queries.js';

const { schema } = executableSchema(fileURLToPath(new URL('../../schema', import.meta.url)));

/** Bytes of the answer to a request, less what is new in each. */
async function answer(url: string, token: string | null, body: string): Promise<string> {
  const headers = { 'content-type': 'application/json', ...(token === null ? {} : { 'x-auth-token': token }) };
  const response = await fetch(`${url}/graphql`, { method: 'POST', headers, body });
  return `${response.status} ${(await response.text()).replace(/req-[0-9a-f-]{36}/g, 'req-')}`;
}

let demo: DemoGateway;
let without: Awaited<ReturnType<typeof startGatewayAt>>;

beforeAll(async () => {
  demo = await startDemoGateway();
  without = await startGatewayAt(demo.cloud.authUrl, { SHORTCUTS_OFF: 'compiled' });
}, 60_000);

afterAll(async () => {
  await without.stop();
  await demo.stop();
});

it('a gateway that compiles answers over HTTP as one that does not', async () => {
  const { token } = await demo.login(ALICE);
  let answered = 0;
  await fc.assert(
    fc.asyncProperty(fc.gen(), fc.boolean(), async (gen, hasToken) => {
      const asked = randomQuery(schema, (below) => gen(fc.nat, { max: below - 1 }), 3);
      fc.pre(asked !== null);
      const body = JSON.stringify({ query: asked.source, variables: asked.variables });
      const ask = (url: string) => answer(url, hasToken ? token : null, body);
      const expected = await ask(without.url);
      // Interpreted twice, and by the function that was compiled meanwhile.
      for (let times = 0; times < 4; times += 1) expect(await ask(demo.urls[0] ?? ''), asked.source).toBe(expected);
      if (expected.startsWith('200')) answered += 1;
    }),
    { numRuns: Number(process.env['RUNS'] ?? 40), interruptAfterTimeLimit: 90_000 },
  );
  expect(answered).toBeGreaterThan(0);
}, 120_000);

it.each([
  [
    'an operation that the document has not',
    { query: 'query A { me { roles { name } } } query B { __typename }', operationName: 'C' },
  ],
  ['no operation name where there are two', { query: 'query A { __typename } query B { __typename }' }],
  ['a subscription', { query: 'subscription { servers { nodes { id } } }' }],
  ['what does not parse', { query: '{ servers {' }],
  [
    'wrong variables',
    { query: 'query ($first: Int!) { servers(first: $first) { nodes { id } } }', variables: { first: 'a' } },
  ],
  ['introspection', { query: '{ __type(name: "Server") { kind name } }' }],
  ['too many rows', { query: '{ servers(first: 1001) { nodes { id } } }' }],
])('%s is answered the same, compiled or not', async (_what, body) => {
  const { token } = await demo.login(ALICE);
  const expected = await answer(without.url, token, JSON.stringify(body));
  for (let times = 0; times < 4; times += 1) {
    expect(await answer(demo.urls[0] ?? '', token, JSON.stringify(body))).toBe(expected);
  }
});
