import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { audienceOf } from '../../src/auth/audience.js';
import type { Scope } from '../../src/auth/scope.js';
import { scopes } from './scopes.js';

function partsOf(scope: Scope): unknown {
  const { user, project, domain, system, roles, isAdminProject, trustId, applicationCredentialId } = scope;
  const roleIds = [...new Set(roles.map((role) => role.id))].sort();
  const place = [project && [project.id, project.domain.id], domain?.id, system];
  return [user.id, user.domain.id, place, roleIds, isAdminProject, trustId, applicationCredentialId];
}

describe('an audience', () => {
  it('is the same for two askers exactly when all that policies may look at is', () => {
    fc.assert(
      fc.property(scopes, scopes, (a, b) => {
        const same = JSON.stringify(partsOf(a)) === JSON.stringify(partsOf(b));
        expect(audienceOf(a, 'cloud', 'R1', 'user') === audienceOf(b, 'cloud', 'R1', 'user')).toBe(same);
      }),
    );
  });

  it('is another one as soon as one part is', () => {
    fc.assert(
      fc.property(scopes, (scope) => {
        const changed: Scope[] = [
          { ...scope, user: { ...scope.user, id: `${scope.user.id}x` } },
          { ...scope, system: !scope.system },
          { ...scope, isAdminProject: !scope.isAdminProject },
          { ...scope, trustId: `${scope.trustId}x` },
          { ...scope, applicationCredentialId: `${scope.applicationCredentialId}x` },
          { ...scope, roles: [...scope.roles, { id: 'another role', name: 'member' }] },
        ];
        const all = [scope, ...changed].map((one) => audienceOf(one, 'cloud', 'R1', 'user'));
        all.push(audienceOf(scope, 'cloud', 'R2', 'user'), audienceOf(scope, 'other', 'R1', 'user'));
        expect(new Set(all).size).toBe(all.length);
      }),
    );
  });

  it('does not depend on the order of roles, nor on token and time', () => {
    fc.assert(
      fc.property(scopes, (scope) => {
        const other = { ...scope, roles: [...scope.roles].reverse(), issuedAt: new Date(0), catalog: [] };
        expect(audienceOf(other, 'c', 'R1', 'user')).toBe(audienceOf(scope, 'c', 'R1', 'user'));
      }),
    );
  });

  it('leaves the user out where a project shares, and only there', () => {
    fc.assert(
      fc.property(scopes, (scope) => {
        const other = { ...scope, user: { ...scope.user, id: `${scope.user.id}x` } };
        const same = audienceOf(scope, 'c', 'R1', 'project') === audienceOf(other, 'c', 'R1', 'project');
        expect(same).toBe(scope.project !== null);
      }),
    );
  });
});
