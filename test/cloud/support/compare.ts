import type { RawRow } from './openstack.js';
import type { Leaf } from './selections.js';

/** What a leaf should say, judged by the raw row; `unknown` where the wire has no key that could be meant. */
export function wireValueOf(raw: RawRow, leaf: Leaf): { readonly value: unknown } | 'unknown' {
  const wanted = [leaf.name, leaf.name.replace(/At$/, ''), leaf.name.replace(/Text$/, '')].map(squashed);
  if (leaf.name === 'projectId') wanted.push('tenantid', 'owner');
  // `OS-EXT-STS:task_state` is `taskState`, `binding:host_id` is `bindingHostId`: with the prefix or without.
  for (const name of wanted) {
    const key = Object.keys(raw).find(
      (one) => squashed(one) === name || squashed(one.split(':').at(-1) ?? '') === name,
    );
    if (key !== undefined) return { value: normalised(raw[key], leaf) };
  }
  return 'unknown';
}

/** Documented differences between the wire and the schema, by the field's type alone. */
export function normalised(wire: unknown, leaf: Leaf): unknown {
  if (wire === null || wire === undefined) return null;
  if (leaf.isList) return listOf(wire, leaf);
  switch (leaf.type) {
    case 'DateTime':
      return wire === '' ? null : new Date(/Z$/.test(String(wire)) ? String(wire) : `${wire}Z`).toISOString();
    case 'ID':
      return wire === '' ? null : String(wire);
    case 'Boolean':
      return typeof wire === 'boolean' ? wire : String(wire).toLowerCase() === 'true';
    case 'Int':
    case 'SafeInt':
    case 'Float':
      return wire === '' ? null : Number(wire);
    case 'String':
      return String(wire);
    default:
      return leaf.isEnum ? String(wire).toUpperCase().replace(/[-/ ]/g, '_') : wire;
  }
}

function listOf(wire: unknown, leaf: Leaf): unknown {
  if (leaf.type === 'KeyValue') {
    const pairs = Object.entries(wire as object).map(([key, value]) => `${key}=${value}`);
    return pairs.sort();
  }
  return Array.isArray(wire) ? wire.map((one) => normalised(one, { ...leaf, isList: false })).sort() : wire;
}

/** The answer's value in the form that `normalised` gives: pairs as texts, lists sorted, times as UTC. */
export function comparable(answer: unknown, leaf: Leaf): unknown {
  if (answer === null || answer === undefined) return null;
  if (leaf.type === 'DateTime') return new Date(String(answer)).toISOString();
  if (!Array.isArray(answer)) return answer;
  if (leaf.type !== 'KeyValue') return [...answer].sort();
  return answer.map(({ key, value }: { key: string; value: string }) => `${key}=${value}`).sort();
}

/** Where the schema documents another value than the wire's. */
export function isDocumented(type: string, field: string, wire: unknown): boolean {
  const emptyIsNull = ['hostId', 'accessIpv4', 'accessIpv6', 'availabilityZone', 'hostStatus'];
  if (type === 'Server' && emptyIsNull.includes(field) && wire === '') return true;
  // Numbers in Nova, names here; a list of names instead of objects; everything that has no field of its own.
  return ['Server.powerState', 'Server.securityGroupNames', 'Server.image', 'Image.stores'].includes(
    `${type}.${field}`,
  );
}

function squashed(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]/g, '');
}
