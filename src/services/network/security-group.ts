import { belongsTo, creates, deletes, hasEmbedded, hasMany, resource, updates } from '../../resource.js';
import { records } from '../../row.js';
import { byDescription, byName, byTags } from './filters.js';
import { named } from './write.js';

/** A set of rules. Wire names: neutron/extensions/securitygroup.py. */
export const securityGroup = resource('SecurityGroup', {
  service: 'network',
  path: '/security-groups',
  one: 'security_group',
  many: 'security_groups',
  batch: 'ids',
  idFormat: 'uuid',
  ttl: 60,
  watch: ['revision_number'],
  project: 'project_id',
  // neutron/conf/policies/security_group.py, get_security_group: role and project_id, nothing of the user.
  audience: 'project',
  // RBAC policies share groups with other projects (neutron/db/models/securitygroup.py, rbac_entries).
  confined: false,
  // A new group comes with rules, and they go with it.
  touches: ['SecurityGroupRule'],
  relations: {
    project: belongsTo('Project', 'project_id'),
    rules: hasEmbedded('SecurityGroupRule', (row) => records(row['security_group_rules'])),
  },
  extends: { Project: { securityGroups: hasMany('SecurityGroup', { filter: 'project_id', perParent: 100 }) } },
  filters: { ...byName, ...byDescription, ...byTags },
  write: named,
  // Neutron answers an unknown marker with the first page again.
  markerUnchecked: true,
  mutations: {
    createSecurityGroup: creates(),
    // A server tells its groups by name; where an RBAC policy shares the group, another tenant's server does, too.
    updateSecurityGroup: updates({ touches: ['Server'], touchesEverywhere: true }),
    // Rules of other groups go too where they name this one (neutron/db/models/securitygroup.py, remote_group_id: CASCADE).
    deleteSecurityGroup: deletes({ touches: ['SecurityGroup'] }),
  },
});
