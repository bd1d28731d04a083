import { on, type Step, waitFor, waitUntilGone } from '../step.js';

const nova = on('compute');
const network = on('network');
const image = on('image');
const cinder = on('block-storage');
const patch = { 'Content-Type': 'application/openstack-images-v2.1-json-patch' };
const many = (count: number) =>
  Array.from({ length: count }, (_each, at) => `id=00000000-0000-4000-8000-${String(at).padStart(12, '0')}`);

/** Cases of Neutron that need resources of their own. */
export const moreNetwork: readonly Step[] = [
  network('create a network for more', 'alice', 'POST /networks', {
    body: { network: { name: 'rec-more' } },
    save: { more: 'network.id' },
  }),
  network('create an IPv6 subnet', 'alice', 'POST /subnets', {
    body: { subnet: { name: 'rec-v6', network_id: '{more}', ip_version: 6, cidr: '2001:db8:1::/64' } },
    save: { v6: 'subnet.id' },
    rows: 'subnet',
  }),
  network('create two groups at once', 'alice', 'POST /security-groups', {
    body: { security_groups: [{ name: 'rec-bulk-1' }, { name: 'rec-bulk-2', description: 'second' }] },
    save: { 'bulk-1': 'security_groups.0.id', 'bulk-2': 'security_groups.1.id' },
  }),
  network('create two rules at once', 'alice', 'POST /security-group-rules', {
    body: {
      security_group_rules: [
        {
          security_group_id: '{bulk-1}',
          direction: 'ingress',
          protocol: 'udp',
          port_range_min: '53',
          port_range_max: '53',
        },
        { security_group_id: '{bulk-1}', direction: 'egress', protocol: 'icmp', remote_ip_prefix: '0.0.0.0/0' },
      ],
    },
  }),
  network('a group after its rules came', 'alice', 'GET /security-groups/{bulk-1}?fields=description&fields=name'),
  network(
    'groups sorted by name',
    'alice',
    'GET /security-groups?name=rec-bulk-1&name=rec-bulk-2&sort_key=name&sort_dir=desc&fields=name',
    { ordered: true },
  ),
  network('ids up to the longest line', 'alice', `GET /ports?${many(200).join('&')}`),
  network('a longer line', 'alice', `GET /ports?${many(220).join('&')}`),
  network('a limit of zero', 'alice', 'GET /networks?name=rec-more&limit=0&fields=name'),
  network('networks by tag', 'alice', 'GET /networks?tags=rec-none'),
  network('external networks', 'alice', 'GET /networks?router:external=true&fields=name'),
  network('a member asks for the quota', 'alice', 'GET /quotas/{project:demo-a}'),
  network('an update of nothing', 'alice', 'PUT /networks/{more}', { body: { network: {} } }),
  network('an update without a network', 'alice', 'PUT /networks/{more}', { body: {} }),
  network('an update of a read-only attribute', 'alice', 'PUT /networks/{more}', { body: { network: { id: 'x' } } }),
  network('clear a description', 'alice', 'PUT /networks/{more}', { body: { network: { description: '' } } }),
  network('rename the default group', 'alice', 'PUT /security-groups/{group:default}', {
    body: { security_group: { name: 'x' } },
  }),
  network('a subnet that overlaps', 'alice', 'POST /subnets', {
    body: { subnet: { network_id: '{more}', ip_version: 6, cidr: '2001:db8:1::/64' } },
  }),
  network('a subnet without a cidr', 'alice', 'POST /subnets', {
    body: { subnet: { network_id: '{more}', ip_version: 4 } },
  }),
  network('a cidr that is none', 'alice', 'POST /subnets', {
    body: { subnet: { network_id: '{more}', ip_version: 4, cidr: 'banana' } },
  }),
  network('a port for an address', 'alice', 'POST /ports', {
    body: { port: { name: 'rec-taken', network_id: '{front}' } },
    save: { taken: 'port.id' },
  }),
  network('an address that is associated from the start', 'alice', 'POST /floatingips', {
    body: { floatingip: { floating_network_id: '{public}', port_id: '{taken}', description: 'rec-address' } },
    save: { 'taken-address': 'floatingip.id' },
  }),
  network('a second address for the same port', 'alice', 'POST /floatingips', {
    body: { floatingip: { floating_network_id: '{public}', port_id: '{taken}', description: 'rec-address' } },
  }),
  network('change only its description', 'alice', 'PUT /floatingips/{taken-address}', {
    body: { floatingip: { description: 'rec-address' } },
  }),
  network('delete a port that has an address', 'alice', 'DELETE /ports/{taken}'),
  network('the address after that', 'alice', 'GET /floatingips/{taken-address}'),
  network('delete the address', 'alice', 'DELETE /floatingips/{taken-address}', { unrecorded: true }),
  ...['bulk-1', 'bulk-2'].map((name) =>
    network(`delete the group ${name}`, 'alice', `DELETE /security-groups/{${name}}`),
  ),
  network('delete the network of more', 'alice', 'DELETE /networks/{more}'),
  network('its subnet went with it', 'alice', 'GET /subnets/{v6}'),
];

