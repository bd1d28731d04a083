import { once } from 'node:events';
import { connect } from 'node:net';
import type { Random } from '../../src/demo/random.js';
import { type RunningMemcached, startMemcached } from '../memcached.js';
import { type Replica, startReplica } from '../support/replica.js';
import { TABLES } from './views.js';

/** As long as entries may live at all: what a write forgot to void would be shown until the end. */
const TTL = Object.keys(TABLES)
  .map((type) => `${type}=3600`)
  .join(',');
const MEMCACHED_SERVERS = 2;

/** Gateway processes before one pool of memcached servers. */
export class Pool {
  readonly #memcached: RunningMemcached[] = [];
  readonly #replicas: (Replica | null)[] = [];
  readonly #authUrl: string;

  constructor(authUrl: string) {
    this.#authUrl = authUrl;
  }

  /** Starts everything anew, memcached empty. */
  async start(replicas: number): Promise<void> {
    for (let number = 0; number < MEMCACHED_SERVERS; number += 1) this.#memcached.push(await startMemcached());
    await Promise.all(Array.from({ length: replicas }, (_, index) => this.#startOne(index)));
  }

  /** One of the gateways that are up. */
  pick(random: Random): string {
    const up = this.#replicas.filter((replica) => replica !== null);
    const chosen = up[random.between(0, up.length)];
    if (chosen === undefined) throw new Error('expected at least one gateway to be up');
    return chosen.url;
  }

  /** Kills one, as a crash would, and starts another in its place. */
  async replace(index: number): Promise<void> {
    const victim = this.#replicas[index] ?? null;
    this.#replicas[index] = null;
    await victim?.kill();
    await this.#startOne(index);
  }

  /** Empties one of the memcached servers, as its restart or its eviction of everything would. */
  async forget(random: Random): Promise<void> {
    const server = this.#memcached[random.between(0, this.#memcached.length)];
    if (server === undefined) return;
    const socket = connect(server.port, '127.0.0.1');
    socket.end('flush_all\r\nquit\r\n');
    socket.resume();
    await once(socket, 'close');
  }

  async stop(): Promise<void> {
    await Promise.all(this.#replicas.splice(0).map((replica) => replica?.kill()));
    await Promise.all(this.#memcached.splice(0).map((server) => server.stop()));
  }

  async #startOne(index: number): Promise<void> {
    this.#replicas[index] = await startReplica({
      OS_AUTH_URL: this.#authUrl,
      MEMCACHED_SERVERS: this.#memcached.map(({ address }) => address).join(','),
      CACHE_SECRET: 'the torture keeps nothing secret from itself',
      CACHE_TTL: TTL,
      LOG_LEVEL: 'silent',
    });
  }
}
