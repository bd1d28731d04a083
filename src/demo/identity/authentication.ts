import { type Answer, type Call, isRecord, objectIn, Refusal } from '../http.js';
import type { Role, User } from '../rows.js';
import { inKeystoneTime } from '../times.js';
import type { World } from '../world.js';
import { catalog } from './catalog.js';
import type { Token, Tokens } from './tokens.js';

const MALFORMED =
  'The server could not comply with the request since it is either malformed or otherwise incorrect. The client is assumed to be in error.';
const unauthorized = () => new Refusal(401, 'The request you have made requires authentication.');
const forbidden = (action: string) =>
  new Refusal(403, `You are not authorized to perform the requested action: identity:${action}.`);

/** `POST /v3/auth/tokens`: by password or by another token. */
export function issueToken(tokens: Tokens, call: Call): Answer {
  if (call.body === undefined) throw new Refusal(400, `Expecting to find valid JSON in request body. ${MALFORMED}`);
  const auth = objectIn(call.body, 'auth');
  if (auth === undefined) throw new Refusal(400, `Expecting to find auth in request body. ${MALFORMED}`);
  const identity = objectIn(auth, 'identity');
  if (identity === undefined) throw new Refusal(400, "'identity' is a required property");
  const methods = Array.isArray(identity['methods']) ? identity['methods'].map(String) : [];
  const { user, parent } = identify(tokens, call.world, identity, methods);
  const projectId = scopeOf(call.world, auth['scope'], user, parent);
  const roles = projectId === null ? [] : rolesIn(call.world, user.id, projectId);
  if (projectId !== null && roles.length === 0) throw unauthorized();
  const all = parent === undefined ? methods : [...new Set([...methods, ...parent.methods])];
  const token = tokens.issue({ userId: user.id, projectId, roles, methods: all }, parent);
  return { status: 201, body: { token: describe(call, token) }, headers: { 'x-subject-token': token.id } };
}

function identify(
  tokens: Tokens,
  world: World,
  identity: Record<string, unknown>,
  methods: readonly string[],
): { user: User; parent?: Token } {
  for (const method of methods) {
    if (!isRecord(identity[method])) throw new Refusal(400, `Expecting to find ${method} in identity. ${MALFORMED}`);
  }
  if (methods.includes('token')) {
    const parent = tokens.get(String(objectIn(identity, 'token')?.['id']));
    if (parent === null) throw new Refusal(404, 'Could not recognize Fernet token');
    const user = world.users.get(parent.userId);
    if (user === undefined) throw unauthorized();
    return { user, parent };
  }
  const given = objectIn(objectIn(identity, 'password'), 'user');
  if (given === undefined) throw unauthorized();
  const user = world.users
    .all()
    .find((each) => each.id === given['id'] || (each.name === given['name'] && isDefault(given['domain'])));
  if (user === undefined || user.password !== given['password']) throw unauthorized();
  return { user };
}

function scopeOf(world: World, scope: unknown, user: User, parent: Token | undefined): string | null {
  if (scope === 'unscoped') return null;
  if (scope === undefined) return parent === undefined ? user.defaultProjectId : parent.projectId;
  const wanted = objectIn(scope, 'project');
  if (wanted === undefined) throw unauthorized();
  const project = world.projects
    .all()
    .find((each) => each.id === wanted['id'] || (each.name === wanted['name'] && isDefault(wanted['domain'])));
  if (project === undefined) throw unauthorized();
  return project.id;
}

function isDefault(domain: unknown): boolean {
  return isRecord(domain) && (domain['id'] === 'default' || domain['name'] === 'Default');
}

function rolesIn(world: World, userId: string, projectId: string): readonly Role[] {
  return world.grants.find((grant) => grant.userId === userId && grant.projectId === projectId)?.roles ?? [];
}

/** `GET /v3/auth/tokens`: validates the token in `X-Subject-Token`. Members may validate their own only. */
export function validateToken(tokens: Tokens, call: Call): Answer {
  const token = subject(tokens, call, 'validate_token');
  return { status: 200, body: { token: describe(call, token) }, headers: { 'x-subject-token': token.id } };
}

/** `DELETE /v3/auth/tokens`. */
export function revokeToken(tokens: Tokens, call: Call): Answer {
  tokens.revoke(subject(tokens, call, 'revoke_token').id);
  return { status: 204 };
}

function subject(tokens: Tokens, call: Call, action: string): Token {
  const id = call.header('x-subject-token');
  if (id === undefined) throw forbidden(action);
  const token = tokens.get(id);
  if (token === null) throw new Refusal(404, 'Could not recognize Fernet token');
  if (id !== call.header('x-auth-token') && !call.asker.roles.includes('admin')) throw forbidden(action);
  return token;
}

const DOMAIN = { id: 'default', name: 'Default' };

function describe(call: Call, token: Token): Record<string, unknown> {
  const { world } = call;
  const user = world.users.get(token.userId);
  const project = token.projectId === null ? undefined : world.projects.get(token.projectId);
  const scoped = project && {
    project: { domain: DOMAIN, id: project.id, name: project.name },
    is_domain: false,
    roles: token.roles.map(({ id, name }) => ({ id, name })),
    ...(call.query.has('nocatalog') ? {} : { catalog: catalog(call.cloud, project.id) }),
  };
  return {
    methods: token.methods,
    user: { domain: DOMAIN, id: token.userId, name: user?.name, password_expires_at: null },
    audit_ids: token.auditIds,
    expires_at: inKeystoneTime(token.expiresAt),
    issued_at: inKeystoneTime(token.issuedAt),
    ...scoped,
  };
}
