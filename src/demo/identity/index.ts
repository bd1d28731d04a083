import { type Answer, type Call, Refusal, route, type Service } from '../http.js';
import { isAdmin } from '../policy.js';
import type { Project, User } from '../rows.js';
import { issueToken, revokeToken, validateToken } from './authentication.js';
import { catalog, REGION_NAME } from './catalog.js';
import { filtered } from './filters.js';
import type { Tokens } from './tokens.js';

const TITLES: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
};
const PROJECT_FILTERS = ['name', 'domain_id', 'parent_id', 'enabled', 'is_domain', 'tags'];
const USER_FILTERS = ['name', 'domain_id', 'enabled'];
const NOT_FOUND = `<!doctype html>
<html lang=en>
<title>404 Not Found</title>
<h1>Not Found</h1>
<p>The requested URL was not found on the server. If you entered the URL manually please check your spelling and try again.</p>
`;

/** Keystone: tokens, the asker's projects, projects, users, roles and regions. */
export function identity(tokens: Tokens): Service {
  return {
    prefix: '/identity',
    routes: [
      route('GET /', (call) => ({ ...versions(call), status: 300, headers: { location: `${call.root}/v3/` } }), true),
      route('GET /v3', (call) => ({ status: 200, body: { version: version(call) } }), true),
      route('POST /v3/auth/tokens', (call) => issueToken(tokens, call), true),
      route('GET /v3/auth/tokens', (call) => validateToken(tokens, call)),
      route('DELETE /v3/auth/tokens', (call) => revokeToken(tokens, call)),
      route('GET /v3/auth/catalog', (call) => ({ status: 200, body: ownCatalog(call) })),
      route('GET /v3/auth/projects', (call) => list(call, 'projects', projectsOf(call, call.asker.userId))),
      route('GET /v3/auth/domains', (call) => list(call, 'domains', [])),
      route('GET /v3/projects', (call) => list(call, 'projects', allProjects(call), PROJECT_FILTERS)),
      route('GET /v3/projects/:id', oneProject),
      route('GET /v3/users', (call) => list(call, 'users', allUsers(call), USER_FILTERS)),
      route('GET /v3/users/:id', oneUser),
      route('GET /v3/users/:id/projects', (call) =>
        list(call, 'projects', projectsOf(call, own(call, 'list_user_projects')), USER_FILTERS),
      ),
      route('GET /v3/users/:id/groups', (call) => {
        own(call, 'list_groups_for_user');
        return list(call, 'groups', []);
      }),
      route('GET /v3/users/:id/application_credentials', (call) => {
        own(call, 'list_application_credentials');
        return list(call, 'application_credentials', []);
      }),
      route('GET /v3/roles', (call) => list(call, 'roles', allRoles(call), ['name'])),
      route('GET /v3/regions', (call) => list(call, 'regions', [region(call)])),
    ],
    unauthenticated: (cloud) => ({
      ...refuse(new Refusal(401, 'The request you have made requires authentication.')),
      headers: { 'www-authenticate': `Keystone uri="${cloud}/identity/v3"` },
    }),
    refuse: (refusal, _json, cloud) => ({
      ...refuse(refusal),
      ...(refusal.status === 401 ? { headers: { 'www-authenticate': `Keystone uri="${cloud}/identity/v3"` } } : {}),
    }),
    unknown: () => ({ status: 404, body: NOT_FOUND, headers: { 'content-type': 'text/html; charset=utf-8' } }),
    headers: (_version, requestId) => ({ vary: 'X-Auth-Token', 'x-openstack-request-id': requestId }),
  };
}

function refuse({ status, message }: Refusal): Answer {
  return { status, body: { error: { code: status, message, title: TITLES[status] ?? 'Error' } } };
}

function version(call: Call): Record<string, unknown> {
  return {
    id: 'v3.14',
    status: 'stable',
    updated: '2020-04-07T00:00:00Z',
    links: [{ rel: 'self', href: `${call.root}/v3/` }],
    'media-types': [{ base: 'application/json', type: 'application/vnd.openstack.identity-v3+json' }],
  };
}

function versions(call: Call): Pick<Answer, 'body'> {
  return { body: { versions: { values: [version(call)] } } };
}

