import { randomBytes, timingSafeEqual } from 'node:crypto';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

/**
 * The door of single-user mode. Every program and every web page on the machine reaches a loopback port, so a request
 * has to show the secret of this start: in the URL (`?secret=…`, which a browser exchanges for a cookie), as the cookie,
 * or as the header `X-Start-Secret`.
 */
export interface Door {
  readonly secret: string;
  /** `url` with the secret, as it is printed at the start. */
  urlWithSecret(url: string): string;
}

const SECRET_BYTES = 24;

export function createDoor(): Door {
  const secret = randomBytes(SECRET_BYTES).toString('base64url');
  return {
    secret,
    urlWithSecret(url) {
      const whole = new URL(url);
      whole.searchParams.set('secret', secret);
      return whole.href;
    },
  };
}

/** Whether `host` (the configuration's, not a request's) is reachable from this machine only. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(host);
}

/** Puts the door before every route. `boundHost` is the address listened on, without port. */
export function guardWithDoor(app: FastifyInstance, door: Door, boundHost: string): void {
  app.addHook('onRequest', async (request, reply) => {
    const { port } = portOf(app);
    const hosts = ownHosts(boundHost, port);
    if (!hosts.has((request.headers.host ?? '').toLowerCase())) {
      return refuse(reply, 403, `This gateway answers at ${[...hosts].join(', ')} only.`);
    }
    if (isForeign(request, hosts)) return refuse(reply, 403, 'Pages of other origins may not call this gateway.');
    return letIn(request, reply, door, `stratograph-${port}`);
  });
}

function letIn(request: FastifyRequest, reply: FastifyReply, door: Door, cookie: string): FastifyReply | undefined {
  const url = addressOf(request);
  const shown = url.searchParams.get('secret');
  if (shown !== null && same(shown, door.secret)) {
    reply.header('set-cookie', `${cookie}=${door.secret}; HttpOnly; SameSite=Strict; Path=/`);
    if (request.method !== 'GET') return undefined;
    // The secret leaves the address bar, and with it the history and the screenshots.
    url.searchParams.delete('secret');
    const isPage = acceptsHtml(request) && url.pathname === request.routeOptions.url;
    return isPage ? reply.redirect(`${url.pathname}${url.search}`, 303) : undefined;
  }
  const shownOtherwise = [request.headers['x-start-secret'], cookieOf(request.headers.cookie, cookie)];
  if (shownOtherwise.some((text) => typeof text === 'string' && same(text, door.secret))) return undefined;
  return refuse(
    reply,
    401,
    'Open the URL that the gateway printed at its start, or send its secret as X-Start-Secret.',
  );
}

/** Some addresses (`//`) are no URLs: nothing is at them, and they show no secret. */
function addressOf({ raw: { url = '/' } }: FastifyRequest): URL {
  const base = 'http://localhost';
  return new URL(URL.canParse(url, base) ? url : '/', base);
}

/** A browser says where a page comes from; other programs say nothing. `null` is the origin of files and sandboxes. */
function isForeign(request: FastifyRequest, hosts: ReadonlySet<string>): boolean {
  const { origin } = request.headers;
  return origin !== undefined && ![...hosts].some((host) => origin === `http://${host}`);
}

function ownHosts(boundHost: string, port: number): ReadonlySet<string> {
  const bound = boundHost.includes(':') && !boundHost.startsWith('[') ? `[${boundHost}]` : boundHost;
  const names = [bound.toLowerCase(), 'localhost'];
  return new Set([...names.map((name) => `${name}:${port}`), ...(port === 80 ? names : [])]);
}

function portOf(app: FastifyInstance): { readonly port: number } {
  const address = app.server.address();
  return { port: typeof address === 'object' && address !== null ? address.port : 0 };
}

function cookieOf(header: string | undefined, name: string): string | undefined {
  const pairs = (header ?? '').split(';').map((pair) => pair.trim());
  return pairs.find((pair) => pair.startsWith(`${name}=`))?.slice(name.length + 1);
}

export function acceptsHtml(request: FastifyRequest): boolean {
  return request.method === 'GET' && (request.headers.accept ?? '').includes('text/html');
}

function same(one: string, other: string): boolean {
  const [left, right] = [Buffer.from(one), Buffer.from(other)];
  return left.length === right.length && timingSafeEqual(left, right);
}

function refuse(reply: FastifyReply, status: 401 | 403, message: string): FastifyReply {
  const code = status === 401 ? 'UNAUTHENTICATED' : 'FORBIDDEN';
  return reply.code(status).send({ errors: [{ message, extensions: { code } }] });
}
