import type { FilterField } from './selections.js';

type Node = Readonly<Record<string, unknown>> & { readonly id: string };

/** A value for a filter, the row that it was taken from, and the field that every row found has to share with that row. */
export interface Sample {
  readonly value: unknown;
  readonly from: Node | null;
  readonly field: string | null;
}

/** Values for filters that no row shows. */
const CHOSEN: Readonly<Record<string, unknown>> = {
  changesSince: '2020-01-01T00:00:00Z',
  changesBefore: '2100-01-01T00:00:00Z',
  ipAddressMatches: '10.',
  ip6AddressMatches: 'fd',
  ipAddress: '10.10.0.1',
  memberStatus: 'ALL',
  sizeMin: 1,
  sizeMax: 9_000_000_000_000,
  tags: ['web'],
  tagsAny: ['web', 'db'],
  notTags: ['no-such-tag'],
  notTagsAny: ['no-such-tag', 'nor-this'],
  visibility: 'PUBLIC',
  properties: [{ key: 'os_distro', value: 'debian' }],
  shared: false,
};

/** Takes the value from a row where one has it. */
export function filterValue(filter: FilterField, nodes: readonly Node[]): Sample {
  const wrap = (value: unknown) => (filter.isList && !Array.isArray(value) ? [value] : value);
  if (filter.name in CHOSEN) return { value: CHOSEN[filter.name], from: null, field: null };
  const bound = /^(min|max)([A-Z])(\w*)$/.exec(filter.name);
  const isImageBound = nodes.some((node) => filter.name in node);
  const field = bound && !isImageBound ? `${bound[2]?.toLowerCase()}${bound[3]}` : filter.name.replace(/Matches$/, '');
  const from = nodes.find((node) => isTelling(node[field])) ?? null;
  const value = from?.[field];
  if (from === null) return { value: invented(filter), from: null, field: null };
  if (filter.type === 'TimeRange') return { value: { since: value }, from, field: null };
  const isExact = filter.name === field && filter.type !== 'KeyValueInput' && !Array.isArray(value);
  return { value: wrap(value), from, field: isExact ? field : null };
}

function isTelling(value: unknown): boolean {
  return value !== null && value !== undefined && value !== '' && !(Array.isArray(value) && value.length === 0);
}

function invented({ type, isList }: FilterField): unknown {
  const one = INVENTED[type] ?? 'nothing-has-this';
  return isList ? [one] : one;
}

const INVENTED: Readonly<Record<string, unknown>> = {
  Int: 1,
  Float: 1,
  SafeInt: 1,
  Boolean: false,
  ID: '00000000-0000-4000-8000-00000000dead',
  DateTime: '2026-01-01T00:00:00Z',
  TimeRange: { since: '2020-01-01T00:00:00Z' },
  KeyValueInput: { key: 'no', value: 'such' },
  Ipv6Mode: 'SLAAC',
  SecurityGroupRuleDirection: 'INGRESS',
};
