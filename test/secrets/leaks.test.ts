import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Client } from '../support/client.js';
import { ALICE, type DemoGateway, startDemoGateway } from '../support/demo-gateway.js';

let demo: DemoGateway;

beforeAll(async () => {
  demo = await startDemoGateway();
});

afterAll(() => demo.stop());

const LOGIN = 'mutation ($input: IssueTokenInput!) { issueToken(input: $input) { token } }';
const CREATE = 'mutation ($input: CreateServerInput!) { createServer(input: $input) { server { id } adminPassword } }';
const user = { username: 'alice', password: 'not-for-errors-either', userDomainName: 'Default' };

/** The client itself searches each answer's errors for what was sent as secret. */
it.each([
  [
    'a field that there is none of',
    LOGIN,
    { input: { password: { ...user, nonsense: 1 }, scope: { unscoped: true } } },
  ],
  ['a missing scope', LOGIN, { input: { password: user, scope: 5 } }],
  [
    'a password that is no text',
    LOGIN,
    { input: { password: { ...user, username: { password: 'not-for-errors-either' } } } },
  ],
  [
    'two methods',
    LOGIN,
    { input: { password: user, token: 'gAAAAABnot-a-token-of-anybody-0123456789abcdef', scope: { unscoped: true } } },
  ],
  ['a wrong password', LOGIN, { input: { password: user, scope: { unscoped: true } } }],
  [
    'a wrong server',
    CREATE,
    {
      input: {
        name: 'x',
        adminPassword: 'not-for-errors-either',
        userData: 'bm90LWZvci1lcnJvcnMtZWl0aGVy',
        nonsense: 1,
      },
    },
  ],
  [
    'an unknown flavor',
    CREATE,
    {
      input: {
        name: 'x',
        adminPassword: 'not-for-errors-either',
        userData: 'bm90LWZvci1lcnJvcnMtZWl0aGVy',
        flavorId: 'none',
        networks: [],
      },
    },
  ],
  [
    'a wrong credential',
    LOGIN,
    { input: { applicationCredential: { id: 'x', secret: 'not-for-errors-either', more: 1 } } },
  ],
])('an error does not repeat the secrets that were sent with it: %s', async (_what, query, variables) => {
  const alice = await demo.login(ALICE);
  expect((await alice.tell(query, variables)).errors?.length).toBeGreaterThan(0);
});

it.each([
  'mutation { issueToken(input: { password: { username: "alice", password: "not-for-errors-either", nonsense: 1 } }) { token } }',
  'mutation { issueToken(input: { password: { username: "alice", password: ["not-for-errors-either"] } }) { token } }',
  'mutation { issueToken(input: { password: "not-for-errors-either" }) { token } }',
  'mutation { issueToken(input: { password: { password: "not-for-errors-either } }) { token } }',
])('nor what stands in the text of the query: %s', async (query) => {
  const { errors } = await new Client(demo.urls[0] ?? '', null).tell(query);
  expect(JSON.stringify(errors)).not.toContain('not-for-errors-either');
});

it('nor any value that was sent in a wrong place, whatever it is', async () => {
  const alice = await demo.login(ALICE);
  const secret = fc.string({ minLength: 8, maxLength: 30 }).filter((text) => text.trim().length >= 8);
  const wrap = fc.constantFrom<((text: string) => unknown)[]>(
    (text) => text,
    (text) => [text],
    (text) => ({ password: { username: [text], password: text } }),
    (text) => ({ password: { username: 'alice', password: text, userDomainName: { name: text } } }),
    (text) => ({ name: text, networks: [text], metadata: text, bootVolume: text }),
  );
  const queries = [
    LOGIN,
    CREATE,
    'query ($input: ServerOrder) { servers(orderBy: $input) { nodes { id } } }',
    'query ($input: Int!) { servers(first: $input) { nodes { id } } }',
  ];
  await fc.assert(
    fc.asyncProperty(secret, wrap, fc.constantFrom(...queries), async (text, inside, query) => {
      const { errors } = await alice.tell(query, { input: inside(text) });
      expect(JSON.stringify(errors?.map(({ message }) => message))).not.toContain(JSON.stringify(text).slice(1, -1));
      const literal = JSON.stringify(text);
      for (const wrong of [
        `issueToken(input: { password: { password: [${literal}] } }) { token }`,
        `issueToken(input: ${literal}) { token }`,
        `issueToken ${literal}`,
        `startServer(id: [${literal}]) { server { id } }`,
      ]) {
        const answer = await alice.tell(`mutation { ${wrong} }`);
        expect(answer.errors?.map(({ message }) => message).join()).not.toContain(text);
      }
    }),
    { numRuns: 15 },
  );
});
