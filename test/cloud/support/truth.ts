import type { ResourceName } from '../../../src/resource.js';
import { resourceOf } from '../../../src/services/registry.js';
import type { Raw, RawRow, Service } from './openstack.js';

/** What a service says to a list, asked straight; `rows` is empty unless the status is 200. */
export interface TrueList {
  readonly status: number;
  readonly rows: readonly RawRow[];
}

/** What OpenStack itself shows to one token. Every call is made once, so that two of them can be compared in the end. */
export class Truth {
  readonly #raw: Raw;
  readonly #isAdmin: boolean;
  readonly #lists = new Map<string, Promise<TrueList>>();
  readonly #rows = new Map<string, Promise<{ readonly status: number; readonly row: RawRow | null }>>();

  constructor(raw: Raw, isAdmin: boolean) {
    this.#raw = raw;
    this.#isAdmin = isAdmin;
  }

  /** The list as the schema describes it: the token's project's rows, or everybody's with `allProjects`. */
  list(type: ResourceName, allProjects: boolean): Promise<TrueList> {
    return once(this.#lists, `${type} ${allProjects}`, () => this.#list(type, allProjects));
  }

  one(type: ResourceName, id: string): Promise<{ readonly status: number; readonly row: RawRow | null }> {
    return once(this.#rows, `${type} ${id}`, async () => {
      const { service, path, one } = resourceOf(type);
      const { status, body } = await this.#raw.call('GET', service as Service, `${path}/${id}`);
      if (status !== 200) return { status, row: null };
      const row = one === null || one === undefined ? body : (body as Record<string, unknown>)[one];
      return { status, row: row as RawRow };
    });
  }

  /** Whether the token may see the row at all. */
  async sees(type: ResourceName, id: string): Promise<boolean> {
    const { rows } = await this.list(type, this.#isAdmin);
    return rows.some((row) => row.id === id) || (await this.one(type, id)).row !== null;
  }

  async #list(type: ResourceName, allProjects: boolean): Promise<TrueList> {
    const { service, list, path, many, project, listQuery = [] } = resourceOf(type);
    const query = new URLSearchParams(listQuery.map(([name, value]): [string, string] => [name, value]));
    if (service !== 'network' && service !== 'identity') query.set('limit', '1000');
    // Flavors are nobody's: Nova refuses the parameter there.
    const isByProject = project !== null && (service === 'compute' || service === 'block-storage');
    if (allProjects && isByProject) query.set('all_tenants', '1');
    if (!allProjects && this.#isAdmin && service === 'network' && this.#raw.projectId !== '')
      query.set('project_id', this.#raw.projectId);
    const { status, body } = await this.#raw.call('GET', service as Service, `${list ?? path}?${query}`);
    const rows = status === 200 ? ((body as Record<string, RawRow[]>)[many] ?? []) : [];
    return { status, rows };
  }
}

function once<V>(known: Map<string, Promise<V>>, key: string, make: () => Promise<V>): Promise<V> {
  const before = known.get(key);
  if (before !== undefined) return before;
  const made = make();
  known.set(key, made);
  return made;
}
