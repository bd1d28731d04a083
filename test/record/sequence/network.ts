import { on, type Step } from '../step.js';

const network = on('network');
const NONE = '00000000-0000-4000-8000-000000000000';
const both = ['alice', 'admin'] as const;

const networks: readonly Step[] = [
  network('the versions', 'nobody', 'GET //'),
  network('the resources', 'alice', 'GET /'),
  network('no token', 'nobody', 'GET /networks'),
  network('a foreign token', 'garbage', 'GET /networks'),
  network('an unscoped token', 'unscoped', 'GET /ports?limit=5'),
  network('an unknown path', 'alice', 'GET /nosuch'),
  network('the extensions', 'alice', 'GET /extensions?fields=alias'),
  network('create a network', 'alice', 'POST /networks', {
    body: { network: { name: 'rec-net', description: 'recorded', mtu: 1400, port_security_enabled: true } },
    save: { network: 'network.id' },
    rows: 'network',
  }),
  network('create a network down', 'alice', 'POST /networks', {
    body: { network: { name: 'rec-other', admin_state_up: 'False' } },
    save: { other: 'network.id' },
  }),
  network('change a network', 'alice', 'PUT /networks/{network}', {
    body: { network: { description: 'changed' } },
    rows: 'network',
  }),
  network('a network with a foreign attribute', 'alice', 'POST /networks', { body: { network: { nme: 'x' } } }),
  network('a network with a number for a name', 'alice', 'POST /networks', { body: { network: { name: 5 } } }),
  network('a network that is no JSON', 'alice', 'POST /networks', { text: '{bad' }),
  network('a network without a network', 'alice', 'POST /networks', { body: {} }),
  network('a member shares a network', 'alice', 'POST /networks', { body: { network: { shared: true } } }),
  network('a reader creates a network', 'reader', 'POST /networks', { body: { network: { name: 'rec-net' } } }),
  network('a reader changes a network', 'reader', 'PUT /networks/{network}', { body: { network: { name: 'x' } } }),
  network('a reader deletes a network', 'reader', 'DELETE /networks/{network}'),
  network('a member changes the external network', 'alice', 'PUT /networks/{public}', {
    body: { network: { name: 'x' } },
  }),
  network('a member deletes the external network', 'alice', 'DELETE /networks/{public}'),
  network("a member changes another's network", 'alice', 'PUT /networks/{bob-network}', {
    body: { network: { name: 'x' } },
  }),
  network("a member asks for another's network", 'alice', 'GET /networks/{bob-network}'),
  network('a stale revision', 'alice', 'PUT /networks/{network}', {
    body: { network: { name: 'x' } },
    headers: { 'If-Match': 'revision_number=1' },
  }),
  network('a quota', 'alice', 'POST /networks', {
    body: { networks: Array.from({ length: 501 }, () => ({ name: 'rec-many' })) },
  }),
];

const subnets: readonly Step[] = [
  network('create a subnet', 'alice', 'POST /subnets', {
    body: {
      subnet: {
        name: 'rec-subnet',
        network_id: '{network}',
        ip_version: 4,
        cidr: '10.99.0.0/24',
        dns_nameservers: ['192.0.2.53'],
      },
    },
    save: { subnet: 'subnet.id' },
    rows: 'subnet',
  }),
  network('create a subnet without a gateway', 'alice', 'POST /subnets', {
    body: {
      subnet: {
        name: 'rec-subnet-2',
        network_id: '{other}',
        ip_version: 4,
        cidr: '10.98.0.0/24',
        gateway_ip: null,
        enable_dhcp: false,
      },
    },
    save: { 'other-subnet': 'subnet.id' },
    rows: 'subnet',
  }),
  network('change a subnet', 'alice', 'PUT /subnets/{subnet}', { body: { subnet: { description: 'changed' } } }),
  network('a subnet of a missing network', 'alice', 'POST /subnets', {
    body: { subnet: { network_id: NONE, ip_version: 4, cidr: '10.0.0.0/24' } },
  }),
  network('a subnet of nothing', 'alice', 'POST /subnets', { body: { subnet: { name: 'x' } } }),
  network('a missing subnet', 'alice', `GET /subnets/${NONE}`),
  ...both.flatMap((who) => [
    network(`a subnet as ${who} sees it`, who, 'GET /subnets/{subnet}', { rows: 'subnet' }),
    network(`subnets as ${who} sees them`, who, 'GET /subnets?name=rec-subnet&name=rec-subnet-2', { rows: 'subnet' }),
    network(`a network as ${who} sees it`, who, 'GET /networks/{network}', { rows: 'network' }),
    network(`the external network as ${who} sees it`, who, 'GET /networks/{public}', { rows: 'network' }),
    network(`networks as ${who} sees them`, who, 'GET /networks?name=rec-net&name=rec-other&name=public', {
      rows: 'network',
    }),
  ]),
  network('a network as a reader sees it', 'reader', 'GET /networks/{network}', { rows: 'network' }),
  network('a network as another tenant sees it', 'bob', 'GET /networks/{network}'),
  network("the external network's subnet", 'alice', 'GET /subnets/{public-subnet}'),
  network('shared networks', 'alice', 'GET /networks?shared=true&fields=name'),
  network(
    'networks by id, one of them foreign',
    'alice',
    'GET /networks?id={network}&id={bob-network}&id=banana&fields=id&fields=name',
  ),
  network('a boolean that is none', 'alice', 'GET /networks?admin_state_up=banana'),
  network('networks that are down', 'alice', 'GET /networks?admin_state_up=false&name=rec-other&fields=name'),
  network('an unknown filter', 'alice', 'GET /networks?foo=1'),
  network('an empty list', 'alice', 'GET /networks?name=rec-none'),
  network('a missing network', 'alice', `GET /networks/${NONE}`),
];

