import {
  buildSchema,
  GraphQLError,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLResolveInfo,
  type GraphQLSchema,
  getNullableType,
  isAbstractType,
  isEnumType,
  isListType,
  isNonNullType,
  isObjectType,
  isScalarType,
  print,
} from 'graphql';
import { DateTimeResolver, JSONResolver, SafeIntResolver } from 'graphql-scalars';
import { Fault } from '../../../src/rest/fault.js';

/** A schema with everything that GraphQL knows in output position, and arguments of every kind. */
const SDL = `
  scalar DateTime
  scalar SafeInt
  scalar JSON
  "Turns some of its values into nothing."
  scalar Picky
  enum Color { RED GREEN BLUE }
  input Box { size: Int = 3 names: [String!] color: Color = GREEN inner: Box }
  interface Thing { id: ID! name: String friend: Thing count: Int }
  union Either = A | B
  type A implements Thing {
    id: ID! name: String friend: Thing count: Int
    sure: String! color: Color colors: [Color!] flag: Boolean ratio: Float when: DateTime big: SafeInt json: JSON picky: Picky
    things(first: Int = 2, box: Box, ids: [ID!]): [Thing!]
    told(box: Box!, color: Color! = RED): String
    grid: [[Int!]]  b: B  bs: [B!]!  either: Either
  }
  type B implements Thing {
    id: ID! name: String friend: Thing count: Int
    certain: Int!  a: A!  as: [A]  eithers(first: Int!): [Either!]
    loud(name: String = "you"): String!
  }
  type Query {
    a: A  b: B!  as(first: Int = 3): [A!]  thing(id: ID!): Thing  eithers: [Either]  color(color: Color = BLUE): Color
    told(box: Box, ids: [ID]): String
  }
`;

/** What happens in a world: everything follows from the seed. */
export interface World {
  readonly seed: number;
  /** Of a hundred values, how many go wrong. */
  readonly trouble: number;
  /**
   * `lenient`: nothing goes wrong where null is not allowed. Where it does, values come all at once or all later: graphql-js
   * leaves rejections of a list unhandled when another of its items fails at once, and they would end the test. The gateway
   * logs them (`test/main.test.ts`); no query of its schema is known to leave any.
   */
  readonly kind: 'lenient' | 'atOnce' | 'later';
}

interface Node {
  readonly seed: number;
  readonly world: World;
}

type Maker = (seed: number) => unknown;

/** A schema whose fields are resolved in all the ways there are. Its context is a `World`. */
export function worldSchema(): GraphQLSchema {
  const schema = buildSchema(SDL);
  for (const scalar of [DateTimeResolver, SafeIntResolver, JSONResolver]) {
    const type = schema.getType(scalar.name);
    if (isScalarType(type)) type.serialize = scalar.serialize;
  }
  const picky = schema.getType('Picky');
  if (isScalarType(picky))
    picky.serialize = (value) => (value === 'null' ? null : value === 'none' ? undefined : value);
  for (const type of Object.values(schema.getTypeMap())) {
    if (isObjectType(type) && !type.name.startsWith('__')) attach(type);
  }
  return schema;

  function attach(type: GraphQLObjectType): void {
    for (const field of Object.values(type.getFields())) {
      const make = (seed: number, world: World) =>
        outcome(seed, world, field.type, (inner) => value(schema, field.type, inner, world));
      const isRoot = type.name === 'Query';
      if (isRoot || field.args.length > 0 || field.name.length % 3 === 0) {
        field.resolve = (source: Node | undefined, args, world: World, info) =>
          make(hash(`${source?.seed ?? world.seed}${field.name}${seen(args, info)}`), world);
      } else if (field.name.length % 3 === 1) {
        field.resolve = (source: Node) => make(hash(`${source.seed}${field.name}`), source.world);
      }
    }
  }
}

/** What a resolver can see of its place in the document, less the type names in the path. */
function seen(args: unknown, info: GraphQLResolveInfo): string {
  const nodes = info.fieldNodes.map((node) => print(node)).join();
  const path: unknown[] = [];
  for (let at: GraphQLResolveInfo['path'] | undefined = info.path; at; at = at.prev) path.push(at.key);
  const types = `${info.parentType.name} ${String(info.returnType)} ${info.schema.getQueryType()?.name}`;
  const variables = JSON.stringify(info.variableValues);
  return [JSON.stringify(args), nodes, path.join(), types, variables, info.fieldName, info.operation.kind].join('|');
}

