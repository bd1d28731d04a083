import { expect, it } from 'vitest';
import { playAll, writeRecorded } from './recorded.js';

const AUTH_URL = process.env['OS_AUTH_URL'] ?? 'http://127.0.0.1:5000/v3';

// It writes into the source tree, so no test run includes it: see `vitest.config.ts` beside it.
it('plays the sequence on the real control plane and keeps its answers', async () => {
  const files = await playAll(AUTH_URL, 500);
  writeRecorded(files);
  expect([...files.values()].flat().length).toBeGreaterThan(500);
});
