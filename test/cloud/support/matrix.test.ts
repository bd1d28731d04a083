import { describe, expect, it } from 'vitest';
import type { ResourceName } from '../../../src/resource.js';
import { ADMIN, Client } from '../../support/client.js';
import type { Asker } from './askers.js';
import { type Cell, differences } from './matrix.js';
import { Raw, type RawRow } from './openstack.js';
import { type TrueList, Truth } from './truth.js';

const PROJECT: RawRow = { id: 'one', name: ADMIN.project };
const GROUP: RawRow = { id: 'default', project_id: 'one' };
const RULE: RawRow = { id: 'egress', project_id: 'one', security_group_id: 'default' };

const asker: Asker = {
  name: 'system',
  client: new Client('http://127.0.0.1:1', null),
  raw: Raw.as('of no worth'),
  isAdmin: true,
  services: [],
};
const cell: Cell = {
  asker,
  shape: {
    type: 'Project',
    one: 'project',
    many: 'projects',
    all: '',
    perRow: '',
    leaves: [],
    filters: [],
    orders: [],
  },
  id: null,
  allProjects: false,
};

/** What OpenStack shows where nobody needs to be asked. */
class Fixed extends Truth {
  readonly #rows: Partial<Record<ResourceName, readonly RawRow[]>>;

  constructor(rows: Partial<Record<ResourceName, readonly RawRow[]>>) {
    super(asker.raw, true);
    this.#rows = rows;
  }

  override async list(type: ResourceName): Promise<TrueList> {
    return { status: 200, rows: this.#rows[type] ?? [] };
  }
}

/** What is said of a project with these groups and rules, if a default group was made between the two looks. */
function saidOf(securityGroups: readonly string[], securityGroupRules: readonly string[]): Promise<string[]> {
  const node = { id: 'one', securityGroups: ids(securityGroups), securityGroupRules: ids(securityGroupRules) };
  const before = new Fixed({ Project: [PROJECT] });
  const after = new Fixed({ Project: [PROJECT], SecurityGroup: [GROUP], SecurityGroupRule: [RULE] });
  const page = { nodes: [node] };
  return differences(cell, { status: 200, data: { list: page, top: page } }, { before, after });
}

const ids = (values: readonly string[]) => values.map((id) => ({ id }));

describe('relations that change between the two looks', () => {
  it.each([
    ['as before', [], []],
    ['as behind', ['default'], ['egress']],
    ['one as before and one as behind', [], ['egress']],
  ])('may be %s', async (_, groups, rules) => {
    expect(await saidOf(groups, rules)).toEqual([]);
  });

  it('may not be as neither', async () => {
    expect(await saidOf([], ['egress', 'of-somebody-else'])).toEqual([
      'system: projects: Project.securityGroupRules of one: egress,of-somebody-else, OpenStack shows ',
    ]);
  });
});
