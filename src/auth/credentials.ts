import type { Credentials } from './clouds.js';
import { Secret } from './scope.js';

/** Plugins of keystoneauth that stratograph can do itself; with any other the cloud is known, but not logged in to. */
const METHODS: Readonly<Record<string, Credentials['method']>> = {
  password: 'password',
  v3password: 'password',
  token: 'token',
  v3token: 'token',
  v3applicationcredential: 'applicationCredential',
};

function guessMethod(text: (key: string) => string | null): Credentials['method'] | null {
  if (text('application_credential_secret') !== null) return 'applicationCredential';
  if (text('password') !== null) return 'password';
  return text('token') === null ? null : 'token';
}

/** Domain of users and projects where none is named: what OpenStack's own command line takes. */
const DEFAULT_DOMAIN = 'default';

/** What the `auth` block of a cloud logs in with; null where it is not enough, which is no fault: clients bring tokens. */
export function credentialsOf(auth: Record<string, unknown>, authType: string | null): Credentials | null {
  const text = (key: string): string | null => {
    const value = auth[key];
    return typeof value === 'string' && value !== '' ? value : typeof value === 'number' ? String(value) : null;
  };
  const secret = (key: string): Secret | null => {
    const value = text(key);
    return value === null ? null : new Secret(value);
  };
  const method = authType === null ? guessMethod(text) : (METHODS[authType] ?? null);
  if (method === null) return null;
  const defaultDomain = text('default_domain_id') ?? text('default_domain') ?? DEFAULT_DOMAIN;
  const userDomainName = text('user_domain_name') ?? text('domain_name');
  const projectDomainName = text('project_domain_name');
  const credentials: Credentials = {
    method,
    username: text('username'),
    userId: text('user_id'),
    userDomainName,
    userDomainId: text('user_domain_id') ?? text('domain_id') ?? (userDomainName === null ? defaultDomain : null),
    password: secret('password'),
    token: secret('token'),
    applicationCredentialId: text('application_credential_id'),
    applicationCredentialName: text('application_credential_name'),
    applicationCredentialSecret: secret('application_credential_secret'),
    projectName: text('project_name') ?? text('tenant_name'),
    projectId: text('project_id') ?? text('tenant_id'),
    projectDomainName,
    projectDomainId: text('project_domain_id') ?? (projectDomainName === null ? defaultDomain : null),
    domainName: text('domain_name'),
    domainId: text('domain_id'),
    system: text('system_scope') !== null,
    trustId: text('trust_id'),
  };
  return isEnough(credentials) ? credentials : null;
}

function isEnough(credentials: Credentials): boolean {
  const { method, username, userId, password, token } = credentials;
  const hasUser = username !== null || userId !== null;
  if (method === 'password') return hasUser && password !== null;
  if (method === 'token') return token !== null;
  const {
    applicationCredentialId: id,
    applicationCredentialName: name,
    applicationCredentialSecret: secret,
  } = credentials;
  return secret !== null && (id !== null || (name !== null && hasUser));
}
