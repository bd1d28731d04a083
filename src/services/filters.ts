import type { KeyValueInput, TimeRange } from '../generated/types.js';
import type { FilterTerm } from '../resource.js';
import { isObject, type Row } from '../row.js';

/** A filter that is sent as is and also tested here, since the service's own matching is laxer than the schema's. */
export function exactly(parameter: string, wireName: string, sent: (value: string) => string = (value) => value) {
  return (value: string): FilterTerm => ({
    query: [[parameter, sent(value)]],
    accept: (row: Row) => row[wireName] === value,
  });
}

/** Each value under the same parameter: Neutron's way to say "any of". */
export function anyOf(parameter: string, spelled: (value: string) => string = (value) => value) {
  return (values: readonly string[]): FilterTerm => ({ query: values.map((value) => [parameter, spelled(value)]) });
}

/** One parameter with its values joined by commas: Nova's way to name tags. */
export function joined(parameter: string) {
  return (values: readonly string[]): FilterTerm => ({ query: [[parameter, values.join(',')]] });
}

/** The text as a regular expression that matches it and nothing else. */
export function anchored(text: string): string {
  return `^${text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}$`;
}

/** A test of one value of the row, for collections that are fetched whole and for filters that a service lacks. */
export function here<V>(test: (row: Row, value: V) => boolean) {
  return (value: V): FilterTerm => ({ query: [], accept: (row) => test(row, value) });
}

/** Whether each pair is in the object under `wireName`. */
export function hasPairs(row: Row, wireName: string, pairs: readonly KeyValueInput[]): boolean {
  const object = row[wireName];
  return isObject(object) && pairs.every(({ key, value }) => object[key] === value);
}

/** Cinder's `metadata`: read as a Python literal, which JSON of texts is; tested here too. */
export function metadataPairs(pairs: readonly KeyValueInput[]): FilterTerm {
  const literal = JSON.stringify(Object.fromEntries(pairs.map(({ key, value }) => [key, value])));
  return { query: [['metadata', literal]], accept: (row) => hasPairs(row, 'metadata', pairs) };
}

/** `created_at=gte:…`, as Glance and Cinder compare times. Tested here too, as Glance heeds only one end. */
export function timeRange(wireName: string, sent: (ends: readonly string[]) => readonly string[]) {
  return ({ since, before }: TimeRange): FilterTerm => {
    const ends = [...(since ? [`gte:${instant(since)}`] : []), ...(before ? [`lt:${instant(before)}`] : [])];
    return {
      query: ends.length === 0 ? [] : sent(ends).map((value) => [wireName, value]),
      accept: (row) => isWithin(timeOf(row[wireName]), since, before),
    };
  };
}

function isWithin(time: number, since: TimeRange['since'], before: TimeRange['before']): boolean {
  if (since && !(time >= new Date(since).getTime())) return false;
  return !before || time < new Date(before).getTime();
}

/** Cinder writes UTC without saying so. */
function timeOf(text: unknown): number {
  if (typeof text !== 'string') return Number.NaN;
  return new Date(/(Z|[+-]\d\d:?\d\d)$/.test(text) ? text : `${text}Z`).getTime();
}

function instant(time: Date | string): string {
  return new Date(time).toISOString();
}
