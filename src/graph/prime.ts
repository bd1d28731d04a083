import {
  BREAK,
  type FieldNode,
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLResolveInfo,
  getNamedType,
  isObjectType,
  isUnionType,
  type OperationDefinitionNode,
  type SelectionSetNode,
  visit,
} from 'graphql';
import type { Loaders } from '../load/loaders.js';
import type { Relation, ResourceName } from '../resource.js';
import { isObject, REGION, type Row } from '../row.js';
import type { Context } from './context.js';
import { Selector } from './limits/selected.js';
import { loadRelated, type RelationField, rowsIfLoaded } from './related.js';
import { relations, targetOf } from './relation-table.js';

/** A field below which the query may want something loaded. */
interface Step {
  readonly field: GraphQLField<unknown, Context>;
  /** Null: the field shows parts of the row itself. */
  readonly relation: RelationField | null;
  /** By the name of the type at its end: that of a union's members, or the only one. */
  readonly below: ReadonlyMap<string, readonly Step[]>;
}

/** What a root field wants loaded, which is worked out once for all askings of an operation. */
interface Plan {
  readonly steps: readonly Step[];
  /** Types whose rows can be found in their collections. */
  readonly targets: ReadonlySet<ResourceName>;
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
  readonly #context: Context;
  readonly #info: GraphQLResolveInfo;
  readonly #loaders: Loaders;
  readonly #plan: Plan;

  /** For the rows of this type that the field that is being resolved gives: itself, or as a connection. */
  constructor(context: Context, info: GraphQLResolveInfo, loaders: Loaders, type: GraphQLNamedType) {
    this.#context = context;
    this.#info = info;
    this.#loaders = loaders;
    this.#plan = knownPlan(info, type);
  }

  /** Begins to fetch the collections in which the relations of about so many rows end, where they are small. */
  gather(region: string, parents: number): void {
    for (const target of this.#plan.targets) this.#loaders.gather(target, region, parents);
  }

  /** Loads what is selected below these rows. Never throws. */
  load(rows: readonly Row[]): Promise<void> {
    return this.#loadAll(this.#plan.steps, rows);
  }

  async #loadAll(steps: readonly Step[], rows: readonly Row[]): Promise<void> {
    if (rows.length > 0) await Promise.all(steps.map((step) => this.#loadStep(step, rows)));
  }

  async #loadStep({ field, relation, below }: Step, rows: readonly Row[]): Promise<void> {
    if (relation !== null) await loadRelated(this.#loaders, relation, rows);
    const isLast = [...below.values()].every((steps) => steps.length === 0);
    if (isLast) return;
    const ends = relation === null ? this.#parts(field, rows) : this.#related(relation, rows);
    const loads = [...below].map(([member, steps]) =>
      this.#loadAll(steps, below.size === 1 ? ends : ends.filter((row) => row['__typename'] === member)),
    );
    await Promise.all(loads);
  }

  /** Rows at the end of a relation, each once. An error is told where the row is resolved. */
  #related(relation: RelationField, rows: readonly Row[]): readonly Row[] {
    return [...new Set(rows.flatMap((row) => rowsIfLoaded(this.#loaders, relation, row)))];
  }

  /** Parts of rows that have relations of their own (the addresses of a port), as their resolver makes them. */
  #parts({ resolve }: GraphQLField<unknown, Context>, rows: readonly Row[]): readonly Row[] {
    if (resolve === undefined) return [];
    return rows.flatMap((row) => {
      const value = resolve(row, {}, this.#context, this.#info);
      return (Array.isArray(value) ? value : [value]).filter(isPart);
    });
  }
}

/** By operation and the root field's name in the answer; null where variables decide what is selected. */
const plans = new WeakMap<OperationDefinitionNode, Map<string, Plan> | null>();

function knownPlan(info: GraphQLResolveInfo, type: GraphQLNamedType): Plan {
  const { operation, path } = info;
  let known = plans.get(operation);
  if (known === undefined) {
    known = hasConditions(info) ? null : new Map();
    plans.set(operation, known);
  }
  const name = String(path.key);
  const plan = known?.get(name) ?? new Planner(info).plan(type);
  known?.set(name, plan);
  return plan;
}

/** Whether there is any directive: variables may then decide what is selected. */
function hasConditions({ operation, fragments }: GraphQLResolveInfo): boolean {
  return [operation, ...Object.values(fragments)].some((definition) => {
    let found = false;
    visit(definition, {
      Directive() {
        found = true;
        return BREAK;
      },
    });
    return found;
  });
}

/** Reads off the selections of a root field what there will be to load. */
class Planner {
  readonly #info: GraphQLResolveInfo;
  readonly #selector: Selector;

  constructor(info: GraphQLResolveInfo) {
    this.#info = info;
    this.#selector = new Selector(info.schema, new Map(Object.entries(info.fragments)), info.variableValues);
  }

  plan(type: GraphQLNamedType): Plan {
    const steps = this.#steps(type, this.#ofRows(type));
    const targets = new Set<ResourceName>();
    addTargets(steps, targets);
    targets.delete(type.name as ResourceName);
    return { steps, targets };
  }

  /** What the query selects of the rows: of a connection's `nodes`, and of the `node` of its edges. */
  #ofRows(type: GraphQLNamedType): readonly SelectionSetNode[] {
    const { fieldNodes, returnType } = this.#info;
    const shown = getNamedType(returnType);
    if (shown === type) return selectionSets(fieldNodes);
    return this.#chosen(shown, selectionSets(fieldNodes)).flatMap(({ field, below }) =>
      field.name === 'nodes' ? below : this.#chosen(getNamedType(field.type), below).flatMap((inside) => inside.below),
    );
  }

  #steps(type: GraphQLNamedType, sets: readonly SelectionSetNode[]): readonly Step[] {
    return this.#chosen(type, sets).flatMap(({ field, below }) => {
      const relation = relations.get(type.name)?.[field.name];
      const end = getNamedType(field.type);
      // Parts without relations have nothing to load.
      if (relation === undefined && !relations.has(end.name)) return [];
      const members: readonly GraphQLNamedType[] = isUnionType(end) ? end.getTypes() : [end];
      return {
        field,
        relation: relation === undefined ? null : { typeName: type.name, relation },
        below: new Map(members.map((member) => [member.name, this.#steps(member, below)])),
      };
    });
  }

  /** The fields with something below them, as execution will merge them. */
  #chosen(type: GraphQLNamedType, sets: readonly SelectionSetNode[]) {
    if (!isObjectType(type)) return [];
    return [...this.#selector.select(type, sets).values()].flatMap((nodes) => {
      const below = selectionSets(nodes);
      const field = type.getFields()[nodes[0]?.name.value ?? ''];
      return field === undefined || below.length === 0 ? [] : [{ field, below }];
    });
  }
}

/** The types that relations lead to, at any depth. */
function addTargets(steps: readonly Step[], into: Set<ResourceName>): void {
  for (const { relation, below } of steps) {
    if (relation !== null && isFoundIn(relation.relation)) into.add(targetOf(relation.relation));
    // What a row of a union is decides what it leads to.
    if (below.size === 1) for (const inside of below.values()) addTargets(inside, into);
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
