import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

const NOTHING_ALLOWED = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'";

/** The explorer's page: its own scripts and workers only; Monaco writes its styles into the page. */
const EXPLORER_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "font-src 'self' data:",
  "img-src 'self' data:",
  "worker-src 'self' blob:",
  "connect-src 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');

/** Headers that every answer carries. Answers hold what one user may see, so nobody on the way may keep them. */
export const ALWAYS = {
  'content-security-policy': NOTHING_ALLOWED,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
};

/** Sets the security headers of every answer. Routes may set their own instead. */
export function secureAnswers(app: FastifyInstance): void {
  app.addHook('onRequest', async (_request, reply) => {
    reply.headers(ALWAYS);
  });
}

/** Replaces the policy of an answer by the explorer's. */
export function allowExplorer(reply: FastifyReply): FastifyReply {
  return reply.header('content-security-policy', EXPLORER_POLICY);
}

const CORS_METHODS = 'GET, POST, OPTIONS';
const CORS_HEADERS =
  'Content-Type, X-Auth-Token, Authorization, Cache-Control, X-Explain, Apollo-Require-Preflight, X-Apollo-Operation-Name';
const PREFLIGHT_SECONDS = '3600';

/** Lets pages of the given origins call the gateway. No cookies are involved: tokens travel in headers. */
export function allowOrigins(app: FastifyInstance, origins: readonly string[]): void {
  if (origins.length === 0) return;
  app.addHook('onRequest', async (request, reply) => {
    reply.header('vary', 'Origin');
    const { origin } = request.headers;
    if (origin === undefined || !(origins.includes('*') || origins.includes(origin))) return undefined;
    reply.header('access-control-allow-origin', origins.includes('*') ? '*' : origin);
    return isPreflight(request) ? answerPreflight(request, reply) : undefined;
  });
}

function isPreflight(request: FastifyRequest): boolean {
  return request.method === 'OPTIONS' && request.headers['access-control-request-method'] !== undefined;
}

function answerPreflight(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  reply.headers({
    'access-control-allow-methods': CORS_METHODS,
    'access-control-allow-headers': CORS_HEADERS,
    'access-control-max-age': PREFLIGHT_SECONDS,
  });
  // Apollo Sandbox, a public page, may reach a gateway on loopback only with this.
  if (request.headers['access-control-request-private-network'] === 'true') {
    reply.header('access-control-allow-private-network', 'true');
  }
  return reply.code(204).send();
}
