import { on, type Step, waitFor, waitUntilGone } from '../step.js';

const nova = on('compute');
const cinder = on('block-storage');
const network = on('network');
const NONE = '00000000-0000-4000-8000-000000000000';
const VERSION = 'OpenStack-API-Version';
const status = (name: string, value: string) =>
  waitFor(nova(name, 'alice', `GET /servers/{${name}}`), 'server.status', value);
const small = { flavorRef: '{flavor:m1.nano}', imageRef: '{image:cirros-0.6.2}' };
const three = ['alice', 'reader', 'admin'] as const;

const versions: readonly Step[] = [
  nova('the versions', 'nobody', 'GET //'),
  nova('the version document', 'nobody', 'GET //v2.1', { oldest: true }),
  nova('no token', 'nobody', 'GET /servers'),
  nova('a foreign token', 'garbage', 'GET /servers'),
  nova('an unscoped token', 'unscoped', 'GET /servers'),
  nova('a version out of range', 'alice', 'GET /flavors?limit=0', {
    oldest: true,
    headers: { [VERSION]: 'compute 2.999' },
  }),
  nova('a version that is none', 'alice', 'GET /flavors?limit=0', {
    oldest: true,
    headers: { [VERSION]: 'compute banana' },
  }),
  nova("another service's version", 'alice', 'GET /flavors?limit=0', {
    oldest: true,
    headers: { [VERSION]: 'volume 3.70' },
  }),
  nova('the latest version', 'alice', 'GET /flavors?limit=0', {
    oldest: true,
    headers: { [VERSION]: 'compute latest' },
  }),
  nova("Nova's own version header", 'alice', 'GET /flavors?limit=0', {
    oldest: true,
    headers: { 'X-OpenStack-Nova-API-Version': '2.50' },
  }),
  nova('an unknown path', 'alice', 'GET /nosuch'),
  nova('a member asks for hypervisors', 'alice', 'GET /os-hypervisors'),
  ...three.flatMap((who) => [
    nova(`a flavor as ${who} sees it`, who, 'GET /flavors/{flavor:m1.small}', { rows: 'flavor' }),
    nova(`flavors as ${who} sees them`, who, 'GET /flavors/detail?minRam=8192&sort_key=name&sort_dir=asc', {
      rows: 'flavor',
      ordered: true,
    }),
  ]),
  nova('flavors in brief', 'alice', 'GET /flavors?sort_key=name&sort_dir=asc&limit=2', { ordered: true }),
  nova('flavors of version 2.1', 'alice', 'GET /flavors/{flavor:m1.nano}', { oldest: true }),
  nova('a missing flavor', 'alice', 'GET /flavors/nope'),
  nova('an unknown filter of flavors', 'alice', 'GET /flavors?foo=1'),
  nova('an unknown marker of flavors', 'alice', 'GET /flavors?marker=nope'),
  nova('key pairs', 'alice', 'GET /os-keypairs'),
  nova('a page of key pairs', 'alice', 'GET /os-keypairs?limit=1'),
  nova('a missing key pair', 'alice', 'GET /os-keypairs/nope'),
  nova('key pairs of a reader', 'reader', 'GET /os-keypairs'),
  nova('availability zones', 'alice', 'GET /os-availability-zone'),
];

const refused = (name: string, server: Record<string, unknown>, who: 'alice' | 'reader' = 'alice') =>
  nova(name, who, 'POST /servers', { body: { server } });

