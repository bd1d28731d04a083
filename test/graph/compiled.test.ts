import fc from 'fast-check';
import { buildSchema, type ExecutionResult, type GraphQLError, type GraphQLSchema, isScalarType, parse } from 'graphql';
import { describe, expect, it } from 'vitest';
import { createExecutor, type Execution, type ExecutorOptions } from '../../src/graph/compiled.js';
import { randomQuery } from './compiled/queries.js';
import { type World, worldSchema } from './compiled/world.js';

/** What a client can see of a result, and what `formatError` can. */
async function visible(result: ExecutionResult | Promise<ExecutionResult>): Promise<string> {
  const { data, errors, extensions } = await result;
  const inside = (error: GraphQLError) => [
    error.toJSON(),
    error.originalError?.constructor.name,
    error.originalError?.message,
    error.nodes?.map((node) => node.kind),
  ];
  return JSON.stringify({ data, errors: errors?.map(inside), extensions }, null, 1);
}

/** An executor that compiles at once, and what it did. */
function watched<Context>(schema: GraphQLSchema, options: Partial<ExecutorOptions<Context>> = {}) {
  const executions: Execution[] = [];
  const observe = (execution: Execution) => executions.push(execution);
  const atOnce = { compile: true, compileAt: 1, later: (run: () => void) => run(), observe };
  return { executions, execute: createExecutor<Context>(schema, { ...atOnce, ...options }) };
}

const request = (source: string, variables = {}) => ({ document: parse(source), variables, contextValue: null });

/** A schema of a few fields, some of which fail. */
function small(): GraphQLSchema {
  const schema = buildSchema(`
    type Query { self: Query one: Int two: Int item(id: ID!): Item later: String sooner: String items: [Item] }
    scalar Nothing
    type Item { id: ID! sure: String! certain: String! name: String nothing: Nothing }
    type Mutation { write: Int }
  `);
  const { one, item, later, sooner, items } = schema.getQueryType()?.getFields() ?? {};
  if (!one || !item || !later || !sooner || !items) throw new Error('expected the fields of this schema');
  const nothing = schema.getType('Nothing');
  if (isScalarType(nothing)) nothing.serialize = () => null;
  one.resolve = () => 1;
  item.resolve = (_root, { id }) => ({
    id,
    name: 'a name',
    nothing: 'nothing',
    sure: id === 'bad' ? null : 'yes',
    certain: () => Promise.reject(new Error('certain')),
  });
  later.resolve = () => new Promise((_, reject) => setTimeout(reject, 5, new Error('later')));
  sooner.resolve = () => Promise.reject(new Error('sooner'));
  items.resolve = () => [Promise.reject(new Error('first')), { id: 'second' }];
  return schema;
}

describe('a compiled query', () => {
  it('answers as graphql-js does, whatever is asked and whatever happens', async () => {
    const schema = worldSchema();
    const { execute, executions } = watched<World>(schema);
    const interpret = createExecutor<World>(schema, { compile: false });
    const kind = fc.constantFrom('lenient' as const, 'atOnce' as const, 'later' as const);
    const worlds = fc.record({ seed: fc.nat(), trouble: fc.constantFrom(0, 3, 10, 30), kind });
    await fc.assert(
      fc.asyncProperty(fc.gen(), worlds, async (gen, world) => {
        const asked = randomQuery(schema, (below) => gen(fc.nat, { max: below - 1 }));
        fc.pre(asked !== null);
        const { document, variables, source } = asked;
        const asking = { document, variables, contextValue: world };
        expect(await visible(execute(asking)), source).toBe(await visible(interpret(asking)));
      }),
      { numRuns: Number(process.env['RUNS'] ?? 200) },
    );
    const count = (wanted: Execution) => executions.filter((execution) => execution === wanted).length;
    expect(count('compiled')).toBeGreaterThan(executions.length / 3);
    expect(count('again')).toBeGreaterThan(0);
  }, 120_000);

  it('leaves out what the variables of this request say, not those of the one before', async () => {
    const { execute, executions } = watched(small());
    const source = 'query ($not: Boolean!) { one @skip(if: $not) two: one @include(if: $not) }';
    expect(await execute(request(source, { not: true }))).toEqual({ data: { two: 1 } });
    expect(await execute(request(source, { not: false }))).toEqual({ data: { one: 1 } });
    expect(executions).toEqual(['compiled', 'compiled']);
  });

  it('leaves out fields of a fragment in one of its places only', async () => {
    const { execute, executions } = watched(small());
    const source = `query ($a: Boolean!, $b: Boolean!) {
      x: item(id: "1") { ...F @include(if: $a) id } y: item(id: "2") { ...F @include(if: $b) id }
    } fragment F on Item { name }`;
    const answer = await execute(request(source, { a: false, b: true }));
    expect(answer).toEqual({ data: { x: { id: '1' }, y: { name: 'a name', id: '2' } } });
    expect(executions).toEqual(['compiled']);
  });

  it('has its errors in the order of the data, whichever failed first', async () => {
    for (const compile of [true, false]) {
      const { execute } = watched(small(), { compile });
      const { errors } = await execute(request('{ later sooner }'));
      expect(errors?.map(({ message }) => message)).toEqual(['later', 'sooner']);
    }
  });
});

