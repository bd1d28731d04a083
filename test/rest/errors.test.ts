import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { faultCodes } from '../../src/rest/codes.js';

const doc = readFileSync(new URL('../../docs/errors.md', import.meta.url), 'utf8');

/** Apollo Server's and the HTTP layer's own. */
const BEFORE_OPERATIONS = [
  'BAD_REQUEST',
  'GRAPHQL_PARSE_FAILED',
  'GRAPHQL_VALIDATION_FAILED',
  'OPERATION_RESOLUTION_FAILURE',
  'PERSISTED_QUERY_NOT_SUPPORTED',
];

function cellsOf(line: string): string[] {
  return line
    .split('|')
    .slice(1, -1)
    .map((cell) => cell.trim());
}

describe('docs/errors.md', () => {
  it('has the table of codes, row by row', () => {
    const section = doc.slice(doc.indexOf('## Codes'), doc.indexOf('## Requests that never'));
    const rows = section
      .split('\n')
      .filter((line) => /^\| [A-Z_]+ \|/.test(line))
      .map(cellsOf);
    const expected = Object.entries(faultCodes).map(([code, { http, meaning, remedy }]) => [
      code,
      `${http}`,
      meaning,
      remedy,
    ]);
    expect(rows).toEqual(expected);
  });

  it('mentions no code that does not exist', () => {
    const mentioned = new Set(doc.match(/\b(?:[A-Z]+_[A-Z_]+|CONFLICT|FORBIDDEN|UNAUTHENTICATED|UNSUPPORTED)\b/g));
    expect([...Object.keys(faultCodes), ...BEFORE_OPERATIONS]).toEqual(expect.arrayContaining([...mentioned]));
  });
});
