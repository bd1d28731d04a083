/** Fields whose wire names no recorded answer holds, each with where the name comes from. */
export const NEVER_SENT: Readonly<Record<string, string>> = {
  'Network.l2Adjacency': 'neutron-lib api/definitions/l2_adjacency.py; the extension needs the segments plugin',
  'Network.segments': 'neutron-lib api/definitions/multiprovidernet.py; only for networks of several segments',
  'Network.vlanTransparent':
    'neutron-lib api/definitions/vlantransparent.py; off unless vlan_transparent is configured',
  'Subnet.dnsPublishFixedIp': 'neutron-lib api/definitions/subnet_dns_publish_fixed_ip.py; needs its extension driver',
  'Subnet.segmentId': 'neutron-lib api/definitions/segment.py; needs the segments plugin',
  'Port.dataPlaneStatus': 'neutron-lib api/definitions/data_plane_status.py; needs its extension driver',
  'Port.deviceProfile': 'neutron-lib api/definitions/port_device_profile.py; needs its extension driver',
  'Port.hints': 'neutron-lib api/definitions/port_hints.py; newer than Zed',
  'Port.ipAllocation': 'neutron-lib api/definitions/ip_allocation.py; needs the segments plugin',
  'Port.numaAffinityPolicy': 'neutron-lib api/definitions/port_numa_affinity_policy.py; needs its extension driver',
  'Port.propagateUplinkStatus': 'neutron-lib api/definitions/uplink_status_propagation.py; needs its extension driver',
  'Volume.encryptionKeyId': 'cinder/api/v3/views/volumes.py; only for encrypted volumes, and there is no Barbican here',
  'Image.architecture': 'glance etc/schema-image.json; a property that uploaders set',
  'Image.description': 'glance etc/schema-image.json; a property that uploaders set',
  'Image.kernelId': 'glance etc/schema-image.json; for AMI-style images',
  'Image.ramdiskId': 'glance etc/schema-image.json; for AMI-style images',
  'Image.server': 'glance etc/schema-image.json, instance_uuid; a property that snapshots carry',
  'Image.serverId': 'glance etc/schema-image.json, instance_uuid; a property that snapshots carry',
  'Image.baseImage': 'nova/compute/api.py, image_base_image_ref: a property that snapshots carry',
  'Image.baseImageId': 'nova/compute/api.py, image_base_image_ref: a property that snapshots carry',
  'Server.securityGroups': 'reads ports, not its own row',
  'Server.floatingIps': 'reads ports, not its own row',
};

/** Wire names that are left out on purpose: links are for walking REST, doubles say what another name says. */
export const LEFT_OUT: Readonly<Record<string, readonly string[]>> = {
  Server: ['links'],
  Flavor: ['links'],
  Network: ['tenant_id'],
  Subnet: ['tenant_id'],
  Port: ['tenant_id'],
  FloatingIp: ['tenant_id'],
  SecurityGroup: ['tenant_id'],
  SecurityGroupRule: ['tenant_id'],
  Volume: ['links', 'os-vol-mig-status-attr:migstat'],
};
