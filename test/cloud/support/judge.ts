import type { Relation, ResourceName } from '../../../src/resource.js';
import { resourceOf } from '../../../src/services/registry.js';
import { comparable, isDocumented, wireValueOf } from './compare.js';
import type { RawRow } from './openstack.js';
import { TYPES } from './raw-lists.js';
import type { Shape } from './selections.js';
import type { Truth } from './truth.js';

/** A row as the gateway gave it. */
export type Node = Readonly<Record<string, unknown>> & { readonly id: string };

/** In words, everything of the row's own fields that is not as in the raw row. */
export function leavesApart({ type, leaves }: Shape, node: Node, raw: RawRow): string[] {
  return leaves.flatMap((leaf) => {
    const wire = wireValueOf(raw, leaf);
    if (wire === 'unknown' || !(leaf.name in node) || isDocumented(type, leaf.name, wire.value)) return [];
    const [got, wanted] = [comparable(node[leaf.name], leaf), wire.value].map((value) => JSON.stringify(value));
    return got === wanted ? [] : [`${type}.${leaf.name} of ${raw.id}: ${got}, OpenStack says ${wanted}`];
  });
}

/** The same of its relations, by name, one level deep: what the token may see at the other end, and nothing else. */
export async function relationsApart(
  type: ResourceName,
  node: Node,
  raw: RawRow,
  truth: Truth,
): Promise<ReadonlyMap<string, string>> {
  const found = Object.entries(relationsOf(type)).map(async ([name, relation]): Promise<[string, string][]> => {
    if (!(name in node)) return [];
    const got = idsIn(node[name]).sort();
    const said = (wanted: unknown): [string, string][] => [
      [name, `${type}.${name} of ${raw.id}: ${got}, OpenStack shows ${wanted}`],
    ];
    const wanted = await idsWanted(relation, raw, truth);
    if (wanted !== null) return sameIds(got, wanted) ? [] : said(wanted);
    if (!('target' in relation)) return [];
    const seen = await Promise.all(got.map((id) => truth.sees(relation.target, id)));
    return seen.every(Boolean) ? [] : said('not all of them');
  });
  return new Map((await Promise.all(found)).flat());
}

/** The ids at the other end; null where only the gateway's own reading can tell. */
async function idsWanted(relation: Relation, raw: RawRow, truth: Truth): Promise<readonly string[] | null> {
  if (relation.kind === 'one' && relation.by === undefined) {
    const id = relation.id(raw);
    return id !== null && (await truth.sees(relation.target, id)) ? [id] : [];
  }
  if (relation.kind === 'list') {
    const ids = relation.ids(raw);
    const seen = await Promise.all(ids.map((id) => truth.sees(relation.target, id)));
    return ids.filter((_, index) => seen[index]);
  }
  if (relation.kind !== 'reverse' || !relation.batched) return null;
  const key = relation.key(raw);
  const { rows } = await truth.list(relation.target, true);
  return rows.filter((row) => key !== null && relation.pointsAt(row, [key]).includes(key)).map(({ id }) => id);
}

/** The type's relations, those included that other types add to it. */
function relationsOf(type: ResourceName): Readonly<Record<string, Relation>> {
  const added = TYPES.map((name) => (resourceOf(name).extends as Partial<Record<string, object>> | undefined)?.[type]);
  return Object.assign({}, ...added, resourceOf(type).relations);
}

function idsIn(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(idsIn);
  return typeof value === 'object' && value !== null && 'id' in value ? [String(value.id)] : [];
}

function sameIds(got: readonly string[], wanted: readonly string[]): boolean {
  return JSON.stringify(got) === JSON.stringify([...wanted].sort());
}
