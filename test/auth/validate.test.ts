import { beforeEach, describe, expect, it } from 'vitest';
import { Secret } from '../../src/auth/scope.js';
import { type Authenticator, createAuthenticator } from '../../src/auth/validate.js';
import type { Cache } from '../../src/cache/cache.js';
import { type Answer, keystoneOnly, sharedCache } from './keystone.js';
import { aliceBody } from './scopes.js';

const START = Date.parse('2026-01-01T00:00:00Z');
const token = new Secret('a-token-of-alice');
const presenter = { address: '10.0.0.1' };

let now = START;
let answer: () => Answer | Promise<Answer>;
let cache: ReturnType<typeof sharedCache>;
beforeEach(() => {
  now = START;
  answer = () => ({ status: 200, body: aliceBody('2026-01-01T04:00:00Z') });
  cache = sharedCache(() => now);
});

/** One replica of the gateway; replicas share `cache`. */
function replica(shared: Cache = cache): { auth: Authenticator; asked: { path: string }[] } {
  const { transport, asked } = keystoneOnly(() => answer());
  const auth = createAuthenticator({
    transport,
    cache: shared,
    place: 'cloud',
    secret: Buffer.alloc(32, 7),
    now: () => now,
  });
  return { auth, asked };
}

const invalid = expect.objectContaining({ code: 'UNAUTHENTICATED' });

describe('validation', () => {
  it('asks Keystone with the token about itself, tokens with access rules included', async () => {
    const { auth, asked } = replica();
    expect((await auth.scopeOf(token, presenter)).user.name).toBe('alice');
    expect(asked).toMatchObject([
      {
        method: 'GET',
        path: '/auth/tokens',
        token,
        subject: token,
        headers: { 'OpenStack-Identity-Access-Rules': '1.0' },
      },
    ]);
  });

  it('is made once for all who ask at the same time, and by all replicas', async () => {
    const [one, two] = [replica(), replica()];
    await Promise.all([one.auth.scopeOf(token, presenter), one.auth.scopeOf(token, presenter)]);
    await two.auth.scopeOf(token, presenter);
    expect([one.asked.length, two.asked.length]).toEqual([1, 0]);
  });

  it('counts for less than 60 s, however often, wherever and from when on it is used', async () => {
    await replica().auth.scopeOf(token, presenter);
    answer = () => ({ status: 401, body: null });
    const replicas = Array.from({ length: 5 }, () => replica().auth);
    let last = now;
    for (let second = 1; second <= 70; second += 1) {
      now = START + second * 1000;
      for (const auth of replicas.slice(0, second)) {
        const ok = await auth.scopeOf(token, presenter).catch(() => null);
        if (ok !== null) last = now;
      }
    }
    expect(last).toBeGreaterThan(START + 40_000);
    expect(last).toBeLessThan(START + 60_000);
  });

  it('counts from when Keystone was asked, however long its answer took', async () => {
    const { auth } = replica();
    answer = () => {
      now += 25_000;
      return { status: 200, body: aliceBody('2026-01-01T04:00:00Z') };
    };
    await auth.scopeOf(token, presenter);
    answer = () => ({ status: 401, body: null });
    now = START + 49_000;
    await expect(auth.scopeOf(token, presenter)).resolves.toMatchObject({ user: { name: 'alice' } });
    now = START + 60_000;
    await expect(auth.scopeOf(token, presenter)).rejects.toEqual(invalid);
  });

  it('never outlives the token', async () => {
    answer = () => ({ status: 200, body: aliceBody('2026-01-01T00:00:03Z') });
    const { auth } = replica();
    await auth.scopeOf(token, presenter);
    now = START + 3000;
    await expect(auth.scopeOf(token, presenter)).rejects.toEqual(invalid);
  });

  it('leaves no token in cache keys or values', async () => {
    await replica().auth.scopeOf(token, presenter);
    expect(cache.stored.size).toBe(1);
    expect(JSON.stringify([...cache.stored])).not.toContain(token.reveal());
  });

  it("with Keystone's garbage is a fault, and is not remembered", async () => {
    const { auth, asked } = replica();
    answer = () => ({ status: 200, body: { token: {} } });
    await expect(auth.scopeOf(token, presenter)).rejects.toMatchObject({ code: 'UPSTREAM_UNAVAILABLE' });
    answer = () => ({ status: 200, body: aliceBody('2026-01-01T04:00:00Z') });
    await auth.scopeOf(token, presenter);
    expect(asked).toHaveLength(2);
  });
});

