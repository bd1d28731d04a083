// Loaded into a gateway under load, before its own code: on SIGUSR2 it collects all garbage and prints what is left. Without
// this, memory at two moments could not be compared: V8 lets garbage lie until it needs the room.
import { setTimeout as wait } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc');

/** V8 gives freed pages back a little later, on threads of its own. */
const PAGES_MS = 500;

process.on('SIGUSR2', async () => {
  collect();
  await wait(PAGES_MS);
  collect();
  await wait(PAGES_MS);
  const { rss, heapUsed, external } = process.memoryUsage();
  process.stdout.write(`probe ${JSON.stringify({ rss, live: heapUsed + external })}\n`);
});
