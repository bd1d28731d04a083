import { createHash } from 'node:crypto';
import { OPCODE, storeExtras } from './binary.js';
import type { MemcachedNode } from './node.js';

/** What lies at every server of a ring beside the entries: which ring that is, and since when it is in use. */
interface Mark {
  readonly ring: string;
  /** Milliseconds since 1970. */
  readonly since: number;
}

const KEY = 'stratograph/ring';
/** Seconds after which a ring that nobody uses any more is forgotten. */
const MARK_LIFE = 30;
const REFRESH_EVERY_MS = 10_000;
const FIRST_LOOKS = 10;
const LOOK_EVERY_MS = 250;

/**
 * Since when these very servers, and no others, have been keeping the stamps. A server that was off the list for a while
 * still has stamps and entries that fit each other, and none of the bumps that went elsewhere meanwhile: what was read
 * before the list last changed must not be used. Any doubt (a server that does not answer, a mark that is missing) means
 * that this process uses nothing older than itself.
 */
export class Era {
  readonly #nodes: readonly MemcachedNode[];
  readonly #ring: string;
  #since = Date.now();
  #timer: NodeJS.Timeout | null = null;
  #closed = false;

  constructor(nodes: readonly MemcachedNode[]) {
    this.#nodes = nodes;
    const names = nodes.map(({ name }) => name).sort();
    this.#ring = createHash('sha256').update(names.join(',')).digest('base64url');
  }

  /** Milliseconds since 1970. Goes back once at most, when every server has been found to agree on an earlier time. */
  get since(): number {
    return this.#since;
  }

  /** Looks at the servers' marks, then keeps them fresh until `close`. */
  start(): void {
    this.#look(FIRST_LOOKS).catch(() => {});
  }

  close(): void {
    this.#closed = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
  }

  async #look(left: number): Promise<void> {
    const marks = await Promise.all(this.#nodes.map(markAt));
    if (this.#closed) return;
    if (marks.includes(undefined) && left > 1) return this.#later(LOOK_EVERY_MS, () => this.#look(left - 1));
    const agreed = marks.flatMap((mark) => (mark?.ring === this.#ring ? [mark.since] : []));
    if (agreed.length === this.#nodes.length) this.#since = Math.min(this.#since, Math.max(...agreed));
    await this.#mark();
  }

  async #mark(): Promise<void> {
    const value = Buffer.from(JSON.stringify({ ring: this.#ring, since: this.#since } satisfies Mark));
    const request = { opcode: OPCODE.set, key: KEY, value, extras: storeExtras(MARK_LIFE) };
    await Promise.all(this.#nodes.map((node) => node.ask(request)));
    this.#later(REFRESH_EVERY_MS, () => this.#mark());
  }

  #later(ms: number, step: () => Promise<void>): void {
    if (this.#closed) return;
    this.#timer = setTimeout(() => void step().catch(() => {}), ms).unref();
  }
}

/** Null: the server has none; undefined: it does not answer, or with something else. */
async function markAt(node: MemcachedNode): Promise<Mark | null | undefined> {
  const found = await node.getMany([KEY]);
  const mark = found?.get(KEY);
  if (!mark) return found === null ? undefined : null;
  try {
    const { ring, since } = JSON.parse(mark.value.toString('utf8')) as Partial<Mark>;
    return typeof ring === 'string' && typeof since === 'number' ? { ring, since } : null;
  } catch {
    return null;
  }
}
