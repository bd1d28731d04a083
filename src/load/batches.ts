/**
 * Longest path and query that Neutron's web server takes: with method and version 8192 bytes make the request line
 * (eventlet.wsgi, MAX_REQUEST_LINE), and the endpoint's own path counts too.
 */
export const MAX_QUERY_BYTES = 7900;

/** Most values of one parameter in a call. */
export const MAX_VALUES = 190;

/** Cuts `values` into runs that fit into one URL as `parameter=value&parameter=value`. */
export function urlBatches(parameter: string, values: readonly string[]): readonly (readonly string[])[] {
  const batches: string[][] = [];
  let room = 0;
  for (const value of values) {
    const bytes = parameter.length + 2 + encodeURIComponent(value).length;
    const last = batches.at(-1);
    if (last && bytes <= room && last.length < MAX_VALUES) {
      last.push(value);
      room -= bytes;
    } else {
      batches.push([value]);
      room = MAX_QUERY_BYTES - bytes;
    }
  }
  return batches;
}
