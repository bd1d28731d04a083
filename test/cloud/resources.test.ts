import { beforeAll, describe, expect, inject, it } from 'vitest';
import type { ResourceName } from '../../src/resource.js';
import { ADMIN, ALICE, Client, READER, type User } from '../support/client.js';
import { comparable, isDocumented, wireValueOf } from './support/compare.js';
import { filterValue } from './support/filter-values.js';
import { Raw, type RawRow } from './support/openstack.js';
import { rawRows, TYPES } from './support/raw-lists.js';
import { type Shape, shapesOf } from './support/selections.js';

type Node = Readonly<Record<string, unknown>> & { readonly id: string };
interface Page {
  readonly list: {
    readonly nodes: readonly Node[];
    readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
  };
}

const FRESH = { 'cache-control': 'no-cache' };

describe('every resource, judged by raw REST', () => {
  const [url] = inject('replicas');
  let shapes: ReadonlyMap<string, Shape>;
  let raws: ReadonlyMap<User, Raw>;
  let clients: ReadonlyMap<User, Client>;

  beforeAll(async () => {
    shapes = new Map((await shapesOf(url)).map((shape) => [shape.type, shape]));
    const users = [ALICE, READER, ADMIN];
    raws = new Map(await Promise.all(users.map(async (user) => [user, await Raw.login(user)] as const)));
    clients = new Map(await Promise.all(users.map(async (user) => [user, await Client.login(url, user)] as const)));
  });

  function of<K, V>(map: ReadonlyMap<K, V>, key: K): V {
    const value = map.get(key);
    if (value === undefined) throw new Error(`expected ${String(key)} to be known`);
    return value;
  }

  /** The answer with the raw rows that were the same before and after it, and the ids of those that changed meanwhile. */
  async function between<T>(user: User, type: ResourceName, ask: () => Promise<T>) {
    const before = await rawRows(of(raws, user), type, user === ADMIN);
    const answer = await ask();
    const after = await rawRows(of(raws, user), type, user === ADMIN);
    const known = new Map(before.map((row) => [row.id, JSON.stringify(row)]));
    const still = after.filter((row) => known.get(row.id) === JSON.stringify(row));
    const stillIds = new Set(still.map(({ id }) => id));
    const moving = new Set([...before, ...after].map(({ id }) => id).filter((id) => !stillIds.has(id)));
    return { answer, still, moving };
  }

  /** Each row that kept still once, and none that raw REST does not know. */
  function expectSameIds(ids: readonly string[], still: readonly RawRow[], moving: ReadonlySet<string>): void {
    const settled = ids.filter((id) => !moving.has(id));
    expect(settled.sort()).toEqual(still.map(({ id }) => id).sort());
  }

  describe.each([ALICE, READER, ADMIN])('as $name', (user) => {
    const visible = TYPES.filter((type) => type !== 'Project' || user === ADMIN);

    it.each(visible)('%s: all fields, row by row', async (type) => {
      const shape = of(shapes, type);
      const query = `{ list: ${shape.many}(first: 1000) { nodes { ${shape.all} } pageInfo { hasNextPage endCursor } } }`;
      const ask = () => of(clients, user).ask<Page>(query, {}, FRESH);
      const { answer, still, moving } = await between(user, type, ask);
      const byId = new Map(answer.data.list.nodes.map((node) => [node.id, node]));
      expectSameIds([...byId.keys()], still, moving);
      const judged = new Set<string>();
      for (const raw of still) {
        for (const leaf of shape.leaves) {
          const wire = wireValueOf(raw, leaf);
          const node = byId.get(raw.id);
          if (wire === 'unknown' || !node || !(leaf.name in node)) continue;
          judged.add(leaf.name);
          if (isDocumented(type, leaf.name, wire.value)) continue;
          expect.soft(comparable(node[leaf.name], leaf), `${type}.${leaf.name} of ${raw.id}`).toEqual(wire.value);
        }
      }
      if (still.length > 0)
        expect(judged.size, `fields judged: ${[...judged]}`).toBeGreaterThan(shape.leaves.length / 2);
    });
  });

  it('Project: a member may not list projects, but sees its own', async () => {
    const raw = of(raws, ALICE);
    const { errors, data } = await of(clients, ALICE).tell<{ projects: null; project: Node }>(
      `{ projects { nodes { id } } project(id: "${raw.projectId}") { id name servers { id } volumes { id } networks { id } } }`,
    );
    expect(errors?.map(({ extensions }) => extensions['code'])).toEqual(['FORBIDDEN']);
    expect(data.project).toMatchObject({ id: raw.projectId, name: 'demo-a' });
  });

  it.each(['Server', 'Flavor', 'Image', 'Project'])('%s: fields that cost a call per row', async (type) => {
    const shape = of(shapes, type);
    const query = `{ list: ${shape.many}(first: 3) { nodes { id ${shape.perRow} } } }`;
    const { data } = await of(clients, ADMIN).ask<Page>(query);
    expect(data.list.nodes.length).toBeGreaterThan(0);
  });

  it.each(TYPES)('%s: pages of seven hold each row once, and refuse the cursor of another list', async (type) => {
    const { many } = of(shapes, type);
    const client = of(clients, ADMIN);
    const page = (after: string | null, more = '') =>
      client.tell<Page>(
        `query ($after: String) { list: ${many}(first: 7, after: $after${more}) { nodes { id } pageInfo { hasNextPage endCursor } } }`,
        { after },
      );
    let cursor: string | null = null;
    const { answer, still, moving } = await between(ADMIN, type, async () => {
      const seen: string[] = [];
      let after: string | null = null;
      for (;;) {
        const { data, errors } = await page(after);
        // Somebody deleted the row that the cursor points at: the next try has no such luck.
        if (errors) return seen;
        seen.push(...data.list.nodes.map(({ id }) => id));
        cursor ??= data.list.pageInfo.endCursor;
        if (!data.list.pageInfo.hasNextPage) return seen;
        after = data.list.pageInfo.endCursor;
      }
    });
    expectSameIds(answer, still, moving);
    const [other] = of(shapes, type).filters.some(({ name }) => name === 'name')
      ? [', filter: { name: "another" }']
      : [', filter: { description: "another" }'];
    const refused = await page(cursor, other);
    expect(refused.errors?.[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT', argument: 'after' });
  });

  it.each(TYPES)('%s: every order is one, and the other way round it is the other', { retry: 2 }, async (type) => {
    const shape = of(shapes, type);
    for (const order of shape.orders) {
      const field = order.toLowerCase().replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
      const name = shape.leaves.some((leaf) => leaf.name === field) ? field : 'id';
      const part = (direction: string) =>
        `${direction}: ${shape.many}(first: 1000, orderBy: { field: ${order}, direction: ${direction} }) { nodes { id ${name} } }`;
      const { data } = await of(clients, ADMIN).ask<Record<string, Page['list']>>(`{ ${part('ASC')} ${part('DESC')} }`);
      if (name === 'id' && order !== 'ID') continue;
      const values = (direction: string) => (data[direction]?.nodes ?? []).map((node) => String(node[name]));
      expect.soft(values('ASC').reverse(), `${type} by ${order}`).toEqual(values('DESC'));
    }
  });

  it.each(TYPES)(
    '%s: every filter is accepted, and finds the row that its value is from',
    { retry: 2 },
    async (type) => {
      const shape = of(shapes, type);
      const client = of(clients, ADMIN);
      const plain = shape.leaves.filter((leaf) => leaf.type !== 'KeyValue').map(({ name }) => name);
      const pairs = shape.leaves.filter((leaf) => leaf.type === 'KeyValue').map(({ name }) => `${name} { key value }`);
      const fields = [...plain, ...pairs].join(' ');
      const { data } = await client.ask<Page>(`{ list: ${shape.many}(first: 30) { nodes { ${fields} } } }`);
      const samples = shape.filters.map((filter) => ({ filter, ...filterValue(filter, data.list.nodes) }));
      const head = samples.map((_, index) => `$f${index}: ${type}Filter`).join(', ');
      const lists = samples.map(
        (_, index) =>
          `f${index}: ${shape.many}(first: 20, filter: $f${index}) { nodes { ${fields} } pageInfo { hasNextPage endCursor } }`,
      );
      const variables = Object.fromEntries(
        samples.map(({ filter, value }, index) => [`f${index}`, { [filter.name]: value }]),
      );
      const found = await client.tell<Record<string, Page['list']>>(
        `query (${head}) { ${lists.join(' ')} }`,
        variables,
      );
      expect.soft(found.errors).toBeUndefined();
      for (const [index, { filter, value, from, field }] of samples.entries()) {
        const list = found.data[`f${index}`];
        const what = `${type} by ${filter.name} = ${JSON.stringify(value)}`;
        if (!list || from === null) continue;
        if (!list.pageInfo.hasNextPage)
          expect
            .soft(
              list.nodes.map(({ id }) => id),
              what,
            )
            .toContain(from.id);
        if (field === null) continue;
        // Nova keeps the progress of a server that is off, and does not show it.
        const nodes = list.nodes.filter((node) => filter.name !== 'progress' || node[field] !== null);
        for (const node of nodes) expect.soft(node[field], what).toEqual(from[field]);
      }
    },
  );

  it.each([
    ['server', 'Server', 'ports { id device { ... on Server { id } } }', 'ports'],
    ['flavor', 'Flavor', 'servers { id flavor { id } }', 'servers'],
    ['image', 'Image', 'servers { id image { id } }', 'servers'],
    ['network', 'Network', 'ports { id network { id } }', 'ports'],
    ['network', 'Network', 'subnets { id network { id } }', 'subnets'],
    ['subnet', 'Subnet', 'ports { id fixedIps { subnet { id } } }', 'ports'],
    ['port', 'Port', 'floatingIps { id port { id } }', 'floatingIps'],
    ['securityGroup', 'SecurityGroup', 'ports { id securityGroups { id } }', 'ports'],
    ['securityGroup', 'SecurityGroup', 'rules { id securityGroup { id } }', 'rules'],
    ['project', 'Project', 'volumes { id project { id } }', 'volumes'],
  ])('a %s: there and back again (%s { %s })', async (_one, type, relation, name) => {
    const { many } = of(shapes, type);
    const { data } = await of(clients, ADMIN).ask<Page>(`{ list: ${many}(first: 20) { nodes { id ${relation} } } }`);
    const pairs = data.list.nodes.flatMap((node) => (node[name] as Node[]).map((row) => [node.id, row] as const));
    expect(pairs.length, 'rows at the other end').toBeGreaterThan(0);
    for (const [id, row] of pairs) expect.soft(JSON.stringify(row), `back to ${id}`).toContain(id);
  });
});
