import type { Operation } from './load.js';
import type { Outcome } from './run.js';
import type { WaveReport } from './waves.js';

/** Waves that begin later than this after the fault find the breaker open. */
const OPEN_AFTER_MS = 400;

const HEAD = [
  'fault',
  'queries',
  'wrong',
  'old, said `unconfirmed`',
  'pending',
  'failed',
  'mutations (unconfirmed, failed)',
  'to REST (without fault)',
  'worst wave (without fault)',
  'worst from 0.4 s on',
  'own lag',
  'hits back after',
];

/** The outcomes as a table in Markdown. */
export function tableOf(outcomes: readonly Outcome[]): string {
  const rows = outcomes.map(rowOf);
  return [HEAD, HEAD.map((_, index) => (index === 0 ? '---' : '--:')), ...rows]
    .map((cells) => `| ${cells.join(' | ')} |`)
    .join('\n');
}

function rowOf({ title, operations, meanwhile, waves, begun, baseline, recovery }: Outcome): string[] {
  const queries = operations.filter(({ kind }) => kind === 'query');
  const mutations = operations.filter(({ kind }) => kind === 'mutation');
  const count = (of: readonly Operation[], fate: Operation['fate']) => of.filter((one) => one.fate === fate).length;
  const later = waves.waves.filter(([at]) => at > begun + OPEN_AFTER_MS);
  return [
    title,
    String(queries.length),
    String(count(queries, 'wrong')),
    String(count(queries, 'excused')),
    String(count(queries, 'pending')),
    String(count(queries, 'error')),
    `${mutations.length} (${mutations.filter(({ unconfirmed }) => unconfirmed).length}, ${count(mutations, 'error')})`,
    `${toRest(operations.slice(0, meanwhile))} (${toRest(baseline.operations)})`,
    `${ms(worst(waves.waves))} (${ms(worst(baseline.waves.waves))})`,
    ms(worst(later)),
    ms(worst(waves.lags)),
    ms(recovery),
  ];
}

/** How many of the queries needed a call to REST, for anything but the token. */
function toRest(operations: readonly Operation[]): string {
  const queries = operations.filter(({ kind }) => kind === 'query');
  if (queries.length === 0) return '–';
  return `${Math.round((100 * queries.filter(({ rest }) => rest).length) / queries.length)} %`;
}

function worst(report: WaveReport['waves'] | WaveReport['lags']): number {
  return report.reduce((most, [, took]) => Math.max(most, took), 0);
}

function ms(value: number): string {
  if (value === 0) return '–';
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} ms`;
}
