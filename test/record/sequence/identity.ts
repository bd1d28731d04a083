import { on, type Step } from '../step.js';

const identity = on('identity');
const compute = on('compute');
const NOBODY = '00000000000040008000000000000000';
const password = (name: string, secret: string, scope?: unknown) => ({
  auth: {
    identity: { methods: ['password'], password: { user: { name, domain: { name: 'Default' }, password: secret } } },
    ...(scope === undefined ? {} : { scope }),
  },
});
const project = (name: string) => ({ project: { name, domain: { name: 'Default' } } });

export const identitySteps: readonly Step[] = [
  identity('the versions', 'nobody', 'GET //'),
  identity('the version document', 'nobody', 'GET //v3'),
  identity('log in', 'nobody', 'POST /auth/tokens?nocatalog', {
    body: password('alice', 'alice-secret', project('demo-a')),
  }),
  identity('log in as a reader', 'nobody', 'POST /auth/tokens?nocatalog', {
    body: password('reader', 'reader-secret', project('demo-a')),
  }),
  identity('log in as an administrator', 'nobody', 'POST /auth/tokens?nocatalog', {
    body: password('admin', 'admin-secret', project('demo-b')),
  }),
  identity('log in without a scope', 'nobody', 'POST /auth/tokens?nocatalog', { body: password('bob', 'bob-secret') }),
  identity('log in unscoped', 'nobody', 'POST /auth/tokens', { body: password('bob', 'bob-secret', 'unscoped') }),
  identity('scope an unscoped token', 'nobody', 'POST /auth/tokens?nocatalog', {
    body: { auth: { identity: { methods: ['token'], token: { id: '{token:unscoped}' } }, scope: project('demo-a') } },
  }),
  identity('a wrong password', 'nobody', 'POST /auth/tokens', { body: password('alice', 'wrong', project('demo-a')) }),
  identity('an unknown user', 'nobody', 'POST /auth/tokens', { body: password('nobody', 'wrong') }),
  identity('an unknown project', 'nobody', 'POST /auth/tokens', {
    body: password('alice', 'alice-secret', project('nowhere')),
  }),
  identity('a project without a role in it', 'nobody', 'POST /auth/tokens', {
    body: password('alice', 'alice-secret', project('demo-b')),
  }),
  identity('a log-in without auth', 'nobody', 'POST /auth/tokens', { body: {} }),
  identity('a log-in that is no JSON', 'nobody', 'POST /auth/tokens', { text: '{bad' }),
  identity('a log-in by an unknown method', 'nobody', 'POST /auth/tokens', {
    body: { auth: { identity: { methods: ['foo'] } } },
  }),
  identity('a log-in with an unreadable token', 'nobody', 'POST /auth/tokens', {
    body: { auth: { identity: { methods: ['token'], token: { id: 'garbage' } } } },
  }),
  identity('a token validates itself', 'alice', 'GET /auth/tokens?nocatalog', {
    headers: { 'X-Subject-Token': '{token:alice}' },
  }),
  identity('an unscoped token validates itself', 'unscoped', 'GET /auth/tokens', {
    headers: { 'X-Subject-Token': '{token:unscoped}' },
  }),
  identity("a member validates another's token", 'alice', 'GET /auth/tokens', {
    headers: { 'X-Subject-Token': '{token:admin}' },
  }),
  identity("an administrator validates another's token", 'admin', 'GET /auth/tokens?nocatalog', {
    headers: { 'X-Subject-Token': '{token:alice}' },
  }),
  identity('an unreadable token is validated', 'alice', 'GET /auth/tokens', {
    headers: { 'X-Subject-Token': 'garbage' },
  }),
  identity('nothing is validated', 'alice', 'GET /auth/tokens'),
  identity('a foreign token', 'garbage', 'GET /auth/projects'),
  identity('no token', 'nobody', 'GET /auth/projects'),
  ...(['alice', 'reader', 'admin', 'unscoped'] as const).map((who) =>
    identity(`the projects of ${who}`, who, 'GET /auth/projects', { rows: 'project' }),
  ),
  identity('the domains of a member', 'alice', 'GET /auth/domains'),
  identity('a member asks for all projects', 'alice', 'GET /projects'),
  identity('an administrator asks for a project by name', 'admin', 'GET /projects?name=demo-b', { rows: 'project' }),
  ...[
    'name=DEMO-B',
    'name=demo-a&name=demo-b',
    'name=',
    'name__contains=emo',
    'name__contains=EMO',
    'name__icontains=EMO',
    'name__startswith=demo-',
    'name__endswith=-b',
    'name__istartswith=DEMO&name__endswith=b',
    'name__near=demo',
    'enabled=false',
    'enabled=banana&name=demo-a',
    'domain_id=default&name=demo-a',
    'domain_id=nope',
    'parent_id=default&name=demo-a',
    'parent_id={project:demo-a}',
    'is_domain=true',
    'is_domain=no&name=demo-a',
    'tags=x',
    'tags-any=x',
    'not-tags=x&name=demo-a',
    'not-tags-any=x&name=demo-a',
    'description=x&name=demo-a',
  ].map((query) => identity(`projects where ${query}`, 'admin', `GET /projects?${query}`)),
  ...['name=ALICE', 'name__contains=lic', 'enabled=false', 'domain_id=nope'].map((query) =>
    identity(`users where ${query}`, 'admin', `GET /users?${query}`),
  ),
  identity('a role by name', 'admin', 'GET /roles?name=MEMBER'),
  identity('own projects by a name that none has', 'alice', 'GET /auth/projects?name=nope'),
  identity('projects of a user by a name that none has', 'alice', 'GET /users/{user:alice}/projects?name=nope'),
  identity('a member asks for its project', 'alice', 'GET /projects/{project:demo-a}', { rows: 'project' }),
  identity('an administrator asks for a project', 'admin', 'GET /projects/{project:demo-a}', { rows: 'project' }),
  identity("a member asks for another's project", 'alice', 'GET /projects/{project:demo-b}'),
  identity('a member asks for a missing project', 'alice', `GET /projects/${NOBODY}`),
  identity('an administrator asks for a missing project', 'admin', 'GET /projects/nope'),
  identity('a member asks for itself', 'alice', 'GET /users/{user:alice}'),
  identity('a member asks for another user', 'alice', 'GET /users/{user:bob}'),
  identity('an administrator asks for a user', 'admin', 'GET /users/{user:bob}'),
  identity('an administrator asks for a missing user', 'admin', 'GET /users/nope'),
  identity("a member's projects by its id", 'alice', 'GET /users/{user:alice}/projects'),
  identity("another user's projects", 'alice', 'GET /users/{user:bob}/projects'),
  identity("a member's groups", 'alice', 'GET /users/{user:alice}/groups'),
  identity("a member's application credentials", 'alice', 'GET /users/{user:alice}/application_credentials'),
  identity('a member asks for users', 'alice', 'GET /users'),
  identity('a member asks for roles', 'alice', 'GET /roles'),
  identity('regions', 'alice', 'GET /regions'),
  identity('the catalog of an unscoped token', 'unscoped', 'GET /auth/catalog'),
  identity('an unknown path', 'alice', 'GET /nosuch'),
  identity('log in once more', 'nobody', 'POST /auth/tokens?nocatalog', {
    body: password('alice', 'alice-secret', project('demo-a')),
    unrecorded: true,
    saveHeader: 'token:revoked',
  }),
  identity('a token revokes itself', 'alice', 'DELETE /auth/tokens', {
    headers: { 'X-Auth-Token': '{token:revoked}', 'X-Subject-Token': '{token:revoked}' },
  }),
  identity('a revoked token', 'alice', 'GET /auth/projects', { headers: { 'X-Auth-Token': '{token:revoked}' } }),
  identity('log in for the services', 'nobody', 'POST /auth/tokens?nocatalog', {
    body: password('alice', 'alice-secret', project('demo-a')),
    unrecorded: true,
    saveHeader: 'token:seen',
  }),
  compute('a service sees a token', 'alice', 'GET /flavors?limit=0', { headers: { 'X-Auth-Token': '{token:seen}' } }),
  identity('it is revoked', 'alice', 'DELETE /auth/tokens', {
    headers: { 'X-Subject-Token': '{token:seen}', 'X-Auth-Token': '{token:seen}' },
  }),
  compute('a service goes on honouring it', 'alice', 'GET /flavors?limit=0', {
    headers: { 'X-Auth-Token': '{token:seen}' },
  }),
  compute('a service has never seen a revoked token', 'alice', 'GET /flavors?limit=0', {
    headers: { 'X-Auth-Token': '{token:revoked}' },
  }),
];