export const moreImages: readonly Step[] = [
  image('create a nameless image', 'alice', 'POST /images', {
    body: { visibility: 'private', tags: ['rec-nameless'] },
    save: { nameless: 'id' },
  }),
  image('share an image', 'alice', 'PATCH /images/{nameless}', {
    text: '[{"op":"replace","path":"/visibility","value":"community"}]',
    headers: patch,
  }),
  image('a community image of another tenant', 'bob', 'GET /images/{nameless}'),
  image('a community image is not in the list', 'bob', 'GET /images?tag=rec-nameless'),
  image('unless all are asked for', 'bob', 'GET /images?tag=rec-nameless&visibility=all'),
  image('another tenant changes it', 'bob', 'PATCH /images/{nameless}', {
    text: '[{"op":"replace","path":"/name","value":"x"}]',
    headers: patch,
  }),
  image('hide an image', 'alice', 'PATCH /images/{nameless}', {
    text: '[{"op":"replace","path":"/os_hidden","value":true}]',
    headers: patch,
  }),
  image('a hidden image is not in the list', 'alice', 'GET /images?tag=rec-nameless'),
  image('hidden images', 'alice', 'GET /images?tag=rec-nameless&os_hidden=true'),
  image('a patch that is no list', 'alice', 'PATCH /images/{nameless}', { text: '{}', headers: patch }),
  image('an image that is no JSON', 'alice', 'POST /images', { text: '{bad' }),
  image('delete the nameless image', 'alice', 'DELETE /images/{nameless}'),
];

const server = { flavorRef: '{flavor:m1.tiny}', imageRef: '{image:debian-12}' };

