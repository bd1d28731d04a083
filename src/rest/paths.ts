import { badInput } from './fault.js';

/** No id or name of OpenStack is longer (database columns of 255). */
const MAX_SEGMENT = 255;

const ONE_PART = `1 to ${MAX_SEGMENT} characters without slashes or control characters, not "." or ".."`;

/** A value for a path with the name of the argument that it came from, for the error. */
export interface NamedSegment {
  readonly argument: string;
  readonly value: string;
}

/** Names the argument that a path's value came from: ``pathOf`/os-keypairs/${named('name', name)}` ``. */
export function named(argument: string, value: string): NamedSegment {
  return { argument, value };
}

/** Control characters, separators, and the one dot-name rule: what would make a server see another path than was meant. */
function isOnePart(value: string): boolean {
  if (value === '' || value === '.' || value === '..' || value.length > MAX_SEGMENT) return false;
  // Cc: control characters; Cs: halves of surrogate pairs, which cannot be encoded.
  return !/[\p{Cc}\p{Cs}/\\]/u.test(value);
}

/** One path segment, encoded. `encodeURIComponent('..')` is still `..`, which URL parsers resolve: hence the refusal. */
export function segment(argument: string, value: string): string {
  if (typeof value !== 'string' || !isOnePart(value)) {
    throw badInput(argument, ONE_PART, value);
  }
  return encodeURIComponent(value);
}

/**
 * The only way to a path with values in it: ``pathOf`/servers/${id}/action` ``. Literal parts are taken as they are;
 * each value becomes exactly one segment, or BAD_USER_INPUT naming the argument (`id`, unless `named`).
 */
export function pathOf(literals: TemplateStringsArray, ...values: readonly (string | NamedSegment)[]): string {
  return literals.reduce((path, literal, index) => {
    const value = values[index - 1];
    if (value === undefined) throw badInput('id', 'a value', value);
    const { argument, value: text } = typeof value === 'string' ? named('id', value) : value;
    return `${path}${segment(argument, text)}${literal}`;
  });
}

/** What ids of a resource look like. */
export type IdFormat = (id: string) => boolean;

/** The formats that descriptors name. */
export const idFormats = {
  /** Nova, Neutron, Glance and Cinder write UUIDs with dashes and take them without. */
  uuid: (id) => /^[0-9a-f]{8}(-?)[0-9a-f]{4}\1[0-9a-f]{4}\1[0-9a-f]{4}\1[0-9a-f]{12}$/i.test(id),
  /** Keystone's: 32 digits, 64 for users and groups of LDAP and federation. */
  hex: (id) => /^[0-9a-f]{32}([0-9a-f]{32})?$/i.test(id),
  integer: (id) => /^\d{1,18}$/.test(id),
  /** Chosen by whoever created it: flavors (`1`, `m1.tiny`), keypairs, the domain `default`. */
  name: isOnePart,
} as const satisfies Record<string, IdFormat>;

export type IdFormatName = keyof typeof idFormats;

const EXPECTED: Readonly<Record<IdFormatName, string>> = {
  uuid: 'a UUID (32 hexadecimal digits, with or without dashes)',
  hex: 'an id of Keystone (32 or 64 hexadecimal digits)',
  integer: 'a whole number of at most 18 digits',
  name: ONE_PART,
};

/** `id` itself where it has the format, otherwise BAD_USER_INPUT naming `argument`: before any call is made. */
export function checkId(format: IdFormatName, argument: string, id: string): string {
  if (typeof id !== 'string' || !idFormats[format](id)) throw badInput(argument, EXPECTED[format], id);
  return id;
}
