import type { Scheduler } from 'fast-check';
import type { Clock } from '../../../src/cache/clock.js';

/** What may befall operations on the store: not done, done and not acknowledged, done long after, done slowly. */
export type MishapKind = 'lost' | 'silent' | 'late' | 'slow';

export interface Mishap {
  readonly kind: MishapKind;
  /** Number of the first operation that it befalls, counted from 1, and how many there are. */
  readonly from: number;
  readonly length: number;
}

/** How many other events come first; `idle`: all that can happen at all. */
export type Lag = number | 'idle';

/**
 * All that gateways share: the order of events, the time, and the memory of two memcached servers. Whatever a real system
 * might do between two events, the scheduler may do here.
 */
export class World {
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  readonly memory: readonly [Memory, Memory];
  readonly #mishaps: readonly Mishap[];
  readonly #waitingForIdle: (() => void)[] = [];
  #paused = 0;
  #operations = 0;
  #now = 1_700_000_000_000;
  /** Something was lost that the promises on later effects of a write are built on: a hold or a stamp. */
  forgotten = false;

  constructor(scheduler: Scheduler, mishaps: readonly Mishap[]) {
    this.scheduler = scheduler;
    this.#mishaps = mishaps;
    const now = () => this.#now;
    this.memory = [new Memory(now), new Memory(now)];
    this.clock = {
      now,
      sleep: async (ms) => {
        await this.event('sleep');
        this.advance(ms);
      },
    };
  }

  advance(ms: number): void {
    this.#now += ms;
  }

  /** Waits for its turn among all events that could be next. */
  async event(label: string): Promise<void> {
    await this.scheduler.schedule(Promise.resolve(), label);
  }

  async lag(lag: Lag): Promise<void> {
    if (lag === 'idle') return new Promise((resolve) => this.#waitingForIdle.push(resolve));
    for (let count = 0; count < lag; count += 1) await this.event('lag');
  }

  /** Lets the shorter holds end; never so often that one of a late effect would. */
  pause(): void {
    this.#paused += 1;
    if (this.#paused <= 3) this.advance(10_000);
  }

  /** What goes wrong with the operation that begins now. */
  mishap(): MishapKind | undefined {
    this.#operations += 1;
    const befalls = ({ from, length }: Mishap) => from <= this.#operations && this.#operations < from + length;
    const kind = this.#mishaps.find(befalls)?.kind;
    if (kind !== undefined && kind !== 'slow') this.forgotten = true;
    return kind;
  }

  /** A stamp and its hold lie on different servers: a reader may see one before and the other after a write. */
  memoryOf(key: string): Memory {
    return this.memory[key.startsWith('stratograph/hold/') ? 1 : 0];
  }

  /** Runs until nothing can happen any more. */
  async settle(): Promise<void> {
    await new Promise(setImmediate);
    while (this.scheduler.count() > 0 || this.#waitingForIdle.length > 0) {
      if (this.scheduler.count() > 0) await this.scheduler.waitOne();
      else for (const resolve of this.#waitingForIdle.splice(0)) void this.event('idle').then(resolve);
      await new Promise(setImmediate);
    }
  }
}

interface Item {
  value: Buffer;
  cas: number;
  readonly expiresAt: number;
}

/** One memcached server's memory; every call is atomic, as it is there. */
export class Memory {
  readonly #now: () => number;
  #items = new Map<string, Item>();
  #cas = 0;

  constructor(now: () => number) {
    this.#now = now;
  }

  get(key: string): Item | null {
    const item = this.#items.get(key);
    return item === undefined || item.expiresAt <= this.#now() ? null : item;
  }

  put(key: string, value: Buffer, seconds: number): void {
    this.#cas += 1;
    this.#items.set(key, { value, cas: this.#cas, expiresAt: this.#now() + seconds * 1000 });
  }

  increment(key: string, initial: number, seconds: number): number {
    const item = this.get(key);
    if (item === null) this.put(key, Buffer.from(String(initial)), seconds);
    else {
      item.value = Buffer.from(String(Number(item.value.toString()) + 1));
      this.#cas += 1;
      item.cas = this.#cas;
    }
    return Number(this.get(key)?.value.toString());
  }

  drop(key: string): void {
    this.#items.delete(key);
  }

  keys(kind: string): string[] {
    return [...this.#items.keys()].filter((key) => key.startsWith(`stratograph/${kind}/`));
  }

  restart(): void {
    this.#items = new Map();
  }
}
