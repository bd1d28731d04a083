import { Refusal } from '../http.js';
import type { Volume } from '../rows.js';
import { alike, type Matches } from './listing.js';
import { hostOf } from './volume-view.js';

const COMPARISONS: Readonly<Record<string, (a: number, b: number) => boolean>> = {
  gt: (a, b) => a > b,
  gte: (a, b) => a >= b,
  lt: (a, b) => a < b,
  lte: (a, b) => a <= b,
  eq: (a, b) => a === b,
  neq: (a, b) => a !== b,
};
const FLAG = /^(1|0|true|false|t|f|yes|no|y|n|on|off)$/i;
const ON = /^(1|true|t|yes|y|on)$/i;

/** Filters of volumes that everybody has. */
export const FILTERS: Readonly<Record<string, Matches<Volume>>> = {
  size: ({ size }, wanted) => size === (Number.parseFloat(wanted) || 0),
  bootable: ({ bootable }, wanted) => bootable === ON.test(wanted),
  created_at: ({ created }, wanted) => timeMatches(created, wanted),
  updated_at: ({ updated, created }, wanted) => timeMatches(updated ?? created, wanted),
  migration_status: () => false,
  group_id: () => false,
};

/** Filters of volumes that administrators have besides. Cinder knows `volume_type` too, and finds nothing by it. */
export const ADMIN_FILTERS: Readonly<Record<string, Matches<Volume>>> = {
  volume_type_id: ({ typeId }, wanted) => alike(typeId, wanted),
  multiattach: ({ multiattach }, wanted) => multiattach === ON.test(wanted),
  host: (volume, wanted) => isOnHost(hostOf(volume), wanted),
  user_id: ({ userId }, wanted) => alike(userId, wanted),
  snapshot_id: ({ snapshotId }, wanted) => alike(snapshotId, wanted),
  source_volid: ({ sourceVolumeId }, wanted) => alike(sourceVolumeId, wanted),
};

/** What Cinder says of values that it cannot read, whether or not there is a row. */
export const CHECKS: Readonly<Record<string, (wanted: string) => void>> = {
  created_at: comparisonsIn,
  updated_at: comparisonsIn,
  bootable: (wanted) => checkFlag('bootable', wanted),
  multiattach: (wanted) => checkFlag('multiattach', wanted),
};

function checkFlag(name: string, wanted: string): void {
  if (!FLAG.test(wanted)) throw new Refusal(400, `Invalid input received: '${name} = ${wanted}'`);
}

/** `devcloud`, `devcloud@hdd` and `devcloud@hdd#hdd` all name the pool `devcloud@hdd#hdd`; here case counts. */
function isOnHost(host: string | null, wanted: string): boolean {
  return host !== null && (host === wanted || host.startsWith(`${wanted}@`) || host.startsWith(`${wanted}#`));
}

/**
 * `gte:2026-01-01T00:00:00,lt:2027-01-01T00:00:00`: Cinder joins the comparisons with OR, and of two with one operator
 * the last counts.
 */
function timeMatches(at: number, wanted: string): boolean {
  const comparisons = Object.entries(comparisonsIn(wanted));
  return comparisons.some(([operator, time]) => COMPARISONS[operator]?.(inSeconds(at), inSeconds(time)));
}

function inSeconds(ms: number): number {
  return Math.floor(ms / 1000);
}

function comparisonsIn(wanted: string): Record<string, number> {
  return Object.fromEntries(wanted.split(',').map(comparisonIn));
}

function comparisonIn(text: string): [operator: string, time: number] {
  const [operator = '', ...rest] = text.split(':');
  if (!(operator in COMPARISONS)) throw new Refusal(400, `Invalid ${operator} operator`);
  const value = rest.join(':');
  const zoned = /([Zz]|T.*[+-]\d\d:?\d\d)$/.test(value) || !value.includes('T') ? value : `${value}Z`;
  const time = Date.parse(zoned);
  if (Number.isNaN(time)) throw new Refusal(400, `Invalid ${value} value`);
  return [operator, time];
}
