import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ADMIN, ALICE, Client, type DemoGateway, startDemoGateway } from '../support/demo-gateway.js';
import { faultOf, restCalls } from '../support/rest-calls.js';

const ISSUE = `mutation ($input: IssueTokenInput!) { issueToken(input: $input) {
  token expiresAt project { name domain { name } } user { name domain { id } } domain { id } system roles } }`;

interface Issued {
  readonly issueToken: { readonly token: string; readonly expiresAt: string };
}

let demo: DemoGateway;
let nobody: Client;

beforeAll(async () => {
  demo = await startDemoGateway({ pace: 0, servers: 10 });
  nobody = new Client(demo.urls[0] ?? '', null);
});

afterAll(() => demo.stop());

const PASSWORD = { username: 'alice', password: 'alice-secret', userDomainName: 'Default' };

async function issued(client: Client, input: object): Promise<Client> {
  const { data } = await client.ask<Issued>(ISSUE, { input });
  return new Client(nobody.url, data.issueToken.token);
}

describe('issueToken', () => {
  it('by password is for the default project unless a scope is named, with the roles that it brings', async () => {
    const { data } = await nobody.ask<Issued>(ISSUE, { input: { password: PASSWORD } });
    expect(data.issueToken).toMatchObject({
      project: { name: 'demo-a', domain: { name: 'Default' } },
      user: { name: 'alice', domain: { id: 'default' } },
      domain: null,
      system: false,
      roles: expect.arrayContaining(['member', 'reader']),
    });
    expect(Date.parse(data.issueToken.expiresAt)).toBeGreaterThan(Date.now());
  });

  it('exchanges a token for one of another scope, and keeps the old one good', async () => {
    const admin = await demo.login(ADMIN);
    const scope = { projectName: 'demo-b', projectDomainName: 'Default' };
    const there = await issued(nobody, { token: admin.token, scope });
    const query = '{ me { project { name } roles { name } } networks { nodes { project { name } } } }';
    const { data } = await there.ask<{ networks: object }>(query);
    expect(data).toMatchObject({ me: { project: { name: 'demo-b' } } });
    expect(JSON.stringify(data.networks)).not.toContain('demo-a');
    expect((await admin.ask('{ me { project { name } } }')).data).toEqual({ me: { project: { name: 'demo-a' } } });
  });

  it.each([
    ['no way to log in', {}],
    ['two at once', { password: PASSWORD, token: 'x' }],
    ['a name without a domain', { password: { username: 'alice', password: 'alice-secret' } }],
    ['two scopes', { password: PASSWORD, scope: { projectId: 'x', system: true } }],
    ['a project by name without a domain', { password: PASSWORD, scope: { projectName: 'demo-a' } }],
  ])('refuses %s before it asks Keystone', async (_, input) => {
    const answer = await nobody.tell(ISSUE, { input });
    expect(faultOf(answer)).toMatchObject({ code: 'BAD_USER_INPUT' });
    expect(restCalls(answer)).toEqual([]);
    expect(answer.extensions?.explain?.rest).toEqual([]);
  });

  it('tells a wrong password and a project that is not theirs as UNAUTHENTICATED, without the password', async () => {
    const wrong = { ...PASSWORD, password: 'not-the-secret' };
    const other = { projectName: 'demo-b', projectDomainName: 'Default' };
    for (const input of [{ password: wrong }, { password: PASSWORD, scope: other }]) {
      const answer = await nobody.tell(ISSUE, { input });
      expect(faultOf(answer)).toMatchObject({ code: 'UNAUTHENTICATED', service: 'identity', status: 401 });
      expect(JSON.stringify(answer)).not.toContain(input.password.password);
    }
  });
});

describe('me', () => {
  it('tells who the token is, what for, and what the catalog has; projects alone cost a call', async () => {
    const alice = await demo.login(ALICE);
    const who = `user { name domain { id name } } project { name domain { name } } domain { id } system issuedAt expiresAt
      services { type regions }`;
    const answer = await alice.ask<{ me: { issuedAt: string; expiresAt: string; services: object[] } }>(
      `{ me { ${who} } }`,
    );
    expect(restCalls(answer)).toEqual([]);
    const { me } = answer.data;
    expect(me).toMatchObject({
      user: { name: 'alice', domain: { id: 'default', name: 'Default' } },
      project: { name: 'demo-a', domain: { name: 'Default' } },
      domain: null,
      system: false,
    });
    expect(Date.parse(me.expiresAt)).toBeGreaterThan(Date.parse(me.issuedAt));
    // Cinder stands in the catalog twice, under an old type too.
    const types = ['block-storage', 'compute', 'identity', 'image', 'network'];
    expect(me.services).toHaveLength(types.length);
    expect(me.services).toEqual(expect.arrayContaining(types.map((type) => ({ type, regions: ['RegionOne'] }))));
    const projects = await alice.ask('{ me { projects { name } } }');
    expect(projects.data).toEqual({ me: { projects: [{ name: 'demo-a' }] } });
    expect(restCalls(projects)).toEqual(['GET /auth/projects']);
  });

  it('answers an unscoped token with the projects that it could be for, and nothing else', async () => {
    const unscoped = await demo.login({ name: 'admin', project: null });
    const { data } = await unscoped.ask<{ me: { projects: { name: string }[] } }>(
      '{ me { project { name } roles { name } projects { name domain { id } } services { type } } }',
    );
    expect(data.me).toMatchObject({ project: null, roles: [], services: [{ type: 'identity' }] });
    const names = data.me.projects.map(({ name }) => name).sort();
    expect(names).toEqual(['admin', 'demo-a', 'demo-b']);
    const answer = await unscoped.tell('{ servers { nodes { id } } me { user { name } } }');
    expect(faultOf(answer)).toMatchObject({ code: 'UNSUPPORTED', service: 'compute' });
    expect(answer.data).toEqual({ servers: null, me: { user: { name: 'admin' } } });
  });
});

describe('revokeToken', () => {
  it('ends this token, for cached answers too, and no other of the same user', async () => {
    const [one, other] = [await demo.login(ALICE), await demo.login(ALICE)];
    const query = '{ networks { nodes { name } } }';
    await Promise.all([one.ask(query), other.ask(query)]);
    expect((await one.ask('mutation { revokeToken { revoked } }')).data).toEqual({ revokeToken: { revoked: true } });
    const refused = await one.tell(query);
    expect(refused.status).toBe(401);
    expect(faultOf(refused)).toMatchObject({ code: 'UNAUTHENTICATED' });
    expect(refused.data ?? null).toBeNull();
    expect(restCalls(await other.ask(query))).toEqual([]);
  });

  it('without a token is UNAUTHENTICATED', async () => {
    expect(faultOf(await nobody.tell('mutation { revokeToken { revoked } }'))).toMatchObject({
      code: 'UNAUTHENTICATED',
    });
  });
});
