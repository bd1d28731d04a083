import type { FilterTerm } from '../../resource.js';
import { belongsTo, belongsToOneOf, creates, deletes, hasListed, hasMany, resource, updates } from '../../resource.js';
import { type Row, records, textOf } from '../../row.js';
import { anyOf } from '../filters.js';
import { byDescription, byName, byTags } from './filters.js';
import { named, text } from './write.js';

/** What a client may set of neutron_lib/api/definitions/portbindings.py. */
const BINDING = {
  bindingHostId: 'binding:host_id',
  bindingProfile: 'binding:profile',
  bindingVnicType: 'binding:vnic_type',
} as const;

/**
 * Asked for by name, a list of ports takes Neutron about half the time (Zed, 130 ports: 0.32 s instead of 0.54 s, all of
 * these or few), since its policies are then not asked about each attribute of each port. Networks, groups and floating
 * IPs are as slow either way. Names that the cloud or the asker does not have are ignored.
 */
const READ = [
  'id',
  'name',
  'description',
  'status',
  'data_plane_status',
  'admin_state_up',
  'network_id',
  'project_id',
  'mac_address',
  'fixed_ips',
  'ip_allocation',
  'device_id',
  'device_owner',
  'security_groups',
  'allowed_address_pairs',
  'port_security_enabled',
  'extra_dhcp_opts',
  'dns_name',
  'dns_domain',
  'dns_assignment',
  'qos_policy_id',
  'qos_network_policy_id',
  ...Object.values(BINDING),
  'binding:vif_type',
  'binding:vif_details',
  'resource_request',
  'device_profile',
  'numa_affinity_policy',
  'hints',
  'propagate_uplink_status',
  'tags',
  'created_at',
  'updated_at',
  'revision_number',
];

/** A place on a network. Wire names: neutron_lib/api/definitions/port.py and the extensions beside it. */
export const port = resource('Port', {
  service: 'network',
  path: '/ports',
  one: 'port',
  many: 'ports',
  asks: READ,
  batch: 'ids',
  sizedBy: 'Volume',
  idFormat: 'uuid',
  // Nova wires a new server's port within seconds of ACTIVE; the port of a server that is off stays DOWN.
  ttl: (row) => (row['status'] === 'ACTIVE' ? 30 : 2),
  watch: ['revision_number', 'status'],
  project: 'project_id',
  // neutron/conf/policies/port.py, get_port: role, project_id and the network's owner, nothing of the user.
  audience: 'project',
  // The same rule shows other projects' ports to the owner of their network.
  confined: false,
  // A server tells its ports' addresses and groups; a floating IP tells its port and outlives it unbound.
  touches: ['Server', 'FloatingIp'],
  fields: {
    ...BINDING,
    statusText: 'status',
    // "" while nothing uses the port.
    deviceOwner: (row) => textOf(row, 'device_owner'),
    securityGroupIds: 'security_groups',
    extraDhcpOptions: 'extra_dhcp_opts',
    bindingVifType: 'binding:vif_type',
    bindingVifDetails: 'binding:vif_details',
  },
  values: { FixedIp: { relations: { subnet: belongsTo('Subnet', 'subnet_id') } } },
  relations: {
    network: belongsTo('Network', 'network_id'),
    project: belongsTo('Project', 'project_id'),
    device: belongsToOneOf(device),
    securityGroups: hasListed('SecurityGroup', securityGroupIds, { perParent: 5 }),
  },
  extends: {
    Server: { ports: hasMany('Port', { filter: 'device_id' }) },
    Network: { ports: hasMany('Port', { filter: 'network_id', perParent: 100 }) },
    Subnet: {
      ports: hasMany('Port', {
        filter: 'fixed_ips',
        key: (subnet) => onSubnet(textOf(subnet, 'id')),
        pointsAt: subnetKeys,
        perParent: 100,
      }),
    },
    SecurityGroup: {
      ports: hasMany('Port', { filter: 'security_groups', pointsAt: securityGroupIds, perParent: 100 }),
    },
    Project: { ports: hasMany('Port', { filter: 'project_id', perParent: 100 }) },
  },
  filters: {
    ...byName,
    ...byDescription,
    ...byTags,
    status: anyOf('status', (status) => (status === 'N_A' ? 'N/A' : status)),
    ipAddress: (address: string): FilterTerm => ({ query: [['fixed_ips', `ip_address=${address}`]] }),
    ipAddressMatches: (part: string): FilterTerm => ({ query: [['fixed_ips', `ip_address_substr=${part}`]] }),
    subnetId: anyOf('fixed_ips', (id) => `subnet_id=${id}`),
    securityGroupId: 'security_groups',
    bindingHostId: 'binding:host_id',
  },
  write: {
    ...named,
    ...BINDING,
    deviceId: text('device_id'),
    deviceOwner: text('device_owner'),
    dnsName: text('dns_name'),
    dnsDomain: text('dns_domain'),
    securityGroupIds: 'security_groups',
    extraDhcpOptions: 'extra_dhcp_opts',
  },
  mutations: { createPort: creates(), updatePort: updates(), deletePort: deletes() },
});

/** `device_owner` is `compute:<availability zone>` for a server's port; a router's or DHCP's is `network:…`. */
function device(row: Row): { readonly type: 'Server'; readonly id: string } | null {
  const id = textOf(row, 'device_id');
  return id !== null && textOf(row, 'device_owner')?.startsWith('compute:') ? { type: 'Server', id } : null;
}

function securityGroupIds(row: Row): readonly string[] {
  const ids = row['security_groups'];
  return Array.isArray(ids) ? ids.filter((id) => typeof id === 'string') : [];
}

/** Each once: a port may have several addresses of a subnet. */
function subnetKeys(row: Row): readonly string[] {
  const keys = records(row['fixed_ips']).map((address) => onSubnet(textOf(address, 'subnet_id')));
  return [...new Set(keys.filter((key) => key !== null))];
}

/** The value of `fixed_ips` that finds the ports of a subnet. */
function onSubnet(id: string | null): string | null {
  return id === null ? null : `subnet_id=${id}`;
}
