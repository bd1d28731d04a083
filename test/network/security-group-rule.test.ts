import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ALICE, BOB, type Client, type DemoGateway, startDemoGateway } from '../support/demo-gateway.js';
import { faultOf, idOf, made, restCalls } from '../support/rest-calls.js';

const GROUP = `query ($id: ID!) { securityGroup(id: $id) {
  revisionNumber rules { id direction ethertype protocol remoteGroup { name } } remoteRules { securityGroup { name } }
} }`;

interface Group {
  readonly securityGroup: { readonly revisionNumber: number; readonly rules: readonly { readonly id: string }[] };
}

let demo: DemoGateway;
let alice: Client;

beforeAll(async () => {
  demo = await startDemoGateway({ pace: 0, servers: 10 });
  alice = await demo.login(ALICE);
});

afterAll(() => demo.stop());

const CREATE = `mutation ($input: CreateSecurityGroupRuleInput!) { createSecurityGroupRule(input: $input) {
  securityGroupRule { id direction directionText ethertype ethertypeText protocol portRangeMin portRangeMax remoteIpPrefix }
} }`;
const DELETE = 'mutation ($id: ID!) { deleteSecurityGroupRule(id: $id) { id accepted } }';

describe('a rule that is made or deleted', () => {
  it('stands in its group, whose revision moves, at the next query', async () => {
    const securityGroupId = await made(alice, 'createSecurityGroup', { name: 'moving' });
    const look = async () => (await alice.ask<Group>(GROUP, { id: securityGroupId })).data.securityGroup;
    const before = await look();
    expect(before.rules).toHaveLength(2);
    const input = {
      securityGroupId,
      direction: 'INGRESS',
      ethertype: 'IPV6',
      protocol: '6',
      portRangeMin: 22,
      portRangeMax: 22,
    };
    const { data } = await alice.ask<{ createSecurityGroupRule: { securityGroupRule: { id: string } } }>(CREATE, {
      input,
    });
    const { securityGroupRule } = data.createSecurityGroupRule;
    expect(securityGroupRule).toMatchObject({
      direction: 'INGRESS',
      directionText: 'ingress',
      ethertype: 'IPV6',
      ethertypeText: 'IPv6',
      protocol: '6',
      portRangeMin: 22,
      remoteIpPrefix: null,
    });
    const { id } = securityGroupRule;
    const grown = await look();
    expect(grown.rules.map((rule) => rule.id)).toContain(id);
    expect(grown.revisionNumber).toBeGreaterThan(before.revisionNumber);

    expect((await alice.ask(DELETE, { id })).data).toEqual({ deleteSecurityGroupRule: { id, accepted: false } });
    const shrunk = await look();
    expect(shrunk.rules).toEqual(before.rules);
    expect(shrunk.revisionNumber).toBeGreaterThan(grown.revisionNumber);
    expect((await alice.ask('query ($id: ID!) { securityGroupRule(id: $id) { id } }', { id })).data).toEqual({
      securityGroupRule: null,
    });
  });

  it('shows at the group that it names as the other side too', async () => {
    const [securityGroupId, remoteGroupId] = await Promise.all([
      made(alice, 'createSecurityGroup', { name: 'this-side' }),
      made(alice, 'createSecurityGroup', { name: 'other-side' }),
    ]);
    const look = async () => (await alice.ask(GROUP, { id: remoteGroupId })).data;
    expect(await look()).toMatchObject({ securityGroup: { remoteRules: [] } });
    const id = await made(alice, 'createSecurityGroupRule', { securityGroupId, direction: 'INGRESS', remoteGroupId });
    expect(await look()).toMatchObject({ securityGroup: { remoteRules: [{ securityGroup: { name: 'this-side' } }] } });
    const other = await alice.ask(GROUP, { id: securityGroupId });
    expect(other.data).toMatchObject({
      securityGroup: {
        rules: expect.arrayContaining([expect.objectContaining({ id, remoteGroup: { name: 'other-side' } })]),
      },
    });
    await alice.ask(DELETE, { id });
    expect(await look()).toMatchObject({ securityGroup: { remoteRules: [] } });
  });

  it('twice is a conflict, in another project not found, of an unknown kind refused by the schema', async () => {
    const securityGroupId = await idOf(alice, 'securityGroups', 'ssh');
    const input = { securityGroupId, direction: 'INGRESS', protocol: 'udp', portRangeMin: 53, portRangeMax: 53 };
    await alice.ask(CREATE, { input });
    expect(faultOf(await alice.tell(CREATE, { input }))).toMatchObject({
      code: 'CONFLICT',
      service: 'network',
      status: 409,
    });
    const bob = await demo.login(BOB);
    expect(faultOf(await bob.tell(CREATE, { input }))).toMatchObject({
      code: 'NOT_FOUND',
      service: 'network',
      status: 404,
    });
    const odd = await alice.tell(CREATE, { input: { ...input, direction: 'SIDEWAYS' } });
    expect(faultOf(odd)).toMatchObject({ code: 'BAD_USER_INPUT' });
    const noProtocol = { securityGroupId, direction: 'INGRESS', portRangeMin: 1, portRangeMax: 2 };
    const refused = await alice.tell(CREATE, { input: noProtocol });
    expect(faultOf(refused)).toMatchObject({ code: 'BAD_USER_INPUT', service: 'network', status: 400 });
  });
});

describe('securityGroupRules', () => {
  interface Rules {
    readonly securityGroupRules: {
      readonly nodes: readonly { readonly portRangeMin: number; readonly protocol: string }[];
    };
  }

  async function ports(filter: object): Promise<readonly number[]> {
    const query =
      'query ($filter: SecurityGroupRuleFilter) { securityGroupRules(filter: $filter) { nodes { portRangeMin } } }';
    const { data } = await alice.ask<Rules>(query, { filter });
    return data.securityGroupRules.nodes.map(({ portRangeMin }) => portRangeMin).sort((one, other) => one - other);
  }

  it('are filtered by group, direction, protocol as written, ports and range', async () => {
    const [db, web] = await Promise.all([idOf(alice, 'securityGroups', 'db'), idOf(alice, 'securityGroups', 'web')]);
    expect(await ports({ securityGroupId: [db], direction: 'INGRESS' })).toEqual([3306, 5432]);
    expect(await ports({ securityGroupId: [db, web], protocol: ['tcp'] })).toEqual([80, 443, 3306, 5432]);
    expect(await ports({ securityGroupId: [web], protocol: ['6'] })).toEqual([]);
    expect(await ports({ portRangeMin: 9100, remoteIpPrefix: '10.0.0.0/8' })).toEqual([9100]);
    expect(await ports({ securityGroupId: [db], direction: 'EGRESS', ethertype: 'IPV6' })).toHaveLength(1);
  });

  it('read the groups of all rows, and the rules that name all groups, in one call each', async () => {
    const query = `{ securityGroupRules { nodes { securityGroup { name remoteRules { id } } remoteGroup { name } } } }`;
    const answer = await alice.ask(query, {}, { 'cache-control': 'no-cache' });
    expect(restCalls(answer)).toEqual([
      'GET /security-group-rules',
      'GET /security-group-rules',
      'GET /security-groups',
    ]);
  });

  it('that stand in their groups cost no call of their own', async () => {
    const answer = await alice.ask(
      '{ securityGroups { nodes { name rules { direction securityGroup { name } } } } }',
      {},
      { 'cache-control': 'no-cache' },
    );
    expect(restCalls(answer)).toEqual(['GET /security-groups']);
  });
});
