import type { KeyValueInput } from '../../generated/types.js';
import type { FilterTerm } from '../../resource.js';
import { badInput } from '../../rest/fault.js';
import type { Row } from '../../row.js';

/** Keys of an image that are Glance's own (glance/api/v2/images.py, get_base_properties): all others are properties. */
const GLANCE_KEYS = [
  'id',
  'name',
  'status',
  'visibility',
  'protected',
  'os_hidden',
  'checksum',
  'os_hash_algo',
  'os_hash_value',
  'owner',
  'size',
  'virtual_size',
  'container_format',
  'disk_format',
  'created_at',
  'updated_at',
  'tags',
  'direct_url',
  'min_ram',
  'min_disk',
  'self',
  'file',
  'stores',
  'schema',
  'locations',
];

/** Properties that the schema has fields for. */
const FIELD_KEYS = [
  'architecture',
  'os_distro',
  'os_version',
  'description',
  'instance_uuid',
  'base_image_ref',
  'kernel_id',
  'ramdisk_id',
];

/** Parameters of the list that are no properties. */
const PARAMETERS = [
  'limit',
  'marker',
  'sort',
  'sort_key',
  'sort_dir',
  'tag',
  'member_status',
  'size_min',
  'size_max',
  'changes-since',
];

const shown = new Set([...GLANCE_KEYS, ...FIELD_KEYS]);
const notProperties = new Set([...GLANCE_KEYS, ...PARAMETERS]);

/** Every key of the image that has no field of its own. */
export function customProperties(row: Row): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(row).filter(([key, value]) => !shown.has(key) && value !== null));
}

/** Each property as a parameter of its own: whatever Glance does not know as a filter is a property to it. */
export function withProperties(pairs: readonly KeyValueInput[]): FilterTerm {
  const taken = pairs.find(({ key }) => notProperties.has(key));
  if (taken)
    throw badInput('filter.properties', 'names of properties, not of fields or parameters of Glance', taken.key);
  return {
    query: pairs.map(({ key, value }) => [key, value]),
    accept: (row) => pairs.every(({ key, value }) => row[key] === value),
  };
}
