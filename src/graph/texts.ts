import type { ExecutionResult } from 'graphql';
import { LRUCache } from 'lru-cache';
import { WrittenData } from '../http/parts.js';
import type { Whole } from '../load/whole-collection.js';
import type { Row } from '../row.js';
import { identityOf } from './asker-identity.js';
import type { Outlined, RowTexts } from './compiled.js';
import type { Context } from './context.js';
import { rowsIn, type ShownRow, withRows } from './texts/write.js';

type Places = Outlined['places'];
/** By the name of the page's root field. */
type ShownPages = ReadonlyMap<string, readonly ShownRow[]>;

/** What was learned of one page of an operation. */
interface KnownPage {
  /** All that the rows show beside themselves was found in these, which are not kept for it. */
  readonly wholes: readonly WeakRef<Whole>[];
  readonly rows: WeakMap<Row, ShownRow>;
}

interface Known {
  /** By the root field's name in the answer. */
  readonly pages: ReadonlyMap<string, KnownPage>;
  /** Characters of all rows that were ever added. */
  readonly size: number;
}

/** A page as it was just loaded. */
interface LoadedPage {
  readonly rows: readonly Row[];
  readonly wholes: readonly Whole[];
}

const MIB = 1024 * 1024;
/** Characters of all texts together, and of those of one operation: beyond, it begins anew. */
const MOST = 32 * MIB;
const MOST_OF_ONE = 8 * MIB;
/** About what a text takes beside its characters. */
const OVERHEAD = 64;
const NONE: ReadonlySet<string> = new Set();

/**
 * Shortcut `texts`: of a page, what each row looks like in the answer is kept as JSON. The next query that selects the same, be
 * it another page, in another order, filtered otherwise, resolves only the outline of its pages, puts the texts in, and
 * leaves out what costs most: resolving and serialising thousands of fields (`docs/decisions/shortcuts.md` has the figures).
 *
 * A text says nothing about what is current. Rows and collections are read from the cache each time as ever; rows that are
 * the same objects, found in collections that are the same objects, look the same. Whatever a row shows from anywhere else, or
 * with a note or an error, is not kept.
 */
export class KeptTexts implements RowTexts<Context> {
  readonly #known = new LRUCache<string, Known>({ maxSize: MOST });
  /** Numbers that are never used again, short enough for keys. */
  readonly #numbers = new WeakMap<Outlined, number>();
  #lastNumber = 0;

  async execute(
    operation: Outlined,
    context: Context,
    run: Parameters<RowTexts<Context>['execute']>[2],
  ): Promise<ExecutionResult | null> {
    const scope = await context.scope().catch(() => null);
    if (scope === null || scope.hasAccessRules) return run('whole');
    const { places } = operation;
    const key = `${this.#numberOf(operation)}/${identityOf(scope)}`;
    const known = this.#known.get(key);
    if (known !== undefined) {
      context.pages.outline(places);
      const outline = await run('outline');
      context.pages.outline(NONE);
      const data = dataOf(outline);
      const shown = data && (await shownAsBefore(known, context));
      if (data && shown) return written(data, places, shown);
      context.rewind();
    }
    const result = await run('whole');
    const data = dataOf(result);
    const isPlain = Object.keys(context.notes.extensions(false)).length === 0;
    const learned = data && isPlain ? await this.#learn(key, places, data, context) : null;
    return data && learned ? written(data, places, learned) : result;
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

  /** Keeps what the rows of all pages look like; null where that is not to be known of one. */
  async #learn(
    key: string,
    places: Places,
    data: Record<string, unknown>,
    context: Context,
  ): Promise<ShownPages | null> {
    const shown = new Map<string, readonly ShownRow[]>();
    const pages = new Map<string, LoadedPage>();
    for (const [name, placesOfPage] of places) {
      const loaded = await loadedPage(name, context);
      const rows = loaded && rowsIn(data[name], placesOfPage, loaded.rows.length);
      if (!loaded || !rows) return null;
      shown.set(name, rows);
      pages.set(name, loaded);
    }
    this.#add(key, pages, shown);
    return shown;
  }

  /** To what is known where that is still so, in its place otherwise. */
  #add(key: string, pages: ReadonlyMap<string, LoadedPage>, shown: ShownPages): void {
    const known = this.#known.peek(key);
    const isSame = known !== undefined && known.size < MOST_OF_ONE && [...pages].every((page) => isOf(known, page));
    const next = isSame ? known : emptyOf(pages);
    let { size } = next;
    for (const [name, { rows }] of pages) {
      const texts = next.pages.get(name)?.rows;
      rows.forEach((row, index) => {
        const text = shown.get(name)?.[index];
        if (text === undefined || texts === undefined || texts.has(row)) return;
        texts.set(row, text);
        size += OVERHEAD + text.texts.reduce((sum, { length }) => sum + length, 0);
      });
    }
    this.#known.set(key, { pages: next.pages, size }, { size: size + OVERHEAD });
  }
}

function dataOf(result: ExecutionResult | null): Record<string, unknown> | null {
  return result?.errors ? null : (result?.data ?? null);
}

function written(data: Record<string, unknown>, places: Places, shown: ShownPages): ExecutionResult {
  return { data: new WrittenData(withRows(data, places, shown)) };
}

/** The texts of all rows of all pages; null where one is not known, or might be too much to show. */
async function shownAsBefore({ pages }: Known, context: Context): Promise<ShownPages | null> {
  const shown = new Map<string, readonly ShownRow[]>();
  let count = 0;
  for (const [name, known] of pages) {
    const loaded = await loadedPage(name, context);
    if (loaded === null || !areSame(known.wholes, loaded.wholes)) return null;
    const rows: ShownRow[] = [];
    for (const row of loaded.rows) {
      const text = known.rows.get(row);
      if (text === undefined) return null;
      count += text.rows;
      rows.push(text);
    }
    shown.set(name, rows);
  }
  return context.budget.hasRoomFor(count) ? shown : null;
}

/** The page of a root field, and the collections in which all is found that its rows show; null where there is more. */
async function loadedPage(name: string, context: Context): Promise<LoadedPage | null> {
  const page = context.pages.get(name);
  if (page === undefined || page.sources === null) return null;
  const wholes = await context.ready?.wholes(page.sources, page.region);
  return wholes ? { rows: page.rows, wholes } : null;
}

function emptyOf(pages: ReadonlyMap<string, LoadedPage>): Known {
  const empty = ({ wholes }: LoadedPage): KnownPage => ({
    wholes: wholes.map((whole) => new WeakRef(whole)),
    rows: new WeakMap(),
  });
  return { pages: new Map([...pages].map(([name, page]) => [name, empty(page)])), size: 0 };
}

function isOf({ pages }: Known, [name, { wholes }]: readonly [string, LoadedPage]): boolean {
  const known = pages.get(name);
  return known !== undefined && areSame(known.wholes, wholes);
}

function areSame(known: readonly WeakRef<Whole>[], wholes: readonly Whole[]): boolean {
  return known.length === wholes.length && known.every((one, index) => one.deref() === wholes[index]);
}
