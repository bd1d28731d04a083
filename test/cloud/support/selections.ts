import {
  buildSchema,
  type GraphQLInputObjectType,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  getNamedType,
  isEnumType,
  isInputObjectType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  isUnionType,
} from 'graphql';

/** One resource type of the schema that a gateway serves. */
export interface Shape {
  /** `FloatingIp` */
  readonly type: string;
  readonly one: string;
  /** `floatingIps` */
  readonly many: string;
  /** Every field but those that cost a call per row: values whole, relations by id. */
  readonly all: string;
  /** Fields marked `@perRow`. */
  readonly perRow: string;
  readonly leaves: readonly Leaf[];
  readonly filters: readonly FilterField[];
  readonly orders: readonly string[];
}

/** A field that stands in the row itself. */
export interface Leaf {
  readonly name: string;
  /** `DateTime`, `ID`, `ServerStatus`… */
  readonly type: string;
  readonly isEnum: boolean;
  readonly isList: boolean;
}

export interface FilterField {
  readonly name: string;
  readonly type: string;
  readonly isList: boolean;
}

/** Reads what a gateway serves at /schema.graphql. */
export async function shapesOf(url: string): Promise<readonly Shape[]> {
  const sdl = await (await fetch(`${url}/schema.graphql`)).text();
  const schema = buildSchema(sdl);
  const connections = Object.values(schema.getQueryType()?.getFields() ?? {}).filter(({ type }) =>
    String(type).endsWith('Connection'),
  );
  return connections.map((field) => shapeOf(schema, field.name, String(field.type).replace(/Connection$/, '')));
}

function shapeOf(schema: GraphQLSchema, many: string, type: string): Shape {
  const fields = Object.values((schema.getType(type) as GraphQLObjectType).getFields());
  const costs = (field: (typeof fields)[number]) =>
    field.astNode?.directives?.some(({ name }) => name.value === 'perRow') ?? false;
  const select = (chosen: typeof fields) => chosen.map((field) => selectionOf(field.name, field.type)).join(' ');
  return {
    type,
    one: type.charAt(0).toLowerCase() + type.slice(1),
    many,
    all: select(fields.filter((field) => !costs(field))),
    perRow: select(fields.filter(costs)),
    leaves: fields
      .filter((field) => isLeafType(getNamedType(field.type)) || getNamedType(field.type).name === 'KeyValue')
      .map((field) => ({
        name: field.name,
        type: getNamedType(field.type).name,
        isEnum: isEnumType(getNamedType(field.type)),
        isList: isList(field.type),
      })),
    filters: filtersOf(schema, type),
    orders: ordersOf(schema, type),
  };
}

function filtersOf(schema: GraphQLSchema, type: string): readonly FilterField[] {
  const filter = schema.getType(`${type}Filter`);
  if (!isInputObjectType(filter)) return [];
  return Object.values((filter as GraphQLInputObjectType).getFields()).map((field) => ({
    name: field.name,
    type: getNamedType(field.type).name,
    isList: isListType(isNonNullType(field.type) ? field.type.ofType : field.type),
  }));
}

function ordersOf(schema: GraphQLSchema, type: string): readonly string[] {
  const order = schema.getType(`${type}OrderField`);
  return isEnumType(order) ? order.getValues().map(({ name }) => name) : [];
}

/** A leaf as it is, a relation by its id, a value with everything in it. */
function selectionOf(name: string, type: GraphQLOutputType): string {
  const inner = getNamedType(type);
  if (isLeafType(inner)) return name;
  if (isUnionType(inner)) return `${name} { __typename ... on Server { id } }`;
  if (!isObjectType(inner)) return '';
  if (inner.getInterfaces().length > 0) return `${name} { id }`;
  const parts = Object.values(inner.getFields()).map((field) => selectionOf(field.name, field.type));
  return `${name} { ${parts.join(' ')} }`;
}

function isList(type: GraphQLOutputType): boolean {
  return isListType(isNonNullType(type) ? type.ofType : type);
}
