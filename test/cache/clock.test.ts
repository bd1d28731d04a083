import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { wallClock, within } from '../../src/cache/clock.js';

const NEVER = new Promise<never>(() => {});

describe('the wall clock', () => {
  it('wakes a process that has nothing else to do', async () => {
    // What the test runner has to say at a file's beginning would wake it as well.
    await wait(1000);
    // No timer of this process: Node looks at what waits for its turn before it runs one.
    const late = once(spawn('sleep', ['3'], { stdio: 'ignore' }), 'exit').then(() => 'late');
    expect(await Promise.race([within(wallClock, 20, NEVER, 'in time'), late])).toBe('in time');
  });

  it('lets what has arrived be read before it says that time is over', async () => {
    const begun = performance.now();
    const reading = within(wallClock, 5, new Promise((resolve) => setImmediate(resolve, 'read')), 'over');
    // The process is late: by now both the timer and what was waited for are due.
    while (performance.now() - begun < 20);
    expect(await reading).toBe('read');
  });
});