const groups: readonly Step[] = [
  network('create a group', 'alice', 'POST /security-groups', {
    body: { security_group: { name: 'rec-group', description: 'recorded' } },
    save: { group: 'security_group.id' },
    rows: 'security-group',
  }),
  network('create a rule', 'alice', 'POST /security-group-rules', {
    body: {
      security_group_rule: {
        security_group_id: '{group}',
        direction: 'ingress',
        protocol: 'tcp',
        port_range_min: 80,
        port_range_max: 81,
        remote_ip_prefix: '10.0.0.0/8',
        description: 'web',
      },
    },
    save: { rule: 'security_group_rule.id' },
    rows: 'security-group-rule',
  }),
  network('create a rule for a group', 'alice', 'POST /security-group-rules', {
    body: {
      security_group_rule: {
        security_group_id: '{group}',
        direction: 'ingress',
        ethertype: 'IPv6',
        remote_group_id: '{group}',
      },
    },
    save: { 'group-rule': 'security_group_rule.id' },
    rows: 'security-group-rule',
  }),
  network('the same rule again', 'alice', 'POST /security-group-rules', {
    body: {
      security_group_rule: {
        security_group_id: '{group}',
        direction: 'ingress',
        protocol: 'tcp',
        port_range_min: 80,
        port_range_max: 81,
        remote_ip_prefix: '10.0.0.0/8',
      },
    },
  }),
  network('ports the wrong way round', 'alice', 'POST /security-group-rules', {
    body: {
      security_group_rule: {
        security_group_id: '{group}',
        direction: 'ingress',
        protocol: 'tcp',
        port_range_min: 9,
        port_range_max: 8,
      },
    },
  }),
  network('ports without a protocol', 'alice', 'POST /security-group-rules', {
    body: {
      security_group_rule: { security_group_id: '{group}', direction: 'ingress', port_range_min: 8, port_range_max: 9 },
    },
  }),
  network('an unknown direction', 'alice', 'POST /security-group-rules', {
    body: { security_group_rule: { security_group_id: '{group}', direction: 'up' } },
  }),
  network('a rule of a missing group', 'alice', 'POST /security-group-rules', {
    body: { security_group_rule: { security_group_id: NONE, direction: 'ingress' } },
  }),
  network("a rule of another's group", 'alice', 'POST /security-group-rules', {
    body: { security_group_rule: { security_group_id: '{bob-group}', direction: 'ingress' } },
  }),
  network('change a group', 'alice', 'PUT /security-groups/{group}', {
    body: { security_group: { description: 'changed' } },
    rows: 'security-group',
  }),
  network('a reader creates a group', 'reader', 'POST /security-groups', { body: { security_group: { name: 'x' } } }),
  network('delete the default group', 'alice', 'DELETE /security-groups/{group:default}'),
  ...both.flatMap((who) => [
    network(`a group as ${who} sees it`, who, 'GET /security-groups/{group}', { rows: 'security-group' }),
    network(`groups as ${who} sees them`, who, 'GET /security-groups?name=rec-group', { rows: 'security-group' }),
    network(`a rule as ${who} sees it`, who, 'GET /security-group-rules/{rule}', { rows: 'security-group-rule' }),
    network(`rules as ${who} sees them`, who, 'GET /security-group-rules?security_group_id={group}', {
      rows: 'security-group-rule',
    }),
  ]),
  network('rules by protocol', 'alice', 'GET /security-group-rules?security_group_id={group}&protocol=tcp'),
  network(
    'an unknown marker of groups',
    'alice',
    `GET /security-groups?name=rec-group&marker=${NONE}&limit=1&fields=name`,
  ),
  network('a missing group', 'alice', `GET /security-groups/${NONE}`),
  network('a missing rule', 'alice', `GET /security-group-rules/${NONE}`),
  network("another's group", 'alice', 'GET /security-groups/{bob-group}'),
];

