import type { Relation, ResourceName } from '../resource.js';
import { type AnyResource, registry, resourceOf } from '../services/registry.js';

type RelationTable = ReadonlyMap<string, Readonly<Record<string, Relation>>>;

/** Every relation of every type: those of its own descriptor, of its parts, and those that other descriptors add to it. */
export const relations: RelationTable = collectRelations();

export function relationOf(typeName: string, fieldName: string): Relation {
  const relation = relations.get(typeName)?.[fieldName];
  if (!relation)
    throw new Error(`${typeName}.${fieldName}: expected a relation, found none: correct the path of hasThrough`);
  return relation;
}

/** The type at the other end of a relation that leads to one type. */
export function targetOf(relation: Relation): ResourceName {
  if (relation.kind === 'oneOf') throw new Error('hasThrough: expected a relation to one type, found one to several');
  return relation.target;
}

function collectRelations(): RelationTable {
  const table = new Map<string, Record<string, Relation>>();
  const add = (type: string, found: Readonly<Record<string, unknown>> | undefined) => {
    table.set(type, { ...table.get(type), ...(found as Readonly<Record<string, Relation>> | undefined) });
  };
  for (const name of Object.keys(registry) as ResourceName[]) {
    const resource = untyped(resourceOf(name));
    add(name, resource.relations);
    for (const [type, found] of Object.entries(resource.extends ?? {})) add(type, found);
    for (const [type, value] of Object.entries(resource.values ?? {})) add(type, value.relations);
  }
  return table;
}

interface UntypedResource {
  readonly relations?: Readonly<Record<string, unknown>>;
  readonly extends?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly values?: Readonly<Record<string, { readonly relations?: Readonly<Record<string, unknown>> }>>;
}

/** The parts of a descriptor whose keys depend on the type that it describes. */
function untyped(resource: AnyResource): UntypedResource {
  return resource as unknown as UntypedResource;
}
