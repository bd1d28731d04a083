import { connect, createServer, type Socket } from 'node:net';
import { FrameReader } from './frames.js';

/** What may become of bytes on their way: other bytes, nothing at all, or the end of the connection after some of them. */
export type Fate = Buffer | null | { readonly cutAfter: Buffer };

/** What a wire does to whatever passes it. All absent: nothing. */
export interface Weather {
  /** Milliseconds added to each answer. */
  readonly delay?: number;
  /** Everything is swallowed, and new connections are accepted and never served. */
  readonly hole?: boolean;
  readonly toServer?: (bytes: Buffer) => Fate;
  /** Whole answers as memcached sent them, in their order. */
  readonly toClient?: (frames: readonly Buffer[], connection: number) => Fate;
}

/** A TCP proxy on a free loopback port before one memcached, whose weather can change at any time. */
export interface Wire {
  readonly address: string;
  set(weather: Weather): void;
  /** Resets every connection. */
  cut(): void;
  close(): Promise<void>;
}

export async function startWire(port: number): Promise<Wire> {
  const sockets = new Set<Socket>();
  let weather: Weather = {};
  let connections = 0;
  const server = createServer((client) => {
    connections += 1;
    const connection = connections;
    keep(sockets, client);
    if (weather.hole) return;
    const upstream = connect(port, '127.0.0.1');
    keep(sockets, upstream);
    client.once('close', () => upstream.destroy());
    upstream.once('close', () => client.destroy());
    const frames = new FrameReader();
    const later = inOrder();
    client.on('data', (bytes) => {
      if (!weather.hole) pass(upstream, weather.toServer === undefined ? bytes : weather.toServer(bytes));
    });
    upstream.on('data', (bytes) => {
      const whole = frames.push(bytes);
      const { delay = 0, hole, toClient } = weather;
      if (hole || whole.length === 0) return;
      const fate = toClient === undefined ? Buffer.concat(whole) : toClient(whole, connection);
      later(delay, () => pass(client, fate));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('the wire has no address');
  const cut = () => {
    for (const socket of sockets) socket.resetAndDestroy();
  };
  return {
    address: `127.0.0.1:${address.port}`,
    set: (next) => {
      weather = next;
    },
    cut,
    close: () => {
      cut();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

function keep(sockets: Set<Socket>, socket: Socket): void {
  sockets.add(socket);
  socket.setNoDelay(true);
  socket.on('error', () => {});
  socket.once('close', () => sockets.delete(socket));
}

function pass(socket: Socket, fate: Fate): void {
  if (fate === null || socket.destroyed) return;
  if (Buffer.isBuffer(fate)) socket.write(fate);
  else socket.end(fate.cutAfter);
}

/** Runs each step after its delay, never before those that were asked for earlier. */
function inOrder(): (delay: number, step: () => void) => void {
  let last = 0;
  return (delay, step) => {
    const now = performance.now();
    last = Math.max(last, now + delay);
    if (last <= now) step();
    else setTimeout(step, last - now);
  };
}
