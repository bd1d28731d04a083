import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { cleanUp } from './cleanup.js';
import { Player, type Recorded } from './play.js';
import { sequence } from './sequence/index.js';
import { at, type RowType } from './step.js';

const FOLDER = join(import.meta.dirname, '..', 'recorded');

/** Plays the whole sequence on the cloud at `authUrl` and gives what is recorded of it, by file. */
export async function playAll(authUrl: string, pollMs: number): Promise<Map<string, Recorded[]>> {
  const player = await Player.at(authUrl, pollMs);
  const files = new Map<string, Recorded[]>();
  await cleanUp(player);
  try {
    for (const { file, steps } of sequence) {
      const recorded = await player.play(steps);
      if (file !== null) files.set(file, recorded);
    }
  } finally {
    await cleanUp(player);
  }
  return files;
}

export function writeRecorded(files: ReadonlyMap<string, readonly Recorded[]>): void {
  for (const [file, recorded] of files) {
    const path = join(FOLDER, `${file}.json`);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, `[\n${recorded.map((each) => JSON.stringify(each, null, 1)).join(',\n')}\n]\n`);
  }
}

/** What was recorded of one part of the sequence. */
export function readRecorded(file: string): Recorded[] {
  return JSON.parse(readFileSync(join(FOLDER, `${file}.json`), 'utf8')) as Recorded[];
}

/** Members and readers see the same rows; administrators see more of each. */
export type Audience = 'member' | 'admin';

/** A row as the real control plane sent it, with how it was asked for. */
export interface RecordedRow {
  /** The request's name in the sequence. */
  readonly step: string;
  /** Whether it came in a list or by itself. */
  readonly from: 'list' | 'one';
  readonly row: Readonly<Record<string, unknown>>;
}

/** Every recorded row of a type as an audience sees it, from lists and by themselves, at the newest microversion. */
export function recordedRows(type: RowType, audience: Audience): RecordedRow[] {
  return sequence
    .flatMap(({ file }) => (file === null ? [] : readRecorded(file)))
    .filter(({ rows, who, status }) => rows === type && (who === 'admin') === (audience === 'admin') && status < 300)
    .flatMap(rowsOf);
}

const MANY: Readonly<Record<RowType, string>> = {
  server: 'servers',
  flavor: 'flavors',
  image: 'images',
  network: 'networks',
  subnet: 'subnets',
  port: 'ports',
  floatingip: 'floatingips',
  'security-group': 'security_groups',
  'security-group-rule': 'security_group_rules',
  volume: 'volumes',
  snapshot: 'snapshots',
  project: 'projects',
};

function rowsOf({ name, rows, body }: Recorded): RecordedRow[] {
  if (rows === undefined) return [];
  const list = at(body, MANY[rows]);
  if (Array.isArray(list)) return list.map((row) => ({ step: name, from: 'list', row }));
  const one = rows === 'image' ? body : at(body, MANY[rows].slice(0, -1));
  return [{ step: name, from: 'one', row: one as Record<string, unknown> }];
}
