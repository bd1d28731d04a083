import { LRUCache } from 'lru-cache';
import type { Response } from 'memjs';
import { NO_STORE_FIGURES, type StoreFigures } from './figures.js';
import { formatAddress, parseAddress } from './memcached/address.js';
import { incrementExtras, OPCODE, STATUS, storeExtras } from './memcached/binary.js';
import { Era } from './memcached/era.js';
import type { Found } from './memcached/found.js';
import { KeyList } from './memcached/key-list.js';
import type { Request } from './memcached/link.js';
import { MemcachedNode } from './memcached/node.js';
import { Ring } from './memcached/ring.js';
import type { Store } from './store.js';

export interface MemcachedOptions {
  /** Milliseconds after which an operation counts as not acknowledged. Default 100. */
  readonly deadline?: number;
  /** Milliseconds for which a failing server is left alone at first. Default 250. */
  readonly pause?: number;
  readonly figures?: StoreFigures;
  /** Whether to find out if the list of servers has changed, by marks at each of them. Default true; tests count bytes. */
  readonly marks?: boolean;
}

const DEADLINE = 100;
const PAUSE = 250;
/** memcached closes the connection on longer keys. */
const KEY_BYTES = 250;
/** Keys whose server is remembered. */
const REMEMBERED_OWNERS = 20_000;
/** Lists of keys whose last answers are kept: some thousand bytes each. */
const KEPT_LISTS = 1000;
/** Bytes of the answer to an increment. */
const COUNTER_BYTES = 8;

/**
 * A store on memcached servers, `host:port` each. All replicas must list the same servers: a changed list needs a full
 * stop of all of them, because two rings would hold two values of one stamp; what was read before it is not used after it.
 * Throws on an address that is none.
 */
export function createMemcachedStore(servers: readonly string[], options: MemcachedOptions = {}): Store {
  return new MemcachedStore(servers, {
    deadline: options.deadline ?? DEADLINE,
    pause: options.pause ?? PAUSE,
    figures: options.figures ?? NO_STORE_FIGURES,
    marks: options.marks ?? true,
  });
}

