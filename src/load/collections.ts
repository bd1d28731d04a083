import { isPrivileged } from '../auth/scope.js';
import { type AnyResource, resourceOf } from '../services/registry.js';
import type { Asker } from './asker.js';
import { isPagedHere, MAX_PAGE } from './fetch-list.js';
import type { RowList } from './lookups.js';

/** Parents from which on what they name is a good part of everything there is: a smaller page waits for its ids. */
const MANY_PARENTS = 20;

/**
 * For up to so many parents no more than so many rows are fetched of what can be asked for by many ids: Neutron takes 2 ms for each of its
 * ports, so that all thousand of a project take longer than those of a hundred servers do once these are known (Zed: 2.2 times
 * as long in all). A project that fits on such a page has little more of anything. Few steps, since each is an entry of its own in the cache.
 */
const STEPS: readonly { readonly parents: number; readonly rows: number }[] = [
  { parents: 100, rows: 150 },
  { parents: 300, rows: 450 },
];

/**
 * From so many parents on, a collection of more than a page is fetched whole too: asking for what so many name by their ids takes
 * more calls, and later ones.
 */
const LARGE_PAGE = 800;
const LARGE_COLLECTION = 4 * MAX_PAGE;

/**
 * How long (ms) a size is believed. One that has grown is found out the next time; to take a large one for large for some hours too long
 * costs the second and third wave of a careful client, to try it again in vain up to a fifth of the page's time (Zed).
 */
const BELIEVED_MS = 6 * 3_600_000;

/** Sizes that are remembered: as many as types, regions and audiences in use. */
const MOST_SIZES = 10_000;

/**
 * Shortcut `collections`: what a page's rows name is fetched beside them instead of behind them, as the whole collection that
 * they are in, while that is small. One wave of calls instead of three took 0.75 to 0.88 of the time on a real control
 * plane. This remembers how large the collections were; of one that is not known another may tell (`sizedBy`), else it is tried once, as
 * far as it may be small.
 *
 * Only for askers who see no other project's rows: a member's list shows exactly what the same list with a filter does,
 * while an administrator's is of a project or of the whole cloud.
 */
export class Collections {
  readonly #sizes = new Map<string, { readonly size: number; readonly until: number }>();
  readonly #now: () => number;

  /** `now`: milliseconds; for tests. */
  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  /** What a read of everything that the asker sees of a type, `most` rows of it, has brought. */
  note(asker: Asker, resource: AnyResource, region: string, { rows, more }: RowList, most: number): void {
    if (this.#sizes.size >= MOST_SIZES) this.#sizes.clear();
    const size = more ? most + 1 : rows.length;
    this.#sizes.set(nameOf(asker, resource, region), { size, until: this.#now() + BELIEVED_MS });
  }

  /** Whether nothing tells how many rows there are. */
  isUnknown(asker: Asker, resource: AnyResource, region: string): boolean {
    return this.#sizeOf(asker, resource, region) === undefined;
  }

  /** Rows at the last look, or those of the type that tells instead; undefined where nobody has looked lately. */
  #sizeOf(asker: Asker, resource: AnyResource, region: string): number | undefined {
    const { sizedBy } = resource;
    const told = () => (sizedBy === undefined ? undefined : this.#counted(asker, resourceOf(sizedBy), region));
    return this.#counted(asker, resource, region) ?? told();
  }

  #counted(asker: Asker, resource: AnyResource, region: string): number | undefined {
    const known = this.#sizes.get(nameOf(asker, resource, region));
    return known !== undefined && this.#now() < known.until ? known.size : undefined;
  }

  /**
   * How many rows at most to fetch of all rows of a type for what so many parents name of it; null where that is not worth it. The
   * same query has to be told the same each time: what one way has brought into the cache is of no use to the other.
   */
  boundFor(asker: Asker, resource: AnyResource, region: string, parents: number): number | null {
    if (isPrivileged(asker.scope) || asker.policy.bypass || !mayBeGathered(resource, parents)) return null;
    const most = boundOf(resource, parents);
    return (this.#sizeOf(asker, resource, region) ?? 0) <= most ? most : null;
  }
}

function boundOf({ batch }: AnyResource, parents: number): number {
  if (parents >= LARGE_PAGE) return LARGE_COLLECTION;
  const step = batch === 'ids' ? STEPS.find((each) => parents <= each.parents) : undefined;
  return step?.rows ?? MAX_PAGE;
}

/** Whether a collection of any size might be fetched for what so many parents name of it, which costs one call as a rule. */
export function mayBeGathered(resource: AnyResource, parents: number): boolean {
  return parents >= MANY_PARENTS && !isPagedHere(resource) && resource.batch !== 'each';
}

function nameOf(asker: Asker, resource: AnyResource, region: string): string {
  return `${resource.name}/${region}/${asker.audience(resource.audience, region)}`;
}
