import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Waiting } from '../../src/cache/memcached/waiting.js';

const DEADLINE = 100;

describe('those who wait for one connection', () => {
  let late = 0;
  let waiting: Waiting;

  beforeEach(() => {
    vi.useFakeTimers();
    late = 0;
    waiting = new Waiting(DEADLINE, () => {
      late += 1;
    });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  /** Milliseconds, and the two turns of the event loop behind them. */
  const pass = (ms: number) => vi.advanceTimersByTime(ms);
  const threeTurns = async () => {
    for (let turn = 0; turn < 3; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  };
  const ask = (opaque: number) => {
    waiting.add(opaque, () => waiting.take(opaque));
    waiting.sent();
  };

  it('are late at the deadline, not before it', () => {
    ask(1);
    pass(DEADLINE - 1);
    expect(late).toBe(0);
    pass(5);
    expect(late).toBe(1);
  });

  it('each have the whole deadline, whoever asked before them', () => {
    ask(1);
    pass(60);
    ask(2);
    waiting.take(1);
    pass(DEADLINE - 1);
    expect(late).toBe(0);
    pass(5);
    expect(late).toBe(1);
  });

  it('are never late under steady traffic that is answered, with one timer for all', () => {
    for (let opaque = 1; opaque <= 200; opaque += 1) {
      ask(opaque);
      pass(7);
      expect(waiting.take(opaque)).toBe(true);
      expect(vi.getTimerCount()).toBeLessThanOrEqual(1);
    }
    pass(10 * DEADLINE);
    expect(late).toBe(0);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('have time from when the question has left', () => {
    waiting.add(1, () => waiting.take(1));
    pass(3 * DEADLINE);
    expect(late).toBe(0);
    waiting.sent();
    pass(DEADLINE - 1);
    expect(late).toBe(0);
    pass(DEADLINE);
    expect(late).toBe(1);
  });

  it('are not late if the answer is read in the two turns behind the deadline, and others still can be', async () => {
    vi.useRealTimers();
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    ask(1);
    pass(50);
    ask(2);
    pass(51);
    waiting.take(1);
    await threeTurns();
    expect(late).toBe(0);
    pass(51);
    await threeTurns();
    expect(late).toBe(1);
  });

  it('are all settled at the end, each once, and nobody is late after it', () => {
    const settled: number[] = [];
    for (const opaque of [1, 2, 3]) {
      waiting.add(opaque, () => {
        if (waiting.take(opaque)) settled.push(opaque);
      });
    }
    waiting.sent();
    waiting.take(2);
    expect(waiting.end()).toBe(true);
    expect(settled).toEqual([1, 3]);
    expect(waiting.end()).toBe(false);
    pass(10 * DEADLINE);
    expect(late).toBe(0);
  });
});
