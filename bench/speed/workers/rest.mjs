// The instances page by raw REST: by clients that somebody wrote for this page alone, and by one that asks for each row.
import { Agent, get } from 'node:http';
import { answerParent } from './worker.mjs';

/** Ids of one call: Neutron takes some 8 kB of address, and waits for no other call's answer. */
const IDS = 160;
/** Rows that the naive client asks for at a time: what browsers do with HTTP/1.1, and a bit more. */
const AT_ONCE = 10;
const PAGE = 1000;
const MICROVERSIONS = { compute: 'compute 2.93', 'block-storage': 'volume 3.70' };

const agent = new Agent({ keepAlive: true, maxSockets: 64 });

class Rest {
  calls = 0;

  constructor({ token, places }) {
    this.token = token;
    this.places = places;
  }

  get(service, path) {
    this.calls += 1;
    const version = MICROVERSIONS[service];
    const headers = {
      'x-auth-token': this.token,
      ...(service === 'identity' ? { 'x-subject-token': this.token } : {}),
      ...(version === undefined ? {} : { 'openstack-api-version': version }),
    };
    return new Promise((resolve, reject) => {
      const url = `${this.places[service]}${path}`;
      get(url, { agent, headers }, (answer) => {
        const chunks = [];
        answer.on('data', (chunk) => chunks.push(chunk));
        answer.once('end', () => {
          const text = Buffer.concat(chunks).toString('utf8');
          if (answer.statusCode === 200) resolve(JSON.parse(text));
          else reject(new Error(`${url}: expected 200, got ${answer.statusCode} ${text.slice(0, 200)}`));
        });
        answer.once('error', reject);
      }).once('error', reject);
    });
  }

  /** All rows of one of Neutron's lists, a page of a thousand at a time. */
  async all(path, many) {
    const rows = [];
    for (let next = `${path}?limit=${PAGE}`; next !== undefined; ) {
      const body = await this.get('network', next);
      rows.push(...body[many]);
      const link = body[`${many}_links`]?.find(({ rel }) => rel === 'next');
      next = link === undefined ? undefined : `${path}${new URL(link.href).search}`;
    }
    return rows;
  }

  /** Rows of a list that a service filters by ids, so many ids to a call. */
  async of(service, path, many, name, ids) {
    const wanted = [...new Set(ids)];
    const parts = [];
    for (let from = 0; from < wanted.length; from += IDS) parts.push(wanted.slice(from, from + IDS));
    const bodies = await Promise.all(
      parts.map((part) => this.get(service, `${path}?${part.map((id) => `${name}=${id}`).join('&')}`)),
    );
    return bodies.flatMap((body) => body[many]);
  }
}

const imagesOf = (servers) => [...new Set(servers.map((server) => server.image?.id).filter(Boolean))];
const volumesOf = (server) => server['os-extended-volumes:volumes_attached'].map(({ id }) => id);

/** Bulk calls in three waves, each a call to every service at once: servers; what they name; what their ports name. */
async function threeWaves(rest, first) {
  await rest.get('identity', '/auth/tokens');
  const { servers } = await rest.get('compute', `/servers/detail?limit=${first}`);
  const images = imagesOf(servers);
  const serverIds = servers.map(({ id }) => id);
  const [ports, { flavors }, imageRows, { volumes }] = await Promise.all([
    rest.of('network', '/ports', 'ports', 'device_id', serverIds),
    rest.get('compute', '/flavors/detail'),
    rest.get('image', `/images?id=in:${images.join(',')}&limit=${PAGE}`),
    rest.get('block-storage', '/volumes/detail'),
  ]);
  const [networks, groups, floatingIps] = await Promise.all([
    rest.of(
      'network',
      '/networks',
      'networks',
      'id',
      ports.map((port) => port.network_id),
    ),
    rest.of(
      'network',
      '/security-groups',
      'security_groups',
      'id',
      ports.flatMap((port) => port.security_groups),
    ),
    rest.of(
      'network',
      '/floatingips',
      'floatingips',
      'port_id',
      ports.map(({ id }) => id),
    ),
  ]);
  return joined({ servers, flavors, images: imageRows.images, ports, volumes, networks, groups, floatingIps });
}

