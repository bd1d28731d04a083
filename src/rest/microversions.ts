import { isObject } from '../row.js';
import { Fault } from './fault.js';
import { serviceOf } from './services.js';

type Version = readonly [major: number, minor: number];

function parseVersion(text: unknown): Version | null {
  const match = typeof text === 'string' ? /^v?(\d+)\.(\d+)$/.exec(text) : null;
  return match === null ? null : [Number(match[1]), Number(match[2])];
}

/** Negative, zero or positive as `a` is older than, equal to or newer than `b`. 2.9 is older than 2.10. */
export function compareVersions(a: Version, b: Version): number {
  return a[0] - b[0] || a[1] - b[1];
}

interface Range {
  readonly min: Version;
  readonly max: Version;
}

function rangeIn(entry: unknown): Range | null {
  if (!isObject(entry)) return null;
  const min = parseVersion(entry['min_version']);
  // Nova and Cinder call it `version`, Placement and Manila `max_version`.
  const max = parseVersion(entry['max_version'] ?? entry['version']);
  return min === null || max === null ? null : { min, max };
}

/** The microversions of the major version `major` that a version document offers; null where it offers none. */
export function rangeOf(document: unknown, major: number): Range | null {
  if (!isObject(document)) return null;
  const entries: unknown[] = Array.isArray(document['versions']) ? document['versions'] : [document['version']];
  return entries.map(rangeIn).find((range) => range !== null && range.max[0] === major) ?? null;
}

/**
 * The newest microversion that the service speaks, stratograph was tested with and the operator allows (`bound`).
 * UNSUPPORTED where the service speaks none of them.
 */
export function negotiate(service: string, document: unknown, bound: string | undefined): string {
  const ours = [serviceOf(service).microversions?.tested, bound]
    .map(parseVersion)
    .filter((version) => version !== null);
  const [wanted] = ours.sort(compareVersions);
  if (wanted === undefined) throw new Error(`${service} has no microversions`);
  const range = rangeOf(document, wanted[0]);
  if (range === null) {
    const message = `${service} answered with a version document that names no microversion of ${wanted[0]}.x.`;
    throw new Fault({ code: 'UPSTREAM_UNAVAILABLE', service, message });
  }
  if (compareVersions(wanted, range.min) < 0) {
    const message = `${service} speaks ${range.min.join('.')} and newer, stratograph ${wanted.join('.')} and older.`;
    throw new Fault({ code: 'UNSUPPORTED', service, message });
  }
  return (compareVersions(wanted, range.max) < 0 ? wanted : range.max).join('.');
}

/** The headers that ask for a microversion; none for null. */
export function microversionHeaders(service: string, microversion: string | null): Record<string, string> {
  const known = serviceOf(service).microversions;
  if (known === null || microversion === null) return {};
  const headers: Record<string, string> = { 'OpenStack-API-Version': `${known.name} ${microversion}` };
  if (known.legacyHeader !== undefined) headers[known.legacyHeader] = microversion;
  return headers;
}

interface Remembered {
  readonly value: string;
  readonly until: number;
}

/** Milliseconds that anybody waits for a refresh of what is known. A service that hangs must not hold up what the cache has. */
const REFRESH_PATIENCE = 1_000;

/** What `refresh` brings, or `known` where it fails or takes too long. */
async function soon(refresh: Promise<string>, known: string): Promise<string> {
  let timer: NodeJS.Timeout | undefined;
  const enough = new Promise<string>((resolve) => {
    timer = setTimeout(resolve, REFRESH_PATIENCE, known);
  });
  try {
    return await Promise.race([refresh.catch(() => known), enough]);
  } finally {
    clearTimeout(timer);
  }
}

/** What was negotiated, by version document. One flight each; an old result outlives a refresh that fails or hangs. */
export class Negotiations {
  readonly #known = new Map<string, Remembered>();
  readonly #flights = new Map<string, Promise<string>>();
  readonly #lifetime: number;
  readonly #now: () => number;

  /** `lifetime` in milliseconds. */
  constructor(lifetime: number, now: () => number) {
    this.#lifetime = lifetime;
    this.#now = now;
  }

  get(document: string, ask: () => Promise<string>): Promise<string> {
    const known = this.#known.get(document);
    if (known !== undefined && this.#now() < known.until) return Promise.resolve(known.value);
    const flight = this.#flights.get(document) ?? this.#fly(document, ask);
    return known === undefined ? flight : soon(flight, known.value);
  }

  /** After a 406: the service was changed. */
  forget(document: string): void {
    this.#known.delete(document);
  }

  #fly(document: string, ask: () => Promise<string>): Promise<string> {
    const flight = ask()
      .then((value) => {
        this.#known.set(document, { value, until: this.#now() + this.#lifetime });
        return value;
      })
      .finally(() => this.#flights.delete(document));
    this.#flights.set(document, flight);
    return flight;
  }
}