const ports: readonly Step[] = [
  network('create a port', 'alice', 'POST /ports', {
    body: {
      port: {
        name: 'rec-port',
        network_id: '{network}',
        description: 'recorded',
        security_groups: ['{group}'],
        allowed_address_pairs: [{ ip_address: '10.99.0.200' }],
        fixed_ips: [{ subnet_id: '{subnet}', ip_address: '10.99.0.50' }],
        extra_dhcp_opts: [{ opt_name: 'mtu', opt_value: '1400', ip_version: 4 }],
      },
    },
    save: { port: 'port.id' },
    rows: 'port',
  }),
  network('create a plain port', 'alice', 'POST /ports', {
    body: { port: { name: 'rec-port-2', network_id: '{network}' } },
    save: { 'port-2': 'port.id' },
    rows: 'port',
  }),
  network('create an unguarded port', 'alice', 'POST /ports', {
    body: { port: { name: 'rec-port-3', network_id: '{network}', port_security_enabled: false, security_groups: [] } },
    save: { 'port-3': 'port.id' },
  }),
  network('change a port', 'alice', 'PUT /ports/{port-2}', {
    body: { port: { name: 'rec-port-2b', security_groups: ['{group}'], admin_state_up: false } },
  }),
  network('change it back', 'alice', 'PUT /ports/{port-2}', {
    body: { port: { name: 'rec-port-2', admin_state_up: true } },
  }),
  network('an address that is taken', 'alice', 'POST /ports', {
    body: { port: { network_id: '{network}', fixed_ips: [{ ip_address: '10.99.0.50' }] } },
  }),
  network('an address of no subnet', 'alice', 'POST /ports', {
    body: { port: { network_id: '{network}', fixed_ips: [{ ip_address: '10.97.0.50' }] } },
  }),
  network('a port of a missing network', 'alice', 'POST /ports', { body: { port: { network_id: NONE } } }),
  network('a port of nothing', 'alice', 'POST /ports', { body: { port: {} } }),
  network('a port with a missing group', 'alice', 'POST /ports', {
    body: { port: { network_id: '{network}', security_groups: [NONE] } },
  }),
  network('a member binds a port', 'alice', 'POST /ports', {
    body: { port: { network_id: '{network}', 'binding:host_id': 'compute-1' } },
  }),
  network('a member sets the status', 'alice', 'PUT /ports/{port}', { body: { port: { status: 'ACTIVE' } } }),
  ...both.flatMap((who) => [
    network(`a port as ${who} sees it`, who, 'GET /ports/{port}', { rows: 'port' }),
    network(`ports as ${who} sees them`, who, 'GET /ports?network_id={network}', { rows: 'port' }),
  ]),
  network('a page of ports', 'alice', 'GET /ports?network_id={network}&sort_key=name&sort_dir=asc&limit=2', {
    ordered: true,
  }),
  network(
    'the next page',
    'alice',
    'GET /ports?network_id={network}&sort_key=name&sort_dir=asc&limit=2&marker={port-2}',
    { ordered: true },
  ),
  network(
    'the page before',
    'alice',
    'GET /ports?network_id={network}&sort_key=name&sort_dir=asc&limit=2&marker={port-3}&page_reverse=True',
    { ordered: true },
  ),
  network(
    'ports the other way round',
    'alice',
    'GET /ports?network_id={network}&sort_key=name&sort_dir=desc&fields=name',
    { ordered: true },
  ),
  network('ports by subnet', 'alice', 'GET /ports?fixed_ips=subnet_id={subnet}&fields=name'),
  network('ports by address', 'alice', 'GET /ports?network_id={network}&fixed_ips=ip_address=10.99.0.50&fields=name'),
  network(
    'ports by part of an address',
    'alice',
    'GET /ports?network_id={network}&fixed_ips=ip_address_substr=99.0.50&fields=name',
  ),
  network('ports by group', 'alice', 'GET /ports?security_groups={group}&fields=name'),
  network('ports by two filters', 'alice', 'GET /ports?name=rec-port&name=rec-port-2&admin_state_up=true&fields=name'),
  network('an unknown field', 'alice', 'GET /ports?name=rec-port&fields=foo'),
  network('an empty id', 'alice', 'GET /ports?id='),
  network('ids in one value', 'alice', 'GET /ports?id={port},{port-2}'),
  network('an unknown filter of ports', 'alice', 'GET /ports?foo=1'),
  network('a negative limit', 'alice', 'GET /ports?limit=-1'),
  network('a limit that is none', 'alice', 'GET /ports?limit=abc'),
  network('an unknown marker', 'alice', `GET /ports?marker=${NONE}`),
  network('a sort key without a direction', 'alice', 'GET /ports?sort_key=name'),
  network('a missing port', 'alice', `GET /ports/${NONE}`),
  network('an id that is none', 'alice', 'GET /ports/banana'),
  network("another's port", 'alice', 'GET /ports/{bob-port}'),
  network("delete another's port", 'alice', 'DELETE /ports/{bob-port}'),
  network('delete a missing port', 'alice', `DELETE /ports/${NONE}`),
  network('change a missing port', 'alice', `PUT /ports/${NONE}`, { body: { port: { name: 'x' } } }),
  network('a network in use', 'alice', 'DELETE /networks/{network}'),
  network('a subnet in use', 'alice', 'DELETE /subnets/{subnet}'),
  network('a group in use', 'alice', 'DELETE /security-groups/{group}'),
];

