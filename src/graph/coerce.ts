import { type GraphQLOutputType, isEnumType, isListType, isNonNullType, isObjectType, isScalarType } from 'graphql';
import { inRegion, isObject, REGION, type Row } from '../row.js';
import { enumName } from './names.js';

/** Turns what OpenStack sent into what the schema promises, or null where there is nothing to promise it of. */
export type Coerce = (raw: unknown, parent: Row) => unknown;

/**
 * How values of a GraphQL type are made from the wire. OpenStack writes the same thing in many ways (times with and
 * without zone, booleans as text, "" for null); the type says which was meant.
 */
export function coerceTo(type: GraphQLOutputType): Coerce {
  if (isNonNullType(type)) return coerceTo(type.ofType);
  if (isListType(type)) return listOf(type.ofType);
  if (isEnumType(type)) return enumValue(new Set(type.getValues().map((value) => value.name)));
  if (isScalarType(type)) return scalars[type.name] ?? asIs;
  return isObjectType(type) ? part : asIs;
}

function listOf(item: GraphQLOutputType): Coerce {
  const inner = isNonNullType(item) ? item.ofType : item;
  const isPairs = isObjectType(inner) && inner.name === 'KeyValue';
  const coerce = coerceTo(inner);
  return (raw, parent) => {
    if (isPairs && isObject(raw)) return pairs(raw);
    return Array.isArray(raw) ? raw.map((value) => coerce(value, parent)).filter((value) => value !== null) : null;
  };
}

function pairs(raw: Readonly<Record<string, unknown>>): unknown {
  return Object.entries(raw).map(([key, value]) => ({
    key,
    value: typeof value === 'string' ? value : JSON.stringify(value),
  }));
}

function enumValue(known: ReadonlySet<string>): Coerce {
  const unknown = known.has('UNKNOWN') ? 'UNKNOWN' : null;
  return (raw) => {
    if (typeof raw !== 'string' || raw === '') return null;
    const name = enumName(raw);
    return known.has(name) ? name : unknown;
  };
}

/** A part of a row is in the row's region: its own relations need to know. */
function part(raw: unknown, parent: Row): unknown {
  if (!isObject(raw)) return null;
  const region = parent[REGION];
  return region === undefined ? raw : inRegion(raw, region);
}

function asIs(raw: unknown): unknown {
  return raw ?? null;
}

const scalars: Readonly<Record<string, Coerce>> = {
  ID: (raw) => (typeof raw === 'number' ? String(raw) : typeof raw === 'string' && raw !== '' ? raw : null),
  String: (raw) =>
    typeof raw === 'string' ? raw : typeof raw === 'number' || typeof raw === 'boolean' ? String(raw) : null,
  Int: wholeNumber,
  SafeInt: wholeNumber,
  Float: (raw) => number(raw),
  Boolean: boolean,
  DateTime: instant,
};

function number(raw: unknown): number | null {
  const value = typeof raw === 'string' && raw.trim() !== '' ? Number(raw) : raw;
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}

function wholeNumber(raw: unknown): number | null {
  const value = number(raw);
  return value === null ? null : Math.trunc(value);
}

/** `true`, `"true"` (Cinder), `"True"` (Nova's config_drive); "" is Nova's way to say no. */
function boolean(raw: unknown): boolean | null {
  if (typeof raw === 'boolean') return raw;
  if (typeof raw !== 'string') return null;
  return raw === '' || raw.toLowerCase() === 'false' ? false : raw.toLowerCase() === 'true' ? true : null;
}

/** Nova and Cinder leave the zone out of some times; all of them are UTC. */
function instant(raw: unknown): Date | null {
  if (typeof raw !== 'string' || raw === '') return null;
  const date = new Date(/(Z|[+-]\d\d:?\d\d)$/i.test(raw) ? raw : `${raw}Z`);
  return Number.isNaN(date.getTime()) ? null : date;
}
