import {
  type DocumentNode,
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLNamedType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  isRequiredArgument,
  isRequiredInputField,
  parse,
  validate,
} from 'graphql';

/** A whole number from 0 to below `below`. */
export type Choose = (below: number) => number;

export interface Asked {
  readonly source: string;
  readonly document: DocumentNode;
  readonly variables: Readonly<Record<string, unknown>>;
}

/** A query of `schema` with all that a client may write, or null where what came out is not valid. */
export function randomQuery(schema: GraphQLSchema, choose: Choose, depth = 4): Asked | null {
  const writer = new Writer(schema, choose);
  const query = schema.getQueryType();
  if (!query) throw new Error('expected a query type');
  const body = writer.selections(query, depth);
  const source = `query Random${writer.definitions()} ${body}\n${writer.fragments.join('\n')}`;
  const document = parse(source);
  return validate(schema, document).length === 0 ? { source, document, variables: writer.variables } : null;
}

const scalars = new Map<string, (choose: Choose) => unknown>([
  ['Int', (choose) => 1 + choose(4)],
  ['SafeInt', (choose) => choose(5)],
  ['Float', (choose) => choose(5)],
  ['Boolean', (choose) => choose(2) === 0],
  ['ID', (choose) => `00000000-0000-4000-8000-00000000000${choose(10)}`],
  ['DateTime', () => '2026-01-01T00:00:00Z'],
]);

class Writer {
  readonly fragments: string[] = [];
  readonly variables: Record<string, unknown> = {};
  readonly #known = new Map<string, string[]>();
  readonly #definitions: string[] = [];
  readonly #schema: GraphQLSchema;
  readonly #choose: Choose;
  #names = 0;

  constructor(schema: GraphQLSchema, choose: Choose) {
    this.#schema = schema;
    this.#choose = choose;
  }

  definitions(): string {
    return this.#definitions.length === 0 ? '' : `(${this.#definitions.join(', ')})`;
  }

  selections(type: GraphQLNamedType, depth: number): string {
    const count = 1 + this.#choose(4);
    const chosen = Array.from({ length: count }, () => this.#selection(type, depth));
    return `{ ${chosen.join(' ')} }`;
  }

  #selection(type: GraphQLNamedType, depth: number): string {
    const kind = this.#choose(10);
    if (kind === 0) return `__typename${this.#directives()}`;
    if (depth > 0 && kind === 1) return `...${this.#condition(type)}${this.#directives()} ${this.#inner(type, depth)}`;
    if (depth > 0 && kind === 2) return `...${this.#fragment(type, depth)}${this.#directives()}`;
    if (isAbstractType(type) && depth > 0 && kind < 7) {
      const member = this.#pick(this.#schema.getPossibleTypes(type));
      return `... on ${member.name}${this.#directives()} ${this.selections(member, depth - 1)}`;
    }
    return this.#field(type, depth);
  }