const creating: readonly Step[] = [
  refused('a server of nothing', {}),
  nova('a server without a server', 'alice', 'POST /servers', { body: {} }),
  nova('a server that is no JSON', 'alice', 'POST /servers', { text: '{bad' }),
  refused('a server of a missing flavor', { name: 'x', ...small, flavorRef: 'nope', networks: 'none' }),
  refused('a server of a missing image', { name: 'x', ...small, imageRef: NONE, networks: 'none' }),
  refused('a server on a missing network', { name: 'x', ...small, networks: [{ uuid: NONE }] }),
  refused("a server on another's network", { name: 'x', ...small, networks: [{ uuid: '{bob-network}' }] }),
  refused('a server with a missing port', { name: 'x', ...small, networks: [{ port: NONE }] }),
  refused('a server with a missing key', { name: 'x', ...small, networks: 'none', key_name: 'nope' }),
  refused('a server with a missing group', {
    name: 'x',
    ...small,
    networks: 'none',
    security_groups: [{ name: 'nope' }],
  }),
  refused('a server with a foreign attribute', { name: 'x', ...small, networks: 'none', foo: 1 }),
  refused('a server without networks', { name: 'x', ...small }),
  refused('a server without an image', { name: 'x', flavorRef: '{flavor:m1.nano}', networks: 'none' }),
  refused('a name that is a number', { name: 5, ...small, networks: 'none' }),
  refused('a name that is empty', { name: '', ...small, networks: 'none' }),
  refused('a server beyond the quota', { name: 'x', ...small, networks: 'none', min_count: 30000, max_count: 30000 }),
  refused('a reader creates a server', { name: 'x', ...small, networks: 'none' }, 'reader'),
  nova('create a server', 'alice', 'POST /servers', {
    body: {
      server: {
        name: 'rec-server',
        ...small,
        networks: [{ port: '{port}' }, { uuid: '{front}' }],
        key_name: 'laptop',
        metadata: { tier: 'recorded' },
        tags: ['recorded'],
        description: 'recorded',
        config_drive: true,
        user_data: 'IyEvYmluL3NoCg==',
        accessIPv4: '192.0.2.7',
        security_groups: [{ name: 'rec-group' }],
        'OS-DCF:diskConfig': 'AUTO',
      },
    },
    save: { server: 'server.id' },
  }),
  nova('create a server from a volume', 'alice', 'POST /servers', {
    body: {
      server: {
        name: 'rec-boot',
        flavorRef: '{flavor:m1.nano}',
        networks: 'none',
        block_device_mapping_v2: [
          { boot_index: 0, source_type: 'volume', destination_type: 'volume', uuid: '{boot-volume}' },
        ],
      },
    },
    save: { 'boot-server': 'server.id' },
  }),
  nova('create a server that fits nowhere', 'alice', 'POST /servers', {
    body: { server: { name: 'rec-error', ...small, flavorRef: '{flavor:x1.impossible}', networks: 'none' } },
    save: { 'error-server': 'server.id' },
  }),
  status('server', 'ACTIVE'),
  status('boot-server', 'ACTIVE'),
  waitFor(nova('error-server', 'admin', 'GET /servers/{error-server}'), 'server.status', 'ERROR'),
];

