import { type Answer, type Call, middlewareUnauthenticated, Refusal, route, type Service } from '../http.js';
import type { Router } from '../rows.js';
import { EXTENSIONS, type Extension } from './extensions.js';
import { floatingIps } from './floating-ips.js';
import { networks, subnets } from './networks.js';
import { ports } from './ports.js';
import { type Kind, routesOf } from './resource.js';
import { securityGroupRules, securityGroups } from './security-groups.js';

const routers: Kind<Router> = {
  one: 'router',
  many: 'routers',
  path: '/routers',
  table: (world) => world.routers,
  missing: (id) => new Refusal(404, `Router ${id} could not be found`, 'RouterNotFound'),
  attributes: {
    name: { type: 'string', filter: true },
    status: { type: 'any', filter: true },
    admin_state_up: { type: 'boolean', filter: true },
    distributed: { type: 'boolean', filter: true, admin: true },
    ha: { type: 'boolean', filter: true, admin: true },
    flavor_id: { type: 'any', filter: true },
  },
};

/** Neutron. */
export const network: Service = {
  prefix: '/network',
  routes: [
    route('GET /', versions, true),
    route('GET /v2.0', resources),
    route('GET /v2.0/extensions', () => ({ status: 200, body: { extensions: EXTENSIONS.map(showExtension) } })),
    route('GET /v2.0/extensions/:alias', oneExtension),
    route('GET /v2.0/agents', () => ({ status: 200, body: { agents: [] } })),
    route('GET /v2.0/quotas/:project', quotas),
    ...routesOf(networks),
    ...routesOf(subnets),
    ...routesOf(ports),
    ...routesOf(floatingIps),
    ...routesOf(securityGroups),
    ...routesOf(securityGroupRules),
    ...routesOf(routers),
  ],
  unauthenticated: middlewareUnauthenticated,
  refuse: (refusal) => ({ status: refusal.status, body: neutronError(refusal) }),
  unknown: () => ({
    status: 404,
    body: neutronError(new Refusal(404, 'The resource could not be found.', 'HTTPNotFound')),
  }),
  headers: (_version, requestId) => ({ 'x-openstack-request-id': requestId }),
};

function neutronError({ type, message }: Refusal): Record<string, unknown> {
  return { NeutronError: { type, message, detail: '' } };
}

function versions(call: Call): Answer {
  const links = [{ rel: 'self', href: `${call.root}/v2.0/` }];
  return { status: 200, body: { versions: [{ id: 'v2.0', status: 'CURRENT', links }] }, bare: true };
}

function resources(call: Call): Answer {
  const names = ['network', 'subnet', 'subnetpool', 'port'];
  const rows = names.map((name) => ({
    name,
    collection: `${name}s`,
    links: [{ rel: 'self', href: `${call.root}/v2.0/${name}s` }],
  }));
  return { status: 200, body: { resources: rows } };
}

function showExtension(extension: Extension): Record<string, unknown> {
  return { ...extension, links: [] };
}

function oneExtension(call: Call): Answer {
  const found = EXTENSIONS.find(({ alias }) => alias === call.parts['alias']);
  if (found === undefined) throw new Refusal(404, 'The resource could not be found.', 'HTTPNotFound');
  return { status: 200, body: { extension: showExtension(found) } };
}

function quotas(call: Call): Answer {
  const { network: networksAllowed, subnet, floatingip, security_group, security_group_rule } = call.world.quotas;
  const unlimited = { subnetpool: -1, port: -1, trunk: -1 };
  const quota = {
    network: networksAllowed,
    subnet,
    router: 500,
    floatingip,
    rbac_policy: 10,
    security_group,
    security_group_rule,
  };
  return { status: 200, body: { quota: { ...quota, ...unlimited } } };
}
