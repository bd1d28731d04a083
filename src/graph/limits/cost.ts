import {
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  getArgumentValues,
  getNamedType,
  getNullableType,
  isAbstractType,
  isInputObjectType,
  isListType,
  isObjectType,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql';
import type { Mutation, Relation, ResourceName } from '../../resource.js';
import { serviceOf } from '../../rest/services.js';
import { type AnyResource, registry, resourceOf } from '../../services/registry.js';
import { filterTerms } from '../inputs.js';
import { relations } from '../relation-table.js';
import { MAX_FIRST } from '../roots.js';
import { callsForEdge, callsForPage, callsForRows, partsOf, rowsOf } from './fetching.js';
import { Selector } from './selected.js';

/** What an operation can cause at most. */
export interface Cost {
  /** REST calls, with the token's validation and the version documents; a failed read's repetitions are not among them. */
  readonly calls: number;
  /** Rows in the answer, each as often as it is shown. */
  readonly nodes: number;
}

type Variables = Readonly<Record<string, unknown>>;
type Args = Readonly<Record<string, unknown>>;

/** Reckons what `operation` can cost with these coerced variables, from the descriptors alone. Nothing is called. */
export function costOf(
  schema: GraphQLSchema,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
  operation: OperationDefinitionNode,
  variables: Variables,
): Cost {
  const reckoning = new Reckoning(schema, fragments, variables);
  const root = schema.getRootType(operation.operation);
  if (isObjectType(root)) reckoning.fields(root, [operation.selectionSet], 1);
  return reckoning.cost();
}

class Reckoning {
  readonly #schema: GraphQLSchema;
  readonly #selector: Selector;
  readonly #variables: Variables;
  /** Services by region, as far as the query tells: each has a version document. */
  readonly #versioned = new Set<string>();
  #calls = 0;
  #nodes = 0;
  /** Whether anything is asked for that takes a token. */
  #token = false;

  constructor(schema: GraphQLSchema, fragments: ReadonlyMap<string, FragmentDefinitionNode>, variables: Variables) {
    this.#schema = schema;
    this.#selector = new Selector(schema, fragments, variables);
    this.#variables = variables;
  }

  cost(): Cost {
    return { calls: this.#calls + this.#versioned.size + (this.#token ? 1 : 0), nodes: this.#nodes };
  }

  /** Everything that is selected of `parents` objects of a type. */
  fields(type: GraphQLObjectType, sets: readonly SelectionSetNode[], parents: number, region = ''): void {
    for (const nodes of this.#selector.select(type, sets).values()) {
      const [node] = nodes;
      const field = node && type.getFields()[node.name.value];
      if (node && field) this.#field({ type, field, nodes, parents, region, args: this.#argsOf(field, node) });
    }
  }

  #field(asked: Asked): void {
    const { type } = asked;
    if (type === this.#schema.getQueryType()) this.#query(asked);
    else if (type === this.#schema.getMutationType()) this.#mutation(asked);
    else this.#ofObject(asked);
  }

  #ofObject(asked: Asked): void {
    const { type, field, parents } = asked;
    const relation = relations.get(type.name)?.[field.name];
    if (relation) {
      this.#below(asked, this.#related(asked, relation, parents));
      return;
    }
    const resource = resourceNamed(type.name);
    if (resource && field.name in (resource.onlyInGet ?? {})) this.#spend(resource, parents, asked.region);
    if (field.name === 'totalCount') this.#calls += 1;
    if (type.name === 'Me' && field.name === 'projects') this.#calls += 1;
    this.#below(asked, isParts(asked) ? partsOf(parents) : parents);
  }

  #query(asked: Asked): void {
    const { field, args } = asked;
    const region = typeof args['region'] === 'string' ? args['region'] : '';
    const named = getNamedType(field.type).name;
    const one = resourceNamed(named);
    const listed = resourceNamed(named.replace(/Connection$/, ''));
    this.#token = true;
    if (one) {
      this.#spend(one, callsForRows(one, 1), region);
      this.#below({ ...asked, region }, 1);
    } else if (listed) {
      const first = Math.min(Math.max(Number(args['first']) || 1, 1), MAX_FIRST);
      const sifted = this.#isSifted(listed, args['filter']);
      this.#spend(listed, callsForPage(listed, first, sifted, typeof args['after'] === 'string'), region);
      this.#below({ ...asked, region }, first);
    } else this.#below(asked, 1);
  }

  #mutation(asked: Asked): void {
    const { field, args } = asked;
    const region = typeof args['region'] === 'string' ? args['region'] : '';
    const known = mutations.get(field.name);
    // Log-in and log-out.
    if (!known) {
      this.#calls += 1;
      this.#token ||= field.name !== 'issueToken';
      this.#below(asked, 1);
      return;
    }
    const { resource, mutation } = known;
    this.#token = true;
    // The row before, the write, the row after; the other rows before and after.
    const before = mutation.kind === 'create' ? 0 : callsForRows(resource, 1);
    this.#spend(resource, before + 2, region);
    for (const { type } of otherRows(mutation, args)) {
      this.#spend(resourceOf(type), 2 * callsForRows(resourceOf(type), 1), region);
    }
    this.#below({ ...asked, region }, 1);
  }

  /** The calls of a relation; how many rows it shows. */
  #related(
    { type, field, region }: Pick<Asked, 'type' | 'field' | 'region'>,
    relation: Relation,
    parents: number,
  ): number {
    const rows = rowsOf(relation, parents);
    switch (relation.kind) {
      case 'one': {
        const target = resourceOf(relation.target);
        this.#spend(
          target,
          relation.by === undefined ? callsForRows(target, rows) : callsForPage(target, 1, false, false),
          region,
        );
        return rows;
      }
      case 'oneOf':
        for (const target of this.#resourcesOf(field.type)) this.#spend(target, callsForRows(target, rows), region);
        return rows;
      case 'list':
        this.#spend(resourceOf(relation.target), callsForRows(resourceOf(relation.target), rows), region);
        return rows;
      case 'reverse':
        this.#spend(
          resourceOf(relation.target),
          callsForEdge(resourceOf(relation.target), relation, parents, rows),
          region,
        );
        return rows;
      case 'embedded':
        return rows;
      case 'through':
        return this.#through(type, relation.path, parents, region);
    }
  }

  #through(type: GraphQLObjectType, path: readonly [string, string], parents: number, region: string): number {
    let here = type;
    let rows = parents;
    for (const step of path) {
      const field = here.getFields()[step];
      const relation = relations.get(here.name)?.[step];
      if (!field || !relation) throw new Error(`${here.name}.${step}: expected a relation, found none`);
      rows = this.#related({ type: here, field, region }, relation, rows);
      const next = getNamedType(field.type);
      if (isObjectType(next)) here = next;
    }
    return rows;
  }

  /** What is asked for below a field that shows so many objects. */
  #below({ field, nodes, region }: Asked, count: number): void {
    const sets = nodes.flatMap(({ selectionSet }) => (selectionSet ? [selectionSet] : []));
    if (sets.length === 0) return;
    const type = getNamedType(field.type);
    const isRow = isAbstractType(type) || resourceNamed(type.name) !== null;
    if (isRow) this.#nodes += count;
    const possible = isAbstractType(type) ? this.#schema.getPossibleTypes(type) : [type];
    for (const object of possible) if (isObjectType(object)) this.fields(object, sets, count, region);
  }

  #spend(resource: AnyResource, calls: number, region: string): void {
    this.#calls += calls;
    if (serviceOf(resource.service).microversions !== null) this.#versioned.add(`${resource.service}/${region}`);
  }

  #resourcesOf(type: GraphQLOutputType): readonly AnyResource[] {
    const named = getNamedType(type);
    const possible = isAbstractType(named) ? this.#schema.getPossibleTypes(named) : [named];
    return possible.flatMap(({ name }) => resourceNamed(name) ?? []);
  }

  /** Arguments that cannot be read are execution's to refuse. */
  #argsOf(field: GraphQLField<unknown, unknown>, node: FieldNode): Args {
    if (field.args.length === 0) return NONE;
    try {
      return getArgumentValues(field, node, this.#variables);
    } catch {
      return NONE;
    }
  }

  /** A filter that the resolver will refuse costs nothing. */
  #isSifted(resource: AnyResource, filter: unknown): boolean {
    const type = this.#schema.getType(`${resource.name}Filter`);
    if (!isInputObjectType(type) || typeof filter !== 'object' || filter === null) return false;
    try {
      return filterTerms(resource, type, filter as Args).some(({ accept }) => accept !== undefined);
    } catch {
      return false;
    }
  }
}

