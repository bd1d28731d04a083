import { freshName, type Litter } from './litter.js';
import type { Raw, RawRow, Service } from './openstack.js';
import { until } from './until.js';

/** A new row through raw REST, remembered as litter; its id. */
export async function make(
  raw: Raw,
  litter: Litter,
  service: Service,
  path: string,
  key: string,
  row: object,
): Promise<string> {
  const { status, body } = await raw.call('POST', service, path, { [key]: row });
  if (status > 299) throw new Error(`${path}: expected a new row, got ${status} ${JSON.stringify(body)}`);
  return litter.add(service, path, (body as Record<string, RawRow>)[key]?.id ?? '');
}

/** A network with a subnet of its own. */
export async function makeNetwork(raw: Raw, litter: Litter): Promise<string> {
  const network = await make(raw, litter, 'network', '/networks', 'network', { name: freshName('ground') });
  const subnet = { network_id: network, ip_version: 4, cidr: '10.77.0.0/16' };
  await make(raw, litter, 'network', '/subnets', 'subnet', subnet);
  return network;
}

/** A small server that is ACTIVE, on `network`. */
export async function makeServer(raw: Raw, litter: Litter, network: string): Promise<string> {
  const [flavor, image] = await Promise.all([flavorId(raw), imageId(raw)]);
  const id = await make(raw, litter, 'compute', '/servers', 'server', {
    name: freshName('server'),
    flavorRef: flavor,
    imageRef: image,
    networks: [{ uuid: network }],
  });
  await reach(raw, 'compute', `/servers/${id}`, 'server', 'ACTIVE');
  return id;
}

/** A volume of 1 GiB that is available. */
export async function makeVolume(raw: Raw, litter: Litter): Promise<string> {
  const id = await make(raw, litter, 'block-storage', '/volumes', 'volume', { name: freshName('volume'), size: 1 });
  await reach(raw, 'block-storage', `/volumes/${id}`, 'volume', 'available');
  return id;
}

/** Waits until the row has the status. */
export async function reach(raw: Raw, service: Service, path: string, key: string, status: string): Promise<RawRow> {
  return until(`${path} to be ${status}`, async () => {
    const { body } = await raw.call('GET', service, path);
    const row = (body as Record<string, RawRow> | null)?.[key];
    return row?.['status'] === status && (row['OS-EXT-STS:task_state'] ?? null) === null ? row : null;
  });
}

export async function flavorId(raw: Raw): Promise<string> {
  return named(await raw.rows('compute', '/flavors', 'flavors'), 'm1.nano');
}

export async function imageId(raw: Raw): Promise<string> {
  return named(await raw.rows('image', '/images', 'images'), 'cirros-0.6.2');
}

export async function publicNetworkId(raw: Raw): Promise<string> {
  return named(await raw.rows('network', '/networks?router:external=true', 'networks'), 'public');
}

/** A seeded network with a router to the public one: only there can a floating IP be bound. */
export async function routedNetworkId(raw: Raw): Promise<string> {
  return named(await raw.rows('network', '/networks', 'networks'), 'front');
}

function named(rows: readonly RawRow[], name: string): string {
  const row = rows.find((one) => one['name'] === name);
  if (!row) throw new Error(`expected a seeded row named ${name}, found none`);
  return row.id;
}
