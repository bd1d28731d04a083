import { isObject, type Row } from '../../row.js';

type Wire = Readonly<Record<string, unknown>>;

/**
 * The whole new metadata of a row: what it has with `given` over it and less `removed`. Null for `given` clears what it
 * has, undefined leaves it.
 */
export function mergedMetadata(row: Row | null, given: unknown, removed: readonly string[]): Wire {
  const before = given === null ? {} : objectOr(row?.['metadata']);
  const merged = Object.entries({ ...before, ...objectOr(given) }).filter(([key]) => !removed.includes(key));
  return Object.fromEntries(merged);
}

function objectOr(value: unknown): Wire {
  return isObject(value) ? value : {};
}
