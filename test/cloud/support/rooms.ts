import type { Client, User } from '../../support/client.js';
import { freshName, type Litter } from './litter.js';
import { AUTH_URL, type Raw, type RawRow } from './openstack.js';

/** The id of a role by its name. */
export async function roleId(admin: Raw, name: string): Promise<string> {
  const [role] = await admin.rows('identity', `/roles?name=${name}`, 'roles');
  if (!role) throw new Error(`expected a role ${name}, found none`);
  return role.id;
}

/** A user of its own kind: password `<name>-secret`, as everybody's here. */
export async function makeUser(admin: Raw, litter: Litter): Promise<User & { readonly id: string }> {
  const name = freshName('user');
  const id = await made(admin, '/users', 'user', { name, domain_id: 'default', password: `${name}-secret` });
  return { name, project: null, id: litter.add('identity', '/users', id) };
}

/** A project whose quotas nobody else needs. */
export async function makeProject(admin: Raw, litter: Litter): Promise<{ readonly id: string; readonly name: string }> {
  const name = freshName('project');
  const id = await made(admin, '/projects', 'project', { name, domain_id: 'default' });
  return { name, id: litter.add('identity', '/projects', id) };
}

/** Gives the user a role in a project; what it returns takes it away. Called again, it gives the role back first. */
export async function grant(admin: Raw, userId: string, projectId: string, role: string): Promise<() => Promise<void>> {
  const path = `/projects/${projectId}/users/${userId}/roles/${await roleId(admin, role)}`;
  const call = async (method: string) => {
    const { status } = await admin.call(method, 'identity', path);
    if (status !== 204) throw new Error(`${method} ${path}: expected 204, got ${status}`);
  };
  await call('PUT');
  let granted = true;
  return async () => {
    if (!granted) await call('PUT');
    await call('DELETE');
    granted = false;
  };
}

/** Revokes a token at Keystone itself, so that no gateway hears of it. */
export async function revokeAtKeystone(token: string): Promise<void> {
  const headers = { 'x-auth-token': token, 'x-subject-token': token };
  const { status } = await fetch(`${AUTH_URL}/auth/tokens`, { method: 'DELETE', headers });
  if (status !== 204) throw new Error(`expected Keystone to revoke the token with 204, got ${status}`);
}

/** The code of the error that `{ me { user { id } } }` meets; null where there is none. */
export async function codeOfMe(client: Client): Promise<unknown> {
  const { errors } = await client.tell('{ me { user { id } } }');
  return errors?.[0]?.extensions['code'] ?? null;
}

async function made(admin: Raw, path: string, key: string, row: object): Promise<string> {
  const { status, body } = await admin.call('POST', 'identity', path, { [key]: row });
  if (status !== 201) throw new Error(`${path}: expected 201, got ${status} ${JSON.stringify(body)}`);
  return (body as Record<string, RawRow>)[key]?.id ?? '';
}
