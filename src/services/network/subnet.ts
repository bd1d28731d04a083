import type { FilterTerm } from '../../resource.js';
import { belongsTo, creates, deletes, hasMany, resource, updates } from '../../resource.js';
import { byDescription, byName, byTags } from './filters.js';
import { named } from './write.js';

/** A range of addresses. Wire names: neutron_lib/api/definitions/subnet.py and the extensions beside it. */
export const subnet = resource('Subnet', {
  service: 'network',
  path: '/subnets',
  one: 'subnet',
  many: 'subnets',
  batch: 'ids',
  idFormat: 'uuid',
  ttl: 60,
  watch: ['revision_number'],
  project: 'project_id',
  // neutron/conf/policies/subnet.py, get_subnet: role and project_id or rule:shared, nothing of the user.
  audience: 'project',
  // The same rule shows the subnets of networks that other projects share.
  confined: false,
  // A network's revision moves with its subnets; ports get and lose autoconfigured IPv6 addresses with theirs.
  touches: ['Network', 'Port'],
  fields: {
    ipv6RaModeText: 'ipv6_ra_mode',
    ipv6AddressModeText: 'ipv6_address_mode',
    subnetPoolId: 'subnetpool_id',
  },
  relations: { network: belongsTo('Network', 'network_id'), project: belongsTo('Project', 'project_id') },
  extends: {
    Network: { subnets: hasMany('Subnet', { filter: 'network_id' }) },
    Project: { subnets: hasMany('Subnet', { filter: 'project_id', perParent: 100 }) },
  },
  filters: {
    ...byName,
    ...byDescription,
    ...byTags,
    subnetPoolId: 'subnetpool_id',
    ipv6RaMode: ipv6Mode('ipv6_ra_mode'),
    ipv6AddressMode: ipv6Mode('ipv6_address_mode'),
  },
  write: {
    ...named,
    subnetPoolId: 'subnetpool_id',
    useDefaultSubnetPool: 'use_default_subnetpool',
    prefixLength: 'prefixlen',
    ipv6RaMode: (mode: string | null) => ({ ipv6_ra_mode: mode && dashed(mode) }),
    ipv6AddressMode: (mode: string | null) => ({ ipv6_address_mode: mode && dashed(mode) }),
  },
  // Neutron answers an unknown marker with the first page again.
  markerUnchecked: true,
  mutations: { createSubnet: creates(), updateSubnet: updates(), deleteSubnet: deletes() },
});

/** `DHCPV6_STATEFUL` as Neutron writes it: `dhcpv6-stateful`. */
function dashed(mode: string): string {
  return mode.toLowerCase().replaceAll('_', '-');
}

function ipv6Mode(parameter: string) {
  return (mode: string): FilterTerm => ({ query: [[parameter, dashed(mode)]] });
}
