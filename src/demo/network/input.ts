import { python } from '../compute/nova.js';
import { type Call, Refusal } from '../http.js';
import type { NetworkRow } from '../rows.js';
import { checkCreate, checkProject } from './policy.js';
import type { Attribute, Kind } from './resource.js';

const COMMON: Readonly<Record<string, Attribute>> = {
  project_id: { type: 'string', post: true, filter: true },
  tenant_id: { type: 'string', post: true, filter: true },
  description: { type: 'text', post: true, put: true, filter: true },
};
const UUID = /^[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}$/i;
const READ_ONLY = ['id', 'created_at', 'updated_at', 'revision_number', 'tags'];

/** The caller's attributes, checked in Neutron's order: known, required, allowed, well-formed. */
export function checkInput<T extends NetworkRow>(
  kind: Kind<T>,
  call: Call,
  input: Record<string, unknown>,
  verb: 'post' | 'put',
): Record<string, unknown> {
  checkProject(call, input);
  const attributes: Readonly<Record<string, Attribute>> = { ...COMMON, ...kind.attributes };
  const unknown = Object.keys(input).filter((name) => !(name in attributes) && !READ_ONLY.includes(name));
  if (unknown.length > 0) throw new Refusal(400, `Unrecognized attribute(s) '${unknown.join("', '")}'`);
  for (const name of Object.keys(input)) {
    if (attributes[name]?.[verb]) continue;
    throw new Refusal(
      400,
      verb === 'post' ? `Attribute '${name}' not allowed in POST` : `Cannot update read-only attribute ${name}`,
    );
  }
  for (const [name, { required }] of Object.entries(attributes)) {
    if (verb === 'post' && required && !(name in input)) {
      throw new Refusal(400, `Failed to parse request. Required attribute '${name}' not specified`);
    }
  }
  const checked = Object.entries(input).map(([name, value]) => [name, converted(name, value, attributes[name])]);
  if (verb === 'post') checkCreate(kind, call, input);
  return Object.fromEntries(checked);
}

function converted(name: string, value: unknown, attribute: Attribute | undefined): unknown {
  const wrong = (reason: string) => new Refusal(400, `Invalid input for ${name}. Reason: ${reason}`);
  const unfit = (reason: string) => new Refusal(400, `Invalid input for operation: ${reason}`, 'InvalidInput');
  const shown = typeof value === 'string' ? value : python(value);
  if (value === null && attribute?.nullable) return null;
  switch (attribute?.type) {
    case 'string':
      if (value !== null && typeof value !== 'string') throw wrong(`'${shown}' is not a valid string.`);
      return value;
    case 'text':
      if (typeof value !== 'string') throw wrong(`'${shown}' is not a valid string.`);
      return value;
    case 'uuid':
      if (value !== null && !UUID.test(shown)) throw wrong(`'${shown}' is not a valid UUID.`);
      return value;
    case 'dns':
      if (typeof value !== 'string') throw unfit(`Input value ${shown} must be string type.`);
      return value;
    case 'boolean':
      return asBoolean(value) ?? fail(unfit(`'${shown}' cannot be converted to boolean.`));
    case 'number':
      return asInteger(value) ?? fail(unfit(`'${shown}' is not an integer.`));
    case 'optionalList':
      if (value === null) return [];
      return Array.isArray(value) ? value : fail(wrong(`'${shown}' is not a list.`));
    case 'list':
      if (!Array.isArray(value)) throw wrong(attribute.noList?.replace('%s', shown) ?? `'${shown}' is not a list.`);
      return value;
    default:
      return value;
  }
}

/** Whole numbers, also as text; null for what Neutron refuses. */
export function asInteger(value: unknown): number | null {
  if (typeof value === 'number') return Math.trunc(value);
  return typeof value === 'string' && /^\s*[+-]?\d+\s*$/.test(value) ? Number(value) : null;
}

function fail(refusal: Refusal): never {
  throw refusal;
}

/** `true`, `"True"`, `1`… as Neutron reads them; null for what it refuses. */
export function asBoolean(value: unknown): boolean | null {
  const text = String(value).toLowerCase();
  if (text === 'true' || text === '1') return true;
  return text === 'false' || text === '0' ? false : null;
}

/** Text of an input attribute, or a default where it is absent. */
export function textOr(input: Record<string, unknown>, name: string, otherwise: string): string {
  const value = input[name];
  return typeof value === 'string' ? value : otherwise;
}
