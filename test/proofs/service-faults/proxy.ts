import http from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

/** One call as it came to the proxy. */
export interface Call {
  /** Official service type: the first part of the demo cloud's paths. */
  readonly service: string;
  readonly method: string;
  /** Below the service's prefix, with its query. */
  readonly path: string;
  readonly token: string | null;
}

/** What became of a call: `closed` says that the gateway went away before the answer was whole. */
export interface Seen extends Call {
  readonly end: Promise<'answered' | 'closed'>;
}

/** The cloud's own answer. */
export interface Upstream {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: Buffer;
}

/** A call in the hands of a fault. */
export interface Exchange {
  readonly call: Call;
  readonly response: http.ServerResponse;
  readonly socket: Socket;
  /** Lets the cloud do it, and brings its answer. At most once: a write would happen twice. */
  readonly pass: () => Promise<Upstream>;
  /** A server that nobody should ever call; see `FaultProxy.strays`. */
  readonly elsewhere: string;
}

/** Does to a call whatever services do when they fail. */
export type Misbehaviour = (exchange: Exchange) => void | Promise<void>;

interface Rule {
  readonly fits: (call: Call) => boolean;
  readonly act: Misbehaviour;
}

/**
 * Stands in front of every service of a demo cloud, on one port, and in its catalogs: what the gateway calls comes
 * through here, and a rule decides what goes wrong with it.
 */
export class FaultProxy {
  /** Every call since `forget`, in the order in which they came. */
  readonly seen: Seen[] = [];
  /** What came to a server of another origin that no catalog names. */
  readonly strays: http.IncomingHttpHeaders[] = [];
  /** Services that catalogs place at another origin than the proxy's. */
  readonly moved = new Map<string, string>();
  readonly #cloud: string;
  readonly #server: http.Server;
  readonly #elsewhere: http.Server;
  readonly #agent = new http.Agent({ keepAlive: true });
  readonly #open = new Set<Promise<unknown>>();
  #rule: Rule | null = null;

  private constructor(cloud: string) {
    this.#cloud = cloud;
    this.#server = http.createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
      this.#serve(request, response).catch(() => response.destroy());
    });
    this.#elsewhere = http.createServer((request, response) => {
      this.strays.push(request.headers);
      response.end('{}');
    });
  }

  /** In front of the demo cloud at `cloud` (`http://127.0.0.1:PORT`); `port` 0 picks a free one. */
  static async start(cloud: string, port = 0): Promise<FaultProxy> {
    const proxy = new FaultProxy(cloud);
    await listen(proxy.#server, port);
    await listen(proxy.#elsewhere, 0);
    return proxy;
  }

  get url(): string {
    return originOf(this.#server);
  }

  /** For `OS_AUTH_URL`. */
  get authUrl(): string {
    return `${this.url}/identity/v3`;
  }

  /** From now on calls that fit are in the hands of `act`. */
  misbehave(fits: (call: Call) => boolean, act: Misbehaviour): void {
    this.#rule = { fits, act };
  }

  /** From now on everything is well. */
  heal(): void {
    this.#rule = null;
  }

  forget(): void {
    this.seen.length = 0;
  }

  /** Resolves once no call is under way, as far as the gateway's sockets tell. */
  async quiet(): Promise<void> {
    while (this.#open.size > 0) await Promise.all(this.#open);
  }

  async stop(): Promise<void> {
    this.#agent.destroy();
    for (const server of [this.#server, this.#elsewhere]) {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
  }

  async #serve(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    const body = await bodyOf(request);
    const call = callOf(request);
    const end = new Promise<'answered' | 'closed'>((resolve) =>
      response.once('close', () => resolve(response.writableFinished ? 'answered' : 'closed')),
    );
    this.seen.push({ ...call, end });
    const open = end.finally(() => this.#open.delete(open));
    this.#open.add(open);
    let passed = false;
    const pass = (): Promise<Upstream> => {
      if (passed) throw new Error('a call is passed on once');
      passed = true;
      return this.#forward(request, body);
    };
    const rule = this.#rule;
    const act = rule?.fits(call) ? rule.act : passOn;
    await act({ call, response, socket: request.socket, pass, elsewhere: originOf(this.#elsewhere) });
  }

  #forward(request: http.IncomingMessage, body: Buffer): Promise<Upstream> {
    const { method, url = '/', headers } = request;
    return new Promise((resolve, reject) => {
      const forwarded = http.request(
        `${this.#cloud}${url}`,
        { method, agent: this.#agent, headers: { ...headers, 'accept-encoding': 'identity' } },
        (answer) => {
          bodyOf(answer).then((raw) => {
            const { statusCode: status = 0, headers: theirs } = answer;
            const own = url.startsWith('/identity/v3/auth/tokens') ? this.#withOwnCatalog(raw) : raw;
            resolve({ status, headers: theirs, body: own });
          }, reject);
        },
      );
      forwarded.once('error', reject);
      forwarded.end(body);
    });
  }

  #withOwnCatalog(body: Buffer): Buffer {
    let text = body.toString();
    for (const [service, origin] of this.moved) {
      text = text.replaceAll(`${this.#cloud}/${service}`, `${origin}/${service}`);
    }
    return Buffer.from(text.replaceAll(this.#cloud, this.url));
  }
}

const passOn: Misbehaviour = async ({ response, pass }) => {
  send(response, await pass());
};

/** Answers as the cloud did. */
export function send(response: http.ServerResponse, { status, headers, body }: Upstream): void {
  const { 'content-length': _, 'transfer-encoding': __, connection: ___, ...rest } = headers;
  const length = status === 204 ? {} : { 'content-length': String(body.length) };
  response.writeHead(status, { ...rest, ...length });
  response.end(body);
}

function callOf(request: http.IncomingMessage): Call {
  const [, service = '', path = '/'] = /^\/([^/?]*)(.*)$/.exec(request.url ?? '') ?? [];
  const token = request.headers['x-auth-token'];
  return { service, method: request.method ?? '', path, token: typeof token === 'string' ? token : null };
}

async function bodyOf(stream: AsyncIterable<unknown>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) if (chunk instanceof Buffer) chunks.push(chunk);
  return Buffer.concat(chunks);
}

function listen(server: http.Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
}

function originOf(server: http.Server): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
