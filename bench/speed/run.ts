import { readFile, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { cached } from './cached.js';
import { cold } from './cold.js';
import { herd } from './herd.js';
import { multiGet } from './multi-get.js';
import { repeated } from './repeated.js';
import type { Pace } from './rounds.js';
import { size } from './size.js';
import { aligned, headingOf, type Measured, markdown, type Row, replaceBetweenMarks, withRows } from './table.js';
import { Warm } from './warm.js';
import { wire } from './wire.js';

const PAGE = fileURLToPath(new URL('../../docs/performance.md', import.meta.url));

/** Items that share the gateways with warm caches. */
const WARM = { repeated, cached, wire } as const satisfies Record<string, (warm: Warm, pace: Pace) => Measured>;
/** Items that start what they need themselves; each takes the number of rounds. */
const OWN = { cold, memcached: multiGet, size, herd } as const satisfies Record<string, (rounds: number) => Measured>;

/** What `--only` takes. */
export const ITEMS: readonly string[] = [...Object.keys(WARM), ...Object.keys(OWN)];

/** A slow gateway makes few requests in this time, a fast server's processor time can be read to some percent. */
const TURN_MS = 400;
const QUICK_TURN_MS = 150;
const CONNECTIONS = 4;

export interface SpeedOptions {
  readonly rounds: number;
  /** Short turns: shows that all of it works, says little about speed. */
  readonly quick: boolean;
  /** One of `ITEMS`; all of them unless said otherwise. */
  readonly only: string | null;
  /** The command line, for the page. */
  readonly command: string;
  readonly print: (line: string) => void;
  /** What is being done. */
  readonly tell: (line: string) => void;
}

/** Measures, prints the table and writes it, or the rows of what was measured, into `docs/performance.md`. */
export async function runSpeed(options: SpeedOptions): Promise<void> {
  const { rounds, quick, only, print } = options;
  const pace = { rounds, turnMs: quick ? QUICK_TURN_MS : TURN_MS, connections: CONNECTIONS };
  const rows = [...(await warmRows(pace, options)), ...(await ownRows(options))].sort(byItem);
  print(`${header(options)}\n\n${aligned(rows)}`);
  if (quick) return;
  const page = await readFile(PAGE, 'utf8');
  // A table of several runs is not what this one's heading says: whoever measures one item says in the page which rows are whose.
  const [heading, table] = only === null ? [header(options), markdown(rows)] : [headingOf(page), withRows(page, rows)];
  await writeFile(PAGE, replaceBetweenMarks(page, `\n${heading}\n\n${table}\n`));
}

async function warmRows(pace: Pace, options: SpeedOptions): Promise<readonly Row[]> {
  const chosen = Object.entries(WARM).filter(([name]) => isChosen(name, options));
  if (chosen.length === 0) return [];
  const warm = await Warm.start();
  try {
    const rows: Row[] = [];
    for (const [name, measure] of chosen) rows.push(...(await collect(name, measure(warm, pace), options)));
    return rows;
  } finally {
    await warm.stop();
  }
}

async function ownRows(options: SpeedOptions): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for (const [name, measure] of Object.entries(OWN)) {
    if (isChosen(name, options)) rows.push(...(await collect(name, measure(options.rounds), options)));
  }
  return rows;
}

/** All rows of an item. Each piece of work is told as soon as it is done: a run that has to be ended was not in vain. */
async function collect(name: string, measured: Measured, { tell }: SpeedOptions): Promise<readonly Row[]> {
  const rows: Row[] = [];
  let began = performance.now();
  for await (const done of measured) {
    rows.push(...done);
    const seconds = ((performance.now() - began) / 1000).toFixed(0);
    tell(`${name}, ${done[0]?.work} (${seconds} s): ${done.map(({ who, got }) => `${who} ${got}`).join('; ')}`);
    began = performance.now();
  }
  return rows;
}

function isChosen(name: string, { only }: SpeedOptions): boolean {
  return only === null || only === name;
}

/** Items in order, the rows of each as they were measured. */
function byItem(one: Row, other: Row): number {
  return one.item - other.item;
}

function header({ rounds, command }: SpeedOptions): string {
  return `\`${command}\`: ${availableParallelism()} cores, Node ${process.versions.node}, medians of ${rounds} interleaved rounds.`;
}
