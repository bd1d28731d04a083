import { describe, expect, it } from 'vitest';
import {
  aligned,
  atLeast,
  atMost,
  headingOf,
  markdown,
  number,
  type Row,
  replaceBetweenMarks,
  withRows,
} from '../../../bench/speed/table.js';

const ROWS: readonly Row[] = [
  { item: 1, work: 'page', who: 'gateway', got: '3.00×', target: atMost(2, 3), cpu: 0.25, p99: 12.34 },
  { item: 1, work: 'page', who: 'a server', got: '1.00×' },
  { item: 2, work: 'page', who: 'gateway', got: '30', target: atLeast(20, 30), calls: 9 },
];

describe('the table of npm run bench', () => {
  it('stands in line, and names work and item once for all rows that share them', () => {
    const [head = '', first = '', second = '', third = ''] = aligned(ROWS).split('\n');
    expect(first.indexOf('gateway')).toBe(head.indexOf('who'));
    expect(second.indexOf('a server')).toBe(head.indexOf('who'));
    expect(second.slice(0, head.indexOf('who')).trim()).toBe('');
    expect(third).toMatch(/^2 {2}page/);
  });

  it('tells beside each target whether it was met', () => {
    const cells = markdown(ROWS).split('\n');
    expect(cells[2]).toBe('| 1 | page | gateway | 3.00× | ≤ 2× | NO |  | 0.250 |  |  | 12.3 |');
    expect(cells[4]).toBe('| 2 | page | gateway | 30 | ≥ 20× | yes | 9 |  |  |  |  |');
  });

  it('replaces what stands between the marks of a page and nothing else', () => {
    const page = 'before\n<!-- bench: begin -->\nold\n<!-- bench: end -->\nafter\n';
    expect(replaceBetweenMarks(page, 'new')).toBe('before\n<!-- bench: begin -->\nnew\n<!-- bench: end -->\nafter\n');
    expect(() => replaceBetweenMarks('<!-- bench: end --> <!-- bench: begin -->', 'new')).toThrow('expected');
  });

  it('keeps the rows of what was not measured again, in the order of the items', () => {
    const page = replaceBetweenMarks('<!-- bench: begin -->\n<!-- bench: end -->', markdown(ROWS));
    const [first = '', second = '', last = ''] = markdown(ROWS).split('\n').slice(2);
    const again: Row = { item: 2, work: 'page', who: 'gateway', got: '31' };
    expect(withRows(page, [again]).split('\n').slice(2)).toEqual([first, second, markdown([again]).split('\n')[2]]);
    expect(
      withRows(page, [{ ...again, item: 1 }])
        .split('\n')
        .slice(2),
    ).toEqual([markdown([{ ...again, item: 1 }]).split('\n')[2], last]);
    expect(withRows('<!-- bench: begin -->\nNo run yet.\n<!-- bench: end -->', [again])).toBe(markdown([again]));
  });

  it('keeps what stands above the table, of however many lines', () => {
    const page = (heading: string) =>
      replaceBetweenMarks('<!-- bench: begin -->\n<!-- bench: end -->', `\n${heading}\n\n${markdown(ROWS)}\n`);
    expect(headingOf(page('two\nlines'))).toBe('two\nlines');
    expect(headingOf('<!-- bench: begin -->\nNo run yet.\n<!-- bench: end -->')).toBe('No run yet.');
  });

  it.each([
    [0.02345, '0.023'],
    [1.234, '1.23'],
    [12.345, '12.3'],
    [1234.5, '1235'],
    [Number.NaN, '–'],
  ])('writes %d with as many digits as mean something', (value, text) => {
    expect(number(value)).toBe(text);
  });
});
