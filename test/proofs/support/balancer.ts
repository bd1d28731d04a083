import { once } from 'node:events';
import { Agent, createServer, type IncomingMessage, type ServerResponse, request as send } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';

/**
 * A load balancer as HAProxy or an ingress is one: probes `/readyz`, leaves a gateway out after two bad answers and takes it
 * back after a good one, keeps connections alive, and repeats nothing. Where none is good it uses all, as Envoy does.
 */
export interface Balancer {
  readonly url: string;
  /** Takes a gateway in; it gets requests once `/readyz` says 200. */
  add(url: string): Promise<void>;
  /** Resolves once the probe has seen that the gateway at this URL is not ready; it is forgotten then. */
  left(url: string): Promise<void>;
  /** What went wrong between the balancer and a gateway: each is a request lost. */
  readonly lost: readonly string[];
  close(): Promise<void>;
}

interface Upstream {
  readonly url: string;
  readonly agent: Agent;
  ready: boolean;
}

/** Starts a balancer on a free port of loopback that probes each gateway every `probeMs` milliseconds. */
export async function startBalancer(probeMs: number): Promise<Balancer> {
  const upstreams = new Map<string, Upstream>();
  const lost: string[] = [];
  let turn = 0;
  const server = createServer((request, response) => {
    const all = [...upstreams.values()];
    const ready = all.filter((upstream) => upstream.ready);
    const chosen = ready.length > 0 ? ready : all;
    const upstream = chosen[turn++ % chosen.length];
    if (upstream === undefined) return lose(response, lost, 'there is no gateway');
    forward(request, response, upstream, (why) => lose(response, lost, why));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    lost,
    add: async (url) => {
      const upstream = { url, agent: new Agent({ keepAlive: true }), ready: true };
      while (!(await isReady(url))) await wait(probeMs);
      upstreams.set(url, upstream);
      void watch(upstream, probeMs, () => upstreams.get(url) === upstream);
    },
    left: async (url) => {
      while (upstreams.get(url)?.ready) await wait(probeMs / 4);
      upstreams.delete(url);
    },
    close: async () => {
      for (const upstream of upstreams.values()) upstream.agent.destroy();
      upstreams.clear();
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

async function watch(upstream: Upstream, probeMs: number, isWatched: () => boolean): Promise<void> {
  let bad = 0;
  while (isWatched()) {
    await wait(probeMs);
    bad = (await isReady(upstream.url)) ? 0 : bad + 1;
    upstream.ready = bad < 2;
  }
}

async function isReady(url: string): Promise<boolean> {
  try {
    return (await fetch(`${url}/readyz`)).ok;
  } catch {
    return false;
  }
}

function forward(
  request: IncomingMessage,
  response: ServerResponse,
  { url, agent }: Upstream,
  fail: (why: string) => void,
): void {
  const { host: _, connection: __, ...headers } = request.headers;
  const onward = send(`${url}${request.url ?? '/'}`, { method: request.method ?? 'GET', headers, agent }, (answer) => {
    const { connection: ___, 'keep-alive': ____, ...passed } = answer.headers;
    response.writeHead(answer.statusCode ?? 502, passed);
    answer.pipe(response);
    answer.once('error', (error) => fail(`the answer broke off: ${error.message}`));
  });
  onward.once('error', (error) => fail(`no answer: ${error.message}`));
  request.pipe(onward);
}

function lose(response: ServerResponse, lost: string[], why: string): void {
  lost.push(why);
  if (response.headersSent) response.destroy();
  else response.writeHead(502).end(why);
}
