import { belongsTo, creates, deletes, hasMany, resource, updates } from '../../resource.js';
import { anyOf } from '../filters.js';
import { byDescription, byName, byTags } from './filters.js';
import { named, text } from './write.js';

interface Segment {
  readonly providerNetworkType?: string | null;
  readonly providerPhysicalNetwork?: string | null;
  readonly providerSegmentationId?: number | null;
}

/** Wire names of extensions: neutron_lib/api/definitions/{provider_net,external_net}.py. */
const PROVIDER = {
  providerNetworkType: 'provider:network_type',
  providerPhysicalNetwork: 'provider:physical_network',
  providerSegmentationId: 'provider:segmentation_id',
} as const;

/** A layer 2 segment. Wire names: neutron_lib/api/definitions/network.py and the extensions beside it. */
export const network = resource('Network', {
  service: 'network',
  path: '/networks',
  one: 'network',
  many: 'networks',
  batch: 'ids',
  idFormat: 'uuid',
  ttl: (row) => (row['status'] === 'BUILD' ? 2 : 60),
  watch: ['revision_number', 'status'],
  project: 'project_id',
  // neutron/conf/policies/network.py, get_network: role and project_id, rule:shared, rule:external, nothing of the user.
  audience: 'project',
  // The same rule shows other projects' networks where they are shared or external.
  confined: false,
  // A deleted network takes its subnets and Neutron's own ports along; a shared one shows its subnets to others.
  touches: ['Subnet', 'Port'],
  fields: {
    statusText: 'status',
    external: 'router:external',
    subnetIds: 'subnets',
    ipv4AddressScopeId: 'ipv4_address_scope',
    ipv6AddressScopeId: 'ipv6_address_scope',
    l2Adjacency: 'l2_adjacency',
    ...PROVIDER,
  },
  values: { NetworkSegment: { fields: PROVIDER } },
  relations: { project: belongsTo('Project', 'project_id') },
  extends: { Project: { networks: hasMany('Network', { filter: 'project_id', perParent: 100 }) } },
  filters: {
    ...byName,
    ...byDescription,
    ...byTags,
    ...PROVIDER,
    status: anyOf('status'),
    external: 'router:external',
  },
  write: {
    ...named,
    ...PROVIDER,
    dnsDomain: text('dns_domain'),
    external: 'router:external',
    segments: (segments: readonly Segment[] | null) => ({ segments: segments?.map(wireSegment) ?? null }),
  },
  mutations: { createNetwork: creates(), updateNetwork: updates(), deleteNetwork: deletes() },
});

function wireSegment(segment: Segment): Record<string, unknown> {
  const all = {
    'provider:network_type': segment.providerNetworkType,
    'provider:physical_network': segment.providerPhysicalNetwork,
    'provider:segmentation_id': segment.providerSegmentationId,
  };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}
