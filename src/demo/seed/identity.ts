import type { Project, Role, User } from '../rows.js';
import type { World } from '../world.js';

/** The demo's accounts, as the start of the gateway prints them. */
export const LOGINS = [
  { name: 'alice', password: 'alice-secret', role: 'member', projects: ['demo-a'] },
  { name: 'reader', password: 'reader-secret', role: 'reader', projects: ['demo-a'] },
  { name: 'bob', password: 'bob-secret', role: 'member', projects: ['demo-b'] },
  { name: 'admin', password: 'admin-secret', role: 'admin', projects: ['admin', 'demo-a', 'demo-b'] },
] as const;

const PROJECTS: readonly (readonly [name: string, description: string])[] = [
  ['admin', 'Bootstrap project for initializing the cloud.'],
  ['demo-a', 'tenant demo-a'],
  ['demo-b', 'tenant demo-b'],
  ['service', 'users of the services themselves'],
];

/** A role brings those that it implies. */
const IMPLIED: Readonly<Record<string, readonly string[]>> = {
  admin: ['admin', 'member', 'reader'],
  member: ['member', 'reader'],
  reader: ['reader'],
};

export interface People {
  readonly project: (name: string) => Project;
  readonly user: (name: string) => User;
}

export function seedIdentity(world: World): People {
  const projects = new Map<string, Project>();
  for (const [name, description] of PROJECTS) {
    projects.set(name, world.projects.insert({ id: world.random.hex(32), name, description }));
  }
  const roles = new Map<string, Role>();
  for (const name of ['service', 'member', 'reader', 'admin']) {
    const role = { id: world.random.hex(32), name };
    roles.set(name, role);
    world.roles.push(role);
  }
  const people = { project: (name: string) => known(projects, name), user: (name: string) => known(users, name) };
  const users = new Map<string, User>();
  for (const login of LOGINS) {
    const defaultProjectId = people.project(login.projects[0]).id;
    const { name, password } = login;
    const user = world.users.insert({ id: world.random.hex(32), name, password, defaultProjectId });
    users.set(name, user);
    const held = (IMPLIED[login.role] ?? []).map((each) => known(roles, each));
    for (const project of login.projects) {
      world.grants.push({ userId: user.id, projectId: people.project(project).id, roles: held });
    }
  }
  return people;
}

function known<T>(map: ReadonlyMap<string, T>, name: string): T {
  const value = map.get(name);
  if (value === undefined) throw new Error(`the demo's seed has no ${name}`);
  return value;
}