const reading: readonly Step[] = [
  cinder('create a volume to attach', 'alice', 'GET /volumes/{volume}', { unrecorded: true }),
  nova('attach a volume', 'alice', 'POST /servers/{server}/os-volume_attachments', {
    body: { volumeAttachment: { volumeId: '{volume}' } },
  }),
  waitFor(cinder('volume', 'alice', 'GET /volumes/{volume}'), 'volume.status', 'in-use'),
  nova('attach it again', 'alice', 'POST /servers/{boot-server}/os-volume_attachments', {
    body: { volumeAttachment: { volumeId: '{volume}' } },
  }),
  network('find the port that Nova made', 'alice', 'GET /ports?device_id={server}&network_id={front}', {
    unrecorded: true,
    save: { 'nova-port': 'ports.0.id' },
  }),
  network('associate an address', 'alice', 'PUT /floatingips/{address}', {
    body: { floatingip: { port_id: '{nova-port}' } },
    unrecorded: true,
  }),
  waitFor(nova('server', 'alice', 'GET /servers/{server}'), 'server.addresses.front.1.OS-EXT-IPS:type', 'floating'),
  ...three.flatMap((who) => [
    nova(`a server as ${who} sees it`, who, 'GET /servers/{server}', { rows: 'server' }),
    nova(`a server from a volume as ${who} sees it`, who, 'GET /servers/{boot-server}', { rows: 'server' }),
    nova(`a server in error as ${who} sees it`, who, 'GET /servers/{error-server}', { rows: 'server' }),
    nova(`servers as ${who} sees them`, who, 'GET /servers/detail?name=^rec-&sort_key=display_name&sort_dir=asc', {
      rows: 'server',
      ordered: true,
    }),
    cinder(`an attached volume as ${who} sees it`, who, 'GET /volumes/{volume}', { rows: 'volume' }),
    network(`a bound port as ${who} sees it`, who, 'GET /ports/{nova-port}', { rows: 'port' }),
    network(`the ports of a server as ${who} sees them`, who, 'GET /ports?device_id={server}', { rows: 'port' }),
    network(`an associated address as ${who} sees it`, who, 'GET /floatingips/{address}', { rows: 'floatingip' }),
    nova(`attachments as ${who} sees them`, who, 'GET /servers/{server}/os-volume_attachments'),
  ]),
  nova('an attachment', 'alice', 'GET /servers/{server}/os-volume_attachments/{volume}'),
  nova('the interfaces of a server', 'alice', 'GET /servers/{server}/os-interface'),
  cinder('attachments of a volume', 'alice', 'GET /attachments?volume_id={volume}'),
  nova('a server of version 2.1', 'alice', 'GET /servers/{server}', { oldest: true }),
  nova('a server of version 2.50', 'admin', 'GET /servers/{server}', {
    oldest: true,
    headers: { [VERSION]: 'compute 2.50' },
  }),
  nova('servers in brief', 'alice', 'GET /servers?name=^rec-&sort_key=display_name&sort_dir=asc', { ordered: true }),
  nova('a page of servers', 'alice', 'GET /servers?name=^rec-&sort_key=display_name&sort_dir=desc&limit=2', {
    ordered: true,
  }),
  nova(
    'the next page',
    'alice',
    'GET /servers?name=^rec-&sort_key=display_name&sort_dir=desc&limit=2&marker={error-server}',
    { ordered: true },
  ),
  nova('no rows', 'alice', 'GET /servers?limit=0'),
  nova('servers by a pattern', 'alice', 'GET /servers?name=REC-S.*R$'),
  nova('a pattern of two', 'alice', 'GET /servers?name=rec-server|rec-boot'),
  nova('servers by status', 'alice', 'GET /servers?name=^rec-&status=error&status=BUILD'),
  nova('servers by flavor', 'alice', 'GET /servers?name=^rec-&flavor={flavor:m1.nano}'),
  nova('servers by image', 'alice', 'GET /servers?name=^rec-&image={image:cirros-0.6.2}'),
  nova('servers by tag', 'alice', 'GET /servers?tags=recorded'),
  nova('servers without a tag', 'alice', 'GET /servers?name=^rec-&not-tags=recorded'),
  nova('servers by address', 'alice', 'GET /servers?ip=10.99.0.5'),
  nova('servers that are locked', 'alice', 'GET /servers?name=^rec-&locked=true'),
  nova('servers by key', 'alice', 'GET /servers?name=^rec-&key_name=laptop'),
  nova('an administrator reads by id', 'admin', 'GET /servers?uuid={server}'),
  nova("an administrator's own project only", 'admin', 'GET /servers?project_id={project:demo-b}&name=^rec-'),
  nova('servers of a missing flavor', 'alice', 'GET /servers?flavor=nope'),
  nova('an unknown filter', 'alice', 'GET /servers?foo=1'),
  nova('an unknown filter of version 2.1', 'alice', 'GET /servers?foo=1&name=rec-server', { oldest: true }),
  nova('a negative limit', 'alice', 'GET /servers?limit=-1'),
  nova('a limit that is none', 'alice', 'GET /servers?limit=abc'),
  nova('an unknown marker', 'alice', `GET /servers?marker=${NONE}`),
  nova('an unknown sort key', 'alice', 'GET /servers?sort_key=foo'),
  nova('an unknown status', 'alice', 'GET /servers?status=banana'),
  nova('a member asks for deleted servers', 'alice', 'GET /servers?status=DELETED'),
  nova('a member asks for all tenants', 'alice', 'GET /servers?all_tenants=1'),
  nova('a time that is none', 'alice', 'GET /servers?changes-since=foo'),
  nova('a missing server', 'alice', `GET /servers/${NONE}`),
  nova('an id that is none', 'alice', 'GET /servers/banana'),
  nova("another's server", 'alice', 'GET /servers/{bob-server}'),
  nova("delete another's server", 'alice', 'DELETE /servers/{bob-server}'),
  nova("change another's server", 'alice', 'PUT /servers/{bob-server}', { body: { server: { name: 'x' } } }),
  nova("stop another's server", 'alice', 'POST /servers/{bob-server}/action', { body: { 'os-stop': null } }),
  nova("an administrator asks for another's server", 'admin', 'GET /servers?uuid={bob-server}&all_tenants=0'),
  nova('attachments of a missing server', 'alice', `GET /servers/${NONE}/os-volume_attachments`),
];

