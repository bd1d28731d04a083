import { exactly, joined } from '../filters.js';

/** Filters by tags: one parameter with commas between the tags (neutron/objects/tag.py). */
export const byTags = {
  tags: joined('tags'),
  tagsAny: joined('tags-any'),
  notTags: joined('not-tags'),
  notTagsAny: joined('not-tags-any'),
};

/** Neutron's database may compare texts whatever the case, hence the test here. */
export const byName = { name: exactly('name', 'name') };

/** As `byName`. */
export const byDescription = { description: exactly('description', 'description') };
