import { Fault } from '../rest/fault.js';
import { isObject } from '../row.js';
import type { CatalogService, Endpoint, InDomain, Interface, Named, Scope, Secret } from './scope.js';

type Json = Record<string, unknown>;

function malformed(where: string, expected: string): Fault {
  const message = `identity answered with a token whose ${where} is not ${expected}.`;
  return new Fault({ code: 'UPSTREAM_UNAVAILABLE', service: 'identity', message });
}

function objectAt(value: unknown, where: string): Json {
  if (!isObject(value)) throw malformed(where, 'an object');
  return value;
}

function textAt(value: unknown, where: string): string {
  if (typeof value !== 'string' || value === '') throw malformed(where, 'a text');
  return value;
}

/** Lists that Keystone leaves out where they are empty. */
function listAt(value: unknown, where: string): readonly unknown[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw malformed(where, 'a list');
  return value;
}

function timeAt(value: unknown, where: string): Date {
  const time = new Date(textAt(value, where));
  if (Number.isNaN(time.getTime())) throw malformed(where, 'a time');
  return time;
}

function namedAt(value: unknown, where: string): Named {
  const { id, name } = objectAt(value, where);
  return { id: textAt(id, `${where}.id`), name: textAt(name, `${where}.name`) };
}

function inDomainAt(value: unknown, where: string): InDomain {
  return { ...namedAt(value, where), domain: namedAt(objectAt(value, where)['domain'], `${where}.domain`) };
}

function optional<T>(value: unknown, where: string, read: (value: unknown, where: string) => T): T | null {
  return value === undefined || value === null ? null : read(value, where);
}

const INTERFACES: readonly string[] = ['public', 'internal', 'admin'] satisfies Interface[];

function isInterface(value: unknown): value is Interface {
  return typeof value === 'string' && INTERFACES.includes(value);
}

/** One endpoint; null for what no call could use (a service registered without URL, an interface of another name). */
function endpointAt(value: unknown, where: string): Endpoint | null {
  const { region_id: regionId, region, interface: side, url } = objectAt(value, where);
  const place = regionId ?? region;
  if (!isInterface(side) || typeof url !== 'string' || !URL.canParse(url)) return null;
  return { region: typeof place === 'string' ? place : '', interface: side, url };
}

function serviceAt(value: unknown, where: string): CatalogService {
  const { type, name, endpoints } = objectAt(value, where);
  const all = listAt(endpoints, `${where}.endpoints`).map((endpoint) => endpointAt(endpoint, `${where}.endpoints[]`));
  return {
    type: textAt(type, `${where}.type`),
    name: typeof name === 'string' ? name : '',
    endpoints: all.filter((endpoint) => endpoint !== null),
  };
}

function credentialAt(value: unknown, where: string): { id: string; hasAccessRules: boolean } {
  const credential = objectAt(value, where);
  // An empty list of rules is a rule, too: it allows nothing.
  const rules = credential['access_rules'];
  return { id: textAt(credential['id'], `${where}.id`), hasAccessRules: rules !== undefined && rules !== null };
}

/**
 * Reads Keystone's answer about a token (`GET` or `POST /v3/auth/tokens`): who it belongs to and what it may do.
 * Anything unexpected is a fault, since a scope half understood would give away or hide rows.
 */
export function parseToken(token: Secret, body: unknown): Scope {
  const json = objectAt(isObject(body) ? body['token'] : undefined, 'body');
  const project = optional(json['project'], 'project', inDomainAt);
  const domain = optional(json['domain'], 'domain', namedAt);
  const system = json['system'] !== undefined && json['system'] !== null;
  if ([project !== null, domain !== null, system].filter(Boolean).length > 1)
    throw malformed('scope', 'one scope only');
  const credential = optional(json['application_credential'], 'application_credential', credentialAt);
  const trust = optional(json['OS-TRUST:trust'], 'trust', objectAt);
  return {
    token,
    user: inDomainAt(json['user'], 'user'),
    project,
    domain,
    system,
    roles: listAt(json['roles'], 'roles').map((role) => namedAt(role, 'roles[]')),
    // Left out unless the cloud names an admin project; then oslo.context and the policies of all services assume true.
    isAdminProject: json['is_admin_project'] !== false,
    trustId: trust === null ? null : textAt(trust['id'], 'trust.id'),
    applicationCredentialId: credential?.id ?? null,
    hasAccessRules: credential?.hasAccessRules ?? false,
    catalog: listAt(json['catalog'], 'catalog').map((service) => serviceAt(service, 'catalog[]')),
    issuedAt: timeAt(json['issued_at'], 'issued_at'),
    expiresAt: timeAt(json['expires_at'], 'expires_at'),
  };
}

/** A scope as the cache may hold it: JSON, in Keystone's own shape, without the token's text. */
export function tokenBodyOf(scope: Scope): Json {
  const { user, project, domain, roles, catalog, trustId, applicationCredentialId } = scope;
  return {
    token: {
      user,
      roles,
      catalog,
      is_admin_project: scope.isAdminProject,
      issued_at: scope.issuedAt.toISOString(),
      expires_at: scope.expiresAt.toISOString(),
      ...(project === null ? {} : { project }),
      ...(domain === null ? {} : { domain }),
      ...(scope.system ? { system: { all: true } } : {}),
      ...(trustId === null ? {} : { 'OS-TRUST:trust': { id: trustId } }),
      ...(applicationCredentialId === null
        ? {}
        : {
            application_credential: {
              id: applicationCredentialId,
              ...(scope.hasAccessRules ? { access_rules: [] } : {}),
            },
          }),
    },
  };
}
