import type { ExecutionResult } from 'graphql';
import type { Patches, Patchwork } from '../cache/patchwork.js';
import type { WholeCache } from '../cache/protocol.js';
import { NOTHING_SEEN } from '../cache/sight.js';
import { WrittenData } from '../http/parts.js';
import type { Row } from '../row.js';
import { identityOf } from './asker-identity.js';
import type { Outlined, RowTexts } from './compiled.js';
import type { Context } from './context.js';
import { hasMoreThanEntries } from './origins.js';
import { rowsIn, type ShownRow, withRows } from './texts/write.js';

type Places = Outlined['places'];
type Run = Parameters<RowTexts<Context>['execute']>[2];
/** By the name of the page's root field in the answer. */
type ShownPages = ReadonlyMap<string, readonly ShownRow[]>;
type KnownPages = ReadonlyMap<string, Patches<Row, ShownRow>>;

const MIB = 1024 * 1024;
/** Characters of all texts together, and of those of one page's rows; pages of operations. */
const BOUNDS = { bytes: 32 * MIB, valueBytes: 8 * MIB, count: 2_000 };
/** About what a text takes beside its characters. */
const OVERHEAD = 64;
const NONE: ReadonlySet<string> = new Set();

/**
 * Shortcut `texts`: of a page, what each row looks like in the answer is kept as JSON. The next query that selects the same, be
 * it another page, in another order, filtered otherwise, resolves only the outline of its pages, puts the texts in, and
 * leaves out what costs most: looking up, resolving and serialising thousands of fields (`docs/decisions/shortcuts.md` has the figures).
 *
 * A page is read from the cache each time as ever. The text of a row that is still the same object may be shown on the conditions of
 * a whole answer: every stamp of what it was made of still holds, and no part of it has come to its end. What has errors or notes, or was
 * made of more than the cache's entries, is not kept.
 */
export class KeptTexts implements RowTexts<Context> {
  readonly #texts: Patchwork<Row, ShownRow>;
  /** Numbers that are never used again, short enough for keys. */
  readonly #numbers = new WeakMap<Outlined, number>();
  #lastNumber = 0;

  constructor(cache: WholeCache) {
    this.#texts = cache.patchwork(BOUNDS);
  }

  async execute(operation: Outlined, context: Context, run: Run): Promise<ExecutionResult | null> {
    const known = await this.#known(operation, context);
    if (known === null) return run('whole');
    const shown = await shownAsBefore(known, operation.places, context, run);
    if (shown !== null) return shown;
    const result = await run('whole');
    const data = dataOf(result);
    const learned = data && keep(known, operation.places, data, context);
    return data && learned ? written(data, operation.places, learned) : result;
  }

  async show(operation: Outlined, context: Context, run: Run): Promise<ExecutionResult | null> {
    const known = await this.#known(operation, context);
    return known && shownAsBefore(known, operation.places, context, run);
  }

  /** What a look finds of the operation's pages; null where nothing of it may be kept. */
  async #known(operation: Outlined, context: Context): Promise<KnownPages | null> {
    const scope = await context.scope().catch(() => null);
    if (scope === null || scope.hasAccessRules || context.facts.freshness.noCache) return null;
    return this.#look(this.#keysOf(operation, identityOf(scope)), context);
  }

  /** By the names of the operation's pages. */
  #keysOf(operation: Outlined, asker: string): ReadonlyMap<string, string> {
    const number = this.#numberOf(operation);
    return new Map([...operation.places.keys()].map((name) => [name, `${number}/${name}/${asker}`]));
  }

  /** Before anything that may be kept is executed. */
  async #look(keys: ReadonlyMap<string, string>, { facts }: Context): Promise<KnownPages> {
    const { maxAge } = facts.freshness;
    const policy = maxAge === undefined ? {} : { maxAge };
    const looks = [...keys].map(async ([name, key]) => [name, await this.#texts.look(key, policy)] as const);
    return new Map(await Promise.all(looks));
  }

  #numberOf(operation: Outlined): number {
    let number = this.#numbers.get(operation);
    if (number === undefined) {
      this.#lastNumber += 1;
      number = this.#lastNumber;
      this.#numbers.set(operation, number);
    }
    return number;
  }
}

/** The answer, with nothing but the outline executed; null where that is not enough. */
async function shownAsBefore(
  known: KnownPages,
  places: Places,
  context: Context,
  run: Run,
): Promise<ExecutionResult | null> {
  const looks = [...known.values()];
  if (looks.some(({ isEmpty }) => isEmpty)) return null;
  const [only] = looks.length === 1 ? looks : [];
  // The page's own stamps are among them.
  context.origins.seen = only?.seen ?? NOTHING_SEEN;
  context.pages.outline(places);
  const data = dataOf(await run('outline'));
  context.pages.outline(NONE);
  context.origins.seen = NOTHING_SEEN;
  const shown = data && rowsAsBefore(known, context);
  if (data && shown) {
    context.origins.isOfTexts = true;
    return written(data, places, shown);
  }
  context.rewind();
  return null;
}

/** The texts of all rows of all pages; null where one is not known, or might be too much to show. */
function rowsAsBefore(known: KnownPages, { pages, origins, budget, notes }: Context): ShownPages | null {
  const { parts } = origins;
  const looked = parts.entries;
  const shown = new Map<string, readonly ShownRow[]>();
  let count = 0;
  for (const [name, patches] of known) {
    const page = pages.get(name);
    const rows = page && patches.of(page, parts);
    if (!rows) return null;
    for (const row of rows) count += row.rows;
    shown.set(name, rows);
  }
  if (!budget.hasRoomFor(count)) return null;
  notes.spared(parts.entries - looked);
  return shown;
}

/** Keeps what the rows of all pages look like, where that may be; null where it is not to be known of one. */
function keep(
  known: KnownPages,
  places: Places,
  data: Record<string, unknown>,
  { pages, origins, notes, budget }: Context,
): ShownPages | null {
  if (Object.keys(notes.extensions(false)).length > 0) return null;
  const { parts } = origins;
  const hasMore = hasMoreThanEntries(origins, budget);
  const shown = new Map<string, readonly ShownRow[]>();
  for (const [name, patches] of known) {
    const rows = pages.get(name) ?? [];
    const texts = parts.isOfEntries ? rowsIn(data[name], places.get(name) ?? [], rows.length) : [];
    if (texts === null) return null;
    shown.set(name, texts);
    const pieces = texts.flatMap((text, index) => (rows[index] ? [[rows[index], text] as const] : []));
    patches.keep({ pieces, bytes: sizeOf(texts), parts, hasMore });
  }
  return parts.isOfEntries ? shown : null;
}

function sizeOf(shown: readonly ShownRow[]): number {
  return shown.reduce((sum, { texts }) => sum + OVERHEAD + texts.reduce((own, { length }) => own + length, 0), 0);
}

function dataOf(result: ExecutionResult | null): Record<string, unknown> | null {
  return result?.errors ? null : (result?.data ?? null);
}

function written(data: Record<string, unknown>, places: Places, shown: ShownPages): ExecutionResult {
  return { data: new WrittenData(withRows(data, places, shown)) };
}
