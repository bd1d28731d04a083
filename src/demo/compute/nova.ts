import { type Answer, type Call, HTML, htmlError, isRecord, Refusal, type Version } from '../http.js';
import { cut, MAX_PAGE, type PageOf, queryWith } from '../paging.js';

export const NEWEST = 93;

const KEYS: Readonly<Record<number, string>> = {
  400: 'badRequest',
  403: 'forbidden',
  404: 'itemNotFound',
  409: 'conflictingRequest',
  413: 'overLimit',
};

/** Nova's and Cinder's error body: one key that names the kind. */
export function faultBody({ status, message }: Refusal, retryAfter?: string): Record<string, unknown> {
  const after = retryAfter === undefined ? {} : { retryAfter };
  return { [KEYS[status] ?? 'computeFault']: { code: status, message, ...after } };
}

export function refuse(refusal: Refusal): Answer {
  return {
    status: refusal.status,
    body: faultBody(refusal),
    headers: { 'content-type': 'application/json; charset=UTF-8' },
  };
}

export function unknownPath(): Answer {
  return { status: 404, body: htmlError('404 Not Found', 'The resource could not be found.'), headers: HTML };
}

/**
 * The minor version that a header such as `compute 2.93` asks for. Without one the oldest is in effect; outside the
 * range it is 406, and the answer's own header repeats the refused version.
 */
export function minorVersion(asked: string | undefined, major: number, newest: number, oldest: number): number {
  if (asked === undefined) return oldest;
  if (asked === 'latest') return newest;
  const match = /^(\d+)\.(\d+)$/.exec(asked);
  if (match === null) {
    throw new Refusal(400, `API Version String ${asked} is of invalid format. Must be of format MajorNum.MinorNum.`);
  }
  const minor = Number(match[2]);
  if (Number(match[1]) === major && minor >= oldest && minor <= newest) return minor;
  const range = `Minimum is ${major}.${oldest} and maximum is ${major}.${newest}.`;
  throw new Refusal(406, `Version ${asked} is not supported by the API. ${range}`, '', { 'x-version': asked });
}

export function novaVersion(header: (name: string) => string | undefined): number {
  const [service, version] = (header('openstack-api-version') ?? '').split(' ');
  return minorVersion(service === 'compute' ? version : header('x-openstack-nova-api-version'), 2, NEWEST, 1);
}

export function novaHeaders(version: Version, requestId: string): Record<string, string> {
  const ids = { 'x-openstack-request-id': requestId, 'x-compute-request-id': requestId };
  if (version === null || version === '') return ids;
  const full = typeof version === 'string' ? version : `2.${version}`;
  return {
    ...ids,
    'openstack-api-version': `compute ${full}`,
    'x-openstack-nova-api-version': full,
    vary: 'OpenStack-API-Version, X-OpenStack-Nova-API-Version',
  };
}

export function denied(action: string): Refusal {
  return new Refusal(403, `Policy doesn't allow os_compute_api:${action} to be performed.`);
}

/** Checks `limit` as Nova's query schema does. */
export function limitOf(call: Call): number {
  const limit = call.query.get('limit');
  if (limit === null) return MAX_PAGE;
  if (!/^[0-9]*$/.test(limit)) {
    const input = `Invalid input for query parameters limit. Value: ${limit}.`;
    throw new Refusal(400, `${input} '${limit}' does not match '^[0-9]*$'`);
  }
  return Math.min(Number(limit), MAX_PAGE);
}

/** One page of a Nova list with its link to the next. */
export function novaPage<T>(call: Call, rows: readonly T[], idOf: (row: T) => string): PageOf<T> & { links: object[] } {
  const marker = call.query.get('marker');
  const page = cut(rows, idOf, { limit: limitOf(call), marker }, (id) => new Refusal(400, `marker [${id}] not found`));
  const links =
    page.next === null
      ? []
      : [{ rel: 'next', href: `${call.root}${call.path}?${queryWith(call, { marker: page.next }, true)}` }];
  return { ...page, links };
}

/** The `links` of a resource: with and without the version in its path. */
export function linksTo(call: Call, collection: string, id: string): object[] {
  return [
    { rel: 'self', href: `${call.root}/v2.1/${collection}/${id}` },
    { rel: 'bookmark', href: `${call.root}/${collection}/${id}` },
  ];
}

/** `value` as Python prints it, which Nova's and Cinder's messages do. */
export function python(value: unknown): string {
  if (value === null || value === undefined) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (typeof value === 'string') return `'${value}'`;
  if (Array.isArray(value)) return `[${value.map(python).join(', ')}]`;
  if (isRecord(value)) {
    return `{${Object.entries(value)
      .map(([name, each]) => `'${name}': ${python(each)}`)
      .join(', ')}}`;
  }
  return String(value);
}

/** Beside the resource itself a body may hold these. */
const HINTS = ['os:scheduler_hints', 'OS-SCH-HNT:scheduler_hints'];

function unexpected(names: readonly string[]): string {
  const were = names.length === 1 ? 'was' : 'were';
  return `Additional properties are not allowed (${names.map((each) => `'${each}'`).join(', ')} ${were} unexpected)`;
}

/** The object `name` of the body, with only `known` and all of `required` attributes. */
export function bodyOf(
  call: Call,
  name: string,
  known: readonly string[] | null,
  required: readonly string[] = [],
): Record<string, unknown> {
  if (call.body === undefined) throw new Refusal(400, 'Malformed request body');
  const value = isRecord(call.body) ? call.body[name] : undefined;
  const others = isRecord(call.body)
    ? Object.keys(call.body).filter((each) => each !== name && !HINTS.includes(each))
    : [];
  if (isRecord(value) && others.length > 0) throw new Refusal(400, unexpected(others.sort()));
  if (!isRecord(value)) throw new Refusal(400, `'${name}' is a required property`);
  const input = `Invalid input for field/attribute ${name}. Value: ${python(value)}.`;
  for (const each of required) {
    if (!(each in value)) throw new Refusal(400, `${input} '${each}' is a required property`);
  }
  const foreign = known === null ? [] : Object.keys(value).filter((each) => !known.includes(each));
  if (foreign.length > 0) {
    throw new Refusal(400, `${input} ${unexpected(foreign)}`);
  }
  return value;
}
