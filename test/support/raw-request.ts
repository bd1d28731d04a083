import { request as httpRequest } from 'node:http';

/** An answer without what is new each time. */
export interface Sent {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: string;
}

/** A request byte by byte as a test wants it: `headers` in pairs, so that names can come twice. */
export function send(
  url: string,
  body: string,
  headers: readonly (readonly [string, string])[],
  chunked = false,
): Promise<Sent> {
  const { host, hostname, port } = new URL(url);
  const all = [['Host', host], ['Content-Type', 'application/json'], ...headers];
  if (!chunked) all.push(['Content-Length', String(Buffer.byteLength(body))]);
  return new Promise((resolve, reject) => {
    const sent = httpRequest({ hostname, port, path: '/graphql', method: 'POST', headers: all.flat() }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.once('end', () => {
        const { date: _, 'x-request-id': id, ...others } = response.headers;
        if (id !== undefined && !/^req-/.test(String(id))) reject(new Error(`expected an id of a request, got ${id}`));
        resolve({ status: response.statusCode ?? 0, headers: others, body: Buffer.concat(chunks).toString() });
      });
    });
    sent.once('error', reject);
    sent.end(body);
  });
}
