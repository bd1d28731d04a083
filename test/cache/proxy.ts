import { connect, createServer, type Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';

/** A TCP proxy on a free loopback port, between a client and `port`, that can do what networks do. */
export interface FaultyProxy {
  readonly address: string;
  /** Connections accepted so far. */
  readonly connections: () => number;
  /** Chunks sent by the client so far. */
  readonly requests: () => number;
  /** What becomes of the server's bytes from now on; null swallows them. */
  garble(change: (bytes: Buffer) => Buffer | null): void;
  /** Sends the server's bytes on in pieces of so many, a moment apart. */
  chop(bytes: number): void;
  /** Resets every connection. */
  cut(): void;
  close(): Promise<void>;
}

export async function startProxy(port: number): Promise<FaultyProxy> {
  const sockets = new Set<Socket>();
  let change: (bytes: Buffer) => Buffer | null = (bytes) => bytes;
  let pieceBytes = Number.POSITIVE_INFINITY;
  let connections = 0;
  let requests = 0;
  const server = createServer((client) => {
    connections += 1;
    const upstream = connect(port, '127.0.0.1');
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.setNoDelay(true);
      socket.on('error', () => {});
      socket.on('close', () => {
        sockets.delete(socket);
        client.destroy();
        upstream.destroy();
      });
    }
    client.on('data', (bytes) => {
      requests += 1;
      upstream.write(bytes);
    });
    upstream.on('data', (bytes) => {
      const changed = change(bytes);
      if (changed !== null) void send(client, changed, pieceBytes);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('the proxy has no address');
  const cut = () => {
    for (const socket of sockets) socket.resetAndDestroy();
  };
  return {
    address: `127.0.0.1:${address.port}`,
    connections: () => connections,
    requests: () => requests,
    garble: (next) => {
      change = next;
    },
    chop: (bytes) => {
      pieceBytes = bytes;
    },
    cut,
    close: () => {
      cut();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

/** Longer than what is written before takes to be read. */
const MOMENT_MS = 2;

async function send(client: Socket, bytes: Buffer, pieceBytes: number): Promise<void> {
  client.write(bytes.subarray(0, pieceBytes));
  for (let at = pieceBytes; at < bytes.length; at += pieceBytes) {
    await wait(MOMENT_MS);
    client.write(bytes.subarray(at, at + pieceBytes));
  }
}
