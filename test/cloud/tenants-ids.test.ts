import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { ResourceName } from '../../src/resource.js';
import { ADMIN, ALICE, BOB, Client } from '../support/client.js';
import { flavorId, imageId, make, makeNetwork, makeVolume, publicNetworkId } from './support/ground.js';
import { freshName, Litter } from './support/litter.js';
import { attempt } from './support/mutate.js';
import { Raw } from './support/openstack.js';
import { type Shape, shapesOf } from './support/selections.js';
import { Truth } from './support/truth.js';

/** What a stranger may be told of a row: that there is none, or that it is not for him. */
const REFUSALS = ['NOT_FOUND', 'FORBIDDEN', 'BAD_USER_INPUT'];
const SECRET = freshName('of-alice');

interface Mine {
  readonly network: string;
  readonly port: string;
  readonly group: string;
  readonly volume: string;
}

describe("ids of alice's rows, in bob's hands", () => {
  const urls = inject('replicas');
  let admin: Raw;
  let litter: Litter;
  let alice: Client;
  let bob: Client;
  let rawBob: Raw;
  let hers: Mine;
  let his: Mine;
  let shapes: readonly Shape[];

  beforeAll(async () => {
    admin = await Raw.login(ADMIN);
    litter = new Litter(admin);
    [alice, bob, rawBob] = await Promise.all([
      Client.login(urls[0], ALICE),
      Client.login(urls[0], BOB),
      Raw.login(BOB),
    ]);
    hers = await rowsOf(await Raw.login(ALICE), SECRET);
    his = await rowsOf(rawBob, freshName('of-bob'));
    shapes = await shapesOf(urls[0]);
  });

  afterAll(() => litter.clear());

  async function rowsOf(raw: Raw, name: string): Promise<Mine> {
    const network = await makeNetwork(raw, litter);
    const port = await make(raw, litter, 'network', '/ports', 'port', { network_id: network, name });
    const group = await make(raw, litter, 'network', '/security-groups', 'security_group', { name });
    const volume = await makeVolume(raw, litter);
    await raw.call('PUT', 'block-storage', `/volumes/${volume}`, { volume: { name } });
    await raw.call('PUT', 'network', `/networks/${network}`, { network: { name } });
    return { network, port, group, volume };
  }

  it('find nothing by id, however warm the cache is with them: as OpenStack says', async () => {
    const truth = new Truth(rawBob, false);
    for (const { type, one, many, all } of shapes) {
      const listed = `{ list: ${many}(first: 1000) { nodes { id } } }`;
      const { data } = await alice.tell<{ list: { nodes: { id: string }[] } | null }>(listed);
      const ofHers = (data.list?.nodes ?? []).map(({ id }) => id).slice(0, 1);
      for (const id of ofHers) {
        const query = `{ row: ${one}(id: "${id}") { ${all} } }`;
        for (const url of urls) await alice.at(url).ask(query);
        const { status } = await truth.one(type as ResourceName, id);
        for (const url of urls) {
          const answer = await bob.at(url).tell<{ row: { id: string } | null }>(query);
          const what = `${type} ${id}, to which OpenStack answers ${status}`;
          expect.soft(answer.data.row?.id ?? null, what).toBe(status === 200 ? id : null);
          expect.soft(answer.errors?.[0]?.extensions['code'], what).toBe(status === 403 ? 'FORBIDDEN' : undefined);
        }
      }
    }
  });

  it('find nothing by filters', async () => {
    const query = `{
      byNetwork: ports(filter: { networkId: ["${hers.network}"] }) { nodes { id name } }
      subnets(filter: { networkId: ["${hers.network}"] }) { nodes { id name } }
      rules: securityGroupRules(filter: { securityGroupId: ["${hers.group}"] }) { nodes { id } }
      byId: networks(filter: { id: ["${hers.network}"] }) { nodes { id name } }
      byName: volumes(filter: { name: "${SECRET}" }) { nodes { id name } }
      groups: securityGroups(filter: { name: "${SECRET}" }) { nodes { id name } }
    }`;
    type Lists = Readonly<Record<string, { readonly nodes: readonly unknown[] }>>;
    for (const url of urls) {
      const { data } = await alice.at(url).ask<Lists>(query);
      for (const [name, { nodes }] of Object.entries(data)) expect(nodes.length, name).toBeGreaterThan(0);
    }
    for (const url of urls) {
      const { data } = await bob.at(url).ask<Lists>(query);
      for (const [name, { nodes }] of Object.entries(data)) expect(nodes, name).toEqual([]);
    }
  });

  it('as cursors of her lists show bob nothing but what is his', async () => {
    for (const { many, type } of shapes.filter(({ type }) => type !== 'Project')) {
      const page = `query ($after: String) { list: ${many}(first: 1, after: $after) { nodes { id } pageInfo { endCursor } } }`;
      type Page = { list: { nodes: { id: string }[]; pageInfo: { endCursor: string | null } } | null };
      const { data } = await alice.ask<Page>(page);
      const after = data.list?.pageInfo.endCursor ?? null;
      const truth = new Truth(rawBob, false);
      for (const url of urls) {
        const answer = await bob.at(url).tell<Page>(page, { after });
        for (const { id } of answer.data.list?.nodes ?? [])
          expect(await truth.sees(type as ResourceName, id), `${type} ${id}`).toBe(true);
      }
    }
  });

  it('are refused as inputs of every kind, and nothing of a row is told', async () => {
    const [flavor, image, floating] = await Promise.all([flavorId(rawBob), imageId(rawBob), publicNetworkId(rawBob)]);
    const name = freshName('never');
    const tries: readonly (readonly [string, string, object])[] = [
      ['createPort', 'port { id network { id name } }', { input: { networkId: hers.network, name } }],
      ['createPort', 'port { id }', { input: { networkId: his.network, securityGroupIds: [hers.group], name } }],
      [
        'createSubnet',
        'subnet { id network { name } }',
        { input: { networkId: hers.network, ipVersion: 4, cidr: '10.9.0.0/24' } },
      ],
      [
        'createSecurityGroupRule',
        'securityGroupRule { id }',
        { input: { securityGroupId: hers.group, direction: 'INGRESS' } },
      ],
      [
        'createFloatingIp',
        'floatingIp { id port { name } }',
        { input: { floatingNetworkId: floating, portId: hers.port } },
      ],
      ['createVolumeSnapshot', 'volumeSnapshot { id }', { input: { volumeId: hers.volume, name } }],
      ['createVolume', 'volume { id }', { input: { sourceVolumeId: hers.volume, size: 1, name } }],
      [
        'createServer',
        'server { id }',
        { input: { name, flavorId: flavor, imageId: image, networks: [{ networkId: hers.network }] } },
      ],
      [
        'createServer',
        'server { id }',
        { input: { name, flavorId: flavor, imageId: image, networks: [{ portId: hers.port }] } },
      ],
      ['updatePort', 'port { id }', { id: his.port, input: { securityGroupIds: [hers.group] } }],
      ['updatePort', 'port { id name }', { id: hers.port, input: { name } }],
      ['updateNetwork', 'network { id name }', { id: hers.network, input: { name } }],
      ['updateSecurityGroup', 'securityGroup { id name }', { id: hers.group, input: { name } }],
      ['updateVolume', 'volume { id name }', { id: hers.volume, input: { name } }],
      ['deletePort', 'id', { id: hers.port }],
      ['deleteNetwork', 'id', { id: hers.network }],
      ['deleteSecurityGroup', 'id', { id: hers.group }],
      ['deleteVolume', 'id', { id: hers.volume }],
    ];
    for (const [mutation, selection, variables] of tries) {
      const answer = await attempt(bob, mutation, selection, variables as Readonly<Record<string, unknown>>);
      const what = `${mutation} ${JSON.stringify(variables)}`;
      expect.soft(answer.data?.[mutation] ?? null, what).toBeNull();
      expect.soft(REFUSALS, what).toContain(answer.errors?.[0]?.extensions['code']);
      expect.soft(JSON.stringify(answer), what).not.toContain(SECRET);
    }
    const { data } = await alice.ask(
      `{ network(id: "${hers.network}") { name } port(id: "${hers.port}") { name } volume(id: "${hers.volume}") { name } }`,
      {},
      { 'cache-control': 'no-cache' },
    );
    expect(data).toEqual({ network: { name: SECRET }, port: { name: SECRET }, volume: { name: SECRET } });
  });

  it('of an attachment are refused with both hers, and with his server and her volume', async () => {
    const [server] = await rawBob.rows('compute', '/servers?limit=1', 'servers');
    const { data } = await alice.ask<{ servers: { nodes: { id: string }[] } }>(
      '{ servers(first: 1) { nodes { id } } }',
    );
    for (const serverId of [server?.id, data.servers.nodes[0]?.id]) {
      const answer = await attempt(bob, 'attachVolume', 'device', { input: { serverId, volumeId: hers.volume } });
      expect.soft(REFUSALS).toContain(answer.errors?.[0]?.extensions['code']);
      expect.soft(JSON.stringify(answer)).not.toContain(SECRET);
    }
    const { body } = await admin.call('GET', 'block-storage', `/volumes/${hers.volume}`);
    expect(body).toMatchObject({ volume: { status: 'available', attachments: [] } });
  });
});
