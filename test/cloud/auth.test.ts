import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { ADMIN, ALICE, Client } from '../support/client.js';
import { freshName, Litter } from './support/litter.js';
import { attempt, mutate } from './support/mutate.js';
import { Raw, type RawRow } from './support/openstack.js';
import { codeOfMe, grant, makeUser, revokeAtKeystone } from './support/rooms.js';
import { ageAtEnd } from './support/taken-away.js';
import { until } from './support/until.js';

const PAYLOAD =
  'token expiresAt roles system project { id name domain { name } } domain { name } user { id name domain { name } }';

interface Issued {
  readonly token: string;
  readonly expiresAt: string;
  readonly roles: readonly string[];
  readonly system: boolean;
  readonly project: { readonly id: string; readonly name: string } | null;
  readonly domain: { readonly name: string } | null;
  readonly user: { readonly id: string; readonly name: string };
}

const PASSWORD = { username: 'alice', password: 'alice-secret', userDomainName: 'Default' };
const DEMO_A = { projectName: 'demo-a', projectDomainName: 'Default' };

describe('logging in and out', () => {
  const [first, second] = inject('replicas');
  const nobody = new Client(first, null);
  let raw: Raw;
  let litter: Litter;
  let admin: Raw;

  beforeAll(async () => {
    raw = await Raw.login(ALICE);
    admin = await Raw.login(ADMIN);
    litter = new Litter(admin);
  });

  afterAll(() => litter.clear());

  const issue = (input: object) => mutate<Issued>(nobody, 'issueToken', PAYLOAD, { input });
  const refused = async (input: object) => (await attempt(nobody, 'issueToken', 'token', { input })).errors?.[0];

  it('gives a token for name and password, scoped to a project by name or id', async () => {
    const byName = await issue({ password: PASSWORD, scope: DEMO_A });
    expect(byName).toMatchObject({
      project: { id: raw.projectId, name: 'demo-a', domain: { name: 'Default' } },
      user: { name: 'alice', domain: { name: 'Default' } },
      domain: null,
      system: false,
    });
    expect([...byName.roles].sort()).toEqual(['member', 'reader']);
    expect(Date.parse(byName.expiresAt)).toBeGreaterThan(Date.now());
    const { id } = byName.user;
    const byId = await issue({
      password: { userId: id, password: 'alice-secret' },
      scope: { projectId: raw.projectId },
    });
    expect({ ...byId, token: '', expiresAt: '' }).toEqual({ ...byName, token: '', expiresAt: '' });
  });

  it('gives tokens without scope, for a domain and for the system where Keystone does', async () => {
    const unscoped = await issue({ password: PASSWORD, scope: { unscoped: true } });
    expect(unscoped).toMatchObject({ project: null, domain: null, system: false, roles: [] });
    const operator = { username: 'admin', password: 'admin-secret', userDomainName: 'Default' };
    expect(await issue({ password: operator, scope: { system: true } })).toMatchObject({ system: true, project: null });
    expect(await refused({ password: PASSWORD, scope: { system: true } })).toMatchObject({
      extensions: { code: 'UNAUTHENTICATED', service: 'identity', status: 401, requestId: expect.any(String) },
    });
  });

  it('exchanges a token for one with another scope', async () => {
    const { token } = await issue({ password: PASSWORD, scope: { unscoped: true } });
    const scoped = await issue({ token, scope: DEMO_A });
    expect(scoped.project).toMatchObject({ id: raw.projectId });
    expect(scoped.token).not.toBe(token);
    const { data } = await new Client(first, scoped.token).ask<{ me: { project: { name: string } } }>(
      '{ me { project { name } } }',
    );
    expect(data.me.project.name).toBe('demo-a');
    const [denied] = await Promise.all([refused({ token, scope: { ...DEMO_A, projectName: 'demo-b' } })]);
    expect(denied?.extensions).toMatchObject({ code: 'UNAUTHENTICATED', service: 'identity' });
  });

  it('takes application credentials, whose scope is their own', async () => {
    const made = await makeCredential({});
    for (const applicationCredential of [
      { id: made.id, secret: made.secret },
      { name: made.name, secret: made.secret, username: 'alice', userDomainName: 'Default' },
    ]) {
      const issued = await issue({ applicationCredential });
      expect(issued).toMatchObject({ project: { id: raw.projectId }, user: { name: 'alice' } });
      expect(await codeOfMe(new Client(second, issued.token))).toBeNull();
    }
    const input = { applicationCredential: { id: made.id, secret: made.secret }, scope: DEMO_A };
    expect((await refused(input))?.extensions).toMatchObject({ code: 'BAD_USER_INPUT', argument: 'scope' });
    const wrong = { applicationCredential: { id: made.id, secret: 'not-it' } };
    expect((await refused(wrong))?.extensions).toMatchObject({ code: 'UNAUTHENTICATED' });
  });

  it('keeps a token with access rules away from the cache', async () => {
    const rules = [{ path: '/v2.1/flavors/detail', method: 'GET', service: 'compute' }];
    const { id, secret } = await makeCredential({ access_rules: rules });
    const { token } = await issue({ applicationCredential: { id, secret } });
    const client = new Client(first, token);
    for (const _ of [1, 2]) {
      const { extensions } = await client.tell('{ flavors { nodes { id } } }');
      expect(extensions?.explain?.cache).toMatchObject({ hits: 0, bypassed: expect.toSatisfy((count) => count > 0) });
      expect(extensions?.explain?.rest.filter(({ service }) => service === 'compute').length).toBeGreaterThan(0);
    }
  });

  it('names what is wrong with a log-in, and never the password', async () => {
    const code = async (input: object) => (await refused(input))?.extensions;
    expect(await code({})).toMatchObject({ code: 'BAD_USER_INPUT', argument: 'input' });
    expect(await code({ password: { username: 'alice', password: 'alice-secret' } })).toMatchObject({
      code: 'BAD_USER_INPUT',
      argument: 'password.userDomainName',
    });
    const wrong = await refused({ password: { ...PASSWORD, username: freshName('nobody') } });
    expect(wrong?.extensions).toMatchObject({ code: 'UNAUTHENTICATED', status: 401 });
    expect(JSON.stringify(wrong)).not.toContain('alice-secret');
  });

  it('revokes a token everywhere: here at once, at another replica once its own copy of five seconds is over', async () => {
    const client = await Client.login(first, ALICE);
    expect(await codeOfMe(client)).toBeNull();
    expect(await codeOfMe(client.at(second))).toBeNull();
    expect(await mutate(client, 'revokeToken', 'revoked')).toEqual({ revoked: true });
    expect(await codeOfMe(client)).toBe('UNAUTHENTICATED');
    await until('the other replica to refuse it', async () => ((await codeOfMe(client.at(second))) ? true : null), 7);
  });

  it('stops counting a token or a role within 60 s of when Keystone refuses it, although both replicas had it cached', async () => {
    const user = await makeUser(admin, litter);
    const takeRole = await grant(admin, user.id, raw.projectId, 'reader');
    const losesRole = await Client.login(first, { ...user, project: 'demo-a' });
    const losesToken = await Client.login(first, ALICE);
    const atBoth = (client: Client) => [client, client.at(second)];
    const clients = [losesRole, losesToken].flatMap(atBoth);
    for (const client of clients) expect(await codeOfMe(client)).toBeNull();
    const ended = await Promise.all([
      ageAtEnd({ name: 'role', clients: atBoth(losesRole), take: takeRole }),
      ageAtEnd({ name: 'token', clients: atBoth(losesToken), take: () => revokeAtKeystone(losesToken.token ?? '') }),
    ]);
    console.log(ended);
    for (const { gateway } of ended) expect(gateway).toBeLessThanOrEqual(60);
    for (const client of clients) expect(await codeOfMe(client)).toBe('UNAUTHENTICATED');
  }, 260_000);

  async function makeCredential(extra: object): Promise<RawRow & { readonly name: string; readonly secret: string }> {
    const { data } = await (await Client.login(first, ALICE)).ask<{ me: { user: { id: string } } }>(
      '{ me { user { id } } }',
    );
    const path = `/users/${data.me.user.id}/application_credentials`;
    const credential = { name: freshName('credential'), ...extra };
    const { status, body } = await raw.call('POST', 'identity', path, { application_credential: credential });
    if (status !== 201) throw new Error(`${path}: expected 201, got ${status} ${JSON.stringify(body)}`);
    const made = (body as { application_credential: RawRow & { name: string; secret: string } }).application_credential;
    litter.add('identity', path, made.id);
    return made;
  }
});
