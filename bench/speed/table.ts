/** One row of the table: what was measured of whom, and what was wanted. */
export interface Row {
  /** Number of the item that it belongs to. */
  readonly item: number;
  /** The work. */
  readonly work: string;
  readonly who: string;
  readonly got: string;
  /** What was wanted, and whether that is what was got; absent where nothing was. */
  readonly target?: { readonly text: string; readonly met: boolean };
  readonly calls?: number;
  /** Milliseconds of the server's processor time. */
  readonly cpu?: number;
  readonly perSecond?: number;
  /** Milliseconds. */
  readonly p50?: number;
  readonly p99?: number;
}

/** The rows of an item, one piece of work after the other, each as soon as it is done. */
export type Measured = AsyncGenerator<readonly Row[], void, undefined>;

const HEADS = ['#', 'work', 'who', 'got', 'target', 'met', 'REST calls', 'CPU ms', 'requests/s', 'p50 ms', 'p99 ms'];
/** The first columns hold words and begin at the left, the others hold numbers. */
const WORDS = 3;
const BEGIN = '<!-- bench: begin -->';
const END = '<!-- bench: end -->';

/** Columns in line, for a terminal; a rule between items. */
export function aligned(rows: readonly Row[]): string {
  const cells = [HEADS, ...withoutRepeats(rows)];
  const widths = HEADS.map((_, column) => Math.max(...cells.map((line) => line[column]?.length ?? 0)));
  const lines = cells.map((line) =>
    line
      .map((cell, column) => (column < WORDS ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join('  ')
      .trimEnd(),
  );
  return lines.join('\n');
}

export function markdown(rows: readonly Row[]): string {
  const rule = HEADS.map((_, column) => (column < WORDS ? '---' : '--:'));
  const cells = [HEADS, rule, ...withoutRepeats(rows)];
  return cells.map((line) => `| ${line.join(' | ')} |`).join('\n');
}

/** `page` with what stands between its marks replaced; throws where it has none. */
export function replaceBetweenMarks(page: string, text: string): string {
  const [begin, end] = [page.indexOf(BEGIN), page.indexOf(END)];
  if (begin === -1 || end < begin) throw new Error(`expected ${BEGIN} and behind it ${END}, each on a line of its own`);
  return `${page.slice(0, begin + BEGIN.length)}\n${text}\n${page.slice(end)}`;
}

/** What stands above the page's table: whose figures these are. */
export function headingOf(page: string): string {
  const [heading = ''] = page.slice(page.indexOf(BEGIN) + BEGIN.length, page.indexOf(END)).split('\n| ');
  return heading.trim();
}

/** The page's table with the rows of the measured items in the place of what it had of them; in the order of the items. */
export function withRows(page: string, rows: readonly Row[]): string {
  const measured = new Set(rows.map(({ item }) => item));
  const kept = linesByItem(page).filter(([item]) => !measured.has(item));
  const [head = '', rule = '', ...lines] = markdown(rows).split('\n');
  const all = [...kept, ...groupedByItem(lines)].sort(([one], [other]) => one - other);
  return [head, rule, ...all.flatMap(([, own]) => own)].join('\n');
}

function linesByItem(page: string): readonly (readonly [item: number, lines: readonly string[]])[] {
  const between = page.slice(page.indexOf(BEGIN), page.indexOf(END)).split('\n');
  const table = between.filter((line) => line.startsWith('| '));
  return groupedByItem(table.slice(2));
}

/** A line without a number belongs to the item of the one before. */
function groupedByItem(lines: readonly string[]): readonly (readonly [item: number, lines: readonly string[]])[] {
  const groups = new Map<number, string[]>();
  let item = 0;
  for (const line of lines) {
    item = Number(line.split('|')[1]?.trim()) || item;
    groups.set(item, [...(groups.get(item) ?? []), line]);
  }
  return [...groups];
}

/** `1.83×`, with as many digits as mean something. */
export function times(ratio: number): string {
  return Number.isFinite(ratio) ? `${number(ratio)}×` : '–';
}

/** A target that is met by numbers up to `most`. */
export function atMost(most: number, got: number, unit = '×'): { readonly text: string; readonly met: boolean } {
  return { text: `≤ ${most}${unit}`, met: got <= most };
}

/** A target that is met by numbers from `least` on. */
export function atLeast(least: number, got: number, unit = '×'): { readonly text: string; readonly met: boolean } {
  return { text: `≥ ${least}${unit}`, met: got >= least };
}

/** Three digits, or all that stand before the point. */
export function number(value: number): string {
  if (!Number.isFinite(value)) return '–';
  if (value >= 100) return value.toFixed(0);
  if (value >= 10) return value.toFixed(1);
  return value.toFixed(value < 1 ? 3 : 2);
}

function withoutRepeats(rows: readonly Row[]): readonly (readonly string[])[] {
  return rows.map((row, index) => {
    const before = rows[index - 1];
    const same = before?.item === row.item && before.work === row.work;
    return cellsOf(row, same);
  });
}

function cellsOf(row: Row, same: boolean): readonly string[] {
  const figure = (value: number | undefined) => (value === undefined ? '' : number(value));
  return [
    same ? '' : String(row.item),
    same ? '' : row.work,
    row.who,
    row.got,
    row.target?.text ?? '',
    row.target === undefined ? '' : row.target.met ? 'yes' : 'NO',
    row.calls === undefined ? '' : Number.isInteger(row.calls) ? String(row.calls) : number(row.calls),
    figure(row.cpu),
    figure(row.perSecond),
    figure(row.p50),
    figure(row.p99),
  ];
}