describe('an operation is compiled', () => {
  it('the second time it is asked, behind what that time has begun', async () => {
    const executions: Execution[] = [];
    const waiting: (() => void)[] = [];
    const later = (run: () => void) => void waiting.push(run);
    const execute = createExecutor(small(), { compile: true, later, observe: (one) => executions.push(one) });
    const ask = () => execute(request('{ one }'));
    await ask();
    expect(waiting).toHaveLength(0);
    await ask();
    await ask();
    expect(waiting).toHaveLength(1);
    for (const run of waiting) run();
    await ask();
    expect(executions).toEqual(['interpreted', 'interpreted', 'interpreted', 'compiled']);
  });

  it('in a turn of its own where nobody says otherwise', async () => {
    const executions: Execution[] = [];
    const execute = createExecutor(small(), { compile: true, observe: (execution) => executions.push(execution) });
    for (let times = 0; times < 3; times += 1) {
      await execute(request('{ one }'));
      await new Promise(setImmediate);
    }
    expect(executions).toEqual(['interpreted', 'interpreted', 'compiled']);
  });

  it('for each operation of a document', async () => {
    const { execute, executions } = watched(small());
    const both = request('query One { one } query Two { two: one }');
    expect(await execute({ ...both, operationName: 'One' })).toEqual({ data: { one: 1 } });
    expect(await execute({ ...both, operationName: 'Two' })).toEqual({ data: { two: 1 } });
    expect(executions).toEqual(['compiled', 'compiled']);
  });

  it('anew once it was forgotten for others', async () => {
    const { execute, executions } = watched(small(), { compileAt: 2, most: 2 });
    const ask = (...sources: string[]) => Promise.all(sources.map((source) => execute(request(source))));
    await ask('{ a: one }', '{ a: one }', '{ b: one }', '{ a: one }', '{ c: one }', '{ a: one }', '{ b: one }');
    expect(executions.map((execution) => execution === 'compiled')).toEqual([
      ...[false, true, false, true],
      ...[false, true, false],
    ]);
  });

  it('not where it is switched off', async () => {
    const { execute, executions } = watched(small(), { compile: false });
    await execute(request('{ one }'));
    expect(executions).toEqual(['interpreted']);
  });
});

describe('graphql-js executes', () => {
  const doubling = Array.from(
    { length: 30 },
    (_, level) => `fragment F${level} on Query { a: self { ...F${level + 1} } b: self { ...F${level + 1} } }`,
  );
  const doubled = `{ ...F0 } ${doubling.join(' ')} fragment F30 on Query { one }`;
  const wide = `{ ${Array.from({ length: 2_001 }, (_, index) => `f${index}: one`).join(' ')} }`;

  it.each([
    ['a mutation', 'mutation { write }', 'interpreted'],
    ['introspection', '{ __schema { queryType { name } } }', 'interpreted'],
    ['a key that is none in code', '{ __proto__: one }', 'interpreted'],
    ['more fields than are compiled', wide, 'interpreted'],
    ['fragments that would be as many when written out', doubled, 'interpreted'],
    ['wrong variables', 'query ($id: ID!) { item(id: $id) { id } }', 'interpreted'],
    ['a document without operation', 'fragment F on Query { one }', 'interpreted'],
    ['once more, where null is not allowed', '{ item(id: "bad") { id sure name } }', 'again'],
    ['once more, where two fields fail below one parent', '{ item(id: "x") { a: certain b: certain } }', 'again'],
    ['once more, where a scalar makes nothing of a value', '{ item(id: "x") { nothing } }', 'again'],
    ['once more, where an item of a list is rejected', '{ items { id } }', 'again'],
  ])('%s', async (_what, source, execution) => {
    const { execute, executions } = watched(small());
    const interpret = createExecutor(small(), { compile: false });
    expect(await visible(execute(request(source)))).toBe(await visible(interpret(request(source))));
    expect(executions).toEqual([execution]);
  });

  it('a condition that is null', async () => {
    const { execute, executions } = watched(small());
    const { errors } = await execute(request('query ($if: Boolean = true) { one @skip(if: $if) }', { if: null }));
    expect(errors?.map(({ message }) => message)).toEqual([expect.stringContaining('must not be null')]);
    expect(executions).toEqual(['interpreted']);
  });

  it('a document whose nodes do not tell their place', async () => {
    const { execute, executions } = watched(small());
    const document = parse('{ one }', { noLocation: true });
    expect(await execute({ document, contextValue: null })).toEqual({ data: { one: 1 } });
    expect(executions).toEqual(['interpreted']);
  });

  it('everything of a schema that tells types apart by functions', async () => {
    const schema = buildSchema('type Query { one: One } type One { two: Int }');
    const type = schema.getType('One');
    if (type && 'isTypeOf' in type) type.isTypeOf = () => true;
    const { execute, executions } = watched(schema);
    await execute(request('{ one { two } }'));
    expect(executions).toEqual(['interpreted']);
  });

  it('once more with a context that knows nothing of the first time', async () => {
    const rewound: unknown[] = [];
    const contextValue = { name: 'context' };
    const { execute } = watched(small(), { rewind: (context: { name: string }) => rewound.push(context) });
    await execute({ ...request('{ item(id: "bad") { sure } }'), contextValue });
    await execute({ ...request('{ item(id: "good") { sure } }'), contextValue });
    expect(rewound).toEqual([contextValue]);
  });
});
