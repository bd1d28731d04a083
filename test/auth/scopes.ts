import fc from 'fast-check';
import { type Scope, Secret } from '../../src/auth/scope.js';

const id = fc.oneof(fc.constantFrom('a', 'b', 'a","b'), fc.string({ minLength: 1 }));
const named = fc.record({ id, name: fc.string({ minLength: 1 }) });
const inDomain = fc.record({ id, name: fc.string({ minLength: 1 }), domain: named });
const time = fc.date({
  min: new Date('2020-01-01T00:00:00Z'),
  max: new Date('2090-01-01T00:00:00Z'),
  noInvalidDate: true,
});
const endpoint = fc.record({
  region: fc.constantFrom('R1', 'R2'),
  interface: fc.constantFrom('public' as const, 'internal' as const, 'admin' as const),
  url: fc.webUrl(),
});
const service = fc.record({
  type: fc.constantFrom('compute', 'volumev3'),
  name: fc.string(),
  endpoints: fc.array(endpoint, { maxLength: 3 }),
});

const target = fc.oneof(
  fc.record({ project: inDomain, domain: fc.constant(null), system: fc.constant(false) }),
  fc.record({ project: fc.constant(null), domain: named, system: fc.constant(false) }),
  fc.record({ project: fc.constant(null), domain: fc.constant(null), system: fc.boolean() }),
);

const credential = fc.oneof(
  fc.constant({ applicationCredentialId: null, hasAccessRules: false }),
  fc.record({ applicationCredentialId: id, hasAccessRules: fc.boolean() }),
);

const rest = fc.record({
  token: fc.constant(new Secret('token-of-the-test')),
  user: inDomain,
  roles: fc.array(named, { maxLength: 3 }),
  isAdminProject: fc.boolean(),
  trustId: fc.option(id),
  catalog: fc.array(service, { maxLength: 3 }),
  issuedAt: time,
  expiresAt: time,
});

/** Any scope that Keystone could give. */
export const scopes: fc.Arbitrary<Scope> = fc
  .tuple(rest, target, credential)
  .map(([a, b, c]) => ({ ...a, ...b, ...c }));

/** Keystone's body for a token of alice in demo-a. */
export function aliceBody(expiresAt: string): { token: Record<string, unknown> } {
  const domain = { id: 'default', name: 'Default' };
  return {
    token: {
      methods: ['password'],
      user: { id: 'u1', name: 'alice', domain, password_expires_at: null },
      project: { id: 'p1', name: 'demo-a', domain },
      is_domain: false,
      roles: [{ id: 'r1', name: 'member' }],
      catalog: [
        {
          id: 's1',
          type: 'compute',
          name: 'nova',
          endpoints: [
            { id: 'e1', interface: 'public', region_id: 'R1', region: 'R1', url: 'http://c/v2.1' },
            { id: 'e2', interface: 'odd', region_id: 'R1', region: 'R1', url: 'http://c/v2.1' },
            { id: 'e3', interface: 'admin', region_id: 'R1', region: 'R1', url: null },
          ],
        },
      ],
      issued_at: '2026-01-01T00:00:00.000000Z',
      expires_at: expiresAt,
    },
  };
}
