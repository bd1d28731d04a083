import { describe, expect, it } from 'vitest';
import { growth, runLoad } from '../../bench/load/run.js';
import { memcachedInstalled, onMemcached } from '../memcached.js';
import { sized } from './support/sized.js';

const MIB = 2 ** 20;

describe.skipIf(!memcachedInstalled)(onMemcached('load with mutations'), () => {
  it('is answered without an error, and neither memory nor file descriptors grow', async () => {
    const lines: string[] = [];
    const { problems, errors, requests } = await runLoad({
      seconds: sized(2, 120),
      rate: sized<number | 'auto'>(40, 'auto'),
      seed: 1,
      gateways: 2,
      print: (line) => lines.push(line),
    });
    console.log(lines.join('\n'));
    expect(problems).toEqual([]);
    expect(errors).toBe(0);
    expect(requests).toBeGreaterThan(sized(50, 1000));
  });
});

describe('what counts as growth', () => {
  const held = { rss: 150 * MIB, live: 30 * MIB, fds: 60 };

  it('is nothing that comes and goes', () => {
    expect(growth([held, { ...held, rss: 300 * MIB }, held], 'gateway 1', 0)).toEqual([]);
  });

  it('is not what a gateway remembers of the rows that were made, on purpose and within bounds', () => {
    const end = { ...held, live: 40 * MIB };
    expect(growth([held, held, end], 'gateway 1', 20_000)).toEqual([]);
    expect(growth([held, held, { ...held, live: 62 * MIB }], 'gateway 1', 1_000_000)).toHaveLength(1);
  });

  it('is memory that stays, and descriptors that stay open', () => {
    const end = { rss: 240 * MIB, live: 40 * MIB, fds: 160 };
    expect(growth([held, held, end], 'gateway 1', 0)).toEqual([
      'gateway 1: live heap grew from 30.0 to 40.0 MiB',
      'gateway 1: RSS grew from 150.0 to 240.0 MiB',
      'gateway 1: file descriptors grew from 60 to 160',
    ]);
  });
});
