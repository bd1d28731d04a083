import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Later } from '../../src/metrics/later.js';

it('tells everything once and in its order, by itself before too much waits', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.nat(), fc.constant('tell' as const)), { maxLength: 600 }), (all) => {
      const later = new Later();
      const told: number[] = [];
      const count = later.of((one: number) => told.push(one));
      const counted: number[] = [];
      for (const one of all) {
        if (one === 'tell') {
          later.tell();
          expect(told).toEqual(counted);
        } else {
          count(one);
          counted.push(one);
        }
        expect(counted.length - told.length).toBeLessThan(256);
      }
      later.tell();
      later.tell();
      expect(told).toEqual(counted);
    }),
  );
});

it('keeps the figures of several apart', () => {
  const later = new Later();
  const told: string[] = [];
  const [one, other] = ['one', 'other'].map((name) => later.of((what: string) => told.push(`${name} ${what}`)));
  one?.('a');
  other?.('b');
  one?.('c');
  expect(told).toEqual([]);
  later.tell();
  expect(told).toEqual(['one a', 'other b', 'one c']);
});
