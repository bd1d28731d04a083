import { type IncomingMessage, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { ALWAYS } from './headers.js';

/** The body of an answer to a request that never became an operation. */
export function errorBody(
  message: string,
  code: string,
): { errors: { message: string; extensions: { code: string } }[] } {
  return { errors: [{ message, extensions: { code } }] };
}

/** Answers where the router cannot read the address: no hook has run by then. */
export function answerBadAddress(_error: FastifyError, _request: FastifyRequest, reply: FastifyReply): void {
  const message = 'The address is malformed: expected a path whose percent signs encode UTF-8.';
  void reply.code(400).headers(ALWAYS).send(errorBody(message, 'BAD_REQUEST'));
}

/** Node's names for what is wrong with bytes that should have been a request; any other is a plain 400. */
const STATUS_OF_PARSER: Readonly<Record<string, number>> = {
  HPE_HEADER_OVERFLOW: 431,
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 413,
  ERR_HTTP_REQUEST_TIMEOUT: 408,
};

const MESSAGES: Readonly<Record<number, string>> = {
  400: 'These bytes are not an HTTP request that can be understood in one way only.',
  408: 'The request did not arrive in time.',
  413: 'The chunks of the body carry more extensions than data.',
  431: 'The headers are too large: expected at most 16 KiB.',
};

/** Answers bytes that Node's parser refused, and closes the connection: where the next request begins is unknown. */
export function answerUnreadable(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) return;
  if (!socket.writable) {
    socket.destroy(error);
    return;
  }
  const status = STATUS_OF_PARSER[error.code ?? ''] ?? 400;
  const body = JSON.stringify(errorBody(MESSAGES[status] ?? '', 'BAD_REQUEST'));
  const headers = {
    ...ALWAYS,
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(body),
    connection: 'close',
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n${lines.join('')}\r\n${body}`);
}

/**
 * Refuses what a proxy in front may have read in another way than Node, which takes the first of several `Host` headers, or
 * one that is no host, and leaves the body as it is, whatever `Content-Encoding` says.
 */
export function refuseAmbiguous(app: FastifyInstance): void {
  app.addHook('onRequest', async (request, reply) => {
    const { raw } = request;
    if ((raw.headersDistinct['host'] ?? []).length > 1) {
      return reply.code(400).send(errorBody('Expected one Host header, got several.', 'BAD_REQUEST'));
    }
    if (!hasReadableHost(request)) {
      return reply.code(400).send(errorBody('Host: expected a name or an address, got neither.', 'BAD_REQUEST'));
    }
    return isEncoded(raw)
      ? reply.code(415).send(errorBody('Content-Encoding: expected none, bodies are not decoded.', 'BAD_REQUEST'))
      : undefined;
  });
}

/** Probes of load balancers may come by HTTP/1.0, without a host; GraphQL over HTTP makes a URL of it. */
function hasReadableHost({ headers, hostname, routeOptions }: FastifyRequest): boolean {
  if (headers.host === undefined && routeOptions.url !== '/graphql') return true;
  return URL.canParse(`http://${hostname}/`);
}

function isEncoded({ headers }: IncomingMessage): boolean {
  const encoding = headers['content-encoding'] ?? 'identity';
  return encoding.trim().toLowerCase() !== 'identity';
}
