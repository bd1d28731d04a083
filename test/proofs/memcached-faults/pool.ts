import { connect } from 'node:net';
import { type RunningMemcached, startMemcached } from '../../memcached.js';
import { startWire, type Weather, type Wire } from './wire.js';

/** Two memcached servers, of which some faults befall the first alone, and the wires that may lead to them. */
export interface Pool {
  readonly servers: readonly RunningMemcached[];
  /** Empty where the replicas talk to memcached itself. */
  readonly wires: readonly Wire[];
  /** For `MEMCACHED_SERVERS`. */
  readonly addresses: readonly string[];
  stop(): Promise<void>;
}

export async function startPool({ wired = false, size = 2 } = {}): Promise<Pool> {
  const servers = await Promise.all(Array.from({ length: size }, () => startMemcached()));
  const wires = wired ? await Promise.all(servers.map(({ port }) => startWire(port))) : [];
  return {
    servers,
    wires,
    addresses: (wired ? wires : servers).map(({ address }) => address),
    stop: async () => {
      await Promise.all(wires.map((wire) => wire.close()));
      for (const server of servers) server.resume();
      await Promise.all(servers.map((server) => server.stop()));
    },
  };
}

export function weather(pool: Pool, of: 'first' | 'all', next: Weather): void {
  for (const wire of of === 'all' ? pool.wires : pool.wires.slice(0, 1)) wire.set(next);
}

/** Says a line to memcached as a person with a shell would, and reads one line. */
export function say({ port }: RunningMemcached, line: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(`${line}\r\n`));
    socket.once('error', reject);
    socket.once('close', () => reject(new Error(`memcached closed the connection instead of answering ${line}`)));
    socket.once('data', (bytes: Buffer) => {
      socket.destroy();
      resolve(bytes.toString('latin1').trim());
    });
  });
}

/** Stores so many values of so many bytes of somebody else's, so that whatever else is there has to give way. */
export function crowd({ port }: RunningMemcached, count: number, bytes: number): Promise<void> {
  const value = 'x'.repeat(bytes);
  const lines = Array.from({ length: count }, () => `set crowd/${Math.random()} 0 60 ${bytes} noreply\r\n${value}\r\n`);
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(`${lines.join('')}version\r\n`));
    let told = '';
    socket.once('error', reject);
    socket.once('close', () => reject(new Error(`memcached closed the connection of a crowd, behind ${told}`)));
    socket.on('data', (answer: Buffer) => {
      told += answer.toString('latin1');
      if (!told.includes('VERSION')) return;
      socket.destroy();
      resolve();
    });
  });
}
