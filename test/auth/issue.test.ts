import { describe, expect, it } from 'vitest';
import { createIssuer, type Issuer } from '../../src/auth/issue.js';
import type { IssueInput } from '../../src/auth/issue-input.js';
import { Secret } from '../../src/auth/scope.js';
import { type Answer, keystoneOnly } from './keystone.js';
import { aliceBody } from './scopes.js';

const granted: Answer = {
  status: 201,
  body: aliceBody('2026-01-01T04:00:00Z'),
  headers: { 'x-subject-token': 'fresh-token' },
};
const alice = { username: 'alice', password: 'alice-secret', userDomainName: 'Default' };

function issuer(answer: () => Answer = () => granted, now = () => 0): { issuer: Issuer; asked: { body?: unknown }[] } {
  const { transport, asked } = keystoneOnly(answer);
  return { issuer: createIssuer(transport, now), asked };
}

const login = (who: Issuer, input: IssueInput, address = 'a') => who.issueToken(input, { address });

describe('a log-in', () => {
  const user = { name: 'alice', domain: { name: 'Default' }, password: 'alice-secret' };
  const password = { methods: ['password'], password: { user } };

  it.each<[IssueInput, unknown]>([
    [{ password: alice }, { identity: password }],
    [{ password: alice, scope: {} }, { identity: password }],
    [
      { password: alice, scope: { unscoped: true } },
      { identity: password, scope: 'unscoped' },
    ],
    [
      { password: alice, scope: { projectId: 'p' } },
      { identity: password, scope: { project: { id: 'p' } } },
    ],
    [
      { password: alice, scope: { projectName: 'p', projectDomainId: 'd' } },
      { identity: password, scope: { project: { name: 'p', domain: { id: 'd' } } } },
    ],
    [
      { password: alice, scope: { domainName: 'D' } },
      { identity: password, scope: { domain: { name: 'D' } } },
    ],
    [
      { password: alice, scope: { system: true } },
      { identity: password, scope: { system: { all: true } } },
    ],
    [
      { password: alice, scope: { trustId: 't' } },
      { identity: password, scope: { 'OS-TRUST:trust': { id: 't' } } },
    ],
    [
      { password: { userId: 'u', password: 'x' } },
      { identity: { methods: ['password'], password: { user: { id: 'u', password: 'x' } } } },
    ],
    [
      { token: 't', scope: { projectId: 'p' } },
      { identity: { methods: ['token'], token: { id: 't' } }, scope: { project: { id: 'p' } } },
    ],
    [
      { applicationCredential: { id: 'c', secret: 's' } },
      { identity: { methods: ['application_credential'], application_credential: { id: 'c', secret: 's' } } },
    ],
    [
      { applicationCredential: { name: 'c', secret: 's', userId: 'u' } },
      {
        identity: {
          methods: ['application_credential'],
          application_credential: { name: 'c', secret: 's', user: { id: 'u' } },
        },
      },
    ],
  ])('with %j asks Keystone for just that', async (input, auth) => {
    const { issuer: who, asked } = issuer();
    const issued = await login(who, input);
    expect(asked[0]?.body).toEqual({ auth });
    expect([issued.token.reveal(), issued.expiresAt.toISOString(), issued.scope.user.name]).toEqual([
      'fresh-token',
      '2026-01-01T04:00:00.000Z',
      'alice',
    ]);
  });

  it.each<[string, IssueInput]>([
    ['input', {}],
    ['input', { password: alice, token: 't' }],
    ['password.username', { password: { password: 'hush', userDomainName: 'D' } }],
    ['password.userDomainName', { password: { username: 'alice', password: 'hush' } }],
    ['password.userId', { password: { ...alice, password: 'hush', userId: 'u' } }],
    ['password.password', { password: { ...alice, password: '' } }],
    ['applicationCredential.id', { applicationCredential: { secret: 'hush' } }],
    ['applicationCredential.username', { applicationCredential: { name: 'c', secret: 'hush' } }],
    ['scope', { applicationCredential: { id: 'c', secret: 'hush' }, scope: { projectId: 'p' } }],
    ['scope', { password: alice, scope: { projectId: 'p', system: true } }],
    ['scope.projectDomainName', { password: alice, scope: { projectName: 'p' } }],
    ['scope.projectDomainName', { password: alice, scope: { projectDomainName: 'D' } }],
  ])('names %s where it is at fault, and asks nobody', async (argument, input) => {
    const { issuer: who, asked } = issuer();
    const fault: unknown = await login(who, input).catch((error: unknown) => error);
    expect(fault).toMatchObject({ code: 'BAD_USER_INPUT', argument });
    expect(String(fault)).not.toMatch(/hush|alice-secret/);
    expect(asked).toHaveLength(0);
  });

  it('without a token in the answer is a fault of Keystone', async () => {
    const { issuer: who } = issuer(() => ({ ...granted, headers: {} }));
    await expect(login(who, { password: alice })).rejects.toMatchObject({
      code: 'UPSTREAM_UNAVAILABLE',
      service: 'identity',
    });
  });
});

describe('guessing', () => {
  const refuse: Answer = { status: 401, body: null };

  it('stops after ten failures per address and user name, whatever its case', async () => {
    let now = 0;
    const { issuer: who, asked } = issuer(
      () => refuse,
      () => now,
    );
    const tries = Array.from({ length: 12 }, (_, n) => {
      const username = n % 2 === 0 ? 'alice' : 'ALICE';
      return login(who, { password: { ...alice, username } }).catch((error: unknown) => error);
    });
    const faults = await Promise.all(tries);
    expect(faults.slice(10)).toMatchObject([{ code: 'RATE_LIMITED', retryAfter: 300 }, { code: 'RATE_LIMITED' }]);
    expect(asked).toHaveLength(10);
    await expect(login(who, { password: { ...alice, username: 'bob' } })).rejects.toMatchObject({
      code: 'UNAUTHENTICATED',
    });
    await expect(login(who, { password: alice }, 'b')).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
    now = 300_000;
    await expect(login(who, { password: alice })).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
  });

  it('stops after fifty failures per address, over all user names', async () => {
    const { issuer: who, asked } = issuer(() => refuse);
    for (let n = 0; n < 60; n += 1)
      await login(who, { password: { ...alice, username: `user${n}` } }).catch(() => undefined);
    expect(asked).toHaveLength(50);
  });

  it('is not what somebody does who succeeds, or meets a dead Keystone', async () => {
    let answer = granted;
    const { issuer: who, asked } = issuer(() => answer);
    for (let n = 0; n < 60; n += 1) await login(who, { password: alice });
    answer = { status: 503, body: null };
    for (let n = 0; n < 60; n += 1) await login(who, { password: alice }).catch(() => undefined);
    expect(asked).toHaveLength(120);
  });
});

describe('a log-out', () => {
  it.each([204, 401, 404])('is done when Keystone says %i', async (status) => {
    const { issuer: who, asked } = issuer(() => ({ status, body: null }));
    await who.revokeToken(new Secret('t'));
    expect(asked).toMatchObject([{ method: 'DELETE', path: '/auth/tokens' }]);
  });

  it('is a fault when Keystone is down', async () => {
    const { issuer: who } = issuer(() => ({ status: 503, body: null }));
    await expect(who.revokeToken(new Secret('t'))).rejects.toMatchObject({ code: 'UPSTREAM_UNAVAILABLE' });
  });
});
