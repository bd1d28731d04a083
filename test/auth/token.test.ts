import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Secret } from '../../src/auth/scope.js';
import { parseToken, tokenBodyOf } from '../../src/auth/token.js';
import { Fault } from '../../src/rest/fault.js';
import { aliceBody, scopes } from './scopes.js';

const token = new Secret('token-of-the-test');
const body = aliceBody('2026-01-01T04:00:00.000000Z');

describe("Keystone's token", () => {
  it('becomes a scope, less the endpoints that no call could use', () => {
    const scope = parseToken(token, body);
    expect(scope).toMatchObject({
      user: { name: 'alice', domain: { name: 'Default' } },
      project: { name: 'demo-a' },
      domain: null,
      system: false,
      isAdminProject: true,
      hasAccessRules: false,
      expiresAt: new Date('2026-01-01T04:00:00Z'),
    });
    expect(scope.catalog).toEqual([
      { type: 'compute', name: 'nova', endpoints: [{ region: 'R1', interface: 'public', url: 'http://c/v2.1' }] },
    ]);
  });

  it('may be for a domain, the system, or nothing', () => {
    const { project: _, catalog: __, roles: ___, ...unscoped } = body.token;
    expect(parseToken(token, { token: unscoped })).toMatchObject({
      project: null,
      domain: null,
      system: false,
      roles: [],
      catalog: [],
    });
    expect(parseToken(token, { token: { ...unscoped, system: { all: true } } }).system).toBe(true);
    const domain = { id: 'd', name: 'D' };
    expect(parseToken(token, { token: { ...unscoped, domain } }).domain).toEqual(domain);
  });

  it('may come from a trust or an application credential, with access rules or not', () => {
    const more = {
      'OS-TRUST:trust': { id: 't1' },
      application_credential: { id: 'c1', access_rules: [{ path: '/' }] },
    };
    const scope = parseToken(token, { token: { ...body.token, ...more } });
    expect(scope).toMatchObject({ trustId: 't1', applicationCredentialId: 'c1', hasAccessRules: true });
    const plain = parseToken(token, { token: { ...body.token, application_credential: { id: 'c1' } } });
    expect(plain.hasAccessRules).toBe(false);
  });

  it.each(['user', 'issued_at', 'expires_at'])('without %s is a fault of Keystone', (key) => {
    const { [key]: _, ...less } = body.token;
    expect(() => parseToken(token, { token: less })).toThrow(
      expect.objectContaining({ code: 'UPSTREAM_UNAVAILABLE', service: 'identity' }),
    );
  });

  it('with two scopes is a fault', () => {
    expect(() => parseToken(token, { token: { ...body.token, system: { all: true } } })).toThrow(Fault);
  });

  it('is a scope or a fault, whatever is put in place of any part', () => {
    const keys = fc.constantFrom(
      ...Object.keys(body.token),
      'domain',
      'system',
      'OS-TRUST:trust',
      'application_credential',
    );
    fc.assert(
      fc.property(keys, fc.jsonValue(), (key, value) => {
        try {
          parseToken(token, { token: { ...body.token, [key]: value } });
          return true;
        } catch (error) {
          return error instanceof Fault;
        }
      }),
    );
  });
});

describe('a cached scope', () => {
  it('is the same scope after its way through JSON, which never holds the token', () => {
    fc.assert(
      fc.property(scopes, (scope) => {
        const text = JSON.stringify(tokenBodyOf(scope));
        expect(text).not.toContain('token-of-the-test');
        expect(parseToken(scope.token, JSON.parse(text))).toEqual(scope);
      }),
    );
  });
});
