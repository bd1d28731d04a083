import { on, type Step } from '../step.js';

const network = on('network');
const both = ['alice', 'admin'] as const;

const made: readonly Step[] = [
  network('create a network for input', 'alice', 'POST /networks', {
    body: { network: { name: 'rec-input', description: 'Input' } },
    unrecorded: true,
    save: { input: 'network.id' },
  }),
  network('create a subnet for input', 'alice', 'POST /subnets', {
    body: { subnet: { name: 'rec-input', network_id: '{input}', ip_version: 4, cidr: '10.96.0.0/24' } },
    unrecorded: true,
    save: { 'input-subnet': 'subnet.id' },
  }),
  network('create a port for input', 'alice', 'POST /ports', {
    body: {
      port: {
        name: 'rec-input',
        network_id: '{input}',
        allowed_address_pairs: [{ ip_address: '10.96.0.200' }],
        extra_dhcp_opts: [{ opt_name: 'mtu', opt_value: '1400', ip_version: 4 }],
      },
    },
    unrecorded: true,
    save: { 'input-port': 'port.id' },
  }),
];

/** `{ name: null }` and the like, one attribute at a time. */
function put(one: string, path: string, inputs: readonly object[]): Step[] {
  return inputs.map((input) =>
    network(`change ${one} with ${JSON.stringify(input)}`, 'alice', `PUT ${path}`, { body: { [one]: input } }),
  );
}

/** A member changes what only an administrator may. */
const refused: readonly Step[] = [
  ...put('network', '/networks/{input}', [
    { shared: true },
    { shared: false },
    { 'router:external': true },
    { is_default: true },
    { 'provider:network_type': 'flat' },
    { 'provider:segmentation_id': 5 },
    { 'provider:physical_network': 'x', shared: true },
    { shared: true, name: null },
  ]),
  network('a reader shares a network', 'reader', 'PUT /networks/{input}', { body: { network: { shared: true } } }),
  network("a member shares another's network", 'alice', 'PUT /networks/{shared}', {
    body: { network: { shared: true } },
  }),
  network('a member creates a shared external network', 'alice', 'POST /networks', {
    body: { network: { name: 'rec-x', shared: true, 'router:external': true } },
  }),
  ...put('port', '/ports/{input-port}', [
    { 'binding:host_id': 'compute-1' },
    { 'binding:profile': {} },
    { mac_address: 'fa:16:3e:00:11:22' },
  ]),
  network('a member chooses a floating address', 'alice', 'POST /floatingips', {
    body: { floatingip: { floating_network_id: '{public}', floating_ip_address: '203.0.113.250' } },
  }),
  ...[
    { mac_address: 'fa:16:3e:00:11:22' },
    { fixed_ips: [{ ip_address: '10.200.3.250' }] },
    { port_security_enabled: false },
    { allowed_address_pairs: [{ ip_address: '10.200.3.250' }] },
    { device_owner: 'network:dhcp' },
    { 'binding:host_id': 'x', mac_address: 'fa:16:3e:00:11:22' },
    {
      name: 'rec-x',
      security_groups: ['{group:default}'],
      'binding:vnic_type': 'direct',
      port_security_enabled: false,
    },
  ].map((input) =>
    network(`a port on a shared network with ${JSON.stringify(input)}`, 'alice', 'POST /ports', {
      body: { port: { name: 'rec-x', network_id: '{shared}', ...input } },
    }),
  ),
  network('a port on the external network', 'alice', 'POST /ports', {
    body: { port: { name: 'rec-x', network_id: '{public}' } },
  }),
  network('a member gives a network away', 'alice', 'PUT /networks/{input}', {
    body: { network: { project_id: '{project:demo-b}' } },
  }),
  network('a member creates a network for others', 'alice', 'POST /networks', {
    body: { network: { name: 'rec-x', tenant_id: '{project:demo-b}', foo: 1 } },
  }),
];

const nulls: readonly Step[] = [
  ...put('network', '/networks/{input}', [
    { name: null },
    { name: 5 },
    { name: ['a'] },
    { description: null },
    { dns_domain: null },
    { admin_state_up: null },
    { port_security_enabled: 'banana' },
    { mtu: null },
    { mtu: 'x' },
  ]),
  ...put('subnet', '/subnets/{input-subnet}', [{ name: null }, { enable_dhcp: null }, { allocation_pools: null }]),
  ...put('port', '/ports/{input-port}', [
    { name: null },
    { device_id: null },
    { device_owner: null },
    { dns_name: null },
    { dns_domain: null },
    { fixed_ips: null },
  ]),
  network('a nameless network', 'alice', 'POST /networks', { body: { network: { name: null } } }),
  network('a null list of a new network', 'alice', 'POST /networks', {
    body: { network: { name: 'rec-x', availability_zone_hints: null } },
  }),
  network('null lists of a subnet', 'alice', 'PUT /subnets/{input-subnet}', {
    body: { subnet: { dns_nameservers: null, host_routes: null, gateway_ip: null } },
  }),
  network('null lists of a port', 'alice', 'PUT /ports/{input-port}', {
    body: { port: { allowed_address_pairs: null, extra_dhcp_opts: null, security_groups: null } },
    unrecorded: true,
  }),
  network(
    'the port after that',
    'alice',
    'GET /ports/{input-port}?fields=allowed_address_pairs&fields=extra_dhcp_opts&fields=security_groups',
  ),
];

