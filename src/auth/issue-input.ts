import { badInput } from '../rest/fault.js';

type Text = string | null | undefined;

/** `issueToken`'s input as GraphQL gives it: exactly one of the three ways to log in, and what the token is for. */
export interface IssueInput {
  readonly password?: PasswordInput | null;
  readonly applicationCredential?: ApplicationCredentialInput | null;
  /** A token to be exchanged for one with another scope. */
  readonly token?: Text;
  readonly scope?: ScopeInput | null;
}

export interface PasswordInput {
  readonly username?: Text;
  readonly userId?: Text;
  readonly password: string;
  readonly userDomainName?: Text;
  readonly userDomainId?: Text;
}

export interface ApplicationCredentialInput {
  readonly id?: Text;
  readonly name?: Text;
  readonly secret: string;
  readonly username?: Text;
  readonly userId?: Text;
  readonly userDomainName?: Text;
  readonly userDomainId?: Text;
}

/** At most one kind; without any, the user's default project counts. */
export interface ScopeInput {
  readonly projectName?: Text;
  readonly projectId?: Text;
  readonly projectDomainName?: Text;
  readonly projectDomainId?: Text;
  readonly domainName?: Text;
  readonly domainId?: Text;
  readonly system?: boolean | null;
  /** Explicitly no scope: without it Keystone takes the default project. */
  readonly unscoped?: boolean | null;
  readonly trustId?: Text;
}

/** No name, id or password of Keystone is longer. */
const MAX_TEXT = 4096;

type Reference = { readonly id: string } | { readonly name: string };
type Domained = { readonly id: string } | { readonly name: string; readonly domain: Reference };

/** A text that was given; null where it was not. BAD_USER_INPUT never shows the value: it may be a password. */
function textAt(argument: string, value: Text): string | null {
  if (value === undefined || value === null) return null;
  if (value === '' || value.length > MAX_TEXT)
    throw badInput(argument, `1 to ${MAX_TEXT} characters`, `${value.length} characters`);
  return value;
}

function required(argument: string, value: Text): string {
  const text = textAt(argument, value);
  if (text === null) throw badInput(argument, 'a text', undefined);
  return text;
}

/** An id or, where there is none, a name. */
function referenceOf(place: string, id: Text, name: Text): Reference | null {
  const [byId, byName] = [textAt(`${place}Id`, id), textAt(`${place}Name`, name)];
  if (byId !== null && byName !== null) throw badInput(`${place}Id`, `nothing beside ${place}Name`, byId);
  if (byId !== null) return { id: byId };
  return byName === null ? null : { name: byName };
}

interface UserFields {
  readonly username?: Text;
  readonly userId?: Text;
  readonly userDomainName?: Text;
  readonly userDomainId?: Text;
}

function userOf(place: string, input: UserFields): Domained | null {
  const id = textAt(`${place}.userId`, input.userId);
  const name = textAt(`${place}.username`, input.username);
  if (id !== null && name !== null) throw badInput(`${place}.userId`, 'nothing beside username', id);
  if (id !== null) return { id };
  if (name === null) return null;
  const domain = referenceOf(`${place}.userDomain`, input.userDomainId, input.userDomainName);
  if (domain === null) throw badInput(`${place}.userDomainName`, 'the domain of the user name', undefined);
  return { name, domain };
}

function passwordIdentity(input: PasswordInput): unknown {
  const user = userOf('password', input);
  if (user === null) throw badInput('password.username', 'a user name or userId', undefined);
  return {
    methods: ['password'],
    password: { user: { ...user, password: required('password.password', input.password) } },
  };
}

function credentialIdentity(input: ApplicationCredentialInput): unknown {
  const place = 'applicationCredential';
  const secret = required(`${place}.secret`, input.secret);
  const id = textAt(`${place}.id`, input.id);
  const name = textAt(`${place}.name`, input.name);
  if (id !== null && name !== null) throw badInput(`${place}.id`, 'nothing beside name', id);
  if (id !== null) return { methods: ['application_credential'], application_credential: { id, secret } };
  if (name === null) throw badInput(`${place}.id`, 'the id or name of the application credential', undefined);
  const user = userOf(place, input);
  if (user === null)
    throw badInput(`${place}.username`, 'the user whose application credential has this name', undefined);
  return { methods: ['application_credential'], application_credential: { name, secret, user } };
}

/** Keystone's `identity` object. */
export function identityOf(input: IssueInput): unknown {
  const { password, applicationCredential, token } = input;
  const given = [password, applicationCredential, token].filter((way) => way !== undefined && way !== null);
  if (given.length !== 1) {
    throw badInput('input', 'exactly one of password, applicationCredential and token', `${given.length} of them`);
  }
  if (password) return passwordIdentity(password);
  if (applicationCredential) return credentialIdentity(applicationCredential);
  return { methods: ['token'], token: { id: required('token', token) } };
}

function projectScope(input: ScopeInput): unknown {
  const project = referenceOf('scope.project', input.projectId, input.projectName);
  const domain = referenceOf('scope.projectDomain', input.projectDomainId, input.projectDomainName);
  if (project === null) {
    if (domain !== null) throw badInput('scope.projectDomainName', 'nothing without projectName', domain);
    return null;
  }
  if ('id' in project) return { project };
  if (domain === null) throw badInput('scope.projectDomainName', 'the domain of the project name', undefined);
  return { project: { ...project, domain } };
}

/** Keystone's `scope`; null where none was asked for. */
export function scopeOf(input: ScopeInput | null | undefined): unknown {
  if (input === undefined || input === null) return null;
  const domain = referenceOf('scope.domain', input.domainId, input.domainName);
  const trustId = textAt('scope.trustId', input.trustId);
  const kinds = [
    projectScope(input),
    domain === null ? null : { domain },
    input.system ? { system: { all: true } } : null,
    trustId === null ? null : { 'OS-TRUST:trust': { id: trustId } },
    input.unscoped ? 'unscoped' : null,
  ].filter((kind) => kind !== null);
  if (kinds.length > 1)
    throw badInput('scope', 'one of project, domain, system, trustId and unscoped', `${kinds.length} of them`);
  return kinds[0] ?? null;
}

/** Who tries to log in, for limits: the same for the same user, whatever the case of the name. */
export function userNameOf(input: IssueInput): string {
  const { password, applicationCredential: credential } = input;
  const user = password ?? credential;
  const parts = [credential?.id, user?.userId, user?.username?.toLowerCase(), user?.userDomainId, user?.userDomainName];
  return JSON.stringify(parts.map((part) => part ?? null));
}
