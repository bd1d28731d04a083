import type { Query } from '../rest/rest.js';

/** How a service wants its lists asked for, as seen on a Zed control plane. */
export interface ListGrammar {
  sort(key: string, direction: 'asc' | 'desc'): Query;
  /** Parameters for everybody's rows, asked for by `allProjects`. */
  readonly everyProject: Query;
  /** Parameters that keep an admin's list to one project, where the service would show all by default. */
  ownProject(projectId: string): Query;
  /** Whether `limit` and `marker` are honoured; if not, the whole collection is fetched and paged here. */
  readonly paged: boolean;
}

const NOTHING: Query = [];

function byKeyAndDirection(key: string, direction: 'asc' | 'desc'): Query {
  return [
    ['sort_key', key],
    ['sort_dir', direction],
  ];
}

const grammars: Readonly<Record<string, ListGrammar>> = {
  compute: { sort: byKeyAndDirection, everyProject: [['all_tenants', '1']], ownProject: () => NOTHING, paged: true },
  'block-storage': {
    sort: (key, direction) => [['sort', `${key}:${direction}`]],
    everyProject: [['all_tenants', '1']],
    ownProject: () => NOTHING,
    paged: true,
  },
  // Neutron shows an admin every project's rows unless asked not to.
  network: {
    sort: byKeyAndDirection,
    everyProject: NOTHING,
    ownProject: (projectId) => [['project_id', projectId]],
    paged: true,
  },
  image: { sort: byKeyAndDirection, everyProject: NOTHING, ownProject: () => NOTHING, paged: true },
  // Keystone before 2025.1 ignores limit, marker and sort_key.
  identity: { sort: () => NOTHING, everyProject: NOTHING, ownProject: () => NOTHING, paged: false },
};

/** The list grammar of an official service type. */
export function grammarOf(service: string): ListGrammar {
  const grammar = grammars[service];
  if (!grammar)
    throw new Error(`${service}: expected a service with a list grammar (${Object.keys(grammars).join(', ')})`);
  return grammar;
}
