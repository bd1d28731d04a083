import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Canary, Finder } from './finder.js';
import { SHORTEST } from './forms.js';

/** The folder of this run, which all its processes share: what is secret, what was logged, what was searched, what was found. */
export const FOLDER = 'STRATOGRAPH_TEST_WATCH';

/** Bytes of log lines, and searches, that wait to be written down. */
const LOG_BUFFER = 65_536;
const SEARCH_BUFFER = 200;

const known = new Set<string>();
const finder = new Finder([]);
let readUpTo = 0;
let lines: string[] = [];
let waiting = 0;
let searches: { readonly kind: string; readonly bytes: number }[] = [];

/** From here on `text` may stand in no log, metric, error or memcached. `what` names it in the report: "a token of alice". */
export function keepSecret(text: string | null | undefined, what: string): void {
  if (typeof text !== 'string' || text.length < SHORTEST || known.has(text)) return;
  take({ text, what });
  append('secrets.jsonl', JSON.stringify({ text, what }));
}

/** Searches `bytes` for everything that is secret; what is found fails the run, and the test that is going on. */
export function searched(place: string, kind: string, bytes: Buffer | string): void {
  const text = Buffer.from(bytes);
  searches.push({ kind, bytes: text.length });
  if (searches.length >= SEARCH_BUFFER) writeSearches();
  const found = finder.in(text);
  if (found.length === 0) return;
  const findings = [...new Set(found.map(({ what }) => `${what} stands in ${place}`))];
  for (const finding of findings) append('found.txt', finding);
  throw new Error(`secrets were given away: ${findings.join('; ')}`);
}

/** The same, with the secrets of all processes of the run: for what more than one test file has used. */
export function searchedByAll(place: string, kind: string, bytes: Buffer | string): void {
  readSecrets();
  searched(place, kind, bytes);
}

/** Keeps what a gateway logged, to be searched when all secrets of the run are known. */
export function logged(text: string): void {
  lines.push(text);
  waiting += text.length;
  if (waiting >= LOG_BUFFER) writeDown();
}

/** Writes down what waits: before a process ends, or a gateway of it. */
export function writeDown(): void {
  if (lines.length > 0) append(`log-${process.pid}.txt`, lines.join(''));
  lines = [];
  waiting = 0;
  writeSearches();
}

process.once('exit', writeDown);

function writeSearches(): void {
  if (searches.length > 0) append('searched.jsonl', searches.map((search) => JSON.stringify(search)).join('\n'));
  searches = [];
}

/** Searches all logs of the run and says what was searched and what was found in all of it. */
export function conclude(folder: string): { readonly summary: string; readonly findings: readonly string[] } {
  readSecrets();
  for (const name of readdirSync(folder).filter((file) => file.startsWith('log-'))) {
    try {
      searched('the log of a gateway', 'log', readFileSync(join(folder, name)));
    } catch {
      // It stands among the findings.
    }
  }
  writeSearches();
  const all = linesOf(join(folder, 'searched.jsonl')).map(
    (line) => JSON.parse(line) as { kind: string; bytes: number },
  );
  const kinds = [...new Set(all.map(({ kind }) => kind))].sort().map((kind) => {
    const own = all.filter((search) => search.kind === kind);
    const bytes = own.reduce((total, search) => total + search.bytes, 0);
    return `${own.length} of kind ${kind} (${(bytes / 1024).toFixed(0)} KiB)`;
  });
  const findings = [...new Set(linesOf(join(folder, 'found.txt')))];
  return { findings, summary: `${known.size} secrets, searched for in ${kinds.join(', ')}: ${findings.length} found` };
}

function take(canary: Canary): void {
  known.add(canary.text);
  finder.add(canary);
}

function readSecrets(): void {
  const folder = process.env[FOLDER];
  if (folder === undefined) return;
  const lines = linesOf(join(folder, 'secrets.jsonl'));
  for (const line of lines.slice(readUpTo)) {
    const canary = JSON.parse(line) as Canary;
    if (!known.has(canary.text)) take(canary);
  }
  readUpTo = lines.length;
}

function linesOf(file: string): readonly string[] {
  return existsSync(file)
    ? readFileSync(file, 'utf8')
        .split('\n')
        .filter((line) => line !== '')
    : [];
}

/** Outside of a watched run nothing is kept. */
function append(file: string, line: string): void {
  const folder = process.env[FOLDER];
  if (folder === undefined) return;
  mkdirSync(folder, { recursive: true });
  appendFileSync(join(folder, file), `${line}\n`, { mode: 0o600 });
}
