import { type Call, Refusal } from '../http.js';
import { isAdmin } from '../policy.js';
import type { NetworkRow, SecurityGroup, SecurityGroupRule } from '../rows.js';
import type { World } from '../world.js';
import { textOr } from './input.js';
import { type Attribute, type Kind, newRow, touched } from './resource.js';

const text: Attribute = { type: 'text', post: true, put: true, filter: true };
const fixed: Attribute = { type: 'string', post: true, filter: true };

function groupMissing(id: string): Refusal {
  return new Refusal(404, `Security group ${id} does not exist`, 'SecurityGroupNotFound');
}

export const securityGroups: Kind<SecurityGroup> = {
  one: 'security_group',
  many: 'security_groups',
  path: '/security-groups',
  table: (world) => world.securityGroups,
  missing: groupMissing,
  lenientMarker: true,
  quota: 'security_group',
  attributes: {
    name: text,
    stateful: { type: 'boolean', post: true, put: true, filter: true },
    shared: { type: 'any', filter: true },
  },
  complete: (group, world) => ({
    security_group_rules: world.securityGroupRules.by('security_group_id', group.id).map(showInGroup),
  }),
  create: (call, input, base) => {
    for (const ethertype of ['IPv4', 'IPv6']) {
      const rule = newRule(call, { ethertype, direction: 'egress', security_group_id: base.id }, newRow(call, input));
      call.world.securityGroupRules.insert({ ...rule, description: null });
    }
    const name = textOr(input, 'name', '');
    return { ...base, name, stateful: input['stateful'] ?? true, shared: false, revision_number: 1 };
  },
  update: (_call, group, input) => {
    if (group.name === 'default' && 'name' in input && input['name'] !== 'default') {
      throw new Refusal(409, 'Updating default security group not allowed.', 'SecurityGroupCannotUpdateDefault');
    }
    return {};
  },
  remove: (call, group) => {
    const { world, asker } = call;
    if (group.name === 'default' && !isAdmin(asker)) {
      throw new Refusal(
        409,
        'Insufficient rights for removing default security group.',
        'SecurityGroupCannotRemoveDefault',
      );
    }
    if (world.ports.all().some((port) => port.security_groups.includes(group.id))) {
      throw new Refusal(409, `Security Group ${group.id} in use.`, 'SecurityGroupInUse');
    }
    for (const rule of world.securityGroupRules.by('security_group_id', group.id))
      world.securityGroupRules.delete(rule.id);
    for (const rule of world.securityGroupRules.by('remote_group_id', group.id)) {
      world.securityGroupRules.delete(rule.id);
      moveGroup(call, rule.security_group_id);
    }
  },
};

/** Rules inside their group have two fields that the rule by itself has not. */
function showInGroup(rule: SecurityGroupRule): Record<string, unknown> {
  return { ...rule };
}

export const securityGroupRules: Kind<SecurityGroupRule> = {
  one: 'security_group_rule',
  many: 'security_group_rules',
  path: '/security-group-rules',
  table: (world) => world.securityGroupRules,
  missing: (id) => new Refusal(404, `Security group rule ${id} does not exist`, 'SecurityGroupRuleNotFound'),
  quota: 'security_group_rule',
  attributes: {
    security_group_id: { ...fixed, required: true },
    direction: { ...fixed, required: true },
    ethertype: fixed,
    protocol: { type: 'any', post: true, filter: true },
    port_range_min: { type: 'number', nullable: true, post: true, filter: true },
    port_range_max: { type: 'number', nullable: true, post: true, filter: true },
    remote_ip_prefix: fixed,
    remote_group_id: fixed,
    remote_address_group_id: fixed,
  },
  complete: () => ({ tags: undefined }),
  create: (call, input, base) => {
    const group = call.world.securityGroups.get(String(input['security_group_id']));
    if (group === undefined || (group.project_id !== call.asker.projectId && !isAdmin(call.asker))) {
      throw groupMissing(String(input['security_group_id']));
    }
    const rule = newRule(call, input, base);
    checkRule(call.world, rule);
    moveGroup(call, group.id);
    return rule;
  },
  update: () => ({}),
  remove: (call, rule) => moveGroup(call, rule.security_group_id),
};

const moved = new WeakMap<Call, Set<string>>();

/** Rules that come or go move their group's revision on, once per call. */
function moveGroup(call: Call, id: string): void {
  const group = call.world.securityGroups.get(id);
  const done = moved.get(call) ?? new Set<string>();
  if (group !== undefined && !done.has(id)) call.world.securityGroups.update(id, touched(call.world, group));
  moved.set(call, done.add(id));
}

function newRule(call: Call, input: Record<string, unknown>, base: NetworkRow): SecurityGroupRule {
  const prefix = input['remote_ip_prefix'] ?? null;
  return {
    ...base,
    security_group_id: String(input['security_group_id']),
    ethertype: ethertypeOf(input),
    direction: input['direction'],
    protocol: typeof input['protocol'] === 'string' ? input['protocol'].toLowerCase() : (input['protocol'] ?? null),
    port_range_min: input['port_range_min'] ?? null,
    port_range_max: input['port_range_max'] ?? null,
    remote_ip_prefix: prefix,
    remote_address_group_id: input['remote_address_group_id'] ?? null,
    normalized_cidr: prefix,
    remote_group_id: input['remote_group_id'] ?? null,
    standard_attr_id: call.world.number('standard attribute'),
  };
}

const ETHERTYPES = ['IPv4', 'IPv6'];

/** `ipv6` is stored as `IPv6`. */
function ethertypeOf(input: Record<string, unknown>): string {
  const given = 'ethertype' in input ? input['ethertype'] : 'IPv4';
  const known = ETHERTYPES.find((name) => name.toLowerCase() === String(given).toLowerCase());
  if (known !== undefined) return known;
  const message = `Security group rule for ethertype '${given === null ? 'None' : String(given)}' not supported. Allowed values are ['IPv4', 'IPv6'].`;
  throw new Refusal(400, message, 'SecurityGroupRuleInvalidEtherType');
}

const SAME = [
  'direction',
  'ethertype',
  'protocol',
  'port_range_min',
  'port_range_max',
  'remote_ip_prefix',
  'remote_group_id',
];

function checkRule(world: World, rule: SecurityGroupRule): void {
  const [low, high, protocol] = [rule['port_range_min'], rule['port_range_max'], rule['protocol']];
  if (!['ingress', 'egress'].includes(String(rule['direction']))) {
    throw new Refusal(400, `Invalid input for direction. Reason: ${String(rule['direction'])} is not in valid_values.`);
  }
  if ((low !== null || high !== null) && protocol === null) {
    throw new Refusal(
      400,
      'Must also specify protocol if port range is given.',
      'SecurityGroupProtocolRequiredWithPorts',
    );
  }
  if (typeof low === 'number' && typeof high === 'number' && low > high && protocol !== 'icmp') {
    throw new Refusal(
      400,
      'For TCP/UDP protocols, port_range_min must be <= port_range_max',
      'SecurityGroupInvalidPortRange',
    );
  }
  const twin = world.securityGroupRules
    .by('security_group_id', rule.security_group_id)
    .find((each) => SAME.every((name) => each[name] === rule[name]));
  if (twin !== undefined) {
    throw new Refusal(409, `Security group rule already exists. Rule id is ${twin.id}.`, 'SecurityGroupRuleExists');
  }
}
