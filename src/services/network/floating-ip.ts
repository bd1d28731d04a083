import { belongsTo, creates, deletes, hasMany, hasThrough, resource, updates } from '../../resource.js';
import { textOf } from '../../row.js';
import { anyOf } from '../filters.js';
import { byDescription, byTags } from './filters.js';
import { text } from './write.js';

/** An address outside. Wire names: neutron_lib/api/definitions/l3.py and the extensions beside it. */
export const floatingIp = resource('FloatingIp', {
  service: 'network',
  path: '/floatingips',
  one: 'floatingip',
  many: 'floatingips',
  batch: 'ids',
  sizedBy: 'Volume',
  idFormat: 'uuid',
  ttl: (row) => (row['port_id'] !== null && row['status'] === 'DOWN' ? 2 : 30),
  watch: ['revision_number', 'status'],
  project: 'project_id',
  // neutron/conf/policies/floatingip.py, get_floatingip: role and project_id, nothing of the user.
  audience: 'project',
  // Every visible row is the project's own, but its port may be another's, and deleting that port changes the row.
  confined: false,
  // Nova tells floating IPs among a server's addresses. The port itself does not change.
  touches: ['Server'],
  fields: { statusText: 'status' },
  values: {
    FloatingIpPortDetails: {
      fields: { deviceOwner: (details) => textOf(details, 'device_owner') },
      relations: { network: belongsTo('Network', 'network_id') },
    },
  },
  relations: {
    project: belongsTo('Project', 'project_id'),
    floatingNetwork: belongsTo('Network', 'floating_network_id'),
    port: belongsTo('Port', 'port_id'),
  },
  extends: {
    Port: { floatingIps: hasMany('FloatingIp', { filter: 'port_id', perParent: 2 }) },
    Server: { floatingIps: hasThrough('FloatingIp', 'ports', 'floatingIps') },
    Network: { floatingIps: hasMany('FloatingIp', { filter: 'floating_network_id', perParent: 100 }) },
    Project: { floatingIps: hasMany('FloatingIp', { filter: 'project_id', perParent: 100 }) },
  },
  filters: { ...byDescription, ...byTags, status: anyOf('status') },
  write: { description: text('description') },
  // Neutron answers an unknown marker with the first page again.
  markerUnchecked: true,
  mutations: {
    // Neutron keeps a port of its own (`network:floatingip`) on the external network for each floating IP.
    createFloatingIp: creates({ touches: ['Port'] }),
    // An admin may have bound it to another tenant's port (neutron/db/l3_db.py, _internal_fip_assoc_data: unless is_admin).
    updateFloatingIp: updates({ touchesEverywhere: true }),
    deleteFloatingIp: deletes({ touches: ['Port'], touchesEverywhere: true }),
  },
});
