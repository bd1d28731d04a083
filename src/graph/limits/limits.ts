import {
  type DocumentNode,
  type GraphQLSchema,
  getVariableValues,
  type OperationDefinitionNode,
  type ValidationRule,
} from 'graphql';
import { badInput, Fault } from '../../rest/fault.js';
import { conditionVariables } from '../compiled/document.js';
import { RecentlyUsed } from '../compiled/recent.js';
import type { Notes } from '../notes.js';
import { type Cost, costOf } from './cost.js';
import { documentRule, faultOfLibrary } from './document.js';
import { checkVariables } from './inputs.js';
import { asRequestError, fixedRefusal, refusal } from './refusal.js';
import { fragmentsOf } from './shape.js';
import type { LimitValues } from './table.js';

/** The limits on requests of one gateway, in the order in which a request meets them. */
export class QueryLimits {
  readonly bodyBytes: number;
  readonly tokens: number;
  /** For Apollo Server, beside GraphQL's own rules. */
  readonly rule: ValidationRule;
  readonly #schema: GraphQLSchema;
  readonly #values: LimitValues;
  /** Costs of queries by their variables: a client asks the same operation again and again. */
  readonly #known = new WeakMap<OperationDefinitionNode, RecentlyUsed<Cost>>();

  constructor(schema: GraphQLSchema, values: LimitValues) {
    this.#schema = schema;
    this.#values = values;
    this.bodyBytes = values.MAX_BODY_BYTES;
    this.tokens = values.MAX_TOKENS;
    this.rule = documentRule(values);
  }

  bodyTooLarge(bytes: number): Fault {
    return refusal('MAX_BODY_BYTES', this.bodyBytes, Math.max(bytes, this.bodyBytes + 1));
  }

  batch(operations: number): Fault {
    return fixedRefusal('MAX_BATCH', operations);
  }

  /** The fault that stands for an error of graphql about a bound of its own; null for others. */
  faultOf(error: unknown): Fault | null {
    return faultOfLibrary(error, this.#values);
  }

  /**
   * Notes what the operation can cost; throws where that, or what its variables hold, is more than allowed. Nothing has
   * been called until then.
   */
  admit(
    document: DocumentNode,
    operation: OperationDefinitionNode,
    variables: unknown,
    { notes }: { readonly notes: Notes },
  ): void {
    try {
      checkVariables(variables, this.#values);
      const cost = this.#costOf(document, operation, variables);
      const { MAX_CALLS: allowedCalls, MAX_NODES: allowedNodes } = this.#values;
      notes.cost({ ...cost, allowedCalls, allowedNodes });
      if (cost.calls > allowedCalls) throw refusal('MAX_CALLS', allowedCalls, cost.calls);
      if (cost.nodes > allowedNodes) throw refusal('MAX_NODES', allowedNodes, cost.nodes);
    } catch (error) {
      throw error instanceof Fault ? asRequestError(error) : error;
    }
  }

  #costOf(document: DocumentNode, operation: OperationDefinitionNode, variables: unknown): Cost {
    const definitions = operation.variableDefinitions ?? [];
    const given = (variables ?? {}) as { readonly [name: string]: unknown };
    const { coerced } = getVariableValues(this.#schema, definitions, given, { maxErrors: 1 });
    // Variables that do not fit are execution's to refuse, before it asks anything.
    if (coerced === undefined) return FREE;
    checkConditions(document, coerced);
    const reckon = () => costOf(this.#schema, fragmentsOf(document), operation, coerced);
    // Mutations may bring passwords, which nobody keeps.
    if (operation.operation !== 'query') return reckon();
    const key = JSON.stringify(coerced);
    if (key.length > LONGEST_KEY) return reckon();
    let known = this.#known.get(operation);
    if (known === undefined) {
      known = new RecentlyUsed(KNOWN_COSTS);
      this.#known.set(operation, known);
    }
    return known.use(key, reckon);
  }
}

/**
 * GraphQL lets a variable that has a default be null where null is not allowed, and says so wherever execution comes to it.
 * Among the items of a list that leaves rejections unhandled (graphql-js 16, `completeListValue`): hence before execution.
 */
function checkConditions(document: DocumentNode, coerced: Readonly<Record<string, unknown>>): void {
  for (const name of conditionVariables(document)) {
    if (coerced[name] !== null) continue;
    throw badInput(`$${name}`, 'true or false, as @skip and @include take nothing else', null);
  }
}

/** For each operation. */
const KNOWN_COSTS = 50;
/** Variables beyond that are rarely sent twice. */
const LONGEST_KEY = 1000;

const FREE: Cost = { calls: 0, nodes: 0 };
