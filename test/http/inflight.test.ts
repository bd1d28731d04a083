import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Flight, InFlight } from '../../src/http/inflight.js';

const CALLS = 50;

describe('the signal of an operation', () => {
  const warnings: Error[] = [];
  const note = (warning: Error) => warnings.push(warning);

  beforeEach(() => {
    warnings.length = 0;
    process.on('warning', note);
  });
  afterEach(() => void process.off('warning', note));

  it('is listened to by as many calls as a page takes, and Node sees no leak in that', async () => {
    const flight = new InFlight().begin();
    let told = 0;
    for (let call = 0; call < CALLS; call += 1) flight.signal.addEventListener('abort', () => (told += 1));
    flight.abort();
    await new Promise((resolve) => setImmediate(resolve));
    expect(told).toBe(CALLS);
    expect(warnings).toEqual([]);
  });
});

it('knows those that have not landed, whoever lands first and however often', () => {
  fc.assert(
    fc.property(fc.array(fc.record({ begin: fc.boolean(), which: fc.nat(), write: fc.boolean() })), (steps) => {
      const inFlight = new InFlight();
      const begun: Flight[] = [];
      const flying = new Set<Flight>();
      for (const { begin, which, write } of steps) {
        const known = begun[which % Math.max(1, begun.length)];
        if (begin || known === undefined) {
          const flight = inFlight.begin();
          if (write) flight.write();
          begun.push(flight);
          flying.add(flight);
        } else {
          known.end();
          flying.delete(known);
        }
        const reads = [...flying].filter(({ kind }) => kind === 'read');
        expect(inFlight.count('read')).toBe(reads.length);
        expect(inFlight.count('write')).toBe(flying.size - reads.length);
      }
      inFlight.abortReads();
      for (const flight of begun) expect(flight.signal.aborted).toBe(flying.has(flight) && flight.kind === 'read');
    }),
  );
});
