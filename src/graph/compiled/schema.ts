import {
  defaultFieldResolver,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLField,
  type GraphQLFieldResolver,
  type GraphQLObjectType,
  type GraphQLResolveInfo,
  type GraphQLSchema,
  getArgumentValues,
  isAbstractType,
  isIntrospectionType,
  isObjectType,
  isScalarType,
  isSpecifiedScalarType,
  lexicographicSortSchema,
} from 'graphql';

/** What the resolvers of one execution need to know that graphql-jit is not told: it gets this as its root value. */
export interface Run {
  readonly schema: GraphQLSchema;
  readonly operation: GraphQLResolveInfo['operation'];
  readonly fragments: Readonly<Record<string, FragmentDefinitionNode>>;
  readonly variableValues: Readonly<Record<string, unknown>>;
  /** The client's nodes behind those that were compiled. */
  readonly clientNodes: (compiled: readonly FieldNode[]) => readonly FieldNode[];
}

/** Thrown where graphql-jit would answer otherwise than graphql-js: the operation is executed by that one then. */
export class Unfaithful extends Error {}

type AnyField = GraphQLField<unknown, unknown>;
type Resolver = GraphQLFieldResolver<unknown, unknown>;
type Serialize = (value: unknown) => unknown;

/** A schema in the form that graphql-jit may compile against, and how its custom scalars are serialised. */
export interface CompilableSchema {
  readonly schema: GraphQLSchema;
  readonly serializers: Readonly<Record<string, Serialize>>;
}

/**
 * A copy of `schema` whose fields take no arguments and all have a resolver, which works the arguments out itself with
 * graphql-js's own functions. Null where types are told apart by functions, which graphql-jit calls unguarded, or where two
 * fields would share a name in the compiled code.
 */
export function compilableSchema(schema: GraphQLSchema): CompilableSchema | null {
  if (!isSupported(schema)) return null;
  // Nothing here depends on an order; this is graphql-js's way to copy all types with what hangs on them.
  const copy = lexicographicSortSchema(schema);
  const serializers: Record<string, Serialize> = {};
  for (const type of Object.values(copy.getTypeMap())) {
    if (isIntrospectionType(type)) continue;
    if (isAbstractType(type)) type.resolveType = typenameIn;
    if (isScalarType(type) && !isSpecifiedScalarType(type)) serializers[type.name] = neverNull(type.serialize);
    if (isObjectType(type)) adoptFields(schema, schema.getType(type.name), type);
  }
  return { schema: copy, serializers };
}

function isSupported(schema: GraphQLSchema): boolean {
  const names = new Set<string>();
  for (const type of Object.values(schema.getTypeMap())) {
    if (isAbstractType(type) && type.resolveType) return false;
    if (!isObjectType(type) || isIntrospectionType(type)) continue;
    if (type.isTypeOf) return false;
    for (const field of Object.keys(type.getFields())) {
      const name = `${type.name}${field}`;
      if (names.has(name)) return false;
      names.add(name);
    }
  }
  return true;
}

/** graphql-js's default; what it does with a value that has none, the interpreter tells. */
function typenameIn(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null || !('__typename' in value)) return undefined;
  return typeof value.__typename === 'string' ? value.__typename : undefined;
}

/** graphql-jit lets a scalar turn a value into null; graphql-js makes that an error. */
function neverNull(serialize: Serialize): Serialize {
  return (value) => {
    const serialized = serialize(value);
    if (serialized === null) throw new Unfaithful();
    return serialized;
  };
}

function adoptFields(schema: GraphQLSchema, original: unknown, copy: GraphQLObjectType): void {
  if (!isObjectType(original)) throw new Error(`expected the object type ${copy.name} in the schema, found none`);
  const fields = original.getFields();
  for (const field of Object.values(copy.getFields())) {
    const source = fields[field.name];
    if (!source) throw new Error(`expected a field ${field.name} in ${copy.name}, found none`);
    field.args = [];
    field.resolve = resolverFor(source, original, original === schema.getQueryType());
  }
}

/** Most fields keep theirs: a resolver that looks at neither arguments nor `info` gets from graphql-jit what it needs. */
function resolverFor(field: AnyField, parent: GraphQLObjectType, isRoot: boolean): Resolver {
  const own = field.resolve;
  const informed = withInfo(field, parent, isRoot, own ?? defaultFieldResolver);
  if (!own && !isRoot && field.args.length === 0) return propertyReader(field.name, informed);
  const needsMore = isRoot || field.args.length > 0 || own === undefined || own.length > 3;
  return needsMore ? informed : own;
}

/** graphql-js's default resolver, for which `info` is needed only where the property is a function. */
function propertyReader(name: string, informed: Resolver): Resolver {
  return (source, args, context, info) => {
    if (typeof source !== 'object' || source === null) return informed(source, args, context, info);
    const value: unknown = Reflect.get(source, name);
    return typeof value === 'function' ? informed(source, args, context, info) : value;
  };
}

/** Gives `resolve` the arguments and the `info` of graphql-js, less the type names in `info.path`. */
function withInfo(field: AnyField, parentType: GraphQLObjectType, isRoot: boolean, resolve: Resolver): Resolver {
  return (source, _args, context, info) => {
    const run = info.rootValue as Run;
    const { schema, operation, fragments, variableValues } = run;
    const fieldNodes = run.clientNodes(info.fieldNodes);
    const [node] = fieldNodes;
    if (!node) throw new Unfaithful();
    const args = field.args.length === 0 ? {} : getArgumentValues(field, node, variableValues);
    const told = {
      fieldName: field.name,
      fieldNodes,
      returnType: field.type,
      parentType,
      path: info.path,
      schema,
      fragments,
      rootValue: undefined,
      operation,
      variableValues,
    };
    return resolve(isRoot ? undefined : source, args, context, told);
  };
}

/** Whatever has a `then`, as graphql-js sees it. */
export function isPromise(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}
