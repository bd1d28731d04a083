import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ADMIN, ALICE, type Client, type DemoGateway, startDemoGateway } from '../support/demo-gateway.js';
import { faultOf, idOf, made, restCalls } from '../support/rest-calls.js';

const ONE = (fields: string) => `query ($id: ID!) { project(id: $id) { ${fields} } }`;

interface Projects {
  readonly projects: {
    readonly nodes: readonly { readonly name: string }[];
    readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string };
  };
}

let demo: DemoGateway;
let alice: Client;
let admin: Client;
let demoA: string;
let demoB: string;

beforeAll(async () => {
  demo = await startDemoGateway({ pace: 0, servers: 20 });
  [alice, admin] = await Promise.all([demo.login(ALICE), demo.login(ADMIN)]);
  [demoA, demoB] = await Promise.all([idOf(admin, 'projects', 'demo-a'), idOf(admin, 'projects', 'demo-b')]);
});

afterAll(() => demo.stop());

describe('a project', () => {
  it('is shown to its members; another is refused to them as a root and null as a relation', async () => {
    const own = await alice.ask(ONE('name description enabled domainId parentId parent { id } isDomain extra'), {
      id: demoA,
    });
    expect(own.data).toEqual({
      project: {
        name: 'demo-a',
        description: 'tenant demo-a',
        enabled: true,
        domainId: 'default',
        parentId: 'default',
        parent: null,
        isDomain: false,
        extra: null,
      },
    });
    const other = await alice.tell(ONE('name'), { id: demoB });
    expect(faultOf(other)).toMatchObject({ code: 'FORBIDDEN', service: 'identity', status: 403 });
    expect(other.data).toEqual({ project: null });
    const relation = await alice.ask('{ networks(filter: { shared: true }) { nodes { name project { name } } } }');
    expect(relation.data).toEqual({ networks: { nodes: [{ name: 'shared-services', project: null }] } });
    expect(relation.extensions?.refused).toMatchObject([{ field: 'Network.project', status: 403, rows: 1 }]);
  });

  it('leads to everything that it owns, each kind in one call, for members as for admins', async () => {
    const kinds =
      'networks { name } subnets { name } ports { projectId } securityGroups { name } securityGroupRules { projectId } floatingIps { projectId } servers { projectId } volumes { projectId }';
    const [ofAlice, ofAdmin] = [await alice.ask(ONE(kinds), { id: demoA }), await admin.ask(ONE(kinds), { id: demoA })];
    const calls = restCalls(ofAlice).filter((call) => !call.startsWith('GET /projects'));
    expect(calls).toEqual([
      'GET /floatingips',
      'GET /networks',
      'GET /ports',
      'GET /security-group-rules',
      'GET /security-groups',
      'GET /servers/detail',
      'GET /subnets',
      'GET /volumes/detail',
    ]);
    expect(ofAdmin.data).toEqual(ofAlice.data);
    const { project } = ofAlice.data as { readonly project: Readonly<Record<string, readonly object[]>> };
    expect(project['networks']).toHaveLength(3);
    for (const rows of Object.values(project)) expect(rows.length).toBeGreaterThan(0);
    const ids = JSON.stringify(ofAlice.data).match(/"projectId":"[^"]*"/g) ?? [];
    expect(new Set(ids)).toEqual(new Set([`"projectId":"${demoA}"`]));
  });

  it('has what is made for it at the next query, though its lists were cached', async () => {
    const query = ONE('networks { name } volumes { name }');
    const look = async (client: Client) => JSON.stringify((await client.ask(query, { id: demoA })).data);
    const seen = async () => [await look(alice), await look(admin)].map((text) => text.includes('just-made'));
    expect(await seen()).toEqual([false, false]);
    const id = await made(admin, 'createNetwork', { name: 'just-made', projectId: demoA });
    expect(await seen()).toEqual([true, true]);
    await alice.ask('mutation ($id: ID!) { deleteNetwork(id: $id) { id } }', { id });
    expect(await seen()).toEqual([false, false]);
    await made(alice, 'createVolume', { name: 'just-made', size: 1 });
    expect(await seen()).toEqual([true, true]);
  });

  it('that is none is null to an admin', async () => {
    const nothing = '0'.repeat(32);
    expect((await admin.ask(ONE('id'), { id: nothing })).data).toEqual({ project: null });
  });
});

describe('projects', () => {
  async function names(args: string): Promise<readonly string[]> {
    const { data } = await admin.ask<Projects>(`{ projects${args} { nodes { name } } }`);
    return data.projects.nodes.map(({ name }) => name);
  }

  it('are refused to members', async () => {
    const answer = await alice.tell('{ projects { nodes { id } } }');
    expect(faultOf(answer)).toMatchObject({ code: 'FORBIDDEN', service: 'identity', status: 403 });
    expect(answer.data).toEqual({ projects: null });
  });

  it('are sorted and paged here, each once, since Keystone would not', async () => {
    expect(await names('(orderBy: { field: NAME })')).toEqual(['admin', 'demo-a', 'demo-b', 'service']);
    expect(await names('(orderBy: { field: NAME, direction: DESC }, first: 2)')).toEqual(['service', 'demo-b']);
    const query = `query ($after: String) { projects(orderBy: { field: NAME }, first: 3, after: $after) {
      nodes { name } pageInfo { hasNextPage endCursor } } }`;
    const first = await admin.ask<Projects>(query);
    expect(first.data.projects.pageInfo.hasNextPage).toBe(true);
    const { endCursor } = first.data.projects.pageInfo;
    const second = await admin.ask<Projects>(query, { after: endCursor });
    expect(second.data.projects).toMatchObject({ nodes: [{ name: 'service' }], pageInfo: { hasNextPage: false } });
    const gone = await admin.tell(query.replace('NAME', 'NAME, direction: DESC'), { after: endCursor });
    expect(faultOf(gone)).toMatchObject({ code: 'BAD_USER_INPUT', argument: 'after' });
  });

  it('are found by part of the name, parent, domain and tags', async () => {
    const every = ['admin', 'demo-a', 'demo-b', 'service'];
    const found = async (filter: string) => (await names(`(filter: { ${filter} })`)).toSorted();
    expect(await found('nameMatches: "DEMO-"')).toEqual(['demo-a', 'demo-b']);
    expect(await found('name: "demo-b"')).toEqual(['demo-b']);
    expect(await found('name: "DEMO-B"')).toEqual([]);
    expect(await found('parentId: "default"')).toEqual(every);
    expect(await found(`parentId: "${demoA}"`)).toEqual([]);
    expect(await found('domainId: "default", enabled: true')).toEqual(every);
    expect(await found('domainId: "other"')).toEqual([]);
    expect(await found('enabled: false')).toEqual([]);
    expect(await found('isDomain: true')).toEqual(['Default']);
    expect(await found('isDomain: false')).toEqual(every);
    expect(await found('tags: ["none", "such"]')).toEqual([]);
    expect(await found('tagsAny: ["none"]')).toEqual([]);
    expect(await found('notTags: ["none"], notTagsAny: ["such"]')).toEqual(every);
  });

  it('of many rows are read in one call, of all servers once each', async () => {
    const answer = await admin.ask(
      '{ servers(allProjects: true) { nodes { project { name } } } }',
      {},
      { 'cache-control': 'no-cache' },
    );
    expect(restCalls(answer).filter((call) => call.startsWith('GET /projects'))).toHaveLength(2);
  });
});
