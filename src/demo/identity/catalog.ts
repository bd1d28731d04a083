import { createHash } from 'node:crypto';

export const REGION_NAME = 'RegionOne';

/** Type, name and URL of each service. Cinder is in real catalogs under two types as well. */
const SERVICES: readonly (readonly [type: string, name: string, url: (cloud: string, project: string) => string])[] = [
  ['volumev3', 'cinderv3', (cloud, project) => `${cloud}/block-storage/v3/${project}`],
  ['compute', 'nova', (cloud) => `${cloud}/compute/v2.1`],
  ['block-storage', 'cinder', (cloud, project) => `${cloud}/block-storage/v3/${project}`],
  ['image', 'glance', (cloud) => `${cloud}/image`],
  ['network', 'neutron', (cloud) => `${cloud}/network`],
  ['identity', 'keystone', (cloud) => `${cloud}/identity/v3`],
];

/** The catalog of a token that is scoped to `project`, as Keystone writes it. */
export function catalog(cloud: string, project: string): Record<string, unknown>[] {
  return SERVICES.map(([type, name, url]) => ({
    endpoints: ['admin', 'internal', 'public'].map((face) => ({
      id: idOf(type + face),
      interface: face,
      region_id: REGION_NAME,
      url: url(cloud, project),
      region: REGION_NAME,
    })),
    id: idOf(type),
    type,
    name,
  }));
}

function idOf(text: string): string {
  return createHash('md5').update(text).digest('hex');
}
