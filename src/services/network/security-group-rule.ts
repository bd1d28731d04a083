import type { FilterTerm } from '../../resource.js';
import { belongsTo, creates, deletes, hasMany, resource } from '../../resource.js';
import { byDescription } from './filters.js';
import { text } from './write.js';

/** What a group lets through. Wire names: neutron/extensions/securitygroup.py. Rows also stand inside their group's. */
export const securityGroupRule = resource('SecurityGroupRule', {
  service: 'network',
  path: '/security-group-rules',
  one: 'security_group_rule',
  many: 'security_group_rules',
  batch: 'ids',
  idFormat: 'uuid',
  ttl: 60,
  watch: ['revision_number'],
  project: 'project_id',
  // neutron/conf/policies/security_group.py, get_security_group_rule: role, project_id and the group's owner.
  audience: 'project',
  // The same rule shows other projects' rules to the owner of their group.
  confined: false,
  // A group tells its rules, and its revision moves with them.
  touches: ['SecurityGroup'],
  fields: { directionText: 'direction', ethertypeText: 'ethertype' },
  relations: {
    project: belongsTo('Project', 'project_id'),
    securityGroup: belongsTo('SecurityGroup', 'security_group_id'),
    remoteGroup: belongsTo('SecurityGroup', 'remote_group_id'),
  },
  extends: {
    SecurityGroup: { remoteRules: hasMany('SecurityGroupRule', { filter: 'remote_group_id' }) },
    Project: { securityGroupRules: hasMany('SecurityGroupRule', { filter: 'project_id', perParent: 100 }) },
  },
  filters: {
    ...byDescription,
    ethertype: (version: string): FilterTerm => ({ query: [['ethertype', spelled(version)]] }),
  },
  write: {
    description: text('description'),
    ethertype: (version: string | null) => ({ ethertype: version && spelled(version) }),
  },
  // Neutron answers an unknown marker with the first page again.
  markerUnchecked: true,
  mutations: { createSecurityGroupRule: creates(), deleteSecurityGroupRule: deletes() },
});

/** `IPv4`: not every database finds it in other letters. */
function spelled(ethertype: string): string {
  return ethertype.replace('V', 'v');
}
