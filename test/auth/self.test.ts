import { describe, expect, it } from 'vitest';
import { readCloud } from '../../src/auth/clouds.js';
import { createIssuer } from '../../src/auth/issue.js';
import { createSelf, type Self } from '../../src/auth/self.js';
import { type Answer, keystoneOnly } from './keystone.js';
import { aliceBody } from './scopes.js';

const START = Date.parse('2026-01-01T00:00:00Z');

function self(clock: { now: number }, answer?: () => Answer): { self: Self; asked: unknown[] } {
  const env = { OS_AUTH_URL: 'http://k', OS_USERNAME: 'alice', OS_PASSWORD: 'hush', OS_PROJECT_NAME: 'demo-a' };
  const { cloud } = readCloud(env, '/');
  if (!cloud?.credentials) throw new Error('no credentials');
  const grant = (): Answer => ({
    status: 201,
    body: aliceBody('2026-01-01T04:00:00Z'),
    headers: { 'x-subject-token': 't' },
  });
  const { transport, asked } = keystoneOnly(answer ?? grant);
  return { self: createSelf(cloud.credentials, createIssuer(transport), () => clock.now), asked };
}

describe("the gateway's own token", () => {
  it('is issued once for all who wait, with the credentials of the cloud', async () => {
    const { self: me, asked } = self({ now: START });
    const [one, two] = await Promise.all([me.scope(), me.scope()]);
    expect(one).toBe(two);
    const user = { name: 'alice', domain: { id: 'default' }, password: 'hush' };
    const scope = { project: { name: 'demo-a', domain: { id: 'default' } } };
    expect(asked).toMatchObject([{ body: { auth: { identity: { password: { user } }, scope } } }]);
  });

  it('is renewed before it expires, not much earlier, and after a service refused it', async () => {
    const clock = { now: START };
    const { self: me, asked } = self(clock);
    await me.scope();
    clock.now = START + 3 * 3600_000;
    await me.scope();
    expect(asked).toHaveLength(1);
    clock.now = START + 3.7 * 3600_000;
    await me.scope();
    expect(asked).toHaveLength(2);
    clock.now = START;
    me.forget();
    await me.scope();
    expect(asked).toHaveLength(3);
  });

  it('is asked for again after a log-in that failed', async () => {
    let status = 503;
    const grant = aliceBody('2026-01-01T04:00:00Z');
    const { self: me } = self({ now: START }, () => ({ status, body: grant, headers: { 'x-subject-token': 't' } }));
    await expect(me.scope()).rejects.toMatchObject({ code: 'UPSTREAM_UNAVAILABLE' });
    status = 201;
    expect((await me.scope()).user.name).toBe('alice');
  });
});
