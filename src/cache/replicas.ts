import type { Budget } from './budget.js';
import { entryKey } from './entries.js';
import { NO_CACHE_FIGURES } from './figures.js';
import type { Landing } from './flight.js';
import { storeKey } from './keys.js';
import { sameValues } from './sight.js';
import type { Open } from './survey.js';
import type { Tools } from './tools.js';

/** Milliseconds between two attempts to take an announcement back. */
const RETRACT_EVERY = 250;

/** A fetch announced to other replicas, or found announced by one. */
export interface Announced {
  readonly open: Open;
  readonly key: string;
}

/**
 * Announces a fetch to other replicas, so that they wait for its result instead of making it too. Of `open`, those that
 * nobody else had announced are `ours`; for `theirs` somebody is on the way.
 */
export async function announce(
  tools: Tools,
  flights: readonly (readonly [name: string, open: Open])[],
  budget: Budget,
): Promise<{ readonly ours: readonly Announced[]; readonly theirs: readonly Announced[] }> {
  const all = flights.map(([name, open]) => ({ open, key: storeKey('flight', name) }));
  if (tools.store.kind === 'embedded' || all.length === 0) return { ours: all, theirs: [] };
  const { announced } = tools.flights;
  // One that this process has not managed to take back yet is nobody else's.
  const fresh = all.filter(({ key }) => !announced.has(key));
  for (const { key } of fresh) announced.add(key);
  const seconds = announcementLife(tools);
  const add = () => Promise.all(fresh.map(({ key }) => tools.store.add(key, Buffer.of(), seconds)));
  const taken = await budget.within(add, []);
  const theirs = fresh.filter((_, index) => taken[index] === 'exists');
  for (const { key } of theirs) announced.delete(key);
  return { ours: all.filter((one) => !theirs.includes(one)), theirs };
}

/**
 * Tells the other replicas that the fetch has ended and what could be stored is stored. Where memcached does not
 * acknowledge that, it is told again behind this call: they would wait for nothing.
 */
export async function retract(tools: Tools, ours: readonly Announced[]): Promise<void> {
  if (tools.store.kind === 'embedded') return;
  const taken = await Promise.all(ours.map(({ key }) => tools.store.delete(key)));
  ours.forEach(({ key }, index) => {
    if (taken[index]) tools.flights.announced.delete(key);
    else void retractLater(tools, key);
  });
}

async function retractLater(tools: Tools, key: string): Promise<void> {
  const end = tools.clock.now() + announcementLife(tools) * 1000;
  do {
    await tools.clock.sleep(RETRACT_EVERY);
  } while (tools.clock.now() < end && !(await tools.store.delete(key)));
  tools.flights.announced.delete(key);
}

/** Seconds. */
function announcementLife({ deadlines }: Tools): number {
  return Math.ceil(deadlines.flight / 1000) + 1;
}

/**
 * What other replicas stored between this reader's look and its announcement: whoever announced before had ended by then,
 * and in a herd on a busy machine much time passes between the two.
 */
export async function landedMeanwhile(
  tools: Tools,
  ours: readonly Announced[],
  budget: Budget,
): Promise<ReadonlyMap<string, Landing>> {
  const landed = new Map<string, Landing>();
  if (tools.store.kind === 'embedded' || ours.length === 0) return landed;
  const isDone = await budget.within(async () => {
    await lookOnce(tools, ours, landed);
    return true;
  }, false);
  return isDone ? landed : new Map();
}

/**
 * Waits for what other replicas are fetching. Answers with what they stored under exactly the stamps that this reader has
 * seen itself; whatever is missing from the answer, the reader has to fetch.
 */
export async function awaitOthers(tools: Tools, theirs: readonly Announced[]): Promise<Map<string, Landing>> {
  const { clock, deadlines } = tools;
  const landed = new Map<string, Landing>();
  const end = clock.now() + deadlines.flight;
  let waiting = theirs;
  while (waiting.length > 0 && clock.now() < end) {
    await clock.sleep(deadlines.poll);
    waiting = await lookOnce(tools, waiting, landed);
  }
  return landed;
}

/** Adds to `landed` what has been stored; answers with those that are still on the way. */
async function lookOnce(
  tools: Tools,
  waiting: readonly Announced[],
  landed: Map<string, Landing>,
): Promise<Announced[]> {
  const { store, entries, clock, rules } = tools;
  const found = await store.getMany(waiting.flatMap(({ open, key }) => [key, entryKey(open.lookup)]));
  const sealed = waiting.flatMap(({ open }) => {
    // What is refused here was refused, and counted, when this reader looked first.
    const entry = entries.open(open.lookup, found.get(entryKey(open.lookup)), NO_CACHE_FIGURES);
    const same = entry !== null && (sameValues(entry.captured, open.captured) || !rules.flightNamesStamps);
    const fresh = entry !== null && clock.now() < entry.freshUntil && entry.readAt > (open.before?.readAt ?? 0);
    return same && fresh ? [[open.lookup, entry] as const] : [];
  });
  for (const [key, { value }] of await entries.load(sealed)) landed.set(key, { value });
  return waiting.filter(({ open, key }) => !landed.has(open.lookup.key) && found.get(key) !== null && found.has(key));
}
