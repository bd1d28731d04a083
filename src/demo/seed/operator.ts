import type { Asker } from '../http.js';
import type { Flavor, Image, Network } from '../rows.js';
import { inSeconds } from '../times.js';
import type { World } from '../world.js';
import { addNetwork, addSubnet } from './networks.js';

const FLAVORS: readonly (readonly [name: string, ram: number, vcpus: number, disk: number])[] = [
  ['m1.nano', 128, 1, 1],
  ['m1.tiny', 512, 1, 1],
  ['m1.small', 2048, 1, 20],
  ['m1.medium', 4096, 2, 40],
  ['m1.large', 8192, 4, 80],
  ['c1.large', 4096, 8, 40],
  // Fits on no host: for servers in ERROR.
  ['x1.impossible', 4 * 1024 * 1024, 2000, 80],
];
const IMAGES = [
  ['cirros-0.6.2', 'cirros', '0.6.2'],
  ['debian-12', 'debian', '12'],
  ['ubuntu-22.04', 'ubuntu', '22.04'],
] as const;
/** Of the mebibyte of nothing that the test control plane's images hold. */
const CHECKSUM = 'e6881c7004844891bce804e8592e7b99';
const SHA512 =
  'e3d896032a02e491ae2b5dd7e551a6b29562d6a6a57fa822c24969256213f7e09bb6dab4d36d6cda1fbe7cd7c0de536d952bc5fac8565247400176e92c0ed791';

export interface Operated {
  readonly flavors: ReadonlyMap<string, Flavor>;
  readonly images: readonly Image[];
  readonly publicNetwork: Network;
}

/** What the operator offers to every project: flavors, images, external and shared networks, volume types. */
export function seedOperator(world: World, operator: Asker, at: number): Operated {
  const flavors = FLAVORS.map(([name, ram, vcpus, disk]) =>
    world.flavors.insert({ id: world.random.uuid(), name, ram, vcpus, disk }),
  );
  const images = IMAGES.map(([name, distro, version], number) =>
    world.images.insert(image(world, operator, { name, distro, version, at: at + number * 1000 })),
  );
  const external = {
    name: 'public',
    'router:external': true,
    'provider:network_type': 'flat',
    'provider:physical_network': 'physnet1',
    'provider:segmentation_id': null,
    mtu: 1500,
  };
  const publicNetwork = addNetwork(world, operator, external, at);
  addSubnet(
    world,
    operator,
    { name: 'public-subnet', network_id: publicNetwork.id, ip_version: 4, cidr: '203.0.112.0/21', enable_dhcp: false },
    at,
  );
  const shared = addNetwork(world, operator, { name: 'shared-services', shared: true }, at);
  addSubnet(
    world,
    operator,
    { name: 'shared-services', network_id: shared.id, ip_version: 4, cidr: '10.200.0.0/22' },
    at,
  );
  for (const name of ['ssd', 'hdd']) {
    const extraSpecs = { volume_backend_name: name };
    world.volumeTypes.insert({ id: world.random.uuid(), name, description: null, extraSpecs });
  }
  world.volumeTypes.insert({
    id: world.random.uuid(),
    name: '__DEFAULT__',
    description: 'Default Volume Type',
    extraSpecs: {},
  });
  return { flavors: new Map(flavors.map((flavor) => [flavor.name, flavor])), images, publicNetwork };
}

function image(
  world: World,
  operator: Asker,
  given: { name: string; distro: string; version: string; at: number },
): Image {
  return {
    os_distro: given.distro,
    os_version: given.version,
    name: given.name,
    disk_format: 'qcow2',
    container_format: 'bare',
    visibility: 'public',
    size: 1048580,
    virtual_size: null,
    status: 'active',
    checksum: CHECKSUM,
    protected: false,
    min_ram: 0,
    min_disk: 0,
    owner: operator.projectId ?? '',
    os_hidden: false,
    os_hash_algo: 'sha512',
    os_hash_value: SHA512,
    id: world.random.uuid(),
    created_at: inSeconds(given.at),
    updated_at: inSeconds(given.at),
    tags: [],
    stores: 'local',
  };
}
