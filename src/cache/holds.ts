import { isObject } from '../row.js';
import type { Stamp } from './cache.js';
import type { Clock } from './clock.js';
import { rememberedKeys } from './keys.js';
import type { Rules } from './rules.js';
import type { Held, Store } from './store.js';

/**
 * What a hold tells a reader. `unknown`: its server did not answer, or there is something else under its key; the reader
 * takes it for `writing`.
 */
export type HoldState = 'none' | 'settling' | 'writing' | 'unknown';

/** Milliseconds since 1970, by the clock of the writer that wrote them. */
interface HoldValue {
  /** Writers at work or of unknown fate, each with the time after which it counts for nothing. */
  readonly writers: Readonly<Record<string, number>>;
  readonly settlingUntil: number;
}

type Edit = (hold: HoldValue) => HoldValue;

interface Queued {
  readonly edit: Edit;
  readonly resolve: (changed: boolean) => void;
}

/** Milliseconds by which clocks may differ: writers of other replicas are struck off only when they are overdue by more. */
export const CLOCK_SKEW = 10_000;
/** memcached may drop an item up to a second early. */
const TTL_GRAIN = 1;
const ATTEMPTS = 24;
const NOTHING: HoldValue = { writers: {}, settlingUntil: 0 };

/**
 * Marks stamps as being written. One item per stamp lists its writers and is changed by compare-and-set only, so that
 * neither the end nor the death of one writer touches what another says. Readers go by what is listed, not by its
 * times: those serve writers to strike off the dead.
 */
export class Holds {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #rules: Rules;
  /** Changes of one stamp's hold in this process never collide: compare-and-set is for other replicas. */
  readonly #queues = new Map<Stamp, Queued[]>();

  constructor(store: Store, clock: Clock, rules: Rules) {
    this.#store = store;
    this.#clock = clock;
    this.#rules = rules;
  }

  /** Lists `writer` on the stamp for `seconds`. True: acknowledged. */
  begin(stamp: Stamp, writer: string, seconds: number): Promise<boolean> {
    if (!this.#rules.writingHold) return Promise.resolve(true);
    return this.#change(stamp, (hold) => ({
      ...hold,
      writers: { ...hold.writers, [writer]: this.#clock.now() + seconds * 1000 },
    }));
  }

  /** Strikes `writer` off and lets the stamp settle for `seconds`. */
  settle(stamp: Stamp, writer: string, seconds: number): Promise<boolean> {
    return this.#change(stamp, ({ writers: { [writer]: _ended, ...writers }, settlingUntil }) => ({
      writers,
      settlingUntil: Math.max(settlingUntil, this.#rules.settlingHold ? this.#clock.now() + seconds * 1000 : 0),
    }));
  }

  #change(stamp: Stamp, edit: Edit): Promise<boolean> {
    return new Promise((resolve) => {
      const waiting = this.#queues.get(stamp);
      if (waiting !== undefined) {
        waiting.push({ edit, resolve });
        return;
      }
      const queue = [{ edit, resolve }];
      this.#queues.set(stamp, queue);
      void this.#work(stamp, queue);
    });
  }

  /** Makes all edits that have come in meanwhile at once. */
  async #work(stamp: Stamp, queue: Queued[]): Promise<void> {
    while (queue.length > 0) {
      const batch = queue.splice(0);
      const changed = await this.#tryChange(holdKey(stamp), (hold) => batch.reduce((now, { edit }) => edit(now), hold));
      for (const { resolve } of batch) resolve(changed);
    }
    this.#queues.delete(stamp);
  }

  /** Every edit may be made twice: an attempt that was not acknowledged may have happened. */
  async #tryChange(key: string, edit: Edit): Promise<boolean> {
    let silences = 0;
    for (let attempt = 0; attempt < ATTEMPTS && silences < 2; attempt += 1) {
      const result = await this.#attempt(key, edit);
      if (result === 'stored') return true;
      if (result === null) silences += 1;
      else await this.#clock.sleep(Math.random() * (attempt + 1));
    }
    return false;
  }

  async #attempt(key: string, edit: Edit): Promise<'stored' | 'changed' | null> {
    const held = (await this.#store.getMany([key])).get(key);
    if (held === undefined) return null;
    const now = this.#clock.now();
    const known = held === null || !this.#rules.holdsListWriters ? NOTHING : (parseHold(held) ?? NOTHING);
    const next = edit(withoutTheDead(known, now));
    const seconds = Math.ceil((lastTime(next) - now) / 1000) + TTL_GRAIN;
    const value = Buffer.from(JSON.stringify(next));
    if (!this.#rules.holdsListWriters) return (await this.#store.set(key, value, seconds)) ? 'stored' : null;
    if (held !== null) return this.#store.compareAndSet(key, value, held.cas, Math.max(1, seconds));
    const added = await this.#store.add(key, value, Math.max(1, seconds));
    return added === 'exists' ? 'changed' : added;
  }
}

export const holdKey: (stamp: Stamp) => string = rememberedKeys('hold');

/** `held` as `Store.getMany` answers it. */
export function holdState(held: Held | null | undefined): HoldState {
  if (held === undefined) return 'unknown';
  if (held === null) return 'none';
  const hold = parseHold(held);
  if (hold === null) return 'unknown';
  if (Object.keys(hold.writers).length > 0) return 'writing';
  return hold.settlingUntil > 0 ? 'settling' : 'none';
}

/** The stricter of two. */
export function stricter(one: HoldState, other: HoldState): HoldState {
  const order: readonly HoldState[] = ['none', 'settling', 'writing', 'unknown'];
  return order.indexOf(one) > order.indexOf(other) ? one : other;
}

/** Null for anything but a hold: others can write to memcached too, and what they write must not end this process. */
function parseHold(held: Held): HoldValue | null {
  let parsed: unknown;
  try {
    parsed = JSON.parse(held.value.toString('utf8'));
  } catch {
    return null;
  }
  if (!isObject(parsed)) return null;
  const { writers, settlingUntil } = parsed;
  if (!isObject(writers) || !Number.isFinite(settlingUntil)) return null;
  return Object.values(writers).every(Number.isFinite) ? (parsed as unknown as HoldValue) : null;
}

function withoutTheDead(hold: HoldValue, now: number): HoldValue {
  const alive = Object.entries(hold.writers).filter(([, until]) => until + CLOCK_SKEW > now);
  const settling = hold.settlingUntil + CLOCK_SKEW > now;
  return { writers: Object.fromEntries(alive), settlingUntil: settling ? hold.settlingUntil : 0 };
}

function lastTime(hold: HoldValue): number {
  return Object.values(hold.writers).reduce((last, until) => Math.max(last, until), hold.settlingUntil);
}
