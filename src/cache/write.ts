import { randomUUID } from 'node:crypto';
import { Fault } from '../rest/fault.js';
import type { Affected, Fresh, HeldStamp, Stamp, WriteResult, Written } from './cache.js';
import { keep } from './keep.js';
import { ACCEPTED_SETTLE, STAMP_LIFE } from './options.js';
import { lookAtStamps, type Sight, stampKey, stampStart, startStamps } from './sight.js';
import type { Tools } from './tools.js';
import type { Unconfirmed } from './unconfirmed.js';

/** Whom a mutation is for the store: its name in the holds, and what becomes of unacknowledged bumps. */
interface Writer {
  readonly tools: Tools;
  readonly name: string;
  readonly unconfirmed: Unconfirmed;
  readonly strict: boolean;
}

/** What one stamp went through: counter values after the bumps, null where none was acknowledged. */
interface Bumped extends HeldStamp {
  readonly first: number | null;
  readonly held: boolean;
  /** Known only since the write: there was no first bump. */
  readonly late: boolean;
}

type Settled = Bumped & { readonly second: number | null };

/** `Cache.write`: hold and bump, write, bump and settle. */
export async function write<T>(
  tools: Tools,
  unconfirmed: Unconfirmed,
  strict: boolean,
  affected: Affected,
  work: () => Promise<WriteResult<T>>,
): Promise<Written<T>> {
  const writer: Writer = { tools, unconfirmed, strict, name: randomUUID() };
  const begun = await begin(writer, affected.stamps);
  const result = await Promise.resolve()
    .then(work)
    .catch((error: unknown) => fail(writer, begun, error));
  const also = await begin(writer, result.also ?? [], false);
  const settle = (held: HeldStamp) => (result.accepted ? Math.max(ACCEPTED_SETTLE, held.settle) : held.settle);
  const settled = await end(writer, [...begun, ...also], settle);
  const alongside = await captureAlongside(tools, affected.alongside ?? []);
  return {
    value: result.value,
    unconfirmed: tools.rules.reportUnconfirmed ? settled.filter(isUnconfirmed).map(({ stamp }) => stamp) : [],
    store: (fresh) => storeFresh(tools, settled, (stamp) => alongside.values([stamp])?.[0] ?? null, fresh),
  };
}

/** As a reader would before its fetch: those that are missing are started. */
async function captureAlongside(tools: Tools, stamps: readonly Stamp[]): Promise<Sight> {
  const { store, rules } = tools;
  const sight = await lookAtStamps(tools, stamps);
  return sight.with(
    await startStamps(
      store,
      rules,
      stamps.filter((stamp) => sight.values([stamp]) === null),
    ),
  );
}

/** The hold goes first: whoever reads the bumped counter finds it, or found it gone again. */
async function begin(writer: Writer, stamps: readonly HeldStamp[], bump = true): Promise<Bumped[]> {
  const { tools, name } = writer;
  const begun = await Promise.all(
    distinct(stamps).map(async (held): Promise<Bumped> => {
      const isHeld = await tools.holds.begin(held.stamp, name, tools.deadlines.write);
      const first = bump && tools.rules.firstBump ? await bumpOnce(tools, held.stamp) : null;
      return { ...held, first, held: isHeld, late: !bump };
    }),
  );
  if (bump && writer.strict && begun.some(({ first, held }) => first === null || !held)) await refuse(writer, begun);
  return begun;
}

async function refuse({ tools, name }: Writer, begun: readonly Bumped[]): Promise<never> {
  await Promise.all(begun.map(({ stamp, settle }) => tools.holds.settle(stamp, name, settle)));
  throw new Fault({
    code: 'UPSTREAM_UNAVAILABLE',
    message:
      'The cache did not acknowledge that it will forget what this mutation changes, and CACHE_WRITES=strict. ' +
      'Nothing was changed; retry when the cache answers again.',
  });
}

/** A failed write may have done half its work; one of unknown outcome may do it yet, and its holds stay. */
async function fail(writer: Writer, begun: readonly Bumped[], error: unknown): Promise<never> {
  const isKnown = error instanceof Fault && error.outcome !== 'UNKNOWN';
  if (isKnown || !writer.tools.rules.unknownKeepsHold) await end(writer, begun, ({ settle }) => settle);
  else await bumpAgain(writer, begun);
  throw error;
}

async function end(writer: Writer, begun: readonly Bumped[], settle: (held: HeldStamp) => number): Promise<Settled[]> {
  const { holds } = writer.tools;
  const settled = await bumpAgain(writer, begun, settle);
  await Promise.all(
    settled.map((held) => (held.second === null ? undefined : holds.settle(held.stamp, writer.name, settle(held)))),
  );
  return settled;
}

/** Without `settle` the hold stays also when a later bump is acknowledged. */
function bumpAgain(writer: Writer, begun: readonly Bumped[], settle?: (held: HeldStamp) => number): Promise<Settled[]> {
  const { tools, name, unconfirmed } = writer;
  return Promise.all(
    begun.map(async (held): Promise<Settled> => {
      const second = tools.rules.secondBump ? await bumpOnce(tools, held.stamp) : held.first;
      if (second === null) {
        unconfirmed.retry(held.stamp, async () => {
          if (settle !== undefined) await tools.holds.settle(held.stamp, name, settle(held));
        });
      }
      return { ...held, second };
    }),
  );
}

function bumpOnce(tools: Tools, stamp: Stamp): Promise<number | null> {
  return tools.store.increment(stampKey(stamp), stampStart(tools.rules), STAMP_LIFE);
}

function isUnconfirmed({ second, held }: Settled): boolean {
  return second === null || !held;
}

/** Stores rows under the stamps as this write left them, provided that nobody else has written meanwhile. */
async function storeFresh(
  tools: Tools,
  settled: readonly Settled[],
  alongside: (stamp: Stamp) => number | null,
  fresh: readonly Fresh[],
): Promise<void> {
  const undisturbed = ({ first, second, late }: Settled) =>
    second !== null && (late || (first !== null && second === first + 1));
  if (!settled.every(undisturbed) && tools.rules.freshBumpAlone) return;
  const seconds = new Map(settled.map(({ stamp, second }) => [stamp, second]));
  const readAt = tools.clock.now();
  const fetched = fresh.map(({ lookup, value }) => {
    const values = lookup.stamps.map((stamp) => seconds.get(stamp) ?? alongside(stamp));
    const captured = values.includes(null) ? null : values.filter((value) => value !== null);
    return { lookup, value, readAt, captured, hold: 'none' as const, before: null };
  });
  await keep(tools, fetched);
}

/** One hold per stamp, the longest. */
function distinct(stamps: readonly HeldStamp[]): HeldStamp[] {
  const longest = new Map<Stamp, HeldStamp>();
  for (const held of stamps) {
    if (held.settle >= (longest.get(held.stamp)?.settle ?? 0)) longest.set(held.stamp, held);
  }
  return [...longest.values()];
}
