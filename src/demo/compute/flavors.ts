import { type Answer, type Call, Refusal } from '../http.js';
import { compareBy } from '../paging.js';
import type { Flavor } from '../rows.js';
import { linksTo, novaPage } from './nova.js';

const QUERY = ['limit', 'marker', 'is_public', 'minRam', 'minDisk', 'sort_key', 'sort_dir'];

const SORT_KEYS: Readonly<Record<string, (flavor: Flavor) => unknown>> = {
  flavorid: (flavor) => flavor.id,
  id: (flavor) => flavor.id,
  name: (flavor) => flavor.name,
  memory_mb: (flavor) => flavor.ram,
  vcpus: (flavor) => flavor.vcpus,
  root_gb: (flavor) => flavor.disk,
};

export function listFlavors(call: Call, detail: boolean): Answer {
  const { query, world, version } = call;
  const unknown = [...query.keys()].find((name) => !QUERY.includes(name));
  if (unknown !== undefined && version >= 75) {
    throw new Refusal(400, `Additional properties are not allowed ('${unknown}' was unexpected)`);
  }
  const key = SORT_KEYS[query.get('sort_key') ?? 'flavorid'] ?? ((flavor: Flavor) => flavor.id);
  const rows = world.flavors
    .all()
    .filter(({ ram, disk }) => ram >= Number(query.get('minRam') ?? 0) && disk >= Number(query.get('minDisk') ?? 0))
    .sort(compareBy([{ of: key, descending: query.get('sort_dir') === 'desc' }]));
  const page = novaPage(call, rows, ({ id }) => id);
  const flavors = page.rows.map((flavor) => (detail ? showFlavor(call, flavor) : showBrief(call, flavor)));
  return { status: 200, body: { flavors, ...(page.links.length > 0 ? { flavors_links: page.links } : {}) } };
}

export function getFlavor(call: Call): Answer {
  const id = call.parts['id'] ?? '';
  const flavor = call.world.flavors.get(id);
  if (flavor === undefined) throw new Refusal(404, `Flavor ${id} could not be found.`);
  return { status: 200, body: { flavor: showFlavor(call, flavor) } };
}

function showBrief(call: Call, { id, name }: Flavor): Record<string, unknown> {
  return { id, name, links: linksTo(call, 'flavors', id), ...(call.version >= 55 ? { description: null } : {}) };
}

function showFlavor(call: Call, { id, name, ram, disk, vcpus }: Flavor): Record<string, unknown> {
  return {
    id,
    name,
    ram,
    disk,
    swap: call.version >= 75 ? 0 : '',
    'OS-FLV-EXT-DATA:ephemeral': 0,
    'OS-FLV-DISABLED:disabled': false,
    vcpus,
    'os-flavor-access:is_public': true,
    rxtx_factor: 1,
    links: linksTo(call, 'flavors', id),
    ...(call.version >= 55 ? { description: null } : {}),
    ...(call.version >= 61 ? { extra_specs: {} } : {}),
  };
}
