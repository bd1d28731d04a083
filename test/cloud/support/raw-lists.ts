import type { ResourceName } from '../../../src/resource.js';
import { registry, resourceOf } from '../../../src/services/registry.js';
import type { Raw, RawRow, Service } from './openstack.js';

/** Every type that the gateway knows. */
export const TYPES = Object.keys(registry) as readonly ResourceName[];

/** A type's list as OpenStack gives it, in as few pages as it can; Neutron would show an admin everybody's rows. */
export async function rawRows(raw: Raw, type: ResourceName, isAdmin: boolean): Promise<readonly RawRow[]> {
  const { service, list, path, many, listQuery = [] } = resourceOf(type);
  const query = new URLSearchParams(listQuery.map(([name, value]): [string, string] => [name, value]));
  if (service !== 'network' && service !== 'identity') query.set('limit', '1000');
  if (service === 'network' && isAdmin) query.set('project_id', raw.projectId);
  const rows = await raw.rows(service as Service, `${list ?? path}?${query}`, many);
  return [...rows].sort((one, other) => (one.id < other.id ? -1 : 1));
}
