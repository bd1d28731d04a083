import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Attack } from './hostile/attack.js';
import { documentedCodes, INSIDES } from './hostile/documented.js';
import { documents } from './hostile/documents.js';
import { requests } from './hostile/requests.js';
import { inputs } from './hostile/values.js';
import { type RawAnswer, sendRaw, startWorld, type World } from './hostile/world.js';
import { sized } from './support/sized.js';

// Known attacks on GraphQL and HTTP, each sent as bytes to a gateway process over the demo cloud. `docs/security.md` says
// what is promised.

/** Milliseconds in which others are answered while an attack is under way, and after it. */
const OTHERS_WAIT = 10_000;

/** Of so many attacks one is made. */
const EVERY = sized(5, 1);

interface Body {
  readonly errors?: readonly { readonly extensions?: { readonly code?: unknown; readonly limit?: unknown } }[];
}

let world: World;

beforeAll(async () => {
  world = await startWorld();
});

afterAll(() => world.stop());

function bodyOf({ head, body }: RawAnswer): Body {
  return /content-type: application\/(?:json|graphql)/i.test(head) ? (JSON.parse(body) as Body) : {};
}

/** Somebody else's query; throws where it is not answered, or not in time. */
async function askAsOthersDo(): Promise<void> {
  const answer = fetch(`${world.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"query":"{ __typename }"}',
    signal: AbortSignal.timeout(OTHERS_WAIT),
  });
  expect(await (await answer).json()).toEqual({ data: { __typename: 'Query' } });
}

function expectPlain(answer: RawAnswer, attack: Attack): void {
  const { code, limit } = attack;
  const { errors = [] } = bodyOf(answer);
  expect(answer.text).not.toMatch(INSIDES);
  const sent = attack.bytes(world);
  expect(world.secretIds.filter((id) => answer.text.includes(id) && !sent.includes(id))).toEqual([]);
  const codes = [...new Set(errors.map(({ extensions }) => extensions?.code))];
  expect(codes.filter((one) => !documentedCodes.has(String(one)))).toEqual([]);
  if (code !== undefined) expect(codes).toEqual(code === null ? [] : [code]);
  if (limit !== undefined) expect(errors.map(({ extensions }) => extensions?.limit)).toContain(limit);
}

describe.each([
  { kind: 'documents', attacks: documents },
  { kind: 'values and bodies', attacks: inputs },
  { kind: 'HTTP requests', attacks: requests },
])('hostile $kind', ({ attacks }) => {
  it.each(attacks.filter((_, index) => index % EVERY === 0))('$name', async (attack) => {
    world.takeCalls();
    const [answer] = await Promise.all([sendRaw(world.port, attack.bytes(world)), askAsOthersDo()]);
    const calls = world.takeCalls();
    expect({ status: answer.status, body: answer.body.slice(0, 300) }).toMatchObject({ status: attack.status });
    expectPlain(answer, attack);
    if (attack.asksOpenStack === undefined) expect(calls.map(({ line }) => line)).toEqual([]);
    if (attack.shows) expect(answer.text).toMatch(attack.shows);
    if (attack.hides) expect(answer.text).not.toMatch(attack.hides);
    await askAsOthersDo();
  });
});

it('nothing of it made the gateway write of an unexpected error', () => {
  expect(world.replica.output()).not.toMatch(/unexpected error|Unhandled|Uncaught/);
});
