import {
  type DirectiveNode,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  GraphQLIncludeDirective,
  type GraphQLSchema,
  GraphQLSkipDirective,
  getDirectiveValues,
  getNamedType,
  isAbstractType,
  isCompositeType,
  Kind,
  type NamedTypeNode,
  type NameNode,
  type OperationDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
  visit,
} from 'graphql';

type Variables = Readonly<Record<string, unknown>>;
type Fragments = Readonly<Record<string, FragmentDefinitionNode>>;

/** An operation as it is given to graphql-jit, and the way back to what the client wrote. */
export interface CompilableDocument {
  readonly document: DocumentNode;
  readonly fragments: Fragments;
  /** The client's nodes behind those of `document`. */
  readonly clientNodes: (compiled: readonly FieldNode[]) => readonly FieldNode[];
  /** The client's field that begins at this place. */
  readonly fieldAt: (line: number, column: number) => FieldNode | undefined;
}

/** Fields of one operation with all fragments written out, for each type that they may be of. Beyond, compiling takes too long. */
const MOST_FIELDS = 2_000;

/** By document: the same are asked for again and again. */
const conditions = new WeakMap<DocumentNode, readonly string[]>();

/** Names of the variables that decide which fields are left out. */
export function conditionVariables(document: DocumentNode): readonly string[] {
  let names = conditions.get(document);
  if (names === undefined) {
    names = variablesOfConditions(document);
    conditions.set(document, names);
  }
  return names;
}

function variablesOfConditions(document: DocumentNode): readonly string[] {
  const names = new Set<string>();
  visit(document, {
    Directive(directive) {
      if (isCondition(directive)) addVariables(directive, names);
    },
  });
  return [...names];
}

function isCondition({ name }: DirectiveNode): boolean {
  return name.value === GraphQLSkipDirective.name || name.value === GraphQLIncludeDirective.name;
}

function addVariables(directive: DirectiveNode, names: Set<string>): void {
  for (const { value } of directive.arguments ?? []) if (value.kind === Kind.VARIABLE) names.add(value.name.value);
}

/**
 * The operation without all that graphql-jit has its own opinion of: variables, arguments and directives. What `@skip` and
 * `@include` leave out with these variables is left out already. Null where it cannot be compiled faithfully: no query,
 * introspection, too large, or nodes that do not tell their place.
 */
export function compilableDocument(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
  variables: Variables,
): CompilableDocument | null {
  if (operation.operation !== 'query') return null;
  const fragments = fragmentsOf(document);
  if (fieldsIn(schema, operation, fragments) > MOST_FIELDS) return null;
  const copies = new Copies(variables);
  const definitions = [
    { kind: operation.kind, operation: operation.operation, selectionSet: copies.selectionSet(operation.selectionSet) },
    ...Object.values(fragments).map(({ kind, name, typeCondition, selectionSet }) => ({
      kind,
      name,
      typeCondition,
      selectionSet: copies.selectionSet(selectionSet),
    })),
  ];
  if (!copies.faithful) return null;
  return {
    document: { kind: Kind.DOCUMENT, definitions },
    fragments,
    clientNodes: (compiled) => copies.originals(compiled),
    fieldAt: (line, column) => copies.places.get(`${line}:${column}`),
  };
}

function fragmentsOf(document: DocumentNode): Fragments {
  const fragments: Record<string, FragmentDefinitionNode> = Object.create(null);
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments[definition.name.value] = definition;
  }
  return fragments;
}

/** Copies nodes, since graphql-jit writes into them, and remembers of what. */
class Copies {
  readonly places = new Map<string, FieldNode>();
  /** Whether nothing was met that graphql-jit shows otherwise than graphql-js. */
  faithful = true;
  readonly #variables: Variables;
  readonly #originals = new Map<FieldNode, FieldNode>();
  readonly #lists = new WeakMap<readonly FieldNode[], readonly FieldNode[]>();

  constructor(variables: Variables) {
    this.#variables = variables;
  }

