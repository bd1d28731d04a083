import { type Scope, Secret } from '../../src/auth/scope.js';
import { createEmbeddedStore } from '../../src/cache/embedded.js';
import type { Asker } from '../../src/load/asker.js';
import type { ListRequest } from '../../src/load/fetch-list.js';
import { Fault } from '../../src/rest/fault.js';
import { pageOf } from '../../src/rest/pages.js';
import type { Page, Rest, RestAnswer, RestRequest } from '../../src/rest/rest.js';
import { cacheOver } from '../cache/help.js';

export const REGION_ONE = 'RegionOne';
export const OWN_PROJECT = 'a'.repeat(32);

/** The UUID whose digits end in `number`. */
export function uuid(number: number): string {
  return `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`;
}

/** OpenStack as a function from requests to bodies. A Fault that it returns is thrown. */
export class FakeRest implements Rest {
  /** `GET /ports?id=…`, undecoded, in order. */
  readonly calls: string[] = [];
  readonly #answer: (request: RestRequest) => unknown;

  constructor(answer: (request: RestRequest) => unknown) {
    this.#answer = answer;
  }

  async call(request: RestRequest): Promise<RestAnswer> {
    this.calls.push(spoken(request));
    const body = this.#answer(request);
    if (body instanceof Fault) throw body;
    return { status: 200, body, header: () => null, requestId: null };
  }

  async page(request: Omit<RestRequest, 'method'>, many: string): Promise<Page> {
    const { body } = await this.call({ ...request, method: 'GET' });
    return pageOf(request.service, many, request.query ?? [], body);
  }

  regionsOf(): readonly string[] {
    return [REGION_ONE];
  }

  async microversion(): Promise<null> {
    return null;
  }
}

/** Without the names of what is asked for, which are the descriptor's. */
function spoken({ method, path, query = [] }: RestRequest): string {
  const told = query.filter(([name]) => name !== 'fields');
  const parameters = told.map(([name, value]) => `${name}=${value}`).join('&');
  return `${method} ${path}${parameters === '' ? '' : `?${parameters}`}`;
}

/** Every value of a parameter in the order of the query. */
export function valuesOf({ query = [] }: Pick<RestRequest, 'query'>, name: string): readonly string[] {
  return query.filter(([key]) => key === name).map(([, value]) => value);
}

export function notFound(service: string): Fault {
  return new Fault({ code: 'NOT_FOUND', service, status: 404, message: 'none' });
}

export function forbidden(service: string): Fault {
  return new Fault({ code: 'FORBIDDEN', service, status: 403, message: 'not for you' });
}

/** A user of a project with one role. */
export function scopeWith(role: 'member' | 'admin'): Scope {
  const domain = { id: 'default', name: 'Default' };
  return {
    token: new Secret('token-of-the-test'),
    user: { id: 'u1', name: 'alice', domain },
    project: { id: OWN_PROJECT, name: 'demo-a', domain },
    domain: null,
    system: false,
    roles: [{ id: 'r1', name: role }],
    isAdminProject: false,
    trustId: null,
    applicationCredentialId: null,
    hasAccessRules: false,
    catalog: [],
    issuedAt: new Date('2026-01-01T00:00:00Z'),
    expiresAt: new Date('2036-01-01T00:00:00Z'),
  };
}

/** Somebody who asks `rest` through an empty cache of their own. */
export function askerOf(rest: Rest, role: 'member' | 'admin' = 'member'): Asker {
  return {
    scope: scopeWith(role),
    rest,
    cache: cacheOver(createEmbeddedStore()),
    policy: { bypass: false },
    place: (region) => `cloud/${region}`,
    audience: () => role,
    ttlOverride: () => undefined,
    collections: null,
  };
}

export function listOf(more: Partial<ListRequest> = {}): ListRequest {
  return {
    region: REGION_ONE,
    terms: [],
    filterKey: 'null',
    order: null,
    first: 100,
    marker: null,
    allProjects: false,
    ...more,
  };
}
