import {
  type GraphQLArgument,
  type GraphQLInputType,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  isEnumType,
  isInputObjectType,
  isListType,
} from 'graphql';
import { below, type Dice } from '../support/random-query.js';

/** What is sent in place of a value, whatever the argument's type. */
const WILD: readonly unknown[] = [
  null,
  true,
  0,
  -1,
  1000,
  2 ** 31,
  1e308,
  -0.5,
  '',
  ' ',
  '.',
  '..',
  '../../servers',
  'a/b?c=d#e',
  '%2e%2e%2f',
  '\u0000',
  '\u202e\ud800',
  "'; drop table instances; --",
  '(a+)+$',
  '__proto__',
  'constructor',
  'in:a,b',
  'http://169.254.169.254/',
  '\r\nX-Auth-Token: x',
  '2020-13-45T99:99:99Z',
  '10.0.0.0/999',
  'x'.repeat(300),
  [],
  [[]],
  {},
  { __proto__: null, toString: 1 },
];

const WILD_TEXTS = WILD.filter((value) => typeof value === 'string');

/** How deep inputs go inside one another. */
const DEEPEST = 3;

/** What a document is made of. */
export interface Material {
  readonly schema: GraphQLSchema;
  /** Ids that exist. */
  readonly ids: readonly string[];
  /** Root fields that are never asked for. */
  readonly without: ReadonlySet<string>;
}

/** An operation of one root field, with its arguments in variables. */
export interface Operation {
  readonly query: string;
  readonly variables: Readonly<Record<string, unknown>>;
}

/** Any query or mutation of the schema; most of its arguments are of their types, the others are anything. */
export function anyOperation({ schema, ids, without }: Material, dice: Dice): Operation {
  const kind = dice(3) === 0 ? 'mutation' : 'query';
  const root = (kind === 'query' ? schema.getQueryType() : schema.getMutationType()) as GraphQLObjectType;
  const fields = Object.values(root.getFields()).filter(({ name }) => !without.has(name));
  const field = fields[dice(fields.length)];
  if (field === undefined) throw new Error(`expected fields of ${root.name}`);
  const given = field.args.filter((argument) => isNeeded(argument) || dice(3) === 0);
  const head = given.map(({ name, type }) => `$${name}: ${type}`).join(', ');
  const args = given.map(({ name }) => `${name}: $${name}`).join(', ');
  const call = args === '' ? field.name : `${field.name}(${args})`;
  const selection = below(schema, field, dice, dice(3));
  return {
    query: `${kind}${head === '' ? '' : ` (${head})`} { ${call}${selection} }`,
    variables: Object.fromEntries(given.map(({ name, type }) => [name, anyValue(type, ids, dice, DEEPEST)])),
  };
}

function isNeeded({ type, defaultValue }: GraphQLArgument): boolean {
  return String(type).endsWith('!') && defaultValue === undefined;
}

function anyValue(type: GraphQLInputType, ids: readonly string[], dice: Dice, levels: number): unknown {
  if (dice(8) === 0) return WILD[dice(WILD.length)];
  const inner = getNullableType(type);
  if (isListType(inner))
    return Array.from({ length: dice(4) }, () => anyValue(inner.ofType as GraphQLInputType, ids, dice, levels));
  if (isEnumType(inner)) return inner.getValues()[dice(inner.getValues().length)]?.name;
  if (isInputObjectType(inner)) {
    const fields = Object.values(inner.getFields()).filter(
      ({ type: each }) => String(each).endsWith('!') || (levels > 0 && dice(4) === 0),
    );
    return Object.fromEntries(fields.map(({ name, type: each }) => [name, anyValue(each, ids, dice, levels - 1)]));
  }
  const name = getNamedType(inner).name;
  if (name === 'Boolean') return dice(2) === 0;
  if (name === 'Int' || name === 'SafeInt' || name === 'Float') return dice(1000);
  return dice(2) === 0 ? ids[dice(ids.length)] : WILD_TEXTS[dice(WILD_TEXTS.length)];
}
