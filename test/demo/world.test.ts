import { setImmediate as turn } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { QUOTAS } from '../../src/demo/index.js';
import { World } from '../../src/demo/world.js';

function emptyWorld(): World {
  return new World({ seed: 1, clock: Date.now, pace: 1, logLimit: 10, quotas: QUOTAS });
}

/** Holds the event loop up, as other work on a busy machine does. */
function block(ms: number): void {
  const until = performance.now() + ms;
  while (performance.now() < until);
}

// Node runs all that is due of one duration before it looks at the next: here the second 60 right behind the first.
it('takes transitions in the order in which they are due, however late the event loop is', async () => {
  const world = emptyWorld();
  const taken: string[] = [];
  world.later(60, () => taken.push('another server: launched'));
  block(30);
  await turn();
  world.later(40, () => taken.push('spawning'));
  world.later(60, () => taken.push('launched'));
  block(100);
  await world.settled();
  expect(taken).toEqual(['another server: launched', 'spawning', 'launched']);
});

it('logs each transition with the call that set it going, whoever’s timer takes it', async () => {
  const world = emptyWorld();
  world.startLog();
  const insert = (id: string) => world.projects.insert({ id, name: id, description: '' });
  const call = {};
  world.later(60, () => insert('first'));
  block(30);
  await turn();
  world.later(40, () => insert('of nobody'));
  await world.onBehalf(call, async () => world.later(60, () => insert('of a call')));
  block(100);
  await world.settled();
  expect(world.log.map(({ cause }) => cause)).toEqual([null, null, { call, later: true }]);
});
