import type { GraphQLResolveInfo } from 'graphql';
import type { Named, Scope } from '../auth/scope.js';
import type { MutationIssueTokenArgs } from '../generated/types.js';
import { Fault } from '../rest/fault.js';
import { everyPage } from '../rest/pages.js';
import type { Page } from '../rest/rest.js';
import { services } from '../rest/services.js';
import type { Context } from './context.js';

/** The resolvers that are about the asker rather than about a resource. Nothing of them is ever cached. */
export const identityResolvers = {
  Query: {
    me: async (_root: unknown, _args: unknown, context: Context) => {
      const asker = await context.asker();
      return { ...whoOf(asker.scope), issuedAt: asker.scope.issuedAt, expiresAt: asker.scope.expiresAt };
    },
  },
  Me: {
    roles: async (_me: unknown, _args: unknown, context: Context) => (await context.asker()).scope.roles,
    projects: reachableProjects,
    services: async (_me: unknown, _args: unknown, context: Context) => {
      const { rest } = await context.asker();
      return Object.keys(services)
        .map((type) => ({ type, regions: rest.regionsOf(type) }))
        .filter(({ regions }) => regions.length > 0);
    },
  },
  Mutation: {
    issueToken: async (
      _root: unknown,
      { input }: MutationIssueTokenArgs,
      context: Context,
      info: GraphQLResolveInfo,
    ) => {
      refuseSecondLogin(info);
      const { auth } = context.gateway;
      const issued = await auth.issueToken(input, context.facts, (record) => context.notes.rest(record));
      const { scope, expiresAt, token } = issued;
      return { ...whoOf(scope), roles: scope.roles.map((role) => role.name), expiresAt, token: token.reveal() };
    },
    revokeToken: async (_root: unknown, _args: unknown, context: Context) => {
      const asker = await context.asker();
      const written = await context.gateway.auth.revokeToken(asker);
      if (written.unconfirmed.length > 0) context.notes.unconfirmed(['Token']);
      return { revoked: true };
    },
  },
};

function whoOf({ user, project, domain, system }: Scope): Readonly<Record<string, unknown>> {
  return { user, project, domain, system };
}

/** GET /v3/auth/projects: what the user could re-scope to, allowed to every token. */
async function reachableProjects(_me: unknown, _args: unknown, context: Context): Promise<readonly unknown[]> {
  const { rest } = await context.asker();
  const [region = ''] = rest.regionsOf('identity');
  const projects: Page['rows'][number][] = [];
  for await (const { rows } of everyPage(rest, { service: 'identity', region, path: '/auth/projects' }, 'projects')) {
    projects.push(...rows);
  }
  return projects.map(({ id, name, domain_id: domainId }) => ({ id, name, domain: domainOf(domainId) }));
}

function domainOf(id: unknown): Partial<Named> | null {
  return typeof id === 'string' ? { id } : null;
}

/** Aliases would otherwise make one request a thousand guesses at a password. */
function refuseSecondLogin(info: GraphQLResolveInfo): void {
  const { selectionSet } = info.operation;
  const logins = selectionSet.selections.filter(
    (selection) => selection.kind !== 'Field' || selection.name.value === 'issueToken',
  );
  if (logins.length <= 1) return;
  throw new Fault({
    code: 'BAD_USER_INPUT',
    argument: 'issueToken',
    message: `issueToken: expected one per operation and no fragments beside it, got ${logins.length}`,
  });
}
