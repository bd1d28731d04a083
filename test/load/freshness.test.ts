import { describe, expect, it } from 'vitest';
import { listTtl, rowTtl } from '../../src/load/freshness.js';
import { resourceOf } from '../../src/services/registry.js';

const server = resourceOf('Server');
const flavor = resourceOf('Flavor');
const NOW = Date.parse('2026-11-22T12:00:00Z');

const steady = { id: '1', 'OS-EXT-STS:task_state': null, updated: '2026-11-22T11:00:00Z' };
const changing = { id: '2', 'OS-EXT-STS:task_state': 'spawning', updated: '2026-11-22T11:59:00Z' };
const stuck = { id: '3', 'OS-EXT-STS:task_state': 'deleting', updated: '2026-11-22T11:49:59Z' };

describe('how long a row is served', () => {
  it('is long while it is steady, two seconds while it changes and long again once it is stuck', () => {
    const ttls = [steady, changing, stuck].map((row) => rowTtl(server, row, undefined, NOW));
    expect(ttls).toEqual([30, 2, 30]);
  });

  it('takes times without a zone for UTC, as Cinder means them', () => {
    const volume = { id: '1', status: 'deleting', updated_at: '2026-11-22T11:55:00.123456' };
    expect(rowTtl(resourceOf('Volume'), volume, undefined, NOW)).toBe(2);
    expect(rowTtl(resourceOf('Volume'), { ...volume, updated_at: '2026-11-22T11:45:00.123456' }, undefined, NOW)).toBe(
      30,
    );
  });

  it('stays short for a row in transition whose times are missing or no times', () => {
    for (const updated of [undefined, null, 'yesterday', 7]) {
      expect(rowTtl(server, { ...changing, updated }, undefined, NOW)).toBe(2);
    }
  });

  it('is five seconds for "there is no such row", less if the operator says so', () => {
    expect([undefined, 300, 1, 0].map((override) => rowTtl(server, null, override, NOW))).toEqual([5, 5, 1, 0]);
  });

  it('is what the operator says, which never prolongs a row in transition', () => {
    const ttls = [600, 1, 0].map((override) => [steady, changing].map((row) => rowTtl(server, row, override, NOW)));
    expect(ttls).toEqual([
      [600, 2],
      [1, 1],
      [0, 0],
    ]);
  });
});

describe('how long a list is served', () => {
  it('is as long as its shortest-lived row', () => {
    expect(listTtl(server, [steady, changing, stuck], undefined, NOW)).toBe(2);
    expect(listTtl(server, [steady, stuck], undefined, NOW)).toBe(30);
  });

  it('is that of a steady row when it is empty', () => {
    expect(listTtl(server, [], undefined, NOW)).toBe(30);
    expect(listTtl(flavor, [], undefined, NOW)).toBe(300);
    expect(listTtl(flavor, [], 7, NOW)).toBe(7);
  });
});
