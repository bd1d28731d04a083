import {
  type DefinitionNode,
  type FieldNode,
  type GraphQLNamedType,
  type GraphQLSchema,
  getNamedType,
  isObjectType,
  Kind,
  type SelectionSetNode,
} from 'graphql';
import type { CompilableDocument } from './document.js';

/** Where rows stand in the answer: under these names below that of a root field. */
export type RowPlace = readonly [nodes: string] | readonly [edges: string, node: string];

/** An operation of whose pages only the outline is resolved: `__typename` stands for each row. */
export interface Outline {
  readonly document: CompilableDocument;
  /** By the name of the page's root field in the answer. */
  readonly places: ReadonlyMap<string, readonly RowPlace[]>;
}

/**
 * The outline of a query. Null where it has no page with rows, where a root field is neither a page nor a row (resolving it once
 * more may cost calls), or where fragments hide what stands where.
 */
export function outlineOf(schema: GraphQLSchema, document: CompilableDocument): Outline | null {
  const outliner = new Outliner(schema);
  const definitions = document.document.definitions.map((definition) => outliner.definition(definition));
  const { places, originals } = outliner;
  if (!outliner.isPossible || places.size === 0) return null;
  // The resolver of a page looks ahead in what the client has written.
  const clientNodes = (nodes: readonly FieldNode[]) =>
    document.clientNodes(nodes.map((node) => originals.get(node) ?? node));
  return { document: { ...document, document: { ...document.document, definitions }, clientNodes }, places };
}

/** A new one each time: graphql-jit writes into nodes. */
function placeholder(): SelectionSetNode {
  const name = { kind: Kind.NAME, value: '__typename' } as const;
  return { kind: Kind.SELECTION_SET, selections: [{ kind: Kind.FIELD, name }] };
}

class Outliner {
  readonly places = new Map<string, RowPlace[]>();
  /** What stood where a field of the outline stands. */
  readonly originals = new Map<FieldNode, FieldNode>();
  isPossible = true;
  readonly #schema: GraphQLSchema;

  constructor(schema: GraphQLSchema) {
    this.#schema = schema;
  }

  definition(definition: DefinitionNode): DefinitionNode {
    if (definition.kind !== Kind.OPERATION_DEFINITION) return definition;
    return { ...definition, selectionSet: this.#fields(definition.selectionSet, (field) => this.#root(field)) };
  }

  #root(field: FieldNode): FieldNode {
    const type = this.#typeOf(field);
    if (!isConnection(type)) {
      if (field.name.value !== '__typename' && !isRow(type)) this.isPossible = false;
      return field;
    }
    const outlined = this.#within(field, (inner) => this.#ofConnection(nameOf(field), inner));
    this.originals.set(outlined, field);
    return outlined;
  }

  #ofConnection(root: string, field: FieldNode): FieldNode {
    if (field.name.value === 'nodes') return this.#placeholder(field, root, [nameOf(field)]);
    if (field.name.value !== 'edges') return field;
    return this.#within(field, (inner) =>
      inner.name.value === 'node' ? this.#placeholder(inner, root, [nameOf(field), nameOf(inner)]) : inner,
    );
  }

  #placeholder(field: FieldNode, root: string, place: RowPlace): FieldNode {
    const known = this.places.get(root) ?? [];
    const isNew = !known.some((other) => other.join() === place.join());
    this.places.set(root, isNew ? [...known, place] : known);
    return { ...field, selectionSet: placeholder() };
  }

  #within(field: FieldNode, change: (inner: FieldNode) => FieldNode): FieldNode {
    return field.selectionSet ? { ...field, selectionSet: this.#fields(field.selectionSet, change) } : field;
  }

  #fields({ kind, selections }: SelectionSetNode, change: (field: FieldNode) => FieldNode): SelectionSetNode {
    return {
      kind,
      selections: selections.map((selection) => {
        if (selection.kind === Kind.FIELD) return change(selection);
        this.isPossible = false;
        return selection;
      }),
    };
  }

  #typeOf({ name }: FieldNode): GraphQLNamedType | undefined {
    const field = this.#schema.getQueryType()?.getFields()[name.value];
    return field && getNamedType(field.type);
  }
}

function isConnection(type: GraphQLNamedType | undefined): boolean {
  return type?.name.endsWith('Connection') ?? false;
}

function isRow(type: GraphQLNamedType | undefined): boolean {
  return isObjectType(type) && type.getInterfaces().length > 0;
}

function nameOf({ name, alias }: FieldNode): string {
  return (alias ?? name).value;
}
