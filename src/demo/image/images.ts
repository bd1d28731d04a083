import { type Answer, type Call, HTML, isRecord, Refusal } from '../http.js';
import { compareBy, cut, MAX_PAGE, queryWith } from '../paging.js';
import { isAdmin, mayWrite } from '../policy.js';
import type { Image } from '../rows.js';
import { inSeconds } from '../times.js';
import { filterOf } from './filters.js';

const SORT_KEYS = ['name', 'status', 'container_format', 'disk_format', 'size', 'id', 'created_at', 'updated_at'];
const VISIBILITIES = ['public', 'private', 'shared', 'community', 'all'];
/** What a client may not set. */
const READ_ONLY = [
  'status',
  'checksum',
  'size',
  'virtual_size',
  'created_at',
  'updated_at',
  'self',
  'file',
  'schema',
  'os_hash_algo',
  'os_hash_value',
  'direct_url',
  'locations',
  'stores',
];

function missing(id: string): Refusal {
  return new Refusal(404, `No image found with ID ${id}`);
}

function isVisible(call: Call, image: Image): boolean {
  const shared = image.visibility === 'public' || image.visibility === 'community';
  return isAdmin(call.asker) || shared || image.owner === call.asker.projectId;
}

function imageOf(call: Call): Image {
  const id = call.parts['id'] ?? '';
  const image = call.world.images.get(id);
  if (image === undefined || !isVisible(call, image)) throw missing(id);
  return image;
}

function show(image: Image): Record<string, unknown> {
  const self = `/v2/images/${image.id}`;
  return { ...image, self, file: `${self}/file`, schema: '/v2/schemas/image' };
}

export function getImage(call: Call): Answer {
  const { asker, world, parts } = call;
  const exists = world.images.get(parts['id'] ?? '') !== undefined;
  if (asker.projectId === null && exists) throw new Refusal(404, 'The resource could not be found.');
  return { status: 200, body: show(imageOf(call)) };
}

export function listImages(call: Call): Answer {
  const { query } = call;
  if (call.asker.projectId === null) throw new Refusal(403, 'You are not authorized to complete get_images action.');
  const limit = limitOf(query.get('limit'));
  const marker = query.get('marker');
  if (marker !== null && call.world.images.get(marker) === undefined) throw new Refusal(400, missing(marker).message);
  const matches = filterOf(call);
  const found = call.world.images.all().filter((image) => isListed(call, image) && matches(image));
  const page = cut(
    found.sort(sorting(call)),
    ({ id }) => id,
    { limit, marker },
    (id) => new Refusal(400, missing(id).message),
  );
  const first = lastOfEach(queryWith(call, {}));
  return {
    status: 200,
    body: {
      images: page.rows.map(show),
      first: `/v2/images${first === '' ? '' : `?${first}`}`,
      schema: '/v2/schemas/images',
      ...(page.next === null ? {} : { next: `/v2/images?${lastOfEach(queryWith(call, { marker: page.next }))}` }),
    },
  };
}

/** Of a repeated parameter Glance knows the last value only, in its links too. */
function lastOfEach(query: string): string {
  return new URLSearchParams(Object.fromEntries(new URLSearchParams(query))).toString();
}

function limitOf(text: string | null): number {
  if (text === null) return 25;
  if (!/^-?\d+$/.test(text)) throw new Refusal(400, 'limit param must be an integer');
  if (Number(text) < 0) throw new Refusal(400, 'limit param must be positive');
  return Math.min(Number(text), MAX_PAGE);
}

/** Lists leave out hidden images and other projects' community images; a GET by id finds both. */
function isListed(call: Call, image: Image): boolean {
  const visibility = call.query.get('visibility');
  if (visibility !== null && !VISIBILITIES.includes(visibility))
    throw new Refusal(400, `Invalid visibility value: ${visibility}`);
  if (image['os_hidden'] !== (call.query.get('os_hidden') === 'true')) return false;
  if (visibility !== null && visibility !== 'all' && image.visibility !== visibility) return false;
  if (image.visibility === 'community' && visibility === null && image.owner !== call.asker.projectId) return false;
  return isVisible(call, image);
}

function sorting({ query }: Call): (a: Image, b: Image) => number {
  const pairs = (query.get('sort') ?? '').split(',').filter((text) => text !== '');
  const keys = pairs.length > 0 ? pairs.map((pair) => pair.split(':')[0] ?? '') : query.getAll('sort_key');
  const directions = pairs.length > 0 ? pairs.map((pair) => pair.split(':')[1] ?? 'desc') : query.getAll('sort_dir');
  for (const key of keys) {
    if (SORT_KEYS.includes(key)) continue;
    throw new Refusal(400, `Invalid sort key: ${key}. It must be one of the following: ${SORT_KEYS.join(', ')}.`);
  }
  const wanted = keys.map((key, at) => ({
    of: (image: Image) => image[key],
    descending: (directions[at] ?? directions[0] ?? 'desc') === 'desc',
  }));
  const rest = ['created_at', 'id'].map((key) => ({ of: (image: Image) => image[key], descending: true }));
  return compareBy([...wanted, ...rest]);
}

