import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ADMIN, ALICE, BOB, type Client, type DemoGateway, startDemoGateway } from '../support/demo-gateway.js';
import { faultOf, idOf, made, restCalls } from '../support/rest-calls.js';

const ONE = (fields: string) => `query ($id: ID!) { securityGroup(id: $id) { ${fields} } }`;
const UPDATE = `mutation ($id: ID!, $input: UpdateSecurityGroupInput!) {
  updateSecurityGroup(id: $id, input: $input) { securityGroup { name description stateful } }
}`;
const DELETE = 'mutation ($id: ID!) { deleteSecurityGroup(id: $id) { id accepted } }';

let demo: DemoGateway;
let alice: Client;

beforeAll(async () => {
  demo = await startDemoGateway({ pace: 0, servers: 20 });
  alice = await demo.login(ALICE);
});

afterAll(() => demo.stop());

describe('a security group', () => {
  it('that is new comes with the rules that Neutron puts into it, in lists that were cached too', async () => {
    const look = async () =>
      (await alice.ask<Lists>('{ securityGroups { nodes { id } } securityGroupRules { nodes { id } } }')).data;
    const before = await look();
    const create = `mutation { createSecurityGroup(input: { name: "new", description: "by a test" }) {
      securityGroup { id name description stateful shared rules { direction ethertype protocol } project { name } } } }`;
    const { data } = await alice.ask<{ createSecurityGroup: { securityGroup: { id: string } } }>(create);
    expect(data.createSecurityGroup.securityGroup).toMatchObject({
      name: 'new',
      description: 'by a test',
      stateful: true,
      shared: false,
      rules: [
        { direction: 'EGRESS', ethertype: 'IPV4', protocol: null },
        { direction: 'EGRESS', ethertype: 'IPV6', protocol: null },
      ],
      project: { name: 'demo-a' },
    });
    const after = await look();
    expect(after.securityGroups.nodes).toContainEqual({ id: data.createSecurityGroup.securityGroup.id });
    expect(after.securityGroupRules.nodes).toHaveLength(before.securityGroupRules.nodes.length + 2);
  });

  it('keeps what an update does not name, and loses what it names as null', async () => {
    const id = await made(alice, 'createSecurityGroup', { name: 'changing', description: 'before' });
    const change = async (input: object) => (await alice.ask(UPDATE, { id, input })).data;
    expect(await change({ name: 'changed' })).toEqual({
      updateSecurityGroup: { securityGroup: { name: 'changed', description: 'before', stateful: true } },
    });
    expect(await change({ description: null })).toEqual({
      updateSecurityGroup: { securityGroup: { name: 'changed', description: '', stateful: true } },
    });
  });

  it('tells its new name to the servers that it guards, though they were cached', async () => {
    const [groupId, networkId, flavorId, imageId] = await Promise.all([
      made(alice, 'createSecurityGroup', { name: 'guard' }),
      idOf(alice, 'networks', 'front'),
      idOf(alice, 'flavors', 'm1.tiny'),
      idOf(alice, 'images', 'debian-12'),
    ]);
    const input = { name: 'guarded', flavorId, imageId, networks: [{ networkId }], securityGroups: [groupId] };
    const id = await made(alice, 'createServer', input);
    await demo.cloud.settled();
    const query = 'query ($id: ID!) { server(id: $id) { securityGroupNames securityGroups { name } } }';
    const look = async () => (await alice.ask(query, { id })).data;
    expect(await look()).toEqual({ server: { securityGroupNames: ['guard'], securityGroups: [{ name: 'guard' }] } });
    await alice.ask(UPDATE, { id: groupId, input: { name: 'sentry' } });
    expect(await look()).toEqual({ server: { securityGroupNames: ['sentry'], securityGroups: [{ name: 'sentry' }] } });

    const refused = await alice.tell(DELETE, { id: groupId });
    expect(faultOf(refused)).toMatchObject({ code: 'CONFLICT', service: 'network', status: 409 });
    expect(refused.data).toEqual({ deleteSecurityGroup: null });
  });

  it('goes with its rules', async () => {
    const id = await made(alice, 'createSecurityGroup', { name: 'going' });
    const list = '{ securityGroupRules { nodes { securityGroupId } } }';
    const groups = async () => JSON.stringify((await alice.ask(list)).data);
    expect(await groups()).toContain(id);
    expect((await alice.ask(DELETE, { id })).data).toEqual({ deleteSecurityGroup: { id, accepted: false } });
    expect(await groups()).not.toContain(id);
    expect((await alice.ask(ONE('id'), { id })).data).toEqual({ securityGroup: null });
  });

  it('takes the rules of other groups along that name it', async () => {
    const [keeps, goes] = await Promise.all([
      made(alice, 'createSecurityGroup', { name: 'keeps' }),
      made(alice, 'createSecurityGroup', { name: 'goes' }),
    ]);
    for (const ethertype of ['IPV4', 'IPV6']) {
      const input = { securityGroupId: keeps, direction: 'INGRESS', ethertype, remoteGroupId: goes };
      await made(alice, 'createSecurityGroupRule', input);
    }
    const query = ONE('revisionNumber rules { remoteGroupId }');
    const look = async () => (await alice.ask<Group>(query, { id: keeps })).data.securityGroup;
    const before = await look();
    expect(before.rules.filter(({ remoteGroupId }) => remoteGroupId === goes)).toHaveLength(2);
    await alice.ask(DELETE, { id: goes });
    const after = await look();
    expect(after.rules.map(({ remoteGroupId }) => remoteGroupId)).toEqual([null, null]);
    expect(after.revisionNumber).toBe(before.revisionNumber + 1);
  });

  it('of another project is not found by who would change it', async () => {
    const bob = await demo.login(BOB);
    const id = await idOf(alice, 'securityGroups', 'ssh');
    expect((await bob.ask(ONE('id'), { id })).data).toEqual({ securityGroup: null });
    const answer = await bob.tell(UPDATE, { id, input: { name: 'mine' } });
    expect(faultOf(answer)).toMatchObject({ code: 'NOT_FOUND', argument: 'id' });
    expect(restCalls(answer).filter((call) => call.startsWith('PUT'))).toEqual([]);
  });

  it('called default keeps its name', async () => {
    const answer = await alice.tell(UPDATE, {
      id: await idOf(alice, 'securityGroups', 'default'),
      input: { name: 'x' },
    });
    expect(faultOf(answer)).toMatchObject({ code: 'CONFLICT', service: 'network' });
  });
});

