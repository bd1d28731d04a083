import {
  type FieldNode,
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLObjectType,
  type GraphQLResolveInfo,
  getNamedType,
  isObjectType,
  isUnionType,
  type SelectionSetNode,
} from 'graphql';
import type { Loaders } from '../load/loaders.js';
import type { Relation, ResourceName } from '../resource.js';
import { isObject, REGION, type Row } from '../row.js';
import type { Context } from './context.js';
import { Selector } from './limits/selected.js';
import { loadRelated, readRelated, rowsIn } from './related.js';
import { relations, targetOf } from './relation-table.js';

/** A field that is selected of some object, with all that is selected below it. */
interface Chosen {
  readonly field: GraphQLField<unknown, Context>;
  readonly below: readonly SelectionSetNode[];
  /** The type at its end. */
  readonly type: GraphQLNamedType;
}

/**
 * Shortcut `primed`: looks ahead in the query and loads the relations of all rows of a page in bulk, level by level, before
 * the rows are resolved. Their resolvers then find what they need without waiting. A promise for every field of every row
 * is what a large page costs: with them, executing a page of a thousand rows took seven times as long
 * (`docs/decisions/shortcuts.md`).
 *
 * It decides nothing: what it has not loaded, or failed to load, the resolvers load or report themselves.
 */
export class Primer {
  readonly #selector: Selector;
  readonly #context: Context;
  readonly #info: GraphQLResolveInfo;
  readonly #loaders: Loaders;

  constructor(context: Context, info: GraphQLResolveInfo, loaders: Loaders) {
    this.#selector = new Selector(info.schema, new Map(Object.entries(info.fragments)), info.variableValues);
    this.#context = context;
    this.#info = info;
    this.#loaders = loaders;
  }

  /** What the query selects of the field that is being resolved. */
  below(): readonly SelectionSetNode[] {
    return selectionSets(this.#info.fieldNodes);
  }

  /** What the query selects of the rows of a connection, where the field that is being resolved gives one. */
  ofConnection(): readonly SelectionSetNode[] {
    const connection = getNamedType(this.#info.returnType);
    return this.#chosen(connection, this.below()).flatMap(({ field, type, below }) =>
      field.name === 'nodes' ? below : this.#chosen(type, below).flatMap((inside) => inside.below),
    );
  }

  /** Begins to fetch the collections in which the relations of about so many rows end, where they are small. */
  gather(type: GraphQLNamedType, sets: readonly SelectionSetNode[], region: string, parents: number): void {
    for (const target of this.#targets(type, sets, new Set())) {
      if (target !== type.name) this.#loaders.gather(target, region, parents);
    }
  }

  /** Loads what is selected below these rows. Never throws. */
  async load(type: GraphQLNamedType, sets: readonly SelectionSetNode[], rows: readonly Row[]): Promise<void> {
    if (rows.length === 0) return;
    await Promise.all(this.#chosen(type, sets).map((chosen) => this.#loadField(type, chosen, rows)));
  }

  async #loadField(
    type: GraphQLNamedType,
    { field, type: target, below }: Chosen,
    rows: readonly Row[],
  ): Promise<void> {
    const relation = relations.get(type.name)?.[field.name];
    if (relation === undefined) return this.load(target, below, this.#parts(field, target, rows));
    const start = { typeName: type.name, relation };
    await loadRelated(this.#loaders, start, rows);
    const related = new Set(rows.flatMap((row) => this.#related(() => rowsIn(readRelated(this.#loaders, start, row)))));
    if (!isUnionType(target)) return this.load(target, below, [...related]);
    const ofType = (name: string) => [...related].filter((row) => row['__typename'] === name);
    await Promise.all(target.getTypes().map((member) => this.load(member, below, ofType(member.name))));
  }

  /** An error is told where the row is resolved. */
  #related(read: () => readonly Row[]): readonly Row[] {
    try {
      return read();
    } catch {
      return [];
    }
  }

  /** Parts of rows that have relations of their own (the addresses of a port), as their resolver makes them. */
  #parts(field: GraphQLField<unknown, Context>, type: GraphQLNamedType, rows: readonly Row[]): readonly Row[] {
    if (!relations.has(type.name) || field.resolve === undefined) return [];
    const resolve = field.resolve;
    return rows.flatMap((row) => {
      const value = resolve(row, {}, this.#context, this.#info);
      return (Array.isArray(value) ? value : [value]).filter(isPart);
    });
  }

  /** The fields with something below them, as execution will merge them. */
  #chosen(type: GraphQLNamedType, sets: readonly SelectionSetNode[]): readonly Chosen[] {
    if (!isObjectType(type)) return [];
    return [...this.#selector.select(type, sets).values()].flatMap((nodes) => this.#chosenBy(type, nodes));
  }

  #chosenBy(type: GraphQLObjectType, nodes: readonly FieldNode[]): readonly Chosen[] {
    const below = selectionSets(nodes);
    const field = type.getFields()[nodes[0]?.name.value ?? ''];
    return field === undefined || below.length === 0 ? [] : [{ field, below, type: getNamedType(field.type) }];
  }

  /** The types that the relations below a selection lead to. */
  #targets(type: GraphQLNamedType, sets: readonly SelectionSetNode[], into: Set<ResourceName>): Set<ResourceName> {
    for (const { field, type: target, below } of this.#chosen(type, sets)) {
      const relation = relations.get(type.name)?.[field.name];
      if (relation !== undefined && isFoundIn(relation)) into.add(targetOf(relation));
      this.#targets(target, below, into);
    }
    return into;
  }
}

/** Whether what a relation leads to can be found among all rows of its target. */
function isFoundIn(relation: Relation): boolean {
  if (relation.kind === 'reverse') return relation.batched;
  return relation.kind === 'one' || relation.kind === 'list';
}

function isPart(value: unknown): value is Row {
  return isObject(value) && REGION in value;
}

function selectionSets(nodes: readonly FieldNode[]): readonly SelectionSetNode[] {
  return nodes.flatMap(({ selectionSet }) => selectionSet ?? []);
}