function list(
  call: Call,
  many: string,
  rows: readonly Record<string, unknown>[],
  filters: readonly string[] = [],
): Answer {
  const found = filtered(rows, call.query, filters);
  // Zed writes the self link of filtered lists with the query.
  const query = call.query.size === 0 ? '' : `?${call.query.toString()}`;
  return {
    status: 200,
    body: { [many]: found, links: { next: null, self: `${call.root}${call.path}${query}`, previous: null } },
  };
}

function denied(action: string): Refusal {
  return new Refusal(403, `You are not authorized to perform the requested action: identity:${action}.`);
}

/** The user id of the path, where it is the asker's own or the asker an administrator. */
function own(call: Call, action: string): string {
  const id = call.parts['id'] ?? '';
  if (id !== call.asker.userId && !isAdmin(call.asker)) throw denied(action);
  return id;
}

function ownCatalog(call: Call): Record<string, unknown> {
  const project = call.asker.projectId;
  if (project === null) throw new Refusal(403, 'You are not authorized to perform the requested action.');
  return { catalog: catalog(call.cloud, project), links: { self: `${call.root}${call.path}` } };
}

function showProject(call: Call, project: Project): Record<string, unknown> {
  return {
    id: project.id,
    name: project.name,
    domain_id: 'default',
    description: project.description,
    enabled: true,
    parent_id: 'default',
    is_domain: false,
    tags: [],
    options: {},
    links: { self: `${call.root}/v3/projects/${project.id}` },
  };
}

function projectsOf(call: Call, userId: string): Record<string, unknown>[] {
  const ids = new Set(call.world.grants.filter((grant) => grant.userId === userId).map((grant) => grant.projectId));
  return sorted(call.world.projects.all().filter((project) => ids.has(project.id))).map((each) =>
    showProject(call, each),
  );
}

function allProjects(call: Call): Record<string, unknown>[] {
  if (!isAdmin(call.asker)) throw denied('list_projects');
  const projects = sorted(call.world.projects.all()).map((project) => showProject(call, project));
  // The domain is a project too, and listed only to those who ask for domains.
  return call.query.has('is_domain') ? [...projects, showDomain(call)] : projects;
}

function showDomain(call: Call): Record<string, unknown> {
  const domain = { id: 'default', name: 'Default', description: 'The default domain' };
  return { ...showProject(call, domain), domain_id: null, parent_id: null, is_domain: true };
}

function sorted(projects: readonly Project[]): Project[] {
  return [...projects].sort((a, b) => (a.id < b.id ? -1 : 1));
}

function oneProject(call: Call): Answer {
  const id = call.parts['id'] ?? '';
  const project = call.world.projects.get(id);
  if (!isAdmin(call.asker) && (project === undefined || call.asker.projectId !== id)) throw denied('get_project');
  if (project === undefined) throw new Refusal(404, `Could not find project: ${id}.`);
  return { status: 200, body: { project: showProject(call, project) } };
}

function showUser(call: Call, user: User): Record<string, unknown> {
  return {
    id: user.id,
    name: user.name,
    domain_id: 'default',
    enabled: true,
    ...(user.name === 'admin' ? {} : { default_project_id: user.defaultProjectId }),
    password_expires_at: null,
    options: {},
    links: { self: `${call.root}/v3/users/${user.id}` },
  };
}

function allUsers(call: Call): Record<string, unknown>[] {
  if (!isAdmin(call.asker)) throw denied('list_users');
  return call.world.users.all().map((user) => showUser(call, user));
}

function oneUser(call: Call): Answer {
  const id = own(call, 'get_user');
  const user = call.world.users.get(id);
  if (user === undefined) throw new Refusal(404, `Could not find user: ${id}.`);
  return { status: 200, body: { user: showUser(call, user) } };
}

function allRoles(call: Call): Record<string, unknown>[] {
  if (!isAdmin(call.asker)) throw denied('list_roles');
  return call.world.roles.map(({ id, name }) => ({
    id,
    name,
    domain_id: null,
    description: null,
    options: name === 'service' ? {} : { immutable: true },
    links: { self: `${call.root}/v3/roles/${id}` },
  }));
}

function region(call: Call): Record<string, unknown> {
  return {
    id: REGION_NAME,
    description: '',
    parent_region_id: null,
    links: { self: `${call.root}/v3/regions/${REGION_NAME}` },
  };
}