interface Group {
  readonly securityGroup: {
    readonly revisionNumber: number;
    readonly rules: readonly { readonly remoteGroupId: string | null }[];
  };
}

interface Lists {
  readonly securityGroups: { readonly nodes: readonly { readonly id: string }[] };
  readonly securityGroupRules: { readonly nodes: readonly { readonly id: string }[] };
}

describe('securityGroups', () => {
  it('read the ports and projects of all rows in one call each, and each port tells its groups back', async () => {
    const answer = await alice.ask<{
      securityGroups: { nodes: { id: string; ports: { securityGroups: { id: string }[] }[] }[] };
    }>(
      '{ securityGroups { nodes { id project { name } ports { id securityGroups { id } } } } }',
      {},
      { 'cache-control': 'no-cache' },
    );
    expect(restCalls(answer)).toEqual([
      'GET /ports',
      expect.stringMatching(/^GET \/projects\//),
      'GET /security-groups',
    ]);
    const { nodes } = answer.data.securityGroups;
    expect(nodes.some(({ ports }) => ports.length > 1)).toBe(true);
    for (const { id, ports } of nodes) {
      for (const { securityGroups } of ports) expect(securityGroups.map((group) => group.id)).toContain(id);
    }
  });

  it('are found by the whole name in its letters, and sorted', async () => {
    const find = async (args: string) => (await alice.ask(`{ securityGroups(${args}) { nodes { name } } }`)).data;
    expect(await find('filter: { name: "web" }')).toEqual({ securityGroups: { nodes: [{ name: 'web' }] } });
    expect(await find('filter: { name: "WEB" }')).toEqual({ securityGroups: { nodes: [] } });
    expect(await find('filter: { description: "db for demo-a" }')).toEqual({
      securityGroups: { nodes: [{ name: 'db' }] },
    });
    expect(await find('first: 1, orderBy: { field: NAME, direction: DESC }')).toEqual({
      securityGroups: { nodes: [{ name: 'web' }] },
    });
  });

  it("are the token's project's to an admin too, unless another is named or all", async () => {
    const admin = await demo.login(ADMIN);
    const projects = async (args: string) => {
      const { data } = await admin.ask<{ securityGroups: { nodes: { project: { name: string } }[] } }>(
        `{ securityGroups${args} { nodes { project { name } } } }`,
      );
      return [...new Set(data.securityGroups.nodes.map(({ project }) => project.name))].sort();
    };
    expect(await projects('')).toEqual(['demo-a']);
    expect(await projects('(allProjects: true)')).toEqual(expect.arrayContaining(['demo-a', 'demo-b']));
    const demoB = await idOf(admin, 'projects', 'demo-b');
    expect(await projects(`(filter: { projectId: "${demoB}" })`)).toEqual(['demo-b']);
    expect(await projects(`(allProjects: true, filter: { projectId: "${demoB}" })`)).toEqual(['demo-b']);
  });
});
