import type { KeyValueInput } from '../../generated/types.js';
import { hasMany, resource } from '../../resource.js';
import { hasPairs, here } from '../filters.js';

/** A size of servers. Wire names: nova/api/openstack/compute/views/flavors.py. */
export const flavor = resource('Flavor', {
  service: 'compute',
  path: '/flavors',
  list: '/flavors/detail',
  // Private flavors too. Nova heeds it for admins only (nova/api/openstack/compute/flavors.py, _get_flavors).
  listQuery: [['is_public', 'None']],
  one: 'flavor',
  many: 'flavors',
  batch: 'index',
  idFormat: 'name',
  ttl: 300,
  // Nova keeps no time of the last change; nothing else of a flavor can be changed.
  watch: ['description', 'extra_specs', 'os-flavor-access:is_public', 'OS-FLV-DISABLED:disabled'],
  project: null,
  // nova/objects/flavor.py, _flavor_get_query_from_db: a flavor is public or Flavors.projects has the context's project_id;
  // nova/policies/flavor_extra_specs.py, index: PROJECT_READER_OR_ADMIN. Nothing looks at the user.
  audience: 'project',
  confined: false,
  touches: [],
  since: { description: '2.55', extraSpecs: '2.61' },
  fields: {
    ephemeral: 'OS-FLV-EXT-DATA:ephemeral',
    // "" for none before microversion 2.75.
    swap: (row) => (row['swap'] === '' ? 0 : row['swap']),
    isPublic: 'os-flavor-access:is_public',
    disabled: 'OS-FLV-DISABLED:disabled',
  },
  relations: {
    servers: hasMany('Server', {
      filter: 'flavor',
      // A server embeds its flavor without the id; the filter is open to everybody
      // (nova/api/openstack/compute/servers.py, _get_server_search_options).
      pointsAt: (_, asked) => asked,
      batched: false,
      perParent: 100,
      adminQuery: [['all_tenants', '1']],
    }),
  },
  filters: {
    name: here<string>((row, name) => row['name'] === name),
    nameMatches: here<string>((row, part) => String(row['name']).toLowerCase().includes(part.toLowerCase())),
    isPublic: here<boolean>((row, wanted) => row['os-flavor-access:is_public'] === wanted),
    disabled: here<boolean>((row, wanted) => row['OS-FLV-DISABLED:disabled'] === wanted),
    minVcpus: here<number>((row, least) => Number(row['vcpus']) >= least),
    maxVcpus: here<number>((row, most) => Number(row['vcpus']) <= most),
    minRam: here<number>((row, least) => Number(row['ram']) >= least),
    maxRam: here<number>((row, most) => Number(row['ram']) <= most),
    minDisk: here<number>((row, least) => Number(row['disk']) >= least),
    maxDisk: here<number>((row, most) => Number(row['disk']) <= most),
    extraSpecs: here<readonly KeyValueInput[]>((row, pairs) => hasPairs(row, 'extra_specs', pairs)),
  },
});
