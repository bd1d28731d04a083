import { type Call, Refusal } from '../http.js';
import type { Image } from '../rows.js';

const OPTIONS = ['limit', 'marker', 'sort', 'sort_key', 'sort_dir', 'visibility', 'member_status', 'os_hidden'];
/** Filters that take an operator, `in:` or `eq:`, before their value. */
const WITH_OPERATOR = ['id', 'name', 'status', 'container_format', 'disk_format'];
const TIMES = ['created_at', 'updated_at'];
const COMPARISONS: Readonly<Record<string, (a: number, b: number) => boolean>> = {
  gt: (a, b) => a > b,
  gte: (a, b) => a >= b,
  lt: (a, b) => a < b,
  lte: (a, b) => a <= b,
  eq: (a, b) => a === b,
  neq: (a, b) => a !== b,
};
/** Text in quotes or without, with the comma behind it, or a comma alone. */
const VALUE = /"([^"\\]*(?:\\.[^"\\]*)*)",?|([^,]+),?|,/gs;

type Test = (image: Image) => boolean;

/** Whether an image is what the query asks for. Of a repeated filter the last value counts, but every tag. */
export function filterOf({ query }: Call): Test {
  const names = [...new Set(query.keys())].filter((name) => !OPTIONS.includes(name));
  if (query.has('os_hidden')) flagOf('os_hidden', query.get('os_hidden') ?? '');
  const tests = names.map((name) => (name === 'tag' ? hasTags(query.getAll(name)) : testOf(name, lastOf(query, name))));
  return (image) => tests.every((test) => test(image));
}

function lastOf(query: URLSearchParams, name: string): string {
  return query.getAll(name).at(-1) ?? '';
}

function hasTags(tags: readonly string[]): Test {
  return (image) => tags.every((tag) => image.tags.some((own) => alike(own, tag)));
}

/** Any name that is no field's is a filter on a custom property: an unknown one finds nothing. */
function testOf(name: string, wanted: string): Test {
  if (WITH_OPERATOR.includes(name)) return byOperator(name, wanted);
  if (TIMES.includes(name)) return byTime(name, wanted);
  if (name.endsWith('_min') || name.endsWith('_max')) return byRange(name, wanted);
  if (name === 'changes-since') throw new Refusal(400, 'The "changes-since" filter is no longer available on v2.');
  if (name === 'protected') {
    const flag = flagOf(name, wanted);
    return (image) => image.protected === flag;
  }
  return (image) => alike(image[name], wanted);
}

function flagOf(name: string, text: string): boolean {
  if (text === 'true' || text === 'false') return text === 'true';
  throw new Refusal(400, `Invalid value '${text}' for '${name}' filter. Valid values are 'true' or 'false'.`);
}

/** Compares as MySQL does: without heed of case, and a text that is no number as 0 where a number is kept. */
function alike(value: unknown, wanted: string): boolean {
  if (value === undefined || value === null) return false;
  if (typeof value === 'number') return value === (Number.parseFloat(wanted) || 0);
  return String(value).toLowerCase() === wanted.toLowerCase();
}

/** What stands before the first colon is an operator; without a colon it is `eq`. */
function split(expression: string): { readonly operator: string; readonly threshold: string } {
  const colon = expression.indexOf(':');
  if (colon < 0) return { operator: 'eq', threshold: expression };
  return { operator: expression.slice(0, colon), threshold: expression.slice(colon + 1) };
}

function byOperator(name: string, wanted: string): Test {
  const { operator, threshold } = split(wanted);
  if (operator !== 'in' && operator !== 'eq') {
    throw new Refusal(400, `Unable to filter by unknown operator '${operator}'.`);
  }
  const values = operator === 'in' ? valuesIn(threshold) : [threshold];
  return (image) => values.some((value) => alike(image[name], value));
}

/** `a,"b,c"` is `a` and `b,c`. */
function valuesIn(text: string): string[] {
  checkQuotes(text);
  return [...text.matchAll(VALUE)].map(([, quoted, plain]) => quoted ?? plain ?? '');
}

function checkQuotes(text: string): void {
  const wrong = (reason: string) => new Refusal(400, `Invalid filter value ${text}. ${reason}`);
  let open = false;
  for (let at = 0; at < text.length; at += 1) {
    if (text[at] !== '"' || text[at - 1] === '\\') continue;
    if (!open && at > 0 && text[at - 1] !== ',') throw wrong('There is no comma before opening quotation mark.');
    if (open && at + 1 < text.length && text[at + 1] !== ',') {
      throw wrong('There is no comma after closing quotation mark.');
    }
    open = !open;
  }
  if (open) throw wrong('The quote is not closed.');
}

function byTime(name: string, wanted: string): Test {
  // A time has colons of its own, so it may stand without an operator.
  const { operator, threshold } = timeIn(wanted) === null ? split(wanted) : { operator: 'eq', threshold: wanted };
  const time = timeIn(threshold);
  if (time === null) {
    throw new Refusal(400, `Bad "${name}" query filter format. Use ISO 8601 DateTime notation.`);
  }
  const compare = COMPARISONS[operator];
  if (compare === undefined) throw new Refusal(400, 'Unable to filter on a unknown operator.');
  return (image) => compare(Date.parse(String(image[name])), time);
}

/** Milliseconds since 1970 of an ISO 8601 time, UTC where it names no zone; null for anything else. */
function timeIn(text: string): number | null {
  if (!/^\d{4}-\d\d-\d\d/.test(text)) return null;
  const zoned = !text.includes('T') || /(Z|[+-]\d\d:?\d\d)$/.test(text) ? text : `${text}Z`;
  const time = Date.parse(zoned);
  return Number.isNaN(time) ? null : time;
}

/** `size_min`, `size_max`…; an image without data has no size, which is in no range. */
function byRange(name: string, wanted: string): Test {
  if (!/^\s*[+-]?\d+\s*$/.test(wanted)) {
    throw new Refusal(400, 'Unable to filter on a range with a non-numeric value.');
  }
  const [field, end] = [name.slice(0, -4), Number(wanted)];
  const compare = name.endsWith('_min') ? COMPARISONS['gte'] : COMPARISONS['lte'];
  return (image) => typeof image[field] === 'number' && compare?.(image[field], end) === true;
}
