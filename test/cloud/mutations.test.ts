import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { ADMIN, ALICE, Client } from '../support/client.js';
import {
  flavorId,
  imageId,
  make,
  makeNetwork,
  makeServer,
  makeVolume,
  publicNetworkId,
  reach,
  routedNetworkId,
} from './support/ground.js';
import { freshName, Litter } from './support/litter.js';
import { create, mutate } from './support/mutate.js';
import { Raw, type RawRow, type Service } from './support/openstack.js';
import { until } from './support/until.js';

type Node = Readonly<Record<string, unknown>> & { readonly id: string };

describe('every mutation, confirmed by raw REST', () => {
  const [url] = inject('replicas');
  let alice: Client;
  let admin: Client;
  let raw: Raw;
  let litter: Litter;
  let network: string;

  beforeAll(async () => {
    [alice, admin] = await Promise.all([Client.login(url, ALICE), Client.login(url, ADMIN)]);
    raw = await Raw.login(ALICE);
    litter = new Litter(await Raw.login(ADMIN));
    network = await makeNetwork(raw, litter);
  });

  afterAll(() => litter.clear());

  /** The row as OpenStack has it now; null where it says 404. */
  async function wire(service: Service, path: string, key: string): Promise<RawRow | null> {
    const { status, body } = await raw.call('GET', service, path);
    return status === 404 ? null : ((body as Record<string, RawRow>)[key] ?? null);
  }

  async function made(type: string, service: Service, path: string, selection: string, input: object, by = alice) {
    const one = type.charAt(0).toLowerCase() + type.slice(1);
    const payload = await mutate<Record<string, Node>>(by, `create${type}`, `${one} { id ${selection} }`, { input });
    const row = payload[one] as Node;
    litter.add(service, path, row.id);
    return row;
  }

  async function changed(type: string, selection: string, id: string, input: object, by = alice): Promise<Node> {
    const one = type.charAt(0).toLowerCase() + type.slice(1);
    const payload = await mutate<Record<string, Node>>(by, `update${type}`, `${one} { id ${selection} }`, {
      id,
      input,
    });
    return payload[one] as Node;
  }

  async function gone(type: string, service: Service, path: string, id: string): Promise<void> {
    expect(await mutate(alice, `delete${type}`, 'id accepted', { id })).toEqual({ id, accepted: false });
    expect((await raw.call('GET', service, `${path}/${id}`)).status).toBe(404);
  }

  it('networks: all inputs of a member, then those of an admin', async () => {
    const fields = 'name description adminStateUp mtu portSecurityEnabled dnsDomain shared external';
    const input = {
      name: freshName('network'),
      description: 'all inputs',
      adminStateUp: false,
      mtu: 1400,
      portSecurityEnabled: false,
      dnsDomain: 'try.example.',
    };
    const row = await made('Network', 'network', '/networks', fields, input);
    expect(row).toMatchObject({ ...input, shared: false, external: false });
    const path = `/networks/${row.id}`;
    expect(await wire('network', path, 'network')).toMatchObject({
      name: input.name,
      description: input.description,
      admin_state_up: false,
      mtu: 1400,
      port_security_enabled: false,
      dns_domain: 'try.example.',
    });
    expect(await changed('Network', fields, row.id, { adminStateUp: true, description: '' })).toMatchObject({
      ...input,
      adminStateUp: true,
      description: '',
    });
    const shared = await changed('Network', fields, row.id, { shared: true, external: true, isDefault: false }, admin);
    expect(shared).toMatchObject({ name: input.name, shared: true, external: true });
    await changed('Network', fields, row.id, { shared: false, external: false }, admin);
    await gone('Network', 'network', '/networks', row.id);
  });

  it('networks of an admin: provider attributes and another project', async () => {
    const { data } = await Client.login(url, { name: 'bob', project: 'demo-b' }).then((bob) =>
      bob.ask<{ me: { project: { id: string } } }>('{ me { project { id } } }'),
    );
    const projectId = data.me.project.id;
    const fields = 'name projectId providerNetworkType providerSegmentationId';
    const row = await made('Network', 'network', '/networks', fields, { name: freshName('network'), projectId }, admin);
    expect(row).toMatchObject({ projectId, providerNetworkType: expect.any(String) });
    expect((await raw.call('GET', 'network', `/networks/${row.id}`)).status).toBe(404);
  });

  it('subnets: all inputs, null clears, absent stays', async () => {
    const fields =
      'name description cidr ipVersion gatewayIp enableDhcp dnsNameservers hostRoutes { destination nexthop } allocationPools { start end } serviceTypes';
    const input = {
      networkId: network,
      ipVersion: 4,
      cidr: '10.79.0.0/24',
      name: freshName('subnet'),
      description: 'all inputs',
      gatewayIp: '10.79.0.254',
      enableDhcp: false,
      dnsNameservers: ['10.0.0.53'],
      hostRoutes: [{ destination: '192.0.2.0/24', nexthop: '10.79.0.1' }],
      allocationPools: [{ start: '10.79.0.10', end: '10.79.0.20' }],
      serviceTypes: ['compute:nova'],
    };
    const { networkId: _, ...shown } = input;
    const row = await made('Subnet', 'network', '/subnets', fields, input);
    expect(row).toMatchObject(shown);
    const cleared = await changed('Subnet', fields, row.id, { gatewayIp: null, dnsNameservers: [], hostRoutes: [] });
    expect(cleared).toMatchObject({ ...shown, gatewayIp: null, dnsNameservers: [], hostRoutes: [] });
    expect(await wire('network', `/subnets/${row.id}`, 'subnet')).toMatchObject({
      gateway_ip: null,
      dns_nameservers: [],
      description: 'all inputs',
    });
    await gone('Subnet', 'network', '/subnets', row.id);
    const six = {
      networkId: network,
      ipVersion: 6,
      cidr: 'fd00:79::/64',
      ipv6RaMode: 'SLAAC',
      ipv6AddressMode: 'SLAAC',
    };
    const row6 = await made('Subnet', 'network', '/subnets', 'ipv6RaMode ipv6AddressMode', six);
    expect(row6).toMatchObject({ ipv6RaMode: 'SLAAC', ipv6AddressMode: 'SLAAC' });
    await gone('Subnet', 'network', '/subnets', row6.id);
  });

  it('ports: all inputs of a member, null and empty lists clear', async () => {
    const [subnet] = await raw.rows('network', `/subnets?network_id=${network}&ip_version=4`, 'subnets');
    const group = await make(raw, litter, 'network', '/security-groups', 'security_group', {
      name: freshName('group'),
    });
    const fields =
      'name description adminStateUp macAddress securityGroupIds deviceId deviceOwner dnsName tags bindingVnicType fixedIps { ipAddress subnetId } allowedAddressPairs { ipAddress macAddress } extraDhcpOptions { optName optValue ipVersion }';
    const input = {
      networkId: network,
      name: freshName('port'),
      description: 'all inputs',
      adminStateUp: false,
      fixedIps: [{ ipAddress: '10.77.3.4', subnetId: subnet?.id }],
      securityGroupIds: [group],
      deviceId: 'a-device',
      deviceOwner: 'try:owner',
      dnsName: 'try',
      tags: ['one'],
      bindingVnicType: 'normal',
      allowedAddressPairs: [{ ipAddress: '10.77.3.5', macAddress: 'fa:16:3e:00:00:05' }],
      extraDhcpOptions: [{ optName: 'mtu', optValue: '1400', ipVersion: 4 }],
    };
    // Neutron takes tags of a new port, and lets them fall where the cloud's plug-in does not know them.
    const { networkId: _, tags: __, ...shown } = input;
    const row = await made('Port', 'network', '/ports', fields, input);
    expect(row).toMatchObject(shown);
    const change = {
      securityGroupIds: [],
      allowedAddressPairs: [],
      extraDhcpOptions: [{ optName: 'mtu', optValue: null }],
      name: '',
    };
    expect(await changed('Port', fields, row.id, change)).toMatchObject({
      ...shown,
      name: '',
      securityGroupIds: [],
      allowedAddressPairs: [],
      extraDhcpOptions: [],
    });
    expect(await wire('network', `/ports/${row.id}`, 'port')).toMatchObject({
      security_groups: [],
      device_id: 'a-device',
    });
    await gone('Port', 'network', '/ports', row.id);
  });

  it('floating IPs: bound, unbound with null, changed otherwise without being unbound', async () => {
    const port = await make(raw, litter, 'network', '/ports', 'port', { network_id: await routedNetworkId(raw) });
    const fields = 'portId description floatingNetworkId fixedIpAddress';
    const input = { floatingNetworkId: await publicNetworkId(raw), description: 'all inputs', portId: port };
    const row = await made('FloatingIp', 'network', '/floatingips', fields, input);
    expect(row).toMatchObject(input);
    expect(await changed('FloatingIp', fields, row.id, { description: 'kept' })).toMatchObject({ portId: port });
    expect(await changed('FloatingIp', fields, row.id, { portId: null })).toMatchObject({
      portId: null,
      fixedIpAddress: null,
      description: 'kept',
    });
    expect(await wire('network', `/floatingips/${row.id}`, 'floatingip')).toMatchObject({ port_id: null });
    await gone('FloatingIp', 'network', '/floatingips', row.id);
  });

  it('security groups and their rules', async () => {
    const group = { name: freshName('group'), description: 'all inputs', stateful: false };
    const row = await made('SecurityGroup', 'network', '/security-groups', 'name description stateful', group);
    expect(row).toMatchObject(group);
    const renamed = await changed('SecurityGroup', 'name description', row.id, { name: `${group.name}-2` });
    expect(renamed).toMatchObject({ name: `${group.name}-2`, description: 'all inputs' });
    const fields = 'direction ethertype protocol portRangeMin portRangeMax remoteIpPrefix remoteGroupId description';
    const rules = [
      {
        direction: 'INGRESS',
        ethertype: 'IPV4',
        protocol: 'tcp',
        portRangeMin: 22,
        portRangeMax: 23,
        remoteIpPrefix: '10.0.0.0/8',
      },
      { direction: 'EGRESS', ethertype: 'IPV6', protocol: 'udp', remoteGroupId: row.id, description: 'by group' },
    ];
    for (const rule of rules) {
      const input = { securityGroupId: row.id, ...rule };
      const path = '/security-group-rules';
      const made1 = await made('SecurityGroupRule', 'network', path, fields, input);
      expect(made1).toMatchObject(rule);
      expect(await wire('network', `${path}/${made1.id}`, 'security_group_rule')).toMatchObject({
        direction: rule.direction.toLowerCase(),
        security_group_id: row.id,
      });
      await gone('SecurityGroupRule', 'network', path, made1.id);
    }
    await gone('SecurityGroup', 'network', '/security-groups', row.id);
  });

  it('volumes: all inputs, metadata added and removed, description cleared', async () => {
    const fields =
      'name description size volumeType availabilityZone metadata { key value } sourceVolumeId imageId bootable';
    const input = {
      name: freshName('volume'),
      description: 'all inputs',
      size: 1,
      volumeType: 'ssd',
      availabilityZone: 'nova',
      metadata: [{ key: 'one', value: '1' }],
    };
    const row = await made('Volume', 'block-storage', '/volumes', fields, input);
    expect(row).toMatchObject(input);
    const path = `/volumes/${row.id}`;
    await reach(raw, 'block-storage', path, 'volume', 'available');
    const added = await changed('Volume', fields, row.id, { metadata: [{ key: 'two', value: '2' }] });
    expect(added['metadata']).toEqual(expect.arrayContaining([...input.metadata, { key: 'two', value: '2' }]));
    const removed = await changed('Volume', fields, row.id, { removeMetadata: ['one'], description: null });
    expect(removed).toMatchObject({ name: input.name, metadata: [{ key: 'two', value: '2' }], description: null });
    expect(await wire('block-storage', path, 'volume')).toMatchObject({ metadata: { two: '2' }, description: null });
    const copy = await made('Volume', 'block-storage', '/volumes', fields, { sourceVolumeId: row.id, size: 1 });
    expect(copy).toMatchObject({ sourceVolumeId: row.id });
    await reach(raw, 'block-storage', `/volumes/${copy.id}`, 'volume', 'available');
    for (const id of [copy.id, row.id]) {
      const payload = await mutate<Node & { accepted: boolean }>(alice, 'deleteVolume', 'id accepted', {
        id,
        cascade: true,
      });
      expect(payload).toEqual({ id, accepted: expect.any(Boolean) });
      await until('the volume to be gone', async () =>
        (await wire('block-storage', `/volumes/${id}`, 'volume')) ? null : true,
      );
    }
  });

  it('servers: all inputs, renamed, stopped, started, rebooted, deleted', async () => {
    const [flavor, image] = await Promise.all([flavorId(raw), imageId(raw)]);
    const input = {
      name: freshName('server'),
      description: 'all inputs',
      flavorId: flavor,
      imageId: image,
      networks: [{ networkId: network, fixedIp: '10.77.9.9' }],
      metadata: [{ key: 'one', value: '1' }],
      tags: ['try'],
      keyName: 'deploy',
      hostname: 'try-host',
      configDrive: true,
      accessIpv4: '192.0.2.9',
      diskConfig: 'MANUAL',
      availabilityZone: 'nova',
      securityGroups: ['default'],
      adminPassword: 'n0t-kept-anywhere',
      userData: Buffer.from('#!/bin/sh').toString('base64'),
    };
    const fields =
      'name description hostname keyName configDrive accessIpv4 diskConfig tags metadata { key value } image { id }';
    const { server, adminPassword } = await mutate<{ server: Node; adminPassword: string }>(
      alice,
      'createServer',
      `adminPassword server { id ${fields} }`,
      { input },
    );
    const id = litter.add('compute', '/servers', server.id);
    expect(adminPassword).toBe(input.adminPassword);
    const { name, description, hostname, keyName, configDrive, accessIpv4, tags, metadata } = input;
    expect(server).toMatchObject({
      name,
      description,
      hostname,
      keyName,
      configDrive,
      accessIpv4,
      tags,
      metadata,
      image: { id: image },
    });
    const active = await reach(raw, 'compute', `/servers/${id}`, 'server', 'ACTIVE');
    expect(JSON.stringify(active['addresses'])).toContain('10.77.9.9');
    expect(await changed('Server', fields, id, { description: null, accessIpv4: '192.0.2.10' })).toMatchObject({
      name,
      description: null,
      accessIpv4: '192.0.2.10',
    });
    const acts = (mutation: string, more: object = {}) =>
      mutate<{ server: Node }>(alice, mutation, 'server { id status taskState }', { id, ...more });
    expect((await acts('stopServer')).server.id).toBe(id);
    await reach(raw, 'compute', `/servers/${id}`, 'server', 'SHUTOFF');
    await acts('startServer');
    await reach(raw, 'compute', `/servers/${id}`, 'server', 'ACTIVE');
    for (const type of ['SOFT', 'HARD']) {
      await acts('rebootServer', { type });
      await reach(raw, 'compute', `/servers/${id}`, 'server', 'ACTIVE');
    }
    const payload = await mutate(alice, 'deleteServer', 'id accepted', { id });
    expect(payload).toEqual({ id, accepted: true });
    await until('the server to be gone', async () =>
      (await wire('compute', `/servers/${id}`, 'server')) ? null : true,
    );
  });

  it('servers that boot from a new volume, on a port of their own', async () => {
    const [flavor, image] = await Promise.all([flavorId(raw), imageId(raw)]);
    const port = await make(raw, litter, 'network', '/ports', 'port', { network_id: network });
    const input = {
      name: freshName('server'),
      flavorId: flavor,
      networks: [{ portId: port }],
      blockDevices: [
        {
          sourceType: 'IMAGE',
          sourceId: image,
          destinationType: 'VOLUME',
          volumeSize: 1,
          bootIndex: 0,
          deleteOnTermination: true,
        },
      ],
    };
    const id = litter.add('compute', '/servers', await create(alice, { type: 'Server', one: 'server' }, input));
    await reach(raw, 'compute', `/servers/${id}`, 'server', 'ACTIVE');
    const { data } = await alice.ask<{ server: { image: null; ports: Node[]; volumes: { bootable: boolean }[] } }>(
      `{ server(id: "${id}") { image { id } ports { id } volumes { id bootable image { id } } } }`,
      {},
      { 'cache-control': 'no-cache' },
    );
    expect(data.server).toMatchObject({
      image: null,
      ports: [{ id: port }],
      volumes: [{ bootable: true, image: { id: image } }],
    });
  });

  it('volumes attached and detached, with both ends in the payload', async () => {
    const [volume, server] = await Promise.all([makeVolume(raw, litter), makeServer(raw, litter, network)]);
    const attached = await mutate<{ device: string; server: Node; volume: Node }>(
      alice,
      'attachVolume',
      'device server { id volumesAttached { volumeId deleteOnTermination } } volume { id status }',
      { input: { serverId: server, volumeId: volume, deleteOnTermination: true } },
    );
    expect(attached.server).toMatchObject({
      id: server,
      volumesAttached: [{ volumeId: volume, deleteOnTermination: true }],
    });
    expect(attached).toMatchObject({ device: expect.stringMatching(/^\/dev\//), volume: { id: volume } });
    expect(attached.volume['status']).not.toBe('AVAILABLE');
    await reach(raw, 'block-storage', `/volumes/${volume}`, 'volume', 'in-use');
    const ends = { serverId: server, volumeId: volume };
    const detached = await mutate<{ volume: Node }>(alice, 'detachVolume', 'server { id } volume { id status }', ends);
    expect(detached).toMatchObject({ server: { id: server }, volume: { id: volume } });
    expect(detached.volume['status']).not.toBe('IN_USE');
    await reach(raw, 'block-storage', `/volumes/${volume}`, 'volume', 'available');
  });
});