function value(schema: GraphQLSchema, type: GraphQLOutputType, seed: number, world: World): unknown {
  const nullable = getNullableType(type);
  if (isListType(nullable)) {
    return Array.from({ length: seed % 4 }, (_item, index) => {
      const inner = hash(`${seed} ${index}`);
      return world.kind !== 'later' && troubled(inner, world, nullable.ofType)
        ? wrongItem(inner, world)
        : value(schema, nullable.ofType, inner, world);
    });
  }
  if (isAbstractType(nullable)) {
    const members = schema.getPossibleTypes(nullable);
    const member = members[seed % members.length];
    if (!member) throw new Error('expected members');
    const wrong = world.kind !== 'later' && troubled(hash(`${seed} typename`), world, type);
    const made = node(schema, member, seed, world);
    return wrong ? made : Object.defineProperty(made, '__typename', { value: member.name });
  }
  if (isObjectType(nullable)) return node(schema, nullable, seed, world);
  if (troubled(hash(`${seed} leaf`), world, type))
    return ['none', 'null', Number.NaN, { odd: 1 }, 2 ** 40, ''][seed % 6];
  return leaf(nullable, seed);
}

const makers = new Map<string, Maker>([
  ['Int', (n) => n % 1000],
  ['Float', (n) => n / 7],
  ['Boolean', (n) => n % 2 === 0],
  ['SafeInt', (n) => n * 1000],
  ['DateTime', (n) => new Date(n * 1000)],
  ['JSON', (n) => ({ n, list: [n, null] })],
]);

function leaf(type: GraphQLOutputType, seed: number): unknown {
  if (isEnumType(type)) return type.getValues()[seed % type.getValues().length]?.value;
  const make = isScalarType(type) ? makers.get(type.name) : undefined;
  return make ? make(seed) : `text ${seed % 100}`;
}

/** Fields without resolver are values, getters or functions of the object. */
function node(schema: GraphQLSchema, type: GraphQLObjectType, seed: number, world: World): Node {
  const made = { seed, world };
  for (const field of Object.values(type.getFields())) {
    if (field.resolve) continue;
    const own = hash(`${seed}${field.name}`);
    const get = () => outcome(own, world, field.type, (inner) => value(schema, field.type, inner, world));
    if (own % 3 === 0) Object.defineProperty(made, field.name, { enumerable: true, value: get });
    else Object.defineProperty(made, field.name, { enumerable: true, configurable: true, get });
  }
  return made;
}

/** `make` at once or later; or what goes wrong. */
function outcome(seed: number, world: World, type: GraphQLOutputType, make: Maker): unknown {
  const kind = hash(`${seed} kind`);
  const isLater = world.kind === 'later' || (world.kind === 'lenient' && kind % 3 === 0);
  const act = troubled(seed, world, type) ? () => wrong(kind % 8, seed) : () => make(seed);
  return isLater ? later(kind, act) : act();
}

function wrong(kind: number, seed: number): unknown {
  if (kind === 0) return null;
  if (kind === 1) return undefined;
  if (kind === 2) return new Error('returned');
  if (kind === 3) throw 'no error at all';
  if (kind === 4) throw Object.assign(new Error('with extensions'), { extensions: { code: 'ODD' } });
  if (kind === 5) throw new GraphQLError('of graphql', { extensions: { code: 'FROM_GRAPHQL' } });
  if (kind === 6) throw new GraphQLError('located already', { path: ['else', 'where'] });
  if (kind === 7 && seed % 5 === 0) throw undefined;
  throw new Fault({ code: 'UPSTREAM_TIMEOUT', service: 'compute', status: 504, message: `fault ${seed % 10}` });
}

function wrongItem(seed: number, world: World): unknown {
  if (world.kind === 'lenient' && seed % 3 === 0) return later(seed, () => wrong(seed % 8, seed));
  return seed % 2 === 0 ? null : new Error('an item');
}

function troubled(seed: number, world: World, type: GraphQLOutputType): boolean {
  if (world.kind === 'lenient' && isNonNullType(type)) return false;
  return hash(`${seed} trouble ${world.seed}`) % 100 < world.trouble;
}

/** After one to four turns of the microtask queue. */
async function later(seed: number, make: () => unknown): Promise<unknown> {
  for (let turn = 0; turn < seed % 4; turn += 1) await undefined;
  return make();
}

function hash(text: string): number {
  let state = 2166136261;
  for (let index = 0; index < text.length; index += 1) state = Math.imul(state ^ text.charCodeAt(index), 16777619);
  return (state ^ (state >>> 15)) >>> 0;
}
