import {
  type FieldNode,
  type FragmentDefinitionNode,
  GraphQLIncludeDirective,
  type GraphQLObjectType,
  type GraphQLSchema,
  GraphQLSkipDirective,
  getDirectiveValues,
  isAbstractType,
  Kind,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql';

type Variables = Readonly<Record<string, unknown>>;

/** Fields that execution merges into one, by response name. */
export type Selected = ReadonlyMap<string, readonly FieldNode[]>;

/** What an operation selects of an object, as execution will see it: merged, without what is skipped. */
export class Selector {
  readonly #schema: GraphQLSchema;
  readonly #fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  readonly #variables: { [name: string]: unknown };

  constructor(schema: GraphQLSchema, fragments: ReadonlyMap<string, FragmentDefinitionNode>, variables: Variables) {
    this.#schema = schema;
    this.#fragments = fragments;
    this.#variables = variables;
  }

  select(type: GraphQLObjectType, sets: readonly SelectionSetNode[]): Selected {
    const selected = new Map<string, FieldNode[]>();
    const spread = new Set<string>();
    for (const set of sets) this.#collect(type, set, selected, spread);
    return selected;
  }

  #collect(type: GraphQLObjectType, set: SelectionSetNode, into: Map<string, FieldNode[]>, spread: Set<string>): void {
    for (const selection of set.selections) {
      if (this.#isLeftOut(selection)) continue;
      if (selection.kind === Kind.FIELD) {
        const name = selection.alias?.value ?? selection.name.value;
        const known = into.get(name);
        if (known) known.push(selection);
        else into.set(name, [selection]);
      } else {
        const inside = this.#inside(type, selection, spread);
        if (inside !== null) this.#collect(type, inside, into, spread);
      }
    }
  }

  /** The selections of a fragment that applies to the type and was not yet spread here. */
  #inside(
    type: GraphQLObjectType,
    selection: Exclude<SelectionNode, FieldNode>,
    spread: Set<string>,
  ): SelectionSetNode | null {
    if (selection.kind === Kind.INLINE_FRAGMENT) {
      const condition = selection.typeCondition?.name.value;
      return condition === undefined || this.#applies(condition, type) ? selection.selectionSet : null;
    }
    const name = selection.name.value;
    const fragment = this.#fragments.get(name);
    if (fragment === undefined || spread.has(name)) return null;
    spread.add(name);
    return this.#applies(fragment.typeCondition.name.value, type) ? fragment.selectionSet : null;
  }

  #applies(condition: string, type: GraphQLObjectType): boolean {
    if (condition === type.name) return true;
    const wanted = this.#schema.getType(condition);
    return isAbstractType(wanted) && this.#schema.isSubType(wanted, type);
  }

  #isLeftOut(node: SelectionNode): boolean {
    if (node.directives === undefined || node.directives.length === 0) return false;
    const skip = getDirectiveValues(GraphQLSkipDirective, node, this.#variables);
    if (skip?.['if'] === true) return true;
    return getDirectiveValues(GraphQLIncludeDirective, node, this.#variables)?.['if'] === false;
  }
}
