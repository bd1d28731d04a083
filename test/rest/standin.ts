import http from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { type Scope, Secret } from '../../src/auth/scope.js';
import { createTransport, type Transport } from '../../src/rest/client.js';
import type { Limits, Time, TransportOptions } from '../../src/rest/options.js';

export interface Seen {
  readonly method: string;
  readonly url: string;
  readonly headers: http.IncomingHttpHeaders;
  readonly socket: Socket;
  readonly body: string;
}

export type Handler = (request: Seen, response: http.ServerResponse, count: number) => void;

/** A service on a real loopback socket that does what a test tells it, and remembers what it was asked. */
export interface StandIn {
  readonly url: string;
  readonly seen: Seen[];
  close(): Promise<void>;
}

const open = new Set<() => Promise<void> | void>();

/** Closes everything that the tests of a file have opened; for `afterEach`. */
export async function closeAll(): Promise<void> {
  for (const close of open) await close();
  open.clear();
}

export async function standIn(handler: Handler): Promise<StandIn> {
  const seen: Seen[] = [];
  const server = http.createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { method = '', url = '', headers, socket } = request;
      const one = { method, url, headers, socket, body: Buffer.concat(chunks).toString() };
      seen.push(one);
      handler(one, response, seen.length);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  open.add(close);
  return { url: `http://127.0.0.1:${port}`, seen, close };
}

/** Answers with JSON. */
export function json(
  response: http.ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify(body));
}

export const TOKEN = 'gAAAAABstandInTokenOfNobody_0123456789';

/** A project-scoped member whose catalog has these services at these addresses, in region `R1`. */
export function scopeWith(services: Readonly<Record<string, string>>): Scope {
  const domain = { id: 'default', name: 'Default' };
  return {
    token: new Secret(TOKEN),
    user: { id: 'u1', name: 'alice', domain },
    project: { id: 'p1', name: 'demo-a', domain },
    domain: null,
    system: false,
    roles: [{ id: 'r1', name: 'member' }],
    isAdminProject: true,
    trustId: null,
    applicationCredentialId: null,
    hasAccessRules: false,
    catalog: Object.entries(services).map(([type, url]) => ({
      type,
      name: type,
      endpoints: [{ region: 'R1', interface: 'public' as const, url }],
    })),
    issuedAt: new Date('2026-01-01T00:00:00Z'),
    expiresAt: new Date('2126-01-01T00:00:00Z'),
  };
}

/** A transport that never really waits: `waits` has what it would have. */
export function transportTo(
  authUrl: string,
  limits: Partial<Limits> = {},
  more: Partial<TransportOptions> & { readonly time?: Partial<Time> } = {},
): { transport: Transport; waits: number[] } {
  const waits: number[] = [];
  const sleep = async (ms: number): Promise<void> => {
    waits.push(ms);
  };
  const time = { sleep, random: () => 0.5, ...more.time };
  const transport = createTransport({ authUrl, region: 'R1', interface: 'public', ...more, limits, time });
  open.add(() => transport.close());
  return { transport, waits };
}
