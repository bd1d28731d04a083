import { afterEach, expect, it } from 'vitest';
import { atMostOncePerSecond } from '../../src/http/health.js';
import type { RunningServer } from '../../src/server.js';
import { createToy, READY, startToy, TOKEN_IN_ERROR, type Toy } from './toy.js';

let server: RunningServer | undefined;
afterEach(() => server?.stop());

async function ready(toy: Toy): Promise<{ status: number; body: unknown }> {
  server = await startToy(toy);
  const answer = await fetch(`${server.url}/readyz`);
  return { status: answer.status, body: await answer.json() };
}

it('/healthz is alive', async () => {
  server = await startToy(createToy());
  const answer = await fetch(`${server.url}/healthz`);
  expect(await answer.json()).toEqual({ alive: true });
});

it('/readyz says what it found and which cache it has', async () => {
  expect(await ready(createToy())).toEqual({ status: 200, body: { ready: true, ...READY } });
});

it('/readyz is 503 with the reason where Keystone does not answer', async () => {
  const toy = createToy();
  toy.readiness = async () => ({ ...READY, keystone: { ok: false, detail: 'connection refused' } });
  expect(await ready(toy)).toMatchObject({
    status: 503,
    body: { ready: false, reason: 'Keystone: connection refused' },
  });
});

it('/readyz stays 200 without its cache: the gateway serves, only slower', async () => {
  const toy = createToy();
  toy.readiness = async () => ({ ...READY, cache: { ok: false, kind: 'memcached', detail: 'cache-1 hangs' } });
  expect(await ready(toy)).toMatchObject({ status: 200, body: { cache: { ok: false } } });
});

it('/readyz is 503 where asking fails, without secrets in the reason', async () => {
  const toy = createToy();
  toy.readiness = () => Promise.reject(new Error(`refused ${TOKEN_IN_ERROR}`));
  expect(await ready(toy)).toEqual({ status: 503, body: { ready: false, reason: 'refused [secret]' } });
});

it('many who ask within a second share one answer', async () => {
  let now = 0;
  let asked = 0;
  const ask = atMostOncePerSecond(
    async () => (asked += 1),
    () => now,
  );
  expect(await Promise.all([ask(), ask()])).toEqual([1, 1]);
  now = 999;
  expect(await ask()).toBe(1);
  now = 1000;
  expect(await ask()).toBe(2);
});
