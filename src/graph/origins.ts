import type { Scope } from '../auth/scope.js';
import { Composition } from '../cache/composition.js';
import { NOTHING_SEEN, type Seen } from '../cache/sight.js';
import type { Executed } from '../http/parts.js';
import type { Budget } from './limits/budget.js';

/** Where an answer came from: what decides whether it may be kept whole. Copies of a context share one. */
export class Origins {
  /** What came through the cache. */
  readonly parts = new Composition();
  /** Stamps that were looked at for this answer already. */
  seen: Seen = NOTHING_SEEN;
  /** Who asked; null while nobody had to know. */
  scope: Scope | null = null;
  executed: Executed | null = null;
  /** Its rows are texts that were kept. */
  isOfTexts = false;
  /** Something of the asker's own is in it, of this token even, which no cache knows. */
  isPersonal = false;
}

/**
 * Whether anything went into an answer that the cache knows nothing of. A call where every look-up was a hit was made beside the cache: the
 * total of a list. So was one for nobody.
 */
export function hasMoreThanEntries({ parts, isPersonal, scope }: Origins, { calls }: Pick<Budget, 'calls'>): boolean {
  return isPersonal || (calls > 0 && (parts.isOfEntries || scope === null));
}
