import type { Credentials } from './clouds.js';
import type { Issued, Issuer } from './issue.js';
import type { IssueInput, ScopeInput } from './issue-input.js';
import type { Scope } from './scope.js';

/** The gateway's own log-in in single-user mode. */
export interface Self {
  /** A scope that is valid for some time yet; logs in where there is none, once for all who wait. */
  scope(): Promise<Scope>;
  /** A service refused the token: the next `scope()` logs in anew. */
  forget(): void;
}

/** A token is renewed when this share of its life is left: a query that begins now ends before the token does. */
const RENEW_AT = 0.1;

/** Milliseconds before the end at which it is renewed at the latest, unless its whole life is shorter. */
const RENEW_MS = 5 * 60_000;

export function createSelf(credentials: Credentials, issuer: Issuer, now: () => number = Date.now): Self {
  let current: Issued | null = null;
  let flight: Promise<Issued> | null = null;
  const login = async (): Promise<Issued> => {
    try {
      current = await issuer.issueToken(inputOf(credentials), { address: 'self' });
      return current;
    } finally {
      flight = null;
    }
  };
  return {
    async scope() {
      if (current !== null && now() < renewalOf(current)) return current.scope;
      flight ??= login();
      return (await flight).scope;
    },
    forget() {
      current = null;
    },
  };
}

function renewalOf({ scope, expiresAt }: Issued): number {
  const life = expiresAt.getTime() - scope.issuedAt.getTime();
  const early = Math.max(life * RENEW_AT, Math.min(RENEW_MS, life / 2));
  return expiresAt.getTime() - early;
}

/** The credentials of a clouds.yaml as input of `issueToken`. */
export function inputOf(credentials: Credentials): IssueInput {
  const { username, userId, userDomainName, userDomainId } = credentials;
  const user = userId !== null ? { userId } : { username, ...domainOf('userDomain', userDomainId, userDomainName) };
  switch (credentials.method) {
    case 'password':
      return {
        password: { ...user, password: credentials.password?.reveal() ?? '' },
        scope: scopeInputOf(credentials),
      };
    case 'token':
      return { token: credentials.token?.reveal() ?? '', scope: scopeInputOf(credentials) };
    case 'applicationCredential': {
      const { applicationCredentialId: id, applicationCredentialName: name, applicationCredentialSecret } = credentials;
      const secret = applicationCredentialSecret?.reveal() ?? '';
      return { applicationCredential: id !== null ? { id, secret } : { name, secret, ...user } };
    }
  }
}

function domainOf<P extends string>(place: P, id: string | null, name: string | null): Record<string, string> {
  if (id !== null) return { [`${place}Id`]: id };
  return name === null ? {} : { [`${place}Name`]: name };
}

function scopeInputOf(credentials: Credentials): ScopeInput | null {
  const { projectId, projectName, projectDomainId, projectDomainName, domainId, domainName, system, trustId } =
    credentials;
  if (trustId !== null) return { trustId };
  if (projectId !== null) return { projectId };
  if (projectName !== null) return { projectName, ...domainOf('projectDomain', projectDomainId, projectDomainName) };
  if (system) return { system };
  if (domainId !== null) return { domainId };
  return domainName === null ? null : { domainName };
}
