import { inspect } from 'node:util';

/** A value that no log, error, JSON or template string can give away; `reveal()` is the only way to it. */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  /** The value itself: call this only where it goes on the wire or into an HMAC. */
  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return '[secret]';
  }

  toJSON(): string {
    return '[secret]';
  }

  [inspect.custom](): string {
    return '[secret]';
  }
}

/** An id with its name, as Keystone writes users, projects, domains and roles into a token. */
export interface Named {
  readonly id: string;
  readonly name: string;
}

/** A user or project with the domain that owns it. */
export interface InDomain extends Named {
  readonly domain: Named;
}

export type Interface = 'public' | 'internal' | 'admin';

export interface Endpoint {
  readonly region: string;
  readonly interface: Interface;
  readonly url: string;
}

/** One service of the token's catalog. `type` is as the catalog says it, possibly an alias (`volumev3`). */
export interface CatalogService {
  readonly type: string;
  readonly name: string;
  readonly endpoints: readonly Endpoint[];
}

/** Who asks and for what: everything that Keystone says of a valid token. Free of the token's own text but for `token`. */
export interface Scope {
  readonly token: Secret;
  readonly user: InDomain;
  /** At most one of project, domain and system is set; none means an unscoped token. */
  readonly project: InDomain | null;
  readonly domain: Named | null;
  readonly system: boolean;
  readonly roles: readonly Named[];
  readonly isAdminProject: boolean;
  readonly trustId: string | null;
  readonly applicationCredentialId: string | null;
  /** The token may call listed operations only: such a token bypasses the cache. */
  readonly hasAccessRules: boolean;
  readonly catalog: readonly CatalogService[];
  readonly issuedAt: Date;
  readonly expiresAt: Date;
}

/** Roles that, with OpenStack's default policies, never show a row of another project unless it is shared. */
const CONFINED_ROLES = new Set(['member', '_member_', 'reader']);

/**
 * Whether the asker might be shown other projects' rows. Anything but a project scope with only well-known tenant roles
 * counts as privileged: an operator's policy may give a role of any other name such sight.
 */
export function isPrivileged(scope: Scope): boolean {
  return scope.project === null || scope.system || scope.roles.some((role) => !CONFINED_ROLES.has(role.name));
}

/** Whether the asker has the admin role, to which Neutron shows every project's rows by default. */
export function isAdmin(scope: Scope): boolean {
  return scope.roles.some((role) => role.name === 'admin');
}