/** A field with all the places where it was asked for under one name. */
interface Asked {
  readonly type: GraphQLObjectType;
  readonly field: GraphQLField<unknown, unknown>;
  readonly nodes: readonly FieldNode[];
  readonly args: Args;
  readonly parents: number;
  readonly region: string;
}

const NONE: Args = {};

function resourceNamed(name: string): AnyResource | null {
  return Object.hasOwn(registry, name) ? resourceOf(name as ResourceName) : null;
}

/** A list inside a row; `nodes` and `edges` of a page are its rows. */
function isParts({ type, field }: Asked): boolean {
  return isListType(getNullableType(field.type)) && !type.name.endsWith('Connection');
}

type AnyMutation = Mutation<Args>;

const mutations: ReadonlyMap<string, { readonly resource: AnyResource; readonly mutation: AnyMutation }> = new Map(
  Object.values(registry).flatMap((resource) => {
    const own = (resource as { readonly mutations?: Readonly<Record<string, unknown>> }).mutations ?? {};
    return Object.entries(own).map(([name, mutation]) => [
      name,
      { resource: resource as AnyResource, mutation: mutation as AnyMutation },
    ]);
  }),
);

function otherRows(mutation: AnyMutation, args: Args): readonly { readonly type: ResourceName }[] {
  try {
    return Object.values(mutation.rows?.(args) ?? {});
  } catch {
    return [];
  }
}