const filters: readonly Step[] = [
  ...[
    '/networks?name=REC-INPUT',
    '/networks?name=rec-input%20',
    '/networks?name=%20rec-input',
    '/networks?name=rec-input&description=INPUT&status=active',
    '/ports?name=REC-INPUT&status=down',
    '/subnets?name=Rec-Input',
    '/networks?mtu=banana',
    '/networks?dns_domain=',
  ].map((path) => network(`look for ${path}`, 'alice', `GET ${path}${path.includes('?') ? '&' : '?'}fields=name`)),
];

/** A group goes with the rules of others that name it. */
const groups: readonly Step[] = [
  ...['keeps', 'goes'].map((name) =>
    network(`create the group that ${name}`, 'alice', 'POST /security-groups', {
      body: { security_group: { name: `rec-${name}` } },
      unrecorded: true,
      save: { [name]: 'security_group.id' },
    }),
  ),
  network('a rule for a group, in lower case', 'alice', 'POST /security-group-rules', {
    body: {
      security_group_rule: {
        security_group_id: '{keeps}',
        direction: 'ingress',
        ethertype: 'ipv6',
        remote_group_id: '{goes}',
      },
    },
  }),
  network('a rule for a group, in capitals', 'alice', 'POST /security-group-rules', {
    body: {
      security_group_rule: {
        security_group_id: '{keeps}',
        direction: 'ingress',
        ethertype: 'IPV4',
        protocol: 'TCP',
        remote_group_id: '{goes}',
      },
    },
  }),
  ...[{ ethertype: 'ipv5' }, { ethertype: null }, { direction: 'INGRESS' }, { description: null, protocol: 'udp' }].map(
    (input) =>
      network(`a rule with ${JSON.stringify(input)}`, 'alice', 'POST /security-group-rules', {
        body: { security_group_rule: { security_group_id: '{keeps}', direction: 'ingress', ...input } },
      }),
  ),
  ...['ethertype=ipv6', 'direction=INGRESS', 'protocol=TCP'].map((filter) =>
    network(
      `rules where ${filter}`,
      'alice',
      `GET /security-group-rules?security_group_id={keeps}&${filter}&fields=direction&fields=ethertype&fields=protocol`,
    ),
  ),
  network('the group that keeps, before', 'alice', 'GET /security-groups/{keeps}?fields=name&fields=revision_number'),
  network('delete the group that goes', 'alice', 'DELETE /security-groups/{goes}'),
  network('the group that keeps, after', 'alice', 'GET /security-groups/{keeps}?fields=name&fields=revision_number'),
  network(
    'its rules, after',
    'alice',
    'GET /security-group-rules?security_group_id={keeps}&fields=direction&fields=ethertype&fields=remote_group_id',
  ),
  network('delete the group that keeps', 'alice', 'DELETE /security-groups/{keeps}'),
];

/** A floating address is kept by a port that belongs to no project. */
const address: readonly Step[] = [
  network('create an address that has a port', 'alice', 'POST /floatingips', {
    body: { floatingip: { floating_network_id: '{public}', description: 'rec-address' } },
    unrecorded: true,
    save: { kept: 'floatingip.id' },
  }),
  ...both.map((who) =>
    network(`the port of an address as ${who} sees it`, who, 'GET /ports?device_id={kept}', {
      ...(who === 'admin' ? { save: { keeper: 'ports.0.id' }, rows: 'port' } : {}),
    }),
  ),
  network("a member asks for an address's port", 'alice', 'GET /ports/{keeper}'),
  network("an administrator deletes an address's port", 'admin', 'DELETE /ports/{keeper}'),
  ...['description', 'port_id'].map((name) =>
    network(`change an address with a bad ${name}`, 'alice', 'PUT /floatingips/{kept}', {
      body: { floatingip: { [name]: name === 'port_id' ? 'banana' : null } },
    }),
  ),
  network('an address with a null name', 'alice', 'POST /floatingips', {
    body: { floatingip: { floating_network_id: '{public}', dns_name: null } },
  }),
  network('delete the address that has a port', 'alice', 'DELETE /floatingips/{kept}'),
  network('its port went with it', 'admin', 'GET /ports/{keeper}'),
];

const gone: readonly Step[] = [
  network('delete the port of input', 'alice', 'DELETE /ports/{input-port}', { unrecorded: true }),
  network('delete the network of input', 'alice', 'DELETE /networks/{input}', { unrecorded: true }),
];

/** What Neutron makes of odd input, and what comes and goes along with something else. */
export const networkInput: readonly Step[] = [
  ...made,
  ...refused,
  ...nulls,
  ...filters,
  ...groups,
  ...address,
  ...gone,
];
