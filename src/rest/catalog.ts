import type { CatalogService, Endpoint, Interface, Scope } from '../auth/scope.js';
import { Fault } from './fault.js';
import { serviceOf } from './services.js';

/** What the operator says of the cloud, beside the asker's catalog. */
export interface CatalogView {
  /** Keystone's address: stands in where the catalog has no identity service (an unscoped token has no catalog). */
  readonly authUrl: string;
  /** The region that a token without catalog is in. */
  readonly region: string | null;
  readonly interface: Interface;
  /** `<service>_endpoint_override` by official type; these win over the catalog in every region. */
  readonly endpoints: Readonly<Record<string, string>>;
}

/** Keystone bootstraps itself into a region of this name; used where neither catalog nor configuration name one. */
const FALLBACK_REGION = 'RegionOne';

/** Endpoints of a service under its official type or, where that is missing, under its most preferred alias. */
function endpointsOf(catalog: readonly CatalogService[], service: string): readonly Endpoint[] {
  for (const type of [service, ...serviceOf(service).aliases]) {
    const endpoints = catalog.filter((entry) => entry.type === type).flatMap((entry) => entry.endpoints);
    if (endpoints.length > 0) return endpoints;
  }
  return [];
}

/** Regions in which the catalog has `service` at the configured interface, in the catalog's order. */
export function regionsOf(scope: Scope, service: string, view: CatalogView): readonly string[] {
  const offered = endpointsOf(scope.catalog, service).filter((endpoint) => endpoint.interface === view.interface);
  const regions = [...new Set(offered.map((endpoint) => endpoint.region))];
  if (regions.length > 0) return regions;
  if (service !== 'identity' && !Object.hasOwn(view.endpoints, service)) return [];
  const named = scope.catalog.flatMap((entry) => entry.endpoints.map((endpoint) => endpoint.region));
  return [view.region ?? named[0] ?? FALLBACK_REGION];
}

/** SDK overrides may hold the project's id as the catalog's templates do. */
function fillProject(url: string, scope: Scope): string {
  return url.replace(/[%$]\((?:project|tenant)_id\)s/g, scope.project?.id ?? '');
}

/** Catalog URL of `service` in `region`; UNSUPPORTED naming both where the cloud has none. */
export function endpointUrl(scope: Scope, service: string, region: string, view: CatalogView): string {
  const override = Object.hasOwn(view.endpoints, service) ? view.endpoints[service] : undefined;
  if (override !== undefined) return fillProject(override, scope);
  const found = endpointsOf(scope.catalog, service).find(
    (endpoint) => endpoint.region === region && endpoint.interface === view.interface,
  );
  if (found !== undefined) return found.url;
  if (service === 'identity') return view.authUrl;
  throw new Fault({ code: 'UNSUPPORTED', service, message: missing(scope, service, region, view) });
}

function missing(scope: Scope, service: string, region: string, view: CatalogView): string {
  if (scope.catalog.length === 0) {
    return `The token has no catalog, so it can reach identity only, not ${service}: log in to a project.`;
  }
  const regions = regionsOf(scope, service, view);
  const where = regions.length === 0 ? 'in no region' : `only in ${regions.join(', ')}`;
  return `The cloud has no ${view.interface} endpoint of ${service} in region ${region} (${where}).`;
}
