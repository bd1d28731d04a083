/** Under this key a row knows the region that it was read from: its relations are looked up there. */
export const REGION: unique symbol = Symbol('region');

/**
 * One resource as its OpenStack service sent it, less its secrets: wire names, wire values. The cache stores exactly
 * this, so that renaming a GraphQL field never invalidates an entry.
 */
export interface Row {
  readonly [wireName: string]: unknown;
  readonly [REGION]?: string;
}

/** Says which region `row` was read from. JSON leaves symbols out, so this has to be said again of every row that comes from a cache. */
export function inRegion<R extends Row>(row: R, region: string): R {
  (row as { [REGION]?: string })[REGION] = region;
  return row;
}

/** Whether `value` is a JSON object (not null, not a list). */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The text under `name`, or null where the service sent nothing, null or "" (OpenStack's three ways to say "none"). */
export function textOf(row: Row, name: string): string | null {
  const value = row[name];
  return typeof value === 'string' && value !== '' ? value : null;
}

/** The JSON objects in `value`, where it is a list; none otherwise. */
export function records(value: unknown): readonly Record<string, unknown>[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}
