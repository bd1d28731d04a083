import type { FastifyInstance } from 'fastify';
import { withoutSecrets } from './log.js';
import type { Readiness } from './parts.js';

/** A probe per second is plenty: the route is open to everybody and asks Keystone and memcached. */
const KEEP_MS = 1000;

/** Calls `ask` at most once a second, however many want to know. */
export function atMostOncePerSecond<T>(ask: () => Promise<T>, now: () => number = Date.now): () => Promise<T> {
  let last: { readonly at: number; readonly answer: Promise<T> } | null = null;
  return () => {
    if (last === null || now() - last.at >= KEEP_MS) last = { at: now(), answer: ask() };
    return last.answer;
  };
}

/** `/healthz`: the process answers. `/readyz`: it can serve; 503 with the reason where it cannot. */
export function serveHealth(
  app: FastifyInstance,
  readiness: () => Promise<Readiness>,
  isStopping: () => boolean,
): void {
  const ask = atMostOncePerSecond(readiness);
  app.get('/healthz', async () => ({ alive: true }));
  app.get('/readyz', async (_request, reply) => {
    const answer = await readyAnswer(ask, isStopping());
    return reply.code(answer.ready ? 200 : 503).send(answer);
  });
}

/**
 * A cache that does not answer leaves the gateway ready, only slower: were it not, one dead memcached would take every
 * replica out of its load balancer at once.
 */
async function readyAnswer(
  ask: () => Promise<Readiness>,
  stopping: boolean,
): Promise<{ ready: boolean } & Partial<Readiness> & { reason?: string }> {
  if (stopping) return { ready: false, reason: 'stopping' };
  try {
    const { keystone, cache } = await ask();
    if (keystone.ok) return { ready: true, keystone, cache };
    return { ready: false, reason: `Keystone: ${keystone.detail}`, keystone, cache };
  } catch (error) {
    return { ready: false, reason: withoutSecrets(error instanceof Error ? error.message : String(error)) };
  }
}
