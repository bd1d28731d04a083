import { describe, expect, it } from 'vitest';
import { median, medianTurn, mustBeRight, quantile, ratioOf, type Turn } from '../../../bench/speed/rounds.js';

const turn = (cpu: number): Turn => ({ cpu, perSecond: 1 / cpu, p50: cpu, p99: cpu, calls: 0 });

describe('rounds of npm run bench', () => {
  const turns = new Map([
    ['slow', [2, 20, 200].map(turn)],
    ['fast', [1, 10, 40].map(turn)],
  ]);

  it('compares turns of one round with each other: a slow minute is slow for all', () => {
    expect(ratioOf(turns, 'slow', 'fast')).toBe(2);
    expect(ratioOf(turns, 'fast', 'fast')).toBe(1);
    expect(medianTurn(turns, 'slow').cpu).toBe(20);
  });

  it('says who takes part where somebody is asked for who does not', () => {
    expect(() => ratioOf(turns, 'slow', 'nobody')).toThrow('expected one of slow; fast, got nobody');
  });

  it('does not measure who answers wrongly more often than by accident', () => {
    const sent = (wrong: number) => ({ seconds: 1, took: [], wrong: Array.from({ length: wrong }, () => 'no data') });
    expect(() => mustBeRight('somebody', sent(11), 100)).toThrow('somebody: 11 of 100');
    expect(() => mustBeRight('somebody', sent(10), 100)).not.toThrow();
  });

  it('takes quantiles of what is there', () => {
    const values = Array.from({ length: 100 }, (_, index) => 100 - index);
    expect(median(values)).toBe(51);
    expect(quantile(values, 0.99)).toBe(100);
    expect(quantile([], 0.5)).toBeNaN();
  });
});