function checkWrite(call: Call, action: string, image?: Image): void {
  const owner = image === undefined || image.owner === call.asker.projectId || isAdmin(call.asker);
  if (!mayWrite(call.asker) || !owner) throw new Refusal(403, `You are not authorized to complete ${action} action.`);
}

export function createImage(call: Call): Answer {
  const given = call.body;
  if (!isRecord(given)) throw new Refusal(400, 'Malformed JSON in request body.');
  checkWrite(call, 'add_image');
  for (const [name, value] of Object.entries(given)) {
    if (READ_ONLY.includes(name)) throw new Refusal(403, `Attribute '${name}' is read-only.`);
    checkProperty(name, value);
  }
  if (given['visibility'] === 'public' && !isAdmin(call.asker)) {
    throw new Refusal(403, 'You are not authorized to complete publicize_image action.');
  }
  const now = inSeconds(call.world.now());
  const image: Image = {
    disk_format: null,
    container_format: null,
    min_ram: 0,
    min_disk: 0,
    os_hidden: false,
    ...given,
    name: typeof given['name'] === 'string' ? given['name'] : null,
    visibility: String(given['visibility'] ?? 'shared'),
    protected: given['protected'] === true,
    tags: Array.isArray(given['tags']) ? given['tags'].map(String) : [],
    owner: call.asker.projectId ?? '',
    id: typeof given['id'] === 'string' ? given['id'] : call.world.random.uuid(),
    status: 'queued',
    size: null,
    virtual_size: null,
    checksum: null,
    os_hash_algo: null,
    os_hash_value: null,
    created_at: now,
    updated_at: now,
  };
  if (call.world.images.get(image.id) !== undefined) throw new Refusal(409, `Image ID ${image.id} already exists!`);
  call.world.images.insert(image);
  return { status: 201, body: show(image), headers: { location: `${call.root}/v2/images/${image.id}` } };
}

const BASE_TYPES: Readonly<Record<string, string>> = {
  min_ram: 'number',
  min_disk: 'number',
  protected: 'boolean',
  os_hidden: 'boolean',
  tags: 'object',
};

function checkProperty(name: string, value: unknown): void {
  const type = BASE_TYPES[name] ?? 'string';
  if (typeof value === type || (value === null && BASE_TYPES[name] === undefined)) return;
  const schema = BASE_TYPES[name] === undefined ? 'additionalProperties' : `properties']['${name}`;
  const wrong = `${String(value)} is not of type '${type}'`;
  const where = `Failed validating 'type' in schema['${schema}']:\n    {'type': '${type}'}`;
  const message = `Provided object does not match schema 'image': ${wrong}\n\n${where}\n\nOn instance['${name}']:\n    ${String(value)}`;
  throw new Refusal(400, message);
}

/** `PATCH` with a JSON patch: `[{ op, path, value }]`. */
export function patchImage(call: Call): Answer {
  const image = imageOf(call);
  checkWrite(call, 'modify_image', image);
  if (!Array.isArray(call.body)) throw new Refusal(400, 'Request body must be a JSON array of operation objects.');
  const changed: Record<string, unknown> = { ...image };
  for (const operation of call.body.filter(isRecord)) {
    const name = String(operation['path'] ?? '').slice(1);
    if (READ_ONLY.includes(name)) throw new Refusal(403, `Attribute '${name}' is read-only.`);
    if (operation['op'] === 'remove') {
      if (!(name in changed)) throw new Refusal(409, `Property ${name} does not exist.`);
      delete changed[name];
    } else {
      if (operation['op'] === 'replace' && !(name in changed))
        throw new Refusal(409, `Property ${name} does not exist.`);
      checkProperty(name, operation['value']);
      changed[name] = operation['value'];
    }
  }
  const row = { ...image, ...changed, updated_at: inSeconds(call.world.now()) };
  for (const name of Object.keys(image)) if (!(name in changed)) delete (row as Record<string, unknown>)[name];
  call.world.images.replace(row);
  return { status: 200, body: show(row) };
}

export function deleteImage(call: Call): Answer {
  const image = call.world.images.get(call.parts['id'] ?? '');
  if (image === undefined || !isVisible(call, image)) {
    throw new Refusal(404, `Failed to find image ${call.parts['id']} to delete`);
  }
  checkWrite(call, 'delete_image', image);
  if (image.protected) throw new Refusal(403, `Image ${image.id} is protected and cannot be deleted.`);
  call.world.images.delete(image.id);
  return { status: 204, headers: HTML };
}
