import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { buildSchema, type GraphQLSchema } from 'graphql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { registry } from '../../src/services/registry.js';
import { ADMIN, ALICE, type Client, type DemoGateway, READER, startDemoGateway } from '../support/demo-gateway.js';
import { diceOf, type Known, randomQuery } from './support/random-query.js';
import { sized } from './support/sized.js';

const RESOURCES = new Set(Object.keys(registry));
/** Nothing is served from the cache: each query costs what it can cost. */
const UNCACHED = { CACHE_TTL: [...RESOURCES].map((type) => `${type}=0`).join(',') };

let gateway: DemoGateway;
let clients: readonly Client[];
let schema: GraphQLSchema;
let known: Known;

beforeAll(async () => {
  // More than one batch of ids.
  gateway = await startDemoGateway({ servers: 200 }, UNCACHED);
  clients = await Promise.all([ALICE, READER, ADMIN].map((user) => gateway.login(user)));
  schema = buildSchema(readFileSync(new URL('../../schema.graphql', import.meta.url), 'utf8'));
  known = await rowsOf(clients[2] as Client);
});

afterAll(() => gateway.stop());

describe('the cost of a query', () => {
  it('is never less than what it does: REST calls made, rows shown', async () => {
    const seen = { queries: 0, refused: 0, calls: 0, nodes: 0 };
    const property = fc.asyncProperty(
      fc.array(fc.nat(10_000), { minLength: 30, maxLength: 120 }),
      fc.nat(2),
      async (numbers, who) => {
        const query = randomQuery(schema, known, diceOf(numbers));
        const { data, extensions, status } = await (clients[who] as Client).tell<unknown>(query);
        const explain = extensions?.explain;
        if (!explain) throw new Error(`expected the cost of ${query}, got HTTP ${status}`);
        // A filter of a type that the dice know no value for.
        fc.pre(explain.cost !== null);
        const calls = explain.rest.length;
        const nodes = nodesIn(data);
        seen.queries += 1;
        seen.refused += status === 400 ? 1 : 0;
        seen.calls += calls;
        seen.nodes += nodes;
        expect({ query, calls, of: explain.cost.calls, fits: calls <= explain.cost.calls }).toMatchObject({
          fits: true,
        });
        expect({ query, nodes, of: explain.cost.nodes, fits: nodes <= explain.cost.nodes }).toMatchObject({
          fits: true,
        });
      },
    );
    await fc.assert(property, { numRuns: sized(40, 400) });
    // Queries that ask for nothing would prove nothing.
    expect(seen.calls).toBeGreaterThan(seen.queries);
    expect(seen.nodes).toBeGreaterThan(seen.queries);
    expect(seen.refused).toBeLessThan(seen.queries / 2);
  });
});

/** Rows in an answer, by the `__typename` of each object. */
function nodesIn(data: unknown): number {
  if (Array.isArray(data)) return data.reduce((sum: number, item: unknown) => sum + nodesIn(item), 0);
  if (typeof data !== 'object' || data === null) return 0;
  const own = '__typename' in data && RESOURCES.has(String(data.__typename)) ? 1 : 0;
  return Object.values(data).reduce((sum: number, value: unknown) => sum + nodesIn(value), own);
}

/** Some rows of every type that has a list. */
async function rowsOf(client: Client): Promise<Known> {
  const lists = Object.values(schema.getQueryType()?.getFields() ?? {}).filter(({ args }) =>
    args.some(({ name }) => name === 'first'),
  );
  const found = await Promise.all(
    lists.map(async ({ name, type }) => {
      const row = schema.getType(String(type).replace('Connection', ''));
      const named = row && 'getFields' in row && 'name' in row.getFields() ? 'id name' : 'id';
      const { data } = await client.ask<Record<string, { nodes: { id: string; name?: string }[] }>>(
        `{ ${name}(first: 20, allProjects: true) { nodes { ${named} } } }`,
      );
      return [String(type).replace('Connection', ''), data[name]?.nodes ?? []] as const;
    }),
  );
  return new Map(found);
}
