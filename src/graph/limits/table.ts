/** One limit on requests. `docs/security.md` and `docs/configuration.md` show the same, which tests compare. */
export interface LimitRow {
  /** The environment variable that sets it. */
  readonly variable: `LIMIT_${string}`;
  readonly fallback: number;
  readonly least: number;
  readonly most: number;
  readonly example: string;
  /** What is counted, as the documentation and the error say it. */
  readonly counts: string;
  /** What the sender of a refused request can do. */
  readonly remedy: string;
}

/** The limits that an operator can set, in the order in which a request meets them. */
export const limitTable = {
  MAX_BODY_BYTES: {
    variable: 'LIMIT_BODY_BYTES',
    fallback: 1_048_576,
    least: 1024,
    most: 104_857_600,
    example: '262144',
    counts: "bytes of a request's body",
    remedy: 'Send less at once.',
  },
  MAX_TOKENS: {
    variable: 'LIMIT_TOKENS',
    fallback: 10_000,
    least: 500,
    most: 100_000,
    example: '5000',
    counts: 'tokens of a document: names, values and punctuation',
    remedy: 'Split the document, or move values into variables.',
  },
  MAX_DEPTH: {
    variable: 'LIMIT_DEPTH',
    fallback: 15,
    least: 3,
    most: 100,
    example: '10',
    counts: 'fields inside one another',
    remedy: 'Ask for fewer levels of relations in one query.',
  },
  MAX_FIELDS: {
    variable: 'LIMIT_FIELDS',
    fallback: 2000,
    least: 100,
    most: 100_000,
    example: '1000',
    counts: 'fields of an operation, those of a fragment once for each place that spreads it',
    remedy: 'Ask for fewer fields, or spread fragments in fewer places.',
  },
  MAX_ALIASES: {
    variable: 'LIMIT_ALIASES',
    fallback: 100,
    least: 0,
    most: 10_000,
    example: '30',
    counts: 'aliases of an operation, those of a fragment once for each place that spreads it',
    remedy: 'Split the operation, or ask for a list with a filter.',
  },
  MAX_DIRECTIVES: {
    variable: 'LIMIT_DIRECTIVES',
    fallback: 100,
    least: 0,
    most: 10_000,
    example: '30',
    counts: 'directives of an operation, those of a fragment once for each place that spreads it',
    remedy: 'Leave fields out instead of skipping them.',
  },
  MAX_INTROSPECTIONS: {
    variable: 'LIMIT_INTROSPECTIONS',
    fallback: 2,
    least: 0,
    most: 100,
    example: '0',
    counts: '`__schema` and `__type` fields of an operation; 0 refuses introspection',
    remedy: 'Ask once, or read the schema from `/schema.graphql`.',
  },
  MAX_INTROSPECTION_DEPTH: {
    variable: 'LIMIT_INTROSPECTION_DEPTH',
    fallback: 20,
    least: 1,
    most: 50,
    example: '15',
    counts: 'fields inside one another below `__schema` or `__type`',
    remedy: 'Ask for fewer levels of `ofType`; nine are enough for every type.',
  },
  MAX_INPUT_DEPTH: {
    variable: 'LIMIT_INPUT_DEPTH',
    fallback: 20,
    least: 4,
    most: 100,
    example: '10',
    counts: 'lists and objects inside one another in a variable, a value or the type of a variable',
    remedy: 'Send flatter values.',
  },
  MAX_INPUT_VALUES: {
    variable: 'LIMIT_INPUT_VALUES',
    fallback: 5000,
    least: 100,
    most: 1_000_000,
    example: '1000',
    counts: 'values in all variables together, each list and object with what is in it',
    remedy: 'Send shorter lists, in several requests.',
  },
  MAX_CALLS: {
    variable: 'LIMIT_CALLS',
    fallback: 1000,
    least: 10,
    most: 1_000_000,
    example: '300',
    counts: 'REST calls that the operation can cause',
    remedy: 'Ask for fewer rows (`first`), fewer `@perRow` fields or fewer relations at once.',
  },
  MAX_NODES: {
    variable: 'LIMIT_NODES',
    fallback: 500_000,
    least: 1000,
    most: 100_000_000,
    example: '100000',
    counts: 'rows that the answer can hold, each as often as it is shown',
    remedy: 'Ask for fewer rows (`first`), or for fewer relations inside relations.',
  },
} as const satisfies Record<string, LimitRow>;

/** A limit that can be set. */
export type LimitName = keyof typeof limitTable;

/** Limits that are what they are. */
export const fixedLimits = {
  MAX_BATCH: {
    allowed: 1,
    counts: 'operations of a request',
    remedy: 'Send each operation in a request of its own, or all as fields of one operation.',
  },
  MAX_INTROSPECTION_LISTS: {
    allowed: 3,
    counts: "introspection's lists (types, fields, args, …) inside one another",
    remedy: 'Ask for the types at the top, not for those of fields of fields.',
  },
  MAX_COMPARISONS: {
    allowed: 500_000,
    counts: "steps of GraphQL's check that fields of one name can be merged",
    remedy: 'Ask for each field once.',
  },
} as const;

/** A limit that cannot be set. */
export type FixedLimitName = keyof typeof fixedLimits;

/** What is allowed, as the configuration says. */
export type LimitValues = Readonly<Record<LimitName, number>>;

/** The limits of a gateway that nobody configured. */
export const defaultLimits: LimitValues = Object.freeze(
  Object.fromEntries(Object.entries(limitTable).map(([name, { fallback }]) => [name, fallback])) as LimitValues,
);
