import type { Scope, Secret } from '../auth/scope.js';
import type { Cache, Written } from '../cache/cache.js';
import type { IssueTokenInput } from '../generated/types.js';
import type { AnswerContext, Executed, RequestFacts } from '../http/parts.js';
import type { Asker } from '../load/asker.js';
import { Loaders } from '../load/loaders.js';
import { Fault } from '../rest/fault.js';
import type { RestRecord } from '../rest/rest.js';
import type { Shortcuts } from '../shortcuts.js';
import { Budget, withinBudget } from './limits/budget.js';
import type { LimitValues } from './limits/table.js';
import { Notes } from './notes.js';
import { Origins } from './origins.js';
import { Pages } from './pages.js';

/** A token that was just issued. */
export interface Issued {
  readonly token: Secret;
  readonly expiresAt: Date;
  readonly scope: Scope;
}

/** What the graph asks of the auth stage. */
export interface Auth {
  scopeOf(token: Secret, facts: RequestFacts, record: (record: RestRecord) => void): Promise<Scope>;
  issueToken(input: IssueTokenInput, facts: RequestFacts, record: (record: RestRecord) => void): Promise<Issued>;
  revokeToken(asker: Asker): Promise<Written<null>>;
  /** In single-user mode, who the gateway is for requests that carry no token; otherwise null. */
  ownScope(): Promise<Scope | null>;
}

/** What lives as long as the process: made once, at the start. */
export interface Gateway {
  readonly auth: Auth;
  readonly cache: Cache;
  /** `OS_REGION_NAME`; null leaves it to the catalog's only one. */
  readonly defaultRegion: string | null;
  readonly limits: LimitValues;
  readonly shortcuts: Shortcuts;
  askerFor(scope: Scope, facts: RequestFacts, notes: Notes, origins: Origins): Asker;
}

/** One GraphQL operation: who asks, what was loaded, what its answer has to say beside its data. */
export class Context implements AnswerContext {
  readonly gateway: Gateway;
  readonly facts: RequestFacts;
  readonly notes = new Notes();
  readonly origins = new Origins();
  readonly pages = new Pages();
  readonly budget: Budget;
  // Not `#scope`: Apollo Server copies contexts, and copies have no #private members.
  private currentScope: Promise<Scope> | undefined;
  private currentAsker: Promise<Asker> | undefined;
  private currentLoaders: Loaders | undefined;

  constructor(gateway: Gateway, facts: RequestFacts) {
    this.gateway = gateway;
    this.facts = facts;
    this.budget = new Budget(gateway.limits);
  }

  /** Who is behind the request's token; validated once, before anything is read. */
  scope(): Promise<Scope> {
    this.currentScope ??= this.authenticate();
    return this.currentScope;
  }

  asker(): Promise<Asker> {
    this.currentAsker ??= this.scope().then((scope) => this.askerOf(scope));
    return this.currentAsker;
  }

  async loaders(): Promise<Loaders> {
    const asker = await this.asker();
    this.currentLoaders ??= new Loaders(asker);
    return this.currentLoaders;
  }

  /** The loaders, where the asker is known already. */
  get ready(): Loaders | undefined {
    return this.currentLoaders;
  }

  /** Forgets what was loaded: each mutation field begins so, since the one before may have changed it. */
  forget(): void {
    this.currentLoaders = undefined;
  }

  /** Before the operation is executed once more: what it has shown is forgotten, what it has loaded is not. */
  rewind(): void {
    this.notes.rewind();
    this.budget.rewind();
  }

  answerExtensions(): Readonly<Record<string, unknown>> {
    return this.notes.extensions(this.facts.explain);
  }

  executed(operation: Executed): void {
    this.origins.executed = operation;
  }

  private askerOf(scope: Scope): Asker {
    const asker = this.gateway.askerFor(scope, this.facts, this.notes, this.origins);
    return { ...asker, rest: withinBudget(asker.rest, this.budget) };
  }

  private async authenticate(): Promise<Scope> {
    const { auth } = this.gateway;
    const { token } = this.facts;
    const scope =
      token === null
        ? await auth.ownScope()
        : await auth.scopeOf(token, this.facts, (record) => this.notes.rest(record));
    if (scope === null) {
      throw new Fault({
        code: 'UNAUTHENTICATED',
        service: 'identity',
        message: 'Expected a token in X-Auth-Token or Authorization: Bearer, got none. Log in with issueToken.',
      });
    }
    this.origins.scope = scope;
    return scope;
  }
}
