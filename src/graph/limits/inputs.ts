import { BREAK, type DocumentNode, Kind, visit } from 'graphql';
import { refusal } from './refusal.js';
import type { LimitValues } from './table.js';

/**
 * Refuses variables, as they came, that hold too much: before they are coerced, since that walks them whole. Walks
 * without recursion and no further than it may: JSON can be nested deeper than any stack.
 */
export function checkVariables(variables: unknown, limits: LimitValues): void {
  let values = 0;
  let here: readonly unknown[] = childrenOf(variables);
  for (let depth = 0; here.length > 0; depth += 1) {
    if (depth > limits.MAX_INPUT_DEPTH) throw refusal('MAX_INPUT_DEPTH', limits.MAX_INPUT_DEPTH, depth);
    values += here.length;
    if (values > limits.MAX_INPUT_VALUES) throw refusal('MAX_INPUT_VALUES', limits.MAX_INPUT_VALUES, values);
    here = here.flatMap(childrenOf);
  }
}

function childrenOf(value: unknown): readonly unknown[] {
  if (typeof value !== 'object' || value === null) return [];
  return Array.isArray(value) ? value : Object.values(value);
}

/** How deep the deepest value or variable type of a document is; stops counting one above `most`. */
export function inputDepthOf(document: DocumentNode, most: number): number {
  let deepest = 0;
  let depth = 0;
  const deeper = {
    enter() {
      depth += 1;
      deepest = Math.max(deepest, depth);
      return deepest > most ? BREAK : undefined;
    },
    leave() {
      depth -= 1;
    },
  };
  visit(document, { [Kind.LIST]: deeper, [Kind.OBJECT]: deeper, [Kind.LIST_TYPE]: deeper });
  return deepest;
}
