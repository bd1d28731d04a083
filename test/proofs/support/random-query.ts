import {
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  isAbstractType,
  isEnumType,
  isInputObjectType,
  isLeafType,
  isNonNullType,
  isObjectType,
} from 'graphql';

/** Gives whole numbers below `most`, one after the other; the same ones again for the same test case. */
export type Dice = (most: number) => number;

/** Ids and names that exist, by type. */
export type Known = ReadonlyMap<string, readonly { readonly id: string; readonly name?: string | null }[]>;

/** A dice from a list of numbers, gone through again and again. */
export function diceOf(numbers: readonly number[]): Dice {
  let at = 0;
  return (most) => (numbers[at++ % numbers.length] ?? 0) % most;
}

/** A query of the schema that the dice choose; every object tells its `__typename`. */
export function randomQuery(schema: GraphQLSchema, known: Known, dice: Dice): string {
  const query = schema.getQueryType();
  if (!query) throw new Error('expected a schema with queries');
  const roots = Object.values(query.getFields());
  const chosen = Array.from({ length: 1 + dice(3) }, (_, index) => {
    const field = roots[dice(roots.length)] as GraphQLField<unknown, unknown>;
    return `r${index}: ${field.name}${argumentsOf(field, known, dice)}${below(schema, field, dice, 1 + dice(3))}`;
  });
  return `{ ${chosen.join(' ')} }`;
}

/** A selection of so many levels below `field`; nothing where it has none. */
export function below(
  schema: GraphQLSchema,
  field: GraphQLField<unknown, unknown>,
  dice: Dice,
  levels: number,
): string {
  const type = getNamedType(field.type);
  if (isLeafType(type)) return '';
  if (!isAbstractType(type)) return isObjectType(type) ? ` { __typename ${inside(schema, type, dice, levels)} }` : '';
  const members = schema
    .getPossibleTypes(type)
    .map((member) => `... on ${member.name} { __typename ${inside(schema, member, dice, levels)} }`);
  return ` { ${members.join(' ')} }`;
}

/** Some fields of an object. What only leads to rows (`nodes`) is no level of its own. */
function inside(schema: GraphQLSchema, type: GraphQLObjectType, dice: Dice, levels: number): string {
  const fields = Object.values(type.getFields());
  const isPage = type.name.endsWith('Connection') || type.name.endsWith('Edge');
  const chosen = isPage
    ? fields.filter((field) => field.name !== 'pageInfo' && dice(3) > 0)
    : pick(fields, dice, 1 + dice(4));
  return chosen
    .filter((field) => levels > 0 || isLeafType(getNamedType(field.type)))
    .map((field) => `${field.name}${below(schema, field, dice, isPage ? levels : levels - 1)}`)
    .join(' ');
}

/** Relations rather than plain fields: they are what costs. */
function pick<T extends GraphQLField<unknown, unknown>>(fields: readonly T[], dice: Dice, count: number): readonly T[] {
  const related = fields.filter((field) => !isLeafType(getNamedType(field.type)));
  const from = related.length > 0 && dice(4) > 0 ? related : fields;
  return [...new Set(Array.from({ length: count }, () => from[dice(from.length)] as T))];
}

function argumentsOf(field: GraphQLField<unknown, unknown>, known: Known, dice: Dice): string {
  const rows = known.get(getNamedType(field.type).name.replace(/Connection$/, '')) ?? [];
  const row = rows[dice(Math.max(1, rows.length))];
  const given = field.args.flatMap((argument) => {
    if (argument.name === 'id') return [`id: ${JSON.stringify(row?.id ?? 'none')}`];
    if (argument.name === 'first') return [`first: ${[1, 3, 20, 100, 1000][dice(5)]}`];
    if (argument.name === 'allProjects' && dice(3) === 0) return ['allProjects: true'];
    if (argument.name !== 'filter' || dice(2) === 0) return [];
    const filter = filterOf(getNullableType(argument.type), row, dice);
    return filter === '' ? [] : [`filter: { ${filter} }`];
  });
  return given.length > 0 ? `(${given.join(', ')})` : '';
}

/** One field of a filter, with a value that some row may have. */
function filterOf(
  type: unknown,
  row: { readonly id: string; readonly name?: string | null } | undefined,
  dice: Dice,
): string {
  if (!isInputObjectType(type)) return '';
  const fields = Object.values(type.getFields());
  const field = fields[dice(fields.length)];
  if (!field) return '';
  const inner = getNamedType(field.type);
  const isList = String(isNonNullType(field.type) ? field.type.ofType : field.type).startsWith('[');
  const value = isEnumType(inner)
    ? String(inner.getValues()[dice(inner.getValues().length)]?.name)
    : inner.name === 'Boolean'
      ? String(dice(2) === 0)
      : inner.name === 'Int'
        ? String(dice(10))
        : inner.name === 'TimeRange'
          ? '{ since: "2020-01-01T00:00:00Z", before: "2099-01-01T00:00:00Z" }'
          : inner.name === 'KeyValueInput'
            ? '{ key: "a", value: "b" }'
            : inner.name === 'DateTime'
              ? '"2020-01-01T00:00:00Z"'
              : JSON.stringify(field.name.endsWith('Id') ? row?.id : (row?.name ?? 'none'));
  return `${field.name}: ${isList ? `[${value}]` : value}`;
}