/** A server that is deleted with a volume attached, and lists that only now have something to show. */
export const moreCompute: readonly Step[] = [
  cinder('create a volume to lose', 'alice', 'POST /volumes', {
    body: { volume: { name: 'rec-lost', size: 1 } },
    unrecorded: true,
    save: { lost: 'volume.id' },
  }),
  waitFor(cinder('lost', 'alice', 'GET /volumes/{lost}'), 'volume.status', 'available'),
  cinder('create a volume from a volume', 'alice', 'POST /volumes', {
    body: { volume: { name: 'rec-copy', size: 2, source_volid: '{lost}' } },
    save: { copy: 'volume.id' },
  }),
  waitFor(cinder('copy', 'alice', 'GET /volumes/{copy}'), 'volume.status', 'available'),
  cinder('the copy', 'alice', 'GET /volumes/{copy}', { rows: 'volume' }),
  cinder('volumes by their source', 'admin', 'GET /volumes?source_volid={lost}'),
  cinder('volumes under the own project', 'alice', 'GET /{project:demo-a}/volumes/detail?name=rec-copy&limit=1'),
  cinder('an update of nothing', 'alice', 'PUT /volumes/{copy}', { body: { volume: {} } }),
  cinder('an update without a volume', 'alice', 'PUT /volumes/{copy}', { body: {} }),
  cinder('a foreign attribute', 'alice', 'PUT /volumes/{copy}', { body: { volume: { foo: 'x' } } }),
  nova('create a server on a routed network', 'alice', 'POST /servers', {
    body: { server: { name: 'rec-more', ...server, networks: [{ uuid: '{front}' }], tags: ['recorded-more'] } },
    save: { 'more-server': 'server.id' },
  }),
  waitFor(nova('more', 'alice', 'GET /servers/{more-server}'), 'server.status', 'ACTIVE'),
  nova('a server with the default group', 'alice', 'GET /servers/{more-server}', { rows: 'server' }),
  nova('attach a volume that goes with it', 'alice', 'POST /servers/{more-server}/os-volume_attachments', {
    body: { volumeAttachment: { volumeId: '{lost}', delete_on_termination: true } },
  }),
  waitFor(cinder('lost', 'alice', 'GET /volumes/{lost}'), 'volume.status', 'in-use'),
  nova('a server with a volume that goes with it', 'alice', 'GET /servers/{more-server}', { rows: 'server' }),
  nova('servers by any of two tags', 'alice', 'GET /servers?tags-any=recorded-more,other'),
  nova('servers that changed in the future', 'alice', 'GET /servers?changes-since=2099-01-01T00:00:00Z'),
  nova('an update of nothing', 'alice', 'PUT /servers/{more-server}', { body: { server: {} } }),
  nova('an update without a server', 'alice', 'PUT /servers/{more-server}', { body: {} }),
  nova('clear a description', 'alice', 'PUT /servers/{more-server}', { body: { server: { description: null } } }),
  ...[
    { accessIPv4: null },
    { accessIPv6: null },
    { 'OS-DCF:diskConfig': null },
    { hostname: null },
    { accessIPv4: 'banana' },
    { accessIPv6: '192.0.2.1' },
    { 'OS-DCF:diskConfig': 'x' },
    { hostname: 'a b' },
    { description: 5 },
  ].map((input) =>
    nova(`change a server with ${JSON.stringify(input)}`, 'alice', 'PUT /servers/{more-server}', {
      body: { server: input },
    }),
  ),
  nova('an administrator reads across tenants', 'admin', 'GET /servers?all_tenants=1&name=^rec-more'),
  nova('an administrator renames it', 'admin', 'PUT /servers/{more-server}', {
    body: { server: { name: 'rec-more' } },
  }),
  nova('reboot it softly', 'alice', 'POST /servers/{more-server}/action', { body: { reboot: { type: 'SOFT' } } }),
  waitFor(nova('more', 'alice', 'GET /servers/{more-server}'), 'server.OS-EXT-STS:task_state', null),
  nova('an action without a name', 'alice', 'POST /servers/{more-server}/action', { body: {} }),
  nova('an action that is no JSON', 'alice', 'POST /servers/{more-server}/action', { text: '{bad' }),
  nova('delete it', 'alice', 'DELETE /servers/{more-server}'),
  waitUntilGone(nova('more', 'alice', 'GET /servers/{more-server}')),
  waitUntilGone(cinder('lost', 'alice', 'GET /volumes/{lost}')),
  cinder('delete the copy', 'alice', 'DELETE /volumes/{copy}'),
  waitUntilGone(cinder('copy', 'alice', 'GET /volumes/{copy}')),
];

/** What a token without a scope is refused, and what it is not. */
export const unscoped: readonly Step[] = [
  nova('limits', 'unscoped', 'GET /limits'),
  nova('flavors', 'unscoped', 'GET /flavors?limit=0'),
  nova('servers in detail', 'unscoped', 'GET /servers/detail'),
  nova('a server', 'unscoped', 'GET /servers/{bob-server}'),
  nova('create a server', 'unscoped', 'POST /servers', {
    body: { server: { name: 'rec-x', ...server, networks: 'none' } },
  }),
  nova('a body with a foreign key', 'alice', 'POST /servers', {
    body: { server: { name: 'rec-x', ...server, networks: 'none' }, b: 1, a: 2 },
  }),
  cinder('volumes', 'unscoped', 'GET /volumes'),
  cinder('volumes in detail', 'unscoped', 'GET /volumes/detail'),
  cinder('types', 'unscoped', 'GET /types'),
  cinder('create a volume', 'unscoped', 'POST /volumes', { body: { volume: { size: 1 } } }),
  cinder('a volume body with a foreign key', 'alice', 'POST /volumes', { body: { volume: { size: 1 }, x: 1 } }),
  cinder('volumes under a project', 'unscoped', 'GET /{project:demo-a}/volumes'),
  network('networks', 'unscoped', 'GET /networks?fields=name'),
  network('a network of a project', 'unscoped', 'GET /networks/{front}'),
  network('groups', 'unscoped', 'GET /security-groups?fields=name'),
  network('create a network', 'unscoped', 'POST /networks', { body: { network: { name: 'rec-x' } } }),
  image('an image', 'unscoped', 'GET /images/{image:debian-12}'),
];