  #inner(type: GraphQLNamedType, depth: number): string {
    return this.selections(type, depth - 1);
  }

  #condition(type: GraphQLNamedType): string {
    return this.#choose(2) === 0 ? '' : ` on ${type.name}`;
  }

  /** A new fragment, or one that is spread already. */
  #fragment(type: GraphQLNamedType, depth: number): string {
    const known = this.#known.get(type.name) ?? [];
    if (known.length > 0 && this.#choose(2) === 0) return this.#pick(known);
    this.#names += 1;
    const name = `F${this.#names}`;
    this.fragments.push(`fragment ${name} on ${type.name} ${this.selections(type, depth - 1)}`);
    this.#known.set(type.name, [...known, name]);
    return name;
  }

  #field(type: GraphQLNamedType, depth: number): string {
    if (!isObjectType(type) && !isInterfaceType(type)) return '__typename';
    const all = Object.values(type.getFields());
    const leaves = all.filter((field) => isLeafType(getNamedType(field.type)));
    const among = depth > 0 || leaves.length === 0 ? all : leaves;
    const field = this.#pick(among);
    const inner = getNamedType(field.type);
    const own = field as GraphQLField<unknown, unknown>;
    const args = this.#arguments(own);
    const below = isLeafType(inner) ? '' : ` ${depth > 0 ? this.selections(inner, depth - 1) : '{ __typename }'}`;
    return `${this.#alias(args)}${field.name}${args}${this.#directives()}${below}`;
  }

  #alias(args: string): string {
    if (args === '' && this.#choose(4) > 0) return '';
    this.#names += 1;
    return `alias_${this.#names}: `;
  }

  #arguments(field: GraphQLField<unknown, unknown>): string {
    const given = field.args.filter((arg) => isRequiredArgument(arg) || this.#choose(3) === 0);
    return given.length === 0 ? '' : `(${given.map((arg) => this.#argument(arg)).join(', ')})`;
  }

  #argument(arg: GraphQLArgument): string {
    return `${arg.name}: ${this.#choose(3) === 0 ? this.#variable(arg.type, arg.name) : this.#literal(arg.type, arg.name)}`;
  }

  /** Given, left to its default, or missing; now and then of the wrong type. */
  #variable(type: GraphQLInputType, hint: string): string {
    this.#names += 1;
    const name = `v${this.#names}`;
    const hasDefault = this.#choose(4) === 0 && !isNonNullType(type);
    this.#definitions.push(`$${name}: ${String(type)}${hasDefault ? ` = ${this.#literal(type, hint, false)}` : ''}`);
    const fate = this.#choose(30);
    if (fate === 0) this.variables[name] = { wrong: true };
    else if (fate === 1) this.variables[name] = null;
    else if (isNonNullType(type) || fate > 8) this.variables[name] = this.#value(type, hint);
    return `$${name}`;
  }

  #literal(type: GraphQLInputType, hint: string, mayVary = true): string {
    if (isNonNullType(type)) return this.#literal(type.ofType, hint, mayVary);
    if (this.#choose(12) === 0) return mayVary && this.#choose(2) === 0 ? this.#variable(type, hint) : 'null';
    if (isListType(type)) {
      const items = Array.from({ length: this.#choose(3) }, () => this.#literal(type.ofType, hint, mayVary));
      return `[${items.join(', ')}]`;
    }
    if (!isInputObjectType(type))
      return isEnumType(type) ? this.#enum(type.getValues()) : JSON.stringify(this.#value(type, hint));
    const fields = Object.values(type.getFields()).filter(
      (field) => isRequiredInputField(field) || this.#choose(4) === 0,
    );
    return `{${fields.map((field) => `${field.name}: ${this.#literal(field.type, field.name, mayVary)}`).join(', ')}}`;
  }

  #value(type: GraphQLInputType, hint: string): unknown {
    if (isNonNullType(type)) return this.#value(type.ofType, hint);
    if (isListType(type)) return Array.from({ length: this.#choose(3) }, () => this.#value(type.ofType, hint));
    if (isEnumType(type)) return this.#enum(type.getValues());
    if (isInputObjectType(type)) {
      const fields = Object.values(type.getFields()).filter(
        (field) => isRequiredInputField(field) || this.#choose(4) === 0,
      );
      return Object.fromEntries(fields.map((field) => [field.name, this.#value(field.type, field.name)]));
    }
    return (scalars.get(type.name) ?? (() => `text ${this.#choose(3)}`))(this.#choose);
  }

  #enum(values: readonly { readonly name: string }[]): string {
    return this.#pick(values).name;
  }

  #directives(): string {
    const kind = this.#choose(12);
    if (kind > 2) return '';
    const one = () => `@${this.#choose(2) === 0 ? 'skip' : 'include'}(if: ${this.#conditionValue()})`;
    return kind > 0 ? ` ${one()}` : ` @skip(if: ${this.#conditionValue()}) @include(if: ${this.#conditionValue()})`;
  }

  /** Never null, which limits refuse before anything is executed. */
  #conditionValue(): string {
    const kind = this.#choose(4);
    if (kind === 0) return this.#choose(2) === 0 ? 'true' : 'false';
    const name = `if${kind}`;
    const definition = kind === 3 ? `$${name}: Boolean = true` : `$${name}: Boolean!`;
    if (this.#definitions.includes(definition)) return `$${name}`;
    this.#definitions.push(definition);
    const isLeftToDefault = kind === 3 && this.#choose(6) === 0;
    if (!isLeftToDefault) this.variables[name] = this.#choose(2) === 0;
    return `$${name}`;
  }

  #pick<T>(among: readonly T[]): T {
    const found = among[this.#choose(among.length)];
    if (found === undefined) throw new Error('expected something to choose from, got nothing');
    return found;
  }
}
