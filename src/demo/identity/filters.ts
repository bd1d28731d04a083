type Row = Readonly<Record<string, unknown>>;
type Compare = (value: string, wanted: string) => boolean;

/** `name__contains=…`; with an `i` in front, case does not count. Keystone ignores any other comparison. */
const COMPARISONS: Readonly<Record<string, Compare>> = {
  contains: (value, wanted) => value.includes(wanted),
  startswith: (value, wanted) => value.startsWith(wanted),
  endswith: (value, wanted) => value.endsWith(wanted),
};
const FALSE = /^(0|f|false|off|n|no)$/i;
const TAGS: Readonly<Record<string, (tags: readonly unknown[], wanted: readonly string[]) => boolean>> = {
  tags: (tags, wanted) => wanted.every((tag) => tags.includes(tag)),
  'tags-any': (tags, wanted) => wanted.some((tag) => tags.includes(tag)),
  'not-tags': (tags, wanted) => !wanted.every((tag) => tags.includes(tag)),
  'not-tags-any': (tags, wanted) => !wanted.some((tag) => tags.includes(tag)),
};

/** The rows that the query asks for by `fields`; Keystone ignores what it knows no filter for. */
export function filtered(rows: readonly Row[], query: URLSearchParams, fields: readonly string[]): Row[] {
  const tests = [...new Set(query.keys())].map((name) => testOf(name, query.getAll(name), fields));
  return rows.filter((row) => tests.every((test) => test(row)));
}

function testOf(name: string, values: readonly string[], fields: readonly string[]): (row: Row) => boolean {
  const byTag = TAGS[name];
  if (byTag !== undefined && fields.includes('tags')) {
    const wanted = values.join(',').split(',');
    return (row) => byTag(Array.isArray(row['tags']) ? row['tags'] : [], wanted);
  }
  const [field = '', comparison] = name.split('__');
  if (!fields.includes(field)) return () => true;
  if (comparison !== undefined) return byComparison(field, comparison, values[0] ?? '');
  // A filter that comes twice finds nothing.
  if (values.length > 1) return () => false;
  return (row) => isAlike(row[field], values[0] ?? '');
}

function byComparison(field: string, comparison: string, wanted: string): (row: Row) => boolean {
  const exact = COMPARISONS[comparison];
  if (exact !== undefined) return (row) => exact(String(row[field]), wanted);
  const loose = comparison.startsWith('i') ? COMPARISONS[comparison.slice(1)] : undefined;
  if (loose === undefined) return () => true;
  return (row) => loose(String(row[field]).toLowerCase(), wanted.toLowerCase());
}

/** MySQL does not heed case; of a flag, anything that is not a known way to say no is a yes. */
function isAlike(value: unknown, wanted: string): boolean {
  if (typeof value === 'boolean') return value === !FALSE.test(wanted);
  return value !== null && value !== undefined && String(value).toLowerCase() === wanted.toLowerCase();
}
