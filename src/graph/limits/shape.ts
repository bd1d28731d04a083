import {
  type DefinitionNode,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  Kind,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql';

/** How large an operation, or a part of one, is once its fragments stand where they are spread. */
export interface Shape {
  /** Fields inside one another, without those below `__schema` and `__type`. */
  readonly depth: number;
  /** Fields and fragments inside one another: what a program that walks the document has on its stack. */
  readonly levels: number;
  readonly fields: number;
  readonly aliases: number;
  readonly directives: number;
  /** `__schema` and `__type` fields. */
  readonly introspections: number;
  /** Fields inside one another below `__schema` or `__type`. */
  readonly introspectionDepth: number;
  /** Introspection's lists inside one another, there. */
  readonly introspectionLists: number;
  /** Introspection's lists inside one another, wherever this part stands. */
  readonly lists: number;
}

const NOTHING: Shape = {
  depth: 0,
  levels: 0,
  fields: 0,
  aliases: 0,
  directives: 0,
  introspections: 0,
  introspectionDepth: 0,
  introspectionLists: 0,
  lists: 0,
};

const INTROSPECTION_ROOTS = new Set(['__schema', '__type']);
/** Fields of introspection that are lists, each of which multiplies what is below it. */
const INTROSPECTION_LISTS = new Set([
  'types',
  'fields',
  'args',
  'inputFields',
  'possibleTypes',
  'interfaces',
  'enumValues',
  'directives',
]);

/** Thrown where a document goes deeper than anybody may: counting on would only fill the stack. */
export class TooManyLevels extends Error {}

/**
 * Measures documents. Each fragment is measured once, so that fragments that spread each other twice, which double with
 * every line, cost no more than their text. A circle of fragments counts once around: GraphQL's own rules refuse it.
 */
export class Measurer {
  readonly #fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  readonly #measured = new Map<string, Shape>();
  readonly #mostLevels: number;

  constructor(document: DocumentNode, mostLevels: number) {
    this.#fragments = fragmentsOf(document);
    this.#mostLevels = mostLevels;
  }

  /** Throws `TooManyLevels` where it goes deeper than that. */
  shapeOf(definition: DefinitionNode): Shape {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) return this.#fragment(definition.name.value, 0);
    if (definition.kind !== Kind.OPERATION_DEFINITION) return NOTHING;
    const shape = this.#selectionSet(definition.selectionSet, 0);
    const ofVariables = (definition.variableDefinitions ?? []).map((variable) => variable.directives?.length ?? 0);
    const own = (definition.directives?.length ?? 0) + ofVariables.reduce((sum, count) => sum + count, 0);
    return { ...shape, directives: shape.directives + own };
  }

  #selectionSet(set: SelectionSetNode, level: number): Shape {
    if (level > this.#mostLevels) throw new TooManyLevels();
    return set.selections.reduce((sum, selection) => beside(sum, this.#selection(selection, level)), NOTHING);
  }

  #selection(selection: SelectionNode, level: number): Shape {
    const directives = selection.directives?.length ?? 0;
    if (selection.kind === Kind.FIELD) {
      const below = selection.selectionSet ? this.#selectionSet(selection.selectionSet, level + 1) : NOTHING;
      return fieldOver(selection, below, directives);
    }
    const inside =
      selection.kind === Kind.FRAGMENT_SPREAD
        ? this.#fragment(selection.name.value, level + 1)
        : this.#selectionSet(selection.selectionSet, level + 1);
    return { ...inside, levels: inside.levels + 1, directives: inside.directives + directives };
  }

  #fragment(name: string, level: number): Shape {
    const known = this.#measured.get(name);
    if (known !== undefined) return known;
    const fragment = this.#fragments.get(name);
    if (fragment === undefined) return NOTHING;
    this.#measured.set(name, NOTHING);
    const shape = this.#selectionSet(fragment.selectionSet, level);
    const own = { ...shape, directives: shape.directives + (fragment.directives?.length ?? 0) };
    this.#measured.set(name, own);
    return own;
  }
}

/** The fragments of a document by name; the first one where a name is there twice, as GraphQL takes it. */
export function fragmentsOf({ definitions }: DocumentNode): ReadonlyMap<string, FragmentDefinitionNode> {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const definition of definitions) {
    if (definition.kind !== Kind.FRAGMENT_DEFINITION || fragments.has(definition.name.value)) continue;
    fragments.set(definition.name.value, definition);
  }
  return fragments;
}

function fieldOver({ name, alias }: FieldNode, below: Shape, directives: number): Shape {
  const isRoot = INTROSPECTION_ROOTS.has(name.value);
  return {
    depth: isRoot ? 1 : below.depth + 1,
    levels: below.levels + 1,
    fields: below.fields + 1,
    aliases: below.aliases + (alias === undefined ? 0 : 1),
    directives: below.directives + directives,
    introspections: below.introspections + (isRoot ? 1 : 0),
    introspectionDepth: Math.max(below.introspectionDepth, isRoot ? below.depth : 0),
    introspectionLists: Math.max(below.introspectionLists, isRoot ? below.lists : 0),
    lists: below.lists + (INTROSPECTION_LISTS.has(name.value) ? 1 : 0),
  };
}

function beside(one: Shape, other: Shape): Shape {
  return {
    depth: Math.max(one.depth, other.depth),
    levels: Math.max(one.levels, other.levels),
    fields: one.fields + other.fields,
    aliases: one.aliases + other.aliases,
    directives: one.directives + other.directives,
    introspections: one.introspections + other.introspections,
    introspectionDepth: Math.max(one.introspectionDepth, other.introspectionDepth),
    introspectionLists: Math.max(one.introspectionLists, other.introspectionLists),
    lists: Math.max(one.lists, other.lists),
  };
}
