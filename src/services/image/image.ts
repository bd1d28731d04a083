import { belongsTo, hasMany, resource } from '../../resource.js';
import { isObject, type Row, textOf } from '../../row.js';
import { exactly, timeRange } from '../filters.js';
import { uuidUnder } from '../ids.js';
import { customProperties, withProperties } from './properties.js';

/** States that pass by themselves. */
const IN_TRANSITION: readonly unknown[] = ['queued', 'saving', 'uploading', 'importing', 'pending_delete'];

/** A disk image. Wire names: glance/api/v2/images.py, get_base_properties. */
export const image = resource('Image', {
  service: 'image',
  path: '/images',
  one: null,
  many: 'images',
  batch: 'in',
  idFormat: 'uuid',
  ttl: (row) => (IN_TRANSITION.includes(row['status']) ? 2 : 60),
  watch: ['status', 'updated_at'],
  project: 'owner',
  // glance/policies/base.py, ADMIN_OR_PROJECT_READER_GET_IMAGE: role, project_id, member_id (a project) and visibility.
  audience: 'project',
  // Public, community and shared images are other projects'.
  confined: false,
  touches: [],
  // With show_multiple_locations / show_image_direct_url these URLs can hold the store's user and key (swift+config://…).
  secrets: ['locations', 'direct_url'],
  fields: {
    statusText: 'status',
    visibilityText: 'visibility',
    projectId: 'owner',
    // "fast,cheap"; absent where the operator has one store.
    stores: (row) => textOf(row, 'stores')?.split(',') ?? null,
    serverId: 'instance_uuid',
    baseImageId: 'base_image_ref',
    properties: customProperties,
  },
  relations: {
    project: belongsTo('Project', 'owner'),
    server: belongsTo('Server', (row) => uuidUnder(row, 'instance_uuid')),
    baseImage: belongsTo('Image', (row) => uuidUnder(row, 'base_image_ref')),
    servers: hasMany('Server', {
      filter: 'image',
      pointsAt: imageOfServer,
      batched: false,
      perParent: 100,
      adminQuery: [['all_tenants', '1']],
    }),
  },
  filters: {
    // Without `eq:` a colon in the name would be read as the end of an operator.
    name: exactly('name', 'name', (name) => `eq:${name}`),
    status: oneOf('status', (status) => status.toLowerCase()),
    projectId: 'owner',
    tags: (tags: readonly string[]) => ({ query: tags.map((tag) => ['tag', tag] as const) }),
    diskFormat: oneOf('disk_format'),
    containerFormat: oneOf('container_format'),
    createdAt: timeRange('created_at', (ends) => ends),
    updatedAt: timeRange('updated_at', (ends) => ends),
    properties: withProperties,
  },
});

/** `status=in:"a","b"`: Glance's way to say "any of" (glance/common/utils.py, split_filter_value_for_quotes). */
function oneOf(parameter: string, spelled: (value: string) => string = (value) => value) {
  return (values: readonly string[]) => ({
    query: [[parameter, `in:${values.map((value) => quoted(spelled(value))).join(',')}`] as const],
  });
}

function quoted(text: string): string {
  return `"${text.replace(/["\\]/g, '\\$&')}"`;
}

/** The image that a server was made from: `""` when it boots from a volume. */
function imageOfServer(server: Row): readonly string[] {
  const id = isObject(server['image']) ? textOf(server['image'], 'id') : null;
  return id === null ? [] : [id];
}
