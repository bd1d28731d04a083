/** In place of a label's value once there are too many. */
export const OTHER = 'other';

/**
 * Lets the first `most` distinct values of a label through, and then only those. Labels come from the catalog, the schema
 * and closed sets; this is for the day when one of them does not, so that it cannot fill memory here and in Prometheus.
 */
export function bounded(most: number): (value: string) => string {
  const known = new Set<string>();
  return (value) => {
    if (known.has(value)) return value;
    if (known.size >= most) return OTHER;
    known.add(value);
    return value;
  };
}
