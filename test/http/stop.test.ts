import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { ask, createToy, startToy } from './toy.js';

const SOON = { queries: 20, writes: 10_000, flush: 1000 };

it('a stopping server lets queries finish and closes its parts after the last answer', async () => {
  const toy = createToy();
  const { url, stop } = await startToy(toy);
  const answer = ask(url, '{ wait }');
  await toy.reached;
  const stopped = stop();
  expect(toy.closed).toBe(false);
  toy.release();
  expect((await answer).body).toEqual({ data: { wait: 'waited' } });
  await stopped;
  expect(toy.closed).toBe(true);
  await expect(fetch(`${url}/healthz`)).rejects.toThrow();
});

it('queries that take too long are told so, and their answers are still sent', async () => {
  const toy = createToy();
  const { url, stop } = await startToy(toy, { deadlines: SOON });
  const answer = ask(url, '{ wait }');
  const { signal } = await toy.reached;
  await stop();
  expect(signal.aborted).toBe(true);
  expect((await answer).body).toEqual({ data: { wait: 'waited' } });
});

it('writes run to their end, longer than queries may, and are never aborted', async () => {
  const toy = createToy();
  const { url, stop } = await startToy(toy, { deadlines: SOON });
  const answer = ask(url, 'mutation { write }');
  const { signal } = await toy.reached;
  const stopped = stop();
  await new Promise((resolve) => setTimeout(resolve, 3 * SOON.queries));
  expect(signal.aborted).toBe(false);
  expect(toy.closed).toBe(false);
  toy.release();
  expect((await answer).body).toEqual({ data: { write: 'written' } });
  await stopped;
});

it('a write whose client has left still holds the server open', async () => {
  const toy = createToy();
  const { url, stop } = await startToy(toy, { deadlines: SOON });
  const controller = new AbortController();
  const answer = fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query: 'mutation { write }' }),
    signal: controller.signal,
  });
  const { signal } = await toy.reached;
  const left = new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
  controller.abort();
  await expect(answer).rejects.toThrow();
  await left;
  let isStopped = false;
  const stopped = stop().then(() => {
    isStopped = true;
  });
  await new Promise((resolve) => setTimeout(resolve, 3 * SOON.queries));
  expect(isStopped).toBe(false);
  toy.release();
  await stopped;
});

it('stopping twice is stopping once', async () => {
  const { stop } = await startToy(createToy());
  await Promise.all([stop(), stop()]);
});

describe('while it drains', () => {
  it('a server that stops is not ready, but takes new connections and asks for each to be closed', async () => {
    const { url, stop } = await startToy(createToy());
    const stopped = stop({ drainMs: 300 });
    const ready = await fetch(`${url}/readyz`);
    expect([ready.status, await ready.json()]).toEqual([503, { ready: false, reason: 'stopping' }]);
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
    const answer = await ask(url, '{ hello }');
    expect([answer.status, answer.headers.get('connection')]).toEqual([200, 'close']);
    await stopped;
    await expect(fetch(`${url}/readyz`)).rejects.toThrow();
  });

  it('a connection that was kept alive takes one more request and is closed behind the answer', async () => {
    const { url, stop } = await startToy(createToy());
    const client = await connected(url);
    client.write(requestFor('{ hello }'));
    expect(await client.next('hello world')).not.toContain('connection: close');
    const stopped = stop({ drainMs: 300 });
    client.write(requestFor('{ hello }'));
    expect(await client.next('hello world')).toContain('connection: close');
    await client.ended;
    await stopped;
  });

  it('connections that stay idle are closed at its end', async () => {
    const { url, stop } = await startToy(createToy());
    const client = await connected(url);
    client.write(requestFor('{ hello }'));
    await client.next('hello world');
    await stop({ drainMs: 50 });
    await client.ended;
  });
});

it('a request that arrives on an open connection after the server closed its door is answered, not refused', async () => {
  const toy = createToy();
  const { url, stop } = await startToy(toy);
  const early = await connected(url);
  const half = await connected(url);
  half.write(requestFor('{ hello }').slice(0, -10));
  const slow = ask(url, '{ wait }');
  await toy.reached;
  const stopped = stop();
  early.write(requestFor('{ hello }'));
  half.write(requestFor('{ hello }').slice(-10));
  for (const client of [early, half]) {
    const answer = await client.next('}');
    expect(answer).toMatch(/^HTTP\/1.1 200 /);
    expect(answer).toContain('connection: close');
  }
  toy.release();
  await slow;
  await stopped;
});

/** A bare connection: `fetch` opens and closes its own as it likes. */
async function connected(url: string) {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  await once(socket, 'connect');
  let text = '';
  const ended = once(socket, 'close');
  return {
    ended,
    write: (request: string) => void socket.write(request),
    /** All that came until `last` was among it, in lower-case headers. */
    next: async (last: string): Promise<string> => {
      text = '';
      for (;;) {
        const [chunk] = (await Promise.race([once(socket, 'data'), ended.then(() => [null])])) as [Buffer | null];
        if (chunk === null) throw new Error(`the connection ended; before it came: ${text}`);
        text += chunk.toString();
        if (text.split('\r\n\r\n')[1]?.includes(last))
          return text.replace(/^([\w-]+):/gm, (name) => name.toLowerCase());
      }
    },
  };
}

function requestFor(query: string): string {
  const body = JSON.stringify({ query });
  const head = ['POST /graphql HTTP/1.1', 'Host: localhost', 'Content-Type: application/json'];
  return [...head, `Content-Length: ${body.length}`, '', body].join('\r\n');
}