describe('a token that Keystone does not know', () => {
  it.each([401, 404])('(%i) is refused for 5 s without asking again', async (status) => {
    answer = () => ({ status, body: null });
    const { auth, asked } = replica();
    for (let time = 0; time < 3; time += 1) await expect(auth.scopeOf(token, presenter)).rejects.toEqual(invalid);
    expect(asked).toHaveLength(1);
    now += 5000;
    await expect(auth.scopeOf(token, presenter)).rejects.toEqual(invalid);
    expect(asked).toHaveLength(2);
  });

  it('comes from one address only so often, others are not concerned', async () => {
    answer = () => ({ status: 401, body: null });
    const { auth, asked } = replica();
    const tries = Array.from({ length: 310 }, (_, n) =>
      auth.scopeOf(new Secret(`guess-${n}`), presenter).catch((error: unknown) => error),
    );
    const limited = (await Promise.all(tries)).filter((error) => (error as { code: string }).code === 'RATE_LIMITED');
    expect([asked.length, limited.length]).toEqual([300, 10]);
    expect(limited[0]).toMatchObject({ retryAfter: 60 });
    answer = () => ({ status: 200, body: aliceBody('2026-01-01T04:00:00Z') });
    await auth.scopeOf(token, { address: '10.0.0.2' });
    now += 60_000;
    await auth.scopeOf(new Secret('another'), presenter);
  });

  it('is not one that could not be checked because Keystone is down', async () => {
    answer = () => ({ status: 503, body: null });
    const { auth } = replica();
    for (let time = 0; time < 40; time += 1) {
      await expect(auth.scopeOf(token, presenter)).rejects.toMatchObject({ code: 'UPSTREAM_UNAVAILABLE' });
    }
  });
});

describe('a revoked token', () => {
  it('is refused at once where it was revoked, and by the other replicas once their copy of 5 s is gone', async () => {
    const [one, two] = [replica(), replica()];
    for (const { auth } of [one, two]) await auth.scopeOf(token, presenter);
    await one.auth.revoke(token, async () => {
      answer = () => ({ status: 401, body: null });
    });
    await expect(one.auth.scopeOf(token, presenter)).rejects.toEqual(invalid);
    now += 5000;
    await expect(two.auth.scopeOf(token, presenter)).rejects.toEqual(invalid);
  });

  it('is not brought back by a validation that began before', async () => {
    const { auth } = replica();
    let finish = (_: Answer): void => undefined;
    answer = () => new Promise<Answer>((resolve) => (finish = resolve));
    const early = auth.scopeOf(token, presenter);
    await new Promise(setImmediate);
    await auth.revoke(token, async () => undefined);
    finish({ status: 200, body: aliceBody('2026-01-01T04:00:00Z') });
    await early;
    answer = () => ({ status: 401, body: null });
    await expect(auth.scopeOf(token, presenter)).rejects.toEqual(invalid);
  });

  it('stays valid where Keystone did not revoke it', async () => {
    const { auth } = replica();
    await expect(auth.revoke(token, () => Promise.reject(new Error('down')))).rejects.toThrow('down');
    await auth.scopeOf(token, presenter);
  });
});

describe('a token that a service refused', () => {
  it('is asked about again, at every replica', async () => {
    const [one, two] = [replica(), replica()];
    await one.auth.scopeOf(token, presenter);
    await one.auth.forget(token);
    await two.auth.scopeOf(token, presenter);
    await one.auth.scopeOf(token, presenter);
    expect([one.asked.length, two.asked.length]).toEqual([1, 1]);
  });

  it('is not taken for valid by a validation that began before', async () => {
    const { auth, asked } = replica();
    let finish = (_: Answer): void => undefined;
    answer = () => new Promise<Answer>((resolve) => (finish = resolve));
    const early = auth.scopeOf(token, presenter);
    await new Promise(setImmediate);
    await auth.forget(token);
    finish({ status: 200, body: aliceBody('2026-01-01T04:00:00Z') });
    await early;
    answer = () => ({ status: 401, body: null });
    await expect(auth.scopeOf(token, presenter)).rejects.toEqual(invalid);
    expect(asked).toHaveLength(2);
  });
});