const addresses: readonly Step[] = [
  network('create a floating address', 'alice', 'POST /floatingips', {
    body: { floatingip: { floating_network_id: '{public}', description: 'rec-address' } },
    save: { address: 'floatingip.id' },
    rows: 'floatingip',
  }),
  network('create a port on a routed network', 'alice', 'POST /ports', {
    body: { port: { name: 'rec-routed', network_id: '{front}' } },
    save: { routed: 'port.id' },
  }),
  network('associate it', 'alice', 'PUT /floatingips/{address}', {
    body: { floatingip: { port_id: '{routed}' } },
    rows: 'floatingip',
  }),
  network('associate it out of reach', 'alice', 'PUT /floatingips/{address}', {
    body: { floatingip: { port_id: '{port}' } },
  }),
  network('associate it with a missing port', 'alice', 'PUT /floatingips/{address}', {
    body: { floatingip: { port_id: NONE } },
  }),
  ...both.flatMap((who) => [
    network(`an address as ${who} sees it`, who, 'GET /floatingips/{address}', { rows: 'floatingip' }),
    network(`addresses as ${who} sees them`, who, 'GET /floatingips?port_id={routed}', { rows: 'floatingip' }),
  ]),
  network('disassociate it', 'alice', 'PUT /floatingips/{address}', { body: { floatingip: { port_id: null } } }),
  network('addresses by an empty port', 'alice', 'GET /floatingips?port_id='),
  network('an address of a missing network', 'alice', 'POST /floatingips', {
    body: { floatingip: { floating_network_id: NONE } },
  }),
  network('an address of an inner network', 'alice', 'POST /floatingips', {
    body: { floatingip: { floating_network_id: '{network}' } },
  }),
  network('an address of nothing', 'alice', 'POST /floatingips', { body: { floatingip: {} } }),
  network('a reader creates an address', 'reader', 'POST /floatingips', {
    body: { floatingip: { floating_network_id: '{public}' } },
  }),
  network('a missing address', 'alice', `GET /floatingips/${NONE}`),
  network("another's address", 'alice', 'GET /floatingips/{bob-address}'),
  network('an unknown filter of addresses', 'alice', 'GET /floatingips?foo=1'),
  ...both.map((who) => network(`the router as ${who} sees it`, who, 'GET /routers/{router}')),
  network('a missing router', 'alice', `GET /routers/${NONE}`),
];

export const networkSteps: readonly Step[] = [...networks, ...subnets, ...groups, ...ports, ...addresses];

/** Deletes what the sequence has made, and records how that is answered. */
export const networkEnd: readonly Step[] = [
  network('delete an address', 'alice', 'DELETE /floatingips/{address}'),
  network('delete it again', 'alice', 'DELETE /floatingips/{address}'),
  ...['routed', 'port', 'port-2', 'port-3'].map((port) =>
    network(`delete the port ${port}`, 'alice', `DELETE /ports/{${port}}`),
  ),
  network('delete a rule', 'alice', 'DELETE /security-group-rules/{rule}'),
  network('delete a group', 'alice', 'DELETE /security-groups/{group}'),
  network('delete a subnet', 'alice', 'DELETE /subnets/{subnet}'),
  network('delete a network', 'alice', 'DELETE /networks/{network}'),
  network('delete a network with a subnet', 'alice', 'DELETE /networks/{other}'),
  network('a network that is gone', 'alice', 'GET /networks/{network}'),
];
