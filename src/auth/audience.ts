import type { Scope } from './scope.js';

/**
 * Who may share a cached row: everybody for whom this text is the same. JSON, so that no two different askers can be
 * written alike. `sharing: 'project'` leaves the user out, for types whose answers upstream policy makes independent of it.
 */
export function audienceOf(scope: Scope, cloud: string, region: string, sharing: 'user' | 'project'): string {
  let known = audiences.get(scope);
  if (known === undefined) {
    known = new Map();
    audiences.set(scope, known);
  }
  const name = [sharing, region, cloud].join('\0');
  let audience = known.get(name);
  if (audience === undefined) {
    audience = textOf(scope, cloud, region, sharing);
    known.set(name, audience);
  }
  return audience;
}

/** Scopes are kept for seconds, and every look-up names its audience. */
const audiences = new WeakMap<Scope, Map<string, string>>();

function textOf(scope: Scope, cloud: string, region: string, sharing: 'user' | 'project'): string {
  const { project, domain, system, roles, isAdminProject, trustId, applicationCredentialId, user } = scope;
  return JSON.stringify([
    cloud,
    region,
    project === null ? null : [project.domain.id, project.id],
    domain === null ? null : domain.id,
    system,
    [...new Set(roles.map((role) => role.id))].sort(),
    isAdminProject,
    trustId,
    applicationCredentialId,
    // Without a project there is nothing to share within.
    sharing === 'project' && project !== null ? null : [user.domain.id, user.id],
  ]);
}
