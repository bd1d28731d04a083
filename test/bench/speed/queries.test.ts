import fc from 'fast-check';
import { buildSchema, parse, validate } from 'graphql';
import { describe, expect, it } from 'vitest';
import { HELLO, one, page, varied } from '../../../bench/speed/queries.js';
import { executableSchema } from '../../../src/graph/schema.js';

const VARIETIES = ['variables', 'selections', 'texts'] as const;
const { sdl } = executableSchema('schema');
const schema = buildSchema(sdl);

describe('questions of npm run bench', () => {
  it.each(VARIETIES)('asks for the page with other %s each time, which fit the schema', (variety) => {
    fc.assert(
      fc.property(fc.nat(16_383), fc.nat(16_383), (number, other) => {
        fc.pre(number !== other);
        const question = varied(variety, 100, number);
        expect(validate(schema, parse(question.query))).toEqual([]);
        expect(question).not.toEqual(varied(variety, 100, other));
      }),
      { numRuns: 10 },
    );
  });

  it('asks for nothing that the schema lacks', () => {
    for (const { query } of [HELLO, one('x'), page(1)]) expect(validate(schema, parse(query))).toEqual([]);
  });

  it('sends one text where only variables are to differ', () => {
    expect(varied('variables', 10, 1).query).toBe(varied('variables', 10, 2).query);
    expect(new Set(Array.from({ length: 64 }, (_, number) => varied('selections', 10, number).query)).size).toBe(16);
  });
});
