import { type DocumentNode, GraphQLError, type ValidationRule } from 'graphql';
import type { Fault } from '../../rest/fault.js';
import { inputDepthOf } from './inputs.js';
import { asRequestError, fixedRefusal, refusal } from './refusal.js';
import { Measurer, type Shape, TooManyLevels } from './shape.js';
import { fixedLimits, type LimitName, type LimitValues } from './table.js';

/**
 * The limits that a document alone can pass, as a rule of validation: Apollo Server validates a document once and then
 * keeps it. It counts on the document itself, before any other rule has gone into it; where a limit is passed, null
 * takes the document out of the walk, and no other rule sees what is in it.
 */
export function documentRule(limits: LimitValues): ValidationRule {
  return (context) => ({
    Document(document) {
      const faults = documentFaults(document, limits);
      for (const fault of faults) context.reportError(asRequestError(fault));
      return faults.length === 0 ? undefined : null;
    },
  });
}

/** One fault for each limit that the document passes. */
export function documentFaults(document: DocumentNode, limits: LimitValues): readonly Fault[] {
  const shape = worstShape(document, limits);
  if (shape === null) return [tooDeep(limits)];
  const found: Partial<Record<LimitName, number>> = {
    MAX_DEPTH: shape.depth,
    MAX_FIELDS: shape.fields,
    MAX_ALIASES: shape.aliases,
    MAX_DIRECTIVES: shape.directives,
    MAX_INTROSPECTIONS: shape.introspections,
    MAX_INTROSPECTION_DEPTH: shape.introspectionDepth,
    MAX_INPUT_DEPTH: inputDepthOf(document, limits.MAX_INPUT_DEPTH),
  };
  const faults = (Object.entries(found) as [LimitName, number][])
    .filter(([name, count]) => count > limits[name])
    .map(([name, count]) => refusal(name, limits[name], Math.min(count, Number.MAX_SAFE_INTEGER)));
  const isMultiplied = shape.introspectionLists > fixedLimits.MAX_INTROSPECTION_LISTS.allowed;
  return isMultiplied ? [...faults, fixedRefusal('MAX_INTROSPECTION_LISTS', shape.introspectionLists)] : faults;
}

/** Fragments inside one another are levels too: so many of them count as one field. */
const LEVELS_PER_FIELD = 4;

/**
 * The largest figures of all operations and fragments, unused ones too, which are validated all the same. Null: fields and
 * fragments are inside one another more often than any query's.
 */
function worstShape(document: DocumentNode, limits: LimitValues): Shape | null {
  const mostLevels = Math.max(limits.MAX_DEPTH, limits.MAX_INTROSPECTION_DEPTH) * LEVELS_PER_FIELD;
  const measurer = new Measurer(document, mostLevels);
  try {
    const shape = document.definitions.map((definition) => measurer.shapeOf(definition)).reduce(worst);
    return shape.levels > mostLevels ? null : shape;
  } catch (error) {
    if (error instanceof TooManyLevels) return null;
    throw error;
  }
}

/** Where counting stopped at the first level too many. */
function tooDeep({ MAX_DEPTH }: LimitValues): Fault {
  return refusal('MAX_DEPTH', MAX_DEPTH, MAX_DEPTH + 1);
}

function worst(one: Shape, other: Shape): Shape {
  const names = Object.keys(one) as (keyof Shape)[];
  return Object.fromEntries(names.map((name) => [name, Math.max(one[name], other[name])])) as unknown as Shape;
}

const TOO_MANY_TOKENS = /^Syntax Error: Document contains more that? \d+ tokens/;
const TOO_MANY_COMPARISONS = 'Validation aborted.';

/**
 * The fault that stands for an error of graphql's own about a bound of its own, which says neither name nor figure; null
 * for all other errors. Tests hold the texts.
 */
export function faultOfLibrary(error: unknown, limits: LimitValues): Fault | null {
  if (!(error instanceof GraphQLError)) return null;
  if (TOO_MANY_TOKENS.test(error.message)) return refusal('MAX_TOKENS', limits.MAX_TOKENS, limits.MAX_TOKENS + 1);
  if (error.message === TOO_MANY_COMPARISONS) {
    return fixedRefusal('MAX_COMPARISONS', fixedLimits.MAX_COMPARISONS.allowed + 1);
  }
  // The parser calls itself for what is inside: it runs out of stack some thousand levels down.
  const isParser = error.extensions['code'] === 'GRAPHQL_PARSE_FAILED';
  return isParser && rootOf(error) instanceof RangeError ? tooDeep(limits) : null;
}

function rootOf(error: unknown): unknown {
  return error instanceof GraphQLError && error.originalError ? rootOf(error.originalError) : error;
}
