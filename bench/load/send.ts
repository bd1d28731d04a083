import { Agent, request } from 'node:http';

/** Sockets to one gateway: what a balancer in front of it would hold. What finds none free waits here, and that counts. */
const SOCKETS = 64;
const LONGEST_MS = 60_000;

/** What a gateway answered: the text as it came. */
export interface Answered {
  readonly status: number;
  readonly text: string;
}

/** Sends queries to one gateway over connections that are kept alive. */
export class Sender {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: SOCKETS, maxFreeSockets: SOCKETS, scheduling: 'fifo' });
  readonly #url: string;

  constructor(url: string) {
    this.#url = `${url}/graphql`;
  }

  /** Throws where no answer came within a minute, or the connection broke. */
  send(token: string | null, query: string, variables: object = {}): Promise<Answered> {
    const body = Buffer.from(JSON.stringify({ query, variables }));
    const headers = {
      'content-type': 'application/json',
      'content-length': body.length,
      ...(token === null ? {} : { 'x-auth-token': token }),
    };
    return new Promise((resolve, reject) => {
      const options = { method: 'POST', agent: this.#agent, headers, timeout: LONGEST_MS };
      const sent = request(this.#url, options, (answer) => {
        const chunks: Buffer[] = [];
        answer.on('data', (chunk: Buffer) => chunks.push(chunk));
        answer.once('end', () =>
          resolve({ status: answer.statusCode ?? 0, text: Buffer.concat(chunks).toString('utf8') }),
        );
        answer.once('error', reject);
      });
      sent.once('timeout', () => sent.destroy(new Error(`no answer within ${LONGEST_MS} ms`)));
      sent.once('error', reject);
      sent.end(body);
    });
  }

  /** Opens all connections that there will ever be: a burst must not look like a leak of descriptors. */
  async open(token: string): Promise<void> {
    await Promise.all(Array.from({ length: SOCKETS }, () => this.send(token, 'query Open { __typename }')));
  }

  close(): void {
    this.#agent.destroy();
  }
}
