import { belongsTo, hasMany, resource } from '../../resource.js';
import { type Row, textOf } from '../../row.js';
import { exactly, joined } from '../filters.js';

/** Keys of a project that are Keystone's own (keystone/resource/schema.py); it keeps others as they were given. */
const KEYSTONE_KEYS = new Set([
  'id',
  'name',
  'description',
  'enabled',
  'domain_id',
  'parent_id',
  'is_domain',
  'tags',
  'options',
  'links',
]);

/** A project. Wire names: keystone/api/projects.py. */
export const project = resource('Project', {
  service: 'identity',
  path: '/projects',
  one: 'project',
  many: 'projects',
  batch: 'listOrGet',
  // A domain is a project too, and the first one's id is `default`.
  idFormat: 'name',
  ttl: 300,
  watch: ['name', 'description', 'enabled', 'parent_id', 'tags', 'options'],
  // A project is nobody's: its readers are decided on roles in it, in its domain and in the system.
  project: null,
  audience: 'user',
  confined: false,
  touches: [],
  fields: { extra },
  relations: {
    parent: belongsTo('Project', parentProject),
    servers: hasMany('Server', {
      // Nova ignores it for others than admins, who see their own project's servers anyway.
      filter: 'project_id',
      perParent: 100,
      pointsAt: (server) => present(textOf(server, 'tenant_id')),
      batched: false,
      adminQuery: [['all_tenants', '1']],
    }),
    volumes: hasMany('Volume', {
      // Cinder refuses it to others than admins: 400 "Invalid filters project_id".
      filter: 'project_id',
      adminFilter: true,
      perParent: 100,
      pointsAt: (volume) => present(textOf(volume, 'os-vol-tenant-attr:tenant_id')),
      batched: false,
      adminQuery: [['all_tenants', '1']],
    }),
  },
  filters: {
    name: exactly('name', 'name'),
    nameMatches: 'name__icontains',
    tags: joined('tags'),
    tagsAny: joined('tags-any'),
    notTags: joined('not-tags'),
    notTagsAny: joined('not-tags-any'),
  },
});

/** A project without a parent has its domain there. */
function parentProject(row: Row): string | null {
  const parent = textOf(row, 'parent_id');
  return parent === textOf(row, 'domain_id') ? null : parent;
}

function extra(row: Row): unknown {
  const entries = Object.entries(row).filter(([key]) => !KEYSTONE_KEYS.has(key));
  return entries.length === 0 ? null : Object.fromEntries(entries);
}

function present(id: string | null): readonly string[] {
  return id === null ? [] : [id];
}