  selectionSet({ kind, selections }: SelectionSetNode): SelectionSetNode {
    const kept = selections.filter((selection) => this.#isIncluded(selection));
    return { kind, selections: kept.map((selection) => this.#selection(selection)) };
  }

  /** graphql-jit hands out the same list for each row. */
  originals(compiled: readonly FieldNode[]): readonly FieldNode[] {
    const known = this.#lists.get(compiled);
    if (known) return known;
    const found = compiled.flatMap((node) => this.#originals.get(node) ?? []);
    this.#lists.set(compiled, found);
    return found;
  }

  #isIncluded(node: SelectionNode): boolean {
    if (!node.directives?.length) return true;
    const skip = getDirectiveValues(GraphQLSkipDirective, node, this.#variables);
    const include = getDirectiveValues(GraphQLIncludeDirective, node, this.#variables);
    return skip?.['if'] !== true && include?.['if'] !== false;
  }

  #selection(node: SelectionNode): SelectionNode {
    if (node.kind === Kind.FIELD) return this.#field(node);
    if (node.kind === Kind.FRAGMENT_SPREAD) return { kind: node.kind, name: node.name };
    const { kind, typeCondition, selectionSet } = node;
    return { kind, selectionSet: this.selectionSet(selectionSet), ...(typeCondition ? { typeCondition } : {}) };
  }

  #field(node: FieldNode): FieldNode {
    const { kind, name, alias, selectionSet, loc } = node;
    const token = loc?.startToken;
    const place = `${token?.line}:${token?.column}`;
    if (token === undefined || this.places.has(place) || !isFaithful(name, alias ?? name)) this.faithful = false;
    const copy: FieldNode = {
      kind,
      name,
      ...(alias ? { alias } : {}),
      ...(selectionSet ? { selectionSet: this.selectionSet(selectionSet) } : {}),
      ...(loc ? { loc } : {}),
    };
    this.places.set(place, node);
    this.#originals.set(copy, node);
    return copy;
  }
}

/** Introspection is graphql-js's, and `"__proto__": …` in code makes no key. */
function isFaithful(name: NameNode, key: NameNode): boolean {
  return (!name.value.startsWith('__') || name.value === '__typename') && key.value !== '__proto__';
}

/** How many fields the compiled operation has at most, without writing its fragments out. */
function fieldsIn(schema: GraphQLSchema, operation: OperationDefinitionNode, fragments: Fragments): number {
  const known = new Map<string, number>();
  const typeNamed = (name: string) => schema.getType(name);
  const ofSelections = (parent: ReturnType<typeof typeNamed>, set: SelectionSetNode): number =>
    set.selections.reduce((sum, selection) => sum + ofSelection(parent, selection), 0);
  const ofSelection = (parent: ReturnType<typeof typeNamed>, node: SelectionNode): number => {
    if (node.kind === Kind.FRAGMENT_SPREAD) return ofFragment(node.name.value);
    if (node.kind === Kind.INLINE_FRAGMENT) return ofSelections(typeOn(node.typeCondition, parent), node.selectionSet);
    if (!node.selectionSet) return 1;
    const type = fieldType(parent, node.name.value);
    const kinds = isAbstractType(type) ? schema.getPossibleTypes(type).length : 1;
    return 1 + kinds * ofSelections(type, node.selectionSet);
  };
  const ofFragment = (name: string): number => {
    const fragment = fragments[name];
    if (!fragment) return 0;
    const count = known.get(name) ?? ofSelections(typeOn(fragment.typeCondition, undefined), fragment.selectionSet);
    known.set(name, count);
    return count;
  };
  const typeOn = (node: NamedTypeNode | undefined, parent: ReturnType<typeof typeNamed>) =>
    node ? typeNamed(node.name.value) : parent;
  return ofSelections(schema.getQueryType() ?? undefined, operation.selectionSet);
}

function fieldType(parent: ReturnType<GraphQLSchema['getType']>, name: string): ReturnType<GraphQLSchema['getType']> {
  if (!isCompositeType(parent) || !('getFields' in parent)) return undefined;
  const field = parent.getFields()[name];
  return field && getNamedType(field.type);
}
