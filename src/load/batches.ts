import type { Query } from '../rest/rest.js';

/**
 * Longest path and query that Neutron's web server takes: with method and version 8192 bytes make the request line
 * (eventlet.wsgi, MAX_REQUEST_LINE), and the endpoint's own path counts too.
 */
export const MAX_QUERY_BYTES = 7900;

/** Most values of one parameter in a call. */
export const MAX_VALUES = 190;

/** How many bytes a query takes in a URL. */
export function bytesOf(query: Query): number {
  return query.reduce((sum, [name, value]) => sum + sizeOf(name, value), 0);
}

function sizeOf(name: string, value: string): number {
  return name.length + 2 + encodeURIComponent(value).length;
}

/** Cuts `values` into runs that fit into one URL as `parameter=value&parameter=value`, beside so many bytes of other parameters. */
export function urlBatches(parameter: string, values: readonly string[], taken = 0): readonly (readonly string[])[] {
  const batches: string[][] = [];
  let room = 0;
  for (const value of values) {
    const bytes = sizeOf(parameter, value);
    const last = batches.at(-1);
    if (last && bytes <= room && last.length < MAX_VALUES) {
      last.push(value);
      room -= bytes;
    } else {
      batches.push([value]);
      room = MAX_QUERY_BYTES - taken - bytes;
    }
  }
  return batches;
}
