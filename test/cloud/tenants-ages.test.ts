import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { ADMIN, ALICE, Client, type User } from '../support/client.js';
import { askerOf, passwordOf } from './support/askers.js';
import { make } from './support/ground.js';
import { freshName, Litter } from './support/litter.js';
import { Raw } from './support/openstack.js';
import { codeOfMe, grant, makeProject, makeUser, revokeAtKeystone, roleId } from './support/rooms.js';
import { ageAtEnd, type Taking } from './support/taken-away.js';

/** Seconds, of promise 2. */
const PROMISED = 60;

describe('what Keystone took away', () => {
  const [first, second] = inject('replicas');
  let admin: Raw;
  let litter: Litter;
  let demoA: string;
  let reader: string;

  beforeAll(async () => {
    admin = await Raw.login(ADMIN);
    demoA = (await Raw.login(ALICE)).projectId;
    reader = await roleId(admin, 'reader');
    litter = new Litter(admin);
  });

  afterAll(() => litter.clear());

  it(`counts for at most ${PROMISED} s, although both replicas had it cached`, async () => {
    const takings = [
      await aRole(),
      await aToken(),
      await aUser(),
      await aProject(),
      await aPassword(),
      await aGroup(),
      await aTrust(),
      await aCredential(),
    ];
    for (const { name, clients } of takings)
      for (const client of clients) expect(await codeOfMe(client), name).toBeNull();
    const ended = await Promise.all(takings.map(ageAtEnd));
    console.table(ended);
    for (const { name, gateway } of ended) expect.soft(gateway, name).toBeLessThanOrEqual(PROMISED);
    for (const { name, clients } of takings)
      for (const client of clients) expect.soft(await codeOfMe(client), name).toBe('UNAUTHENTICATED');
  }, 300_000);

  const atBoth = (token: string) => [new Client(first, token), new Client(second, token)];

  async function login(user: User, project = 'demo-a') {
    return atBoth((await Client.login(first, { ...user, project })).token ?? '');
  }

  /** A user of our own with the reader role in alice's project. */
  async function someone() {
    const user = await makeUser(admin, litter);
    return { user, takeRole: await grant(admin, user.id, demoA, 'reader') };
  }

  async function call(method: string, path: string, body?: object): Promise<void> {
    const { status } = await admin.call(method, 'identity', path, body);
    if (status > 299) throw new Error(`${method} ${path}: expected success, got ${status}`);
  }

  /** Switches on and off again where that is asked for a second time. */
  function disabled(path: string, key: string): () => Promise<void> {
    const enable = (enabled: boolean) => call('PATCH', path, { [key]: { enabled } });
    return async () => {
      await enable(true);
      await enable(false);
    };
  }

  async function aRole(): Promise<Taking> {
    const { user, takeRole } = await someone();
    return { name: 'the last role in a project', clients: await login(user), take: takeRole };
  }

  async function aToken(): Promise<Taking> {
    const clients = await login((await someone()).user);
    return { name: 'a token revoked', clients, take: () => revokeAtKeystone(clients[0]?.token ?? '') };
  }

  async function aUser(): Promise<Taking> {
    const { user } = await someone();
    return { name: 'a user disabled', clients: await login(user), take: disabled(`/users/${user.id}`, 'user') };
  }

  async function aProject(): Promise<Taking> {
    const user = await makeUser(admin, litter);
    const project = await makeProject(admin, litter);
    await grant(admin, user.id, project.id, 'reader');
    const clients = await login(user, project.name);
    return { name: 'a project disabled', clients, take: disabled(`/projects/${project.id}`, 'project') };
  }

  async function aPassword(): Promise<Taking> {
    const { user } = await someone();
    const take = () => call('PATCH', `/users/${user.id}`, { user: { password: freshName('password') } });
    return { name: 'a password changed', clients: await login(user), take };
  }

  async function aGroup(): Promise<Taking> {
    const user = await makeUser(admin, litter);
    const row = { name: freshName('group'), domain_id: 'default' };
    const group = await make(admin, litter, 'identity', '/groups', 'group', row);
    await call('PUT', `/groups/${group}/users/${user.id}`);
    const path = `/projects/${demoA}/groups/${group}/roles/${reader}`;
    await call('PUT', path);
    const take = async () => {
      await call('PUT', path);
      await call('DELETE', path);
    };
    return { name: "a group's role", clients: await login(user), take };
  }

  async function aTrust(): Promise<Taking> {
    const [{ user: trustor }, trustee] = await Promise.all([someone(), makeUser(admin, litter)]);
    const lender = await Raw.login({ ...trustor, project: 'demo-a' });
    const row = {
      trustor_user_id: trustor.id,
      trustee_user_id: trustee.id,
      project_id: demoA,
      impersonation: false,
      roles: [{ id: reader }],
    };
    const { status, body } = await lender.call('POST', 'identity', '/OS-TRUST/trusts', { trust: row });
    expect(status).toBe(201);
    const { id } = (body as { trust: { id: string } }).trust;
    const input = { password: passwordOf(trustee.name), scope: { trustId: id } };
    const { client } = await askerOf(first, 'trustee', input);
    const take = async () => {
      const answer = await lender.call('DELETE', 'identity', `/OS-TRUST/trusts/${id}`);
      expect([204, 404]).toContain(answer.status);
    };
    return { name: 'a trust deleted', clients: atBoth(client.token ?? ''), take };
  }

  async function aCredential(): Promise<Taking> {
    const { user } = await someone();
    const own = await Raw.login({ ...user, project: 'demo-a' });
    const path = `/users/${user.id}/application_credentials`;
    const { status, body } = await own.call('POST', 'identity', path, {
      application_credential: { name: freshName('credential') },
    });
    expect(status).toBe(201);
    const { id, secret } = (body as { application_credential: { id: string; secret: string } }).application_credential;
    const { client } = await askerOf(first, 'credential', { applicationCredential: { id, secret } });
    const take = async () => {
      const answer = await own.call('DELETE', 'identity', `${path}/${id}`);
      expect([204, 404]).toContain(answer.status);
    };
    return { name: 'an application credential deleted', clients: atBoth(client.token ?? ''), take };
  }
});