class MemcachedStore implements Store {
  readonly kind = 'memcached';
  readonly #nodes: readonly MemcachedNode[];
  readonly #ring: Ring;
  readonly #owners = new Map<string, MemcachedNode | null>();
  /** By the very list that was asked for. */
  readonly #lists = new LRUCache<readonly string[], readonly (readonly [MemcachedNode, KeyList])[]>({
    max: KEPT_LISTS,
  });
  readonly #era: Era | null;

  constructor(servers: readonly string[], options: Required<MemcachedOptions>) {
    const addresses = servers.map(parseAddress);
    if (addresses.length === 0) throw new Error('expected at least one memcached server, got none');
    this.#nodes = addresses.map((address) => new MemcachedNode(address, options));
    this.#ring = new Ring(addresses.map(formatAddress));
    this.#era = options.marks ? new Era(this.#nodes) : null;
    this.#era?.start();
  }

  since(): number {
    return this.#era?.since ?? 0;
  }

  async getMany(keys: readonly string[]): Promise<Found> {
    const parts = this.#byNode(new Set(keys)).map(([node, own]) => node.getMany(own));
    return joined(await Promise.all(parts));
  }

  getAgain(keys: readonly string[], then: (found: Found) => void): void {
    let lists = this.#lists.get(keys);
    if (lists === undefined) {
      lists = this.#byNode(new Set(keys)).map(([node, own]) => [node, new KeyList(own)]);
      this.#lists.set(keys, lists);
    }
    const parts: (Found | null)[] = [];
    let left = lists.length;
    if (left === 0) then(new Map());
    for (const [index, [node, list]] of lists.entries()) {
      node.getAgain(list, (found) => {
        parts[index] = found;
        left -= 1;
        if (left === 0) then(joined(parts));
      });
    }
  }

  async set(key: string, value: Buffer, seconds: number): Promise<boolean> {
    const answer = await this.#ask({ opcode: OPCODE.set, key, value, extras: storeExtras(seconds) });
    return answer?.header.status === STATUS.ok;
  }

  async add(key: string, value: Buffer, seconds: number): Promise<'stored' | 'exists' | null> {
    const answer = await this.#ask({ opcode: OPCODE.add, key, value, extras: storeExtras(seconds) });
    if (answer?.header.status === STATUS.ok) return 'stored';
    return answer?.header.status === STATUS.exists ? 'exists' : null;
  }

  async compareAndSet(key: string, value: Buffer, cas: string, seconds: number): Promise<'stored' | 'changed' | null> {
    const answer = await this.#ask({ opcode: OPCODE.set, key, value, cas, extras: storeExtras(seconds) });
    const status = answer?.header.status;
    if (status === STATUS.ok) return 'stored';
    return status === STATUS.exists || status === STATUS.notFound ? 'changed' : null;
  }

  async delete(key: string): Promise<boolean> {
    const status = (await this.#ask({ opcode: OPCODE.delete, key }))?.header.status;
    return status === STATUS.ok || status === STATUS.notFound;
  }

  async increment(key: string, initial: number, seconds: number): Promise<number | null> {
    const answer = await this.#ask({ opcode: OPCODE.increment, key, extras: incrementExtras(initial, seconds) });
    if (answer?.header.status !== STATUS.ok || answer.val.length !== COUNTER_BYTES) return null;
    const value = Number(answer.val.readBigUInt64BE());
    return Number.isSafeInteger(value) ? value : null;
  }

  async health(): Promise<{ readonly ok: boolean; readonly detail: string }> {
    const answers = await Promise.all(this.#nodes.map((node) => node.answers()));
    const silent = this.#nodes.filter((_, index) => !answers[index]).map(({ name }) => name);
    if (silent.length === 0) return { ok: true, detail: `${this.#nodes.length} memcached servers answer` };
    return { ok: false, detail: `no answer from ${silent.join(', ')}` };
  }

  async close(): Promise<void> {
    this.#era?.close();
    for (const node of this.#nodes) node.close();
  }

  #byNode(keys: Iterable<string>): [MemcachedNode, string[]][] {
    const byNode = new Map<MemcachedNode, string[]>();
    for (const key of keys) {
      const node = this.#ownerOf(key);
      if (node === null) continue;
      const own = byNode.get(node);
      if (own === undefined) byNode.set(node, [key]);
      else own.push(key);
    }
    return [...byNode];
  }

  #ask(request: Request & { readonly key: string }): Promise<Response | null> {
    return this.#ownerOf(request.key)?.ask(request) ?? Promise.resolve(null);
  }

  /** Null for what is no key. Remembered: the same keys recur, and each costs a hash. */
  #ownerOf(key: string): MemcachedNode | null {
    const known = this.#owners.get(key);
    if (known !== undefined) return known;
    if (this.#owners.size >= REMEMBERED_OWNERS) this.#owners.clear();
    const owner = isKey(key) ? this.#nodeOf(key) : null;
    this.#owners.set(key, owner);
    return owner;
  }

  #nodeOf(key: string): MemcachedNode {
    const node = this.#nodes[this.#nodes.length === 1 ? 0 : this.#ring.ownerOf(key)];
    if (node === undefined) throw new Error('the ring names a server that is not in the list');
    return node;
  }
}

function isKey(key: string): boolean {
  return /^[\x21-\x7e]+$/.test(key) && key.length <= KEY_BYTES;
}

/** Without a server's answer nothing is known of its keys. */
function joined(parts: readonly (Found | null)[]): Found {
  const [only, ...others] = parts;
  if (others.length === 0) return only ?? new Map();
  return new Map(parts.flatMap((part) => [...(part ?? [])]));
}