/** The project's lists all at once, needed or not: as fast as raw REST can be. */
async function oneWave(rest, first) {
  await rest.get('identity', '/auth/tokens');
  const [servers, flavors, images, ports, volumes, networks, groups, floatingIps] = await Promise.all([
    rest.get('compute', `/servers/detail?limit=${first}`),
    rest.get('compute', '/flavors/detail'),
    rest.get('image', `/images?limit=${PAGE}`),
    rest.all('/ports', 'ports'),
    rest.get('block-storage', '/volumes/detail'),
    rest.all('/networks', 'networks'),
    rest.all('/security-groups', 'security_groups'),
    rest.all('/floatingips', 'floatingips'),
  ]);
  return joined({ ...servers, ...flavors, ...images, ...volumes, ports, networks, groups, floatingIps });
}

/** A GET for each row that a row names, ten at a time, nothing fetched twice. */
async function rowByRow(rest, first) {
  const { servers } = await rest.get('compute', `/servers/detail?limit=${first}`);
  const { flavors } = await rest.get('compute', '/flavors/detail');
  const each = (service, path, one, ids) =>
    tenAtATime([...new Set(ids)], async (id) => (await rest.get(service, `${path}/${id}`))[one]);
  const under = async (path, many, name, ids) =>
    (await tenAtATime(ids, (id) => rest.get('network', `${path}?${name}=${id}`))).flatMap((body) => body[many]);
  const ports = await under(
    '/ports',
    'ports',
    'device_id',
    servers.map(({ id }) => id),
  );
  const images = await tenAtATime(imagesOf(servers), (id) => rest.get('image', `/images/${id}`));
  const networks = await each(
    'network',
    '/networks',
    'network',
    ports.map((port) => port.network_id),
  );
  const groupIds = ports.flatMap((port) => port.security_groups);
  const groups = await each('network', '/security-groups', 'security_group', groupIds);
  const floatingIps = await under(
    '/floatingips',
    'floatingips',
    'port_id',
    ports.map(({ id }) => id),
  );
  const volumes = await each('block-storage', '/volumes', 'volume', servers.flatMap(volumesOf));
  return joined({ servers, flavors, images, ports, volumes, networks, groups, floatingIps });
}

async function tenAtATime(items, work) {
  const results = [];
  let next = 0;
  const worker = async () => {
    while (next < items.length) {
      const index = next++;
      results[index] = await work(items[index]);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return results;
}

/** The page's rows, as the gateway shows them. */
function joined({ servers, flavors, images, ports, volumes, networks, groups, floatingIps }) {
  const flavorBy = new Map(flavors.map((flavor) => [flavor.name, flavor]));
  const [imageBy, volumeBy, networkBy, groupBy] = [images, volumes, networks, groups].map(
    (rows) => new Map(rows.map((row) => [row.id, row])),
  );
  const portsBy = grouped(ports, 'device_id');
  const addressesBy = grouped(floatingIps, 'port_id');
  const name = (row) => (row === undefined ? null : { name: row.name });
  const shownPort = (port) => ({
    id: port.id,
    network: name(networkBy.get(port.network_id)),
    securityGroups: port.security_groups.map((id) => name(groupBy.get(id))),
    floatingIps: (addressesBy.get(port.id) ?? []).map((ip) => ({ floatingIpAddress: ip.floating_ip_address })),
  });
  return servers.map((server) => {
    const image = imageBy.get(server.image?.id);
    return {
      id: server.id,
      name: server.name,
      status: server.status,
      flavor: name(flavorBy.get(server.flavor.original_name)),
      image: image === undefined ? null : { name: image.name, size: image.size },
      ports: (portsBy.get(server.id) ?? []).map(shownPort),
      volumes: volumesOf(server)
        .map((id) => volumeBy.get(id))
        .map((volume) => ({ id: volume.id, name: volume.name, size: volume.size })),
    };
  });
}

function grouped(rows, key) {
  const groups = new Map();
  for (const row of rows) {
    const group = groups.get(row[key]);
    if (group === undefined) groups.set(row[key], [row]);
    else group.push(row);
  }
  return groups;
}

const CLIENTS = { threeWaves, oneWave, rowByRow };

answerParent(async ({ client, ticket, first }) => {
  const rest = new Rest(ticket);
  const began = performance.now();
  const nodes = await CLIENTS[client](rest, first);
  const text = JSON.stringify(nodes);
  return { calls: rest.calls, ms: performance.now() - began, text };
});
