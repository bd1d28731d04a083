import { describe, expect, it } from 'vitest';
import { explainOf, freshnessOf } from '../../src/http/facts.js';

describe('Cache-Control of a request', () => {
  it.each([
    [undefined, false, undefined],
    ['', false, undefined],
    ['no-cache', true, undefined],
    ['No-Cache', true, undefined],
    ['max-age=0', false, 0],
    ['no-store, max-age="30"', false, 30],
    ['only-if-cached', false, undefined],
  ])('%s', (header, noCache, maxAge) => {
    expect(freshnessOf(header)).toEqual({ noCache, maxAge });
  });

  it.each(['max-age', 'max-age=', 'max-age=-1', 'max-age=1.5', 'max-age=9999999999'])('%s is refused', (header) => {
    expect(() => freshnessOf(header)).toThrow('Cache-Control: expected max-age=<seconds>');
  });
});

it('X-Explain is 1 or true', () => {
  expect(['1', 'true', 'TRUE'].map(explainOf)).toEqual([true, true, true]);
  expect(['0', 'yes', '', undefined].map(explainOf)).toEqual([false, false, false, false]);
});
