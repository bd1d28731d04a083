import { on, type Step } from '../step.js';

const compute = on('compute');
const network = on('network');
const image = on('image');
const volumes = on('block-storage');
const quiet = { unrecorded: true } as const;

/** Gives names to what every cloud of ours has: flavors, images, networks, types, and somebody else's resources. */
export const prepare: readonly Step[] = [
  ...['m1.nano', 'm1.tiny', 'm1.small', 'm1.medium', 'm1.large', 'c1.large', 'x1.impossible'].map((name) =>
    compute(`find the flavor ${name}`, 'alice', 'GET /flavors', {
      ...quiet,
      pick: { name, many: 'flavors', as: `flavor:${name}` },
    }),
  ),
  ...['cirros-0.6.2', 'debian-12', 'ubuntu-22.04'].map((name) =>
    image(`find the image ${name}`, 'alice', `GET /images?name=${name}`, {
      ...quiet,
      save: { [`image:${name}`]: 'images.0.id' },
    }),
  ),
  image('find the operator', 'alice', 'GET /images?name=debian-12', {
    ...quiet,
    save: { 'project:admin': 'images.0.owner' },
  }),
  network('find the external network', 'alice', 'GET /networks?name=public', {
    ...quiet,
    save: { public: 'networks.0.id' },
  }),
  network('find its subnet', 'admin', 'GET /subnets?name=public-subnet', {
    ...quiet,
    save: { 'public-subnet': 'subnets.0.id' },
  }),
  network('find the shared network', 'alice', 'GET /networks?name=shared-services', {
    ...quiet,
    save: { shared: 'networks.0.id' },
  }),
  network('find its subnet', 'alice', 'GET /subnets?name=shared-services', {
    ...quiet,
    save: { 'shared-subnet': 'subnets.0.id' },
  }),
  network('find the router', 'alice', 'GET /routers?name=edge', { ...quiet, save: { router: 'routers.0.id' } }),
  network('find a routed network', 'alice', 'GET /networks?name=front', { ...quiet, save: { front: 'networks.0.id' } }),
  network('find its subnet', 'alice', 'GET /subnets?name=front-v4', { ...quiet, save: { 'front-v4': 'subnets.0.id' } }),
  network('find the default group', 'alice', 'GET /security-groups?name=default', {
    ...quiet,
    save: { 'group:default': 'security_groups.0.id' },
  }),
  ...['ssd', 'hdd', '__DEFAULT__'].map((name) =>
    volumes(`find the type ${name}`, 'alice', 'GET /types', {
      ...quiet,
      pick: { name, many: 'volume_types', as: `type:${name}` },
    }),
  ),
  compute("find somebody else's server", 'bob', 'GET /servers?status=ACTIVE&limit=1', {
    ...quiet,
    save: { 'bob-server': 'servers.0.id' },
  }),
  network("find somebody else's port", 'bob', 'GET /ports?device_owner=compute:nova&limit=1', {
    ...quiet,
    save: { 'bob-port': 'ports.0.id' },
  }),
  network("find somebody else's network", 'bob', 'GET /networks?name=back', {
    ...quiet,
    save: { 'bob-network': 'networks.0.id' },
  }),
  network("find somebody else's group", 'bob', 'GET /security-groups?name=ssh', {
    ...quiet,
    save: { 'bob-group': 'security_groups.0.id' },
  }),
  network("find somebody else's address", 'bob', 'GET /floatingips?limit=1', {
    ...quiet,
    save: { 'bob-address': 'floatingips.0.id' },
  }),
  volumes("find somebody else's volume", 'bob', 'GET /volumes?limit=1', {
    ...quiet,
    save: { 'bob-volume': 'volumes.0.id' },
  }),
];
