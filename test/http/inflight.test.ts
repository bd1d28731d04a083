import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { InFlight } from '../../src/http/inflight.js';

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
