import { isPrivileged, type Scope } from '../auth/scope.js';
import type { Cache, ReadPolicy } from '../cache/cache.js';
import type { Place, Reach, Touched } from '../cache/stamps.js';
import type { ResourceName } from '../resource.js';
import type { Rest } from '../rest/rest.js';
import type { AnyResource } from '../services/registry.js';
import type { Collections } from './collections.js';

/** On whose behalf rows are loaded, and with what: one for each GraphQL request. */
export interface Asker {
  readonly scope: Scope;
  readonly rest: Rest;
  readonly cache: Cache;
  readonly policy: ReadPolicy;
  /** Where stamps of this region live. */
  readonly place: (region: string) => Place;
  /** Whose answers may be shared: the part of every cache key that keeps tenants apart. */
  readonly audience: (sharing: 'user' | 'project', region: string) => string;
  /** The operator's TTL for a type (`CACHE_TTL`), seconds. */
  readonly ttlOverride: (type: string) => number | undefined;
  /** Which collections are small enough to be fetched whole; null: none is to be. */
  readonly collections: Collections | null;
}

/** What decides whether this asker's entries may ignore what happens in other projects. */
export function reachOf(asker: Asker, resource: AnyResource): Reach {
  const { scope } = asker;
  return { confined: resource.confined, privileged: isPrivileged(scope), project: scope.project?.id ?? null };
}

/**
 * The types that change with a row of `project`, for the cache. A row of somebody else's project, or one that a privileged
 * asker works on, may be tied to rows of any project: a tenant's server at an admin's port. So may whatever the mutation
 * says (`anyway`).
 */
export function touchedBy(
  asker: Asker,
  types: readonly ResourceName[],
  project: string | null,
  anyway = false,
): readonly Touched[] {
  const everywhere = anyway || isPrivileged(asker.scope) || project !== (asker.scope.project?.id ?? null);
  return types.map((type) => ({ type, projects: [project], everywhere }));
}
