import { describe, expect, it } from 'vitest';
import { Attempts, askerAt } from '../../src/auth/attempts.js';

describe('an address', () => {
  it.each([
    ['10.0.0.1', '10.0.0.1'],
    ['::ffff:10.0.0.1', '10.0.0.1'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:0db8:1:2::9', '2001:db8:1:2::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['self', 'self'],
  ])('%s is the asker %s', (address, asker) => {
    expect(askerAt(address)).toBe(asker);
  });
});

describe('attempts', () => {
  it('count from their start, in windows, by name', () => {
    let now = 0;
    const attempts = new Attempts(2, 1000, () => now);
    attempts.begin('a', 'tries');
    attempts.begin('a', 'tries');
    attempts.begin('b', 'tries');
    expect(() => attempts.begin('a', 'tries')).toThrow(
      expect.objectContaining({ code: 'RATE_LIMITED', retryAfter: 1 }),
    );
    attempts.giveBack('a');
    attempts.begin('a', 'tries');
    now = 1000;
    attempts.begin('a', 'tries');
  });

  it('are not forgiven by those of others, nor given back more than once counted', () => {
    const attempts = new Attempts(1, 1000, () => 0);
    attempts.giveBack('a');
    attempts.begin('a', 'tries');
    attempts.giveBack('b');
    expect(() => attempts.begin('a', 'tries')).toThrow();
  });
});