const writing: readonly Step[] = [
  nova('rename a server', 'alice', 'PUT /servers/{server}', {
    body: { server: { name: 'rec-server-2', description: null, accessIPv6: '2001:db8::7' } },
    rows: 'server',
  }),
  nova('rename it back', 'alice', 'PUT /servers/{server}', {
    body: { server: { name: 'rec-server' } },
    unrecorded: true,
  }),
  nova('a foreign attribute', 'alice', 'PUT /servers/{server}', { body: { server: { foo: 'x' } } }),
  nova('a reader changes a server', 'reader', 'PUT /servers/{server}', { body: { server: { name: 'x' } } }),
  nova('a reader deletes a server', 'reader', 'DELETE /servers/{server}'),
  nova('a reader stops a server', 'reader', 'POST /servers/{server}/action', { body: { 'os-stop': null } }),
  nova('start what runs', 'alice', 'POST /servers/{server}/action', { body: { 'os-start': null } }),
  nova('an unknown action', 'alice', 'POST /servers/{server}/action', { body: { foo: null } }),
  nova('an unknown reboot', 'alice', 'POST /servers/{server}/action', { body: { reboot: { type: 'x' } } }),
  nova('stop a server', 'alice', 'POST /servers/{server}/action', { body: { 'os-stop': null } }),
  status('server', 'SHUTOFF'),
  nova('a server that is shut off', 'alice', 'GET /servers/{server}', { rows: 'server' }),
  nova('stop it again', 'alice', 'POST /servers/{server}/action', { body: { 'os-stop': null } }),
  nova('reboot it softly', 'alice', 'POST /servers/{server}/action', { body: { reboot: { type: 'SOFT' } } }),
  nova('start a server', 'alice', 'POST /servers/{server}/action', { body: { 'os-start': null } }),
  status('server', 'ACTIVE'),
  nova('reboot a server', 'alice', 'POST /servers/{server}/action', { body: { reboot: { type: 'HARD' } } }),
  status('server', 'ACTIVE'),
  waitFor(nova('server', 'alice', 'GET /servers/{server}'), 'server.OS-EXT-STS:task_state', null),
  nova('attach nothing', 'alice', 'POST /servers/{server}/os-volume_attachments', { body: { volumeAttachment: {} } }),
  nova('attach a missing volume', 'alice', 'POST /servers/{server}/os-volume_attachments', {
    body: { volumeAttachment: { volumeId: NONE } },
  }),
  nova('attach what is no id', 'alice', 'POST /servers/{server}/os-volume_attachments', {
    body: { volumeAttachment: { volumeId: 'x' } },
  }),
  nova('detach a missing volume', 'alice', `DELETE /servers/{server}/os-volume_attachments/${NONE}`),
  nova('a missing attachment', 'alice', `GET /servers/{server}/os-volume_attachments/${NONE}`),
  nova('detach what is attached elsewhere', 'alice', 'DELETE /servers/{boot-server}/os-volume_attachments/{volume}'),
  cinder('delete a volume in use', 'alice', 'DELETE /volumes/{volume}'),
  nova('a reader detaches a volume', 'reader', 'DELETE /servers/{server}/os-volume_attachments/{volume}'),
  nova('detach a volume', 'alice', 'DELETE /servers/{server}/os-volume_attachments/{volume}'),
  waitFor(cinder('volume', 'alice', 'GET /volumes/{volume}'), 'volume.status', 'available'),
  nova('attachments after that', 'alice', 'GET /servers/{server}/os-volume_attachments'),
  ...['server', 'boot-server', 'error-server'].flatMap((name) => [
    nova(`delete the server ${name}`, 'alice', `DELETE /servers/{${name}}`),
    waitUntilGone(nova(name, 'alice', `GET /servers/{${name}}`)),
  ]),
  nova('a server that is gone', 'alice', 'GET /servers/{server}'),
  nova('delete it again', 'alice', 'DELETE /servers/{server}'),
  network('the port that Nova made is gone', 'alice', 'GET /ports/{nova-port}'),
  network('the port that Nova was given is free', 'alice', 'GET /ports/{port}'),
  network('the address of a port that is gone', 'alice', 'GET /floatingips/{address}'),
];

export const computeSteps: readonly Step[] = [...versions, ...creating, ...reading, ...writing];
