import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { urlBatches } from '../../src/load/batches.js';

/** As the client writes it into the URL. */
function written(parameter: string, batch: readonly string[]): string {
  return batch.map((value) => `${parameter}=${encodeURIComponent(value)}`).join('&');
}

describe('the values of a parameter, cut into URLs', () => {
  it('all arrive, in order, in URLs that the service accepts', () => {
    const value = fc.string({ unit: 'grapheme', minLength: 20, maxLength: 60, size: 'max' });
    const values = fc.array(value, { maxLength: 400, size: 'max' });
    fc.assert(
      fc.property(fc.constantFrom('id', 'device_id', 'fixed_ips'), values, fc.nat(2000), (parameter, all, taken) => {
        const batches = urlBatches(parameter, all, taken);
        expect(batches.flat()).toEqual(all);
        for (const batch of batches) {
          expect(batch.length).toBeGreaterThan(0);
          expect(batch.length).toBeLessThanOrEqual(190);
          expect(written(parameter, batch).length).toBeLessThanOrEqual(7900 - taken);
        }
      }),
      { numRuns: 50 },
    );
  });

  it('take 190 UUIDs to a call', () => {
    const ids = Array.from({ length: 381 }, (_, n) => String(n).padStart(36, '0'));
    expect(urlBatches('id', ids).map((batch) => batch.length)).toEqual([190, 190, 1]);
  });

  it('are no call when there are none, and one when a single value fills a URL', () => {
    expect(urlBatches('id', [])).toEqual([]);
    const long = 'x'.repeat(7896);
    expect(urlBatches('id', ['a', long, 'b'])).toEqual([['a'], [long], ['b']]);
  });
});
