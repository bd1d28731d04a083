import { type LimitName, type LimitRow, type LimitValues, limitTable } from '../graph/limits/table.js';
import type { Reader } from './parse.js';
import type { Variable } from './variables.js';

type LimitVariables = {
  readonly [Name in LimitName as (typeof limitTable)[Name]['variable']]: Variable;
};

const rows = Object.entries(limitTable) as readonly (readonly [LimitName, LimitRow])[];

/** The limits' variables, as the documentation shows them. */
export const limitVariables = Object.fromEntries(
  rows.map(([name, row]) => [row.variable, variableOf(name, row)]),
) as LimitVariables;

/** What requests may hold and cost. */
export function parseLimits(reader: Reader): LimitValues {
  const values = rows.map(([name, row]) => [name, reader.integer(row.variable, row.fallback, row.least, row.most)]);
  return Object.freeze(Object.fromEntries(values) as LimitValues);
}

function variableOf(name: LimitName, { fallback, example, counts, least, most }: LimitRow): Variable {
  return { fallback: `${fallback}`, example, meaning: `\`${name}\`, ${least} to ${most}: ${counts}.` };
}
