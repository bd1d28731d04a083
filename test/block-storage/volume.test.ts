import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ADMIN, ALICE, BOB, type Client, type DemoGateway, READER, startDemoGateway } from '../support/demo-gateway.js';
import { faultOf, idOf, made, restCalls } from '../support/rest-calls.js';

const ONE = (fields: string) => `query ($id: ID!) { volume(id: $id) { ${fields} } }`;
const UPDATE = `mutation ($id: ID!, $input: UpdateVolumeInput!) {
  updateVolume(id: $id, input: $input) { volume { name description metadata { key value } } }
}`;
const DELETE = 'mutation ($id: ID!) { deleteVolume(id: $id) { id accepted } }';

let demo: DemoGateway;
let alice: Client;

beforeAll(async () => {
  demo = await startDemoGateway({ pace: 0 });
  alice = await demo.login(ALICE);
});

afterAll(() => demo.stop());

async function newVolume(input: object): Promise<string> {
  const id = await made(alice, 'createVolume', { size: 1, ...input });
  await demo.cloud.settled();
  return id;
}

describe('a volume', () => {
  it('made from an image keeps what the image was, and one made from it knows where it is from', async () => {
    const imageId = await idOf(alice, 'images', 'debian-12');
    const volume = await newVolume({ name: 'bootable', imageId, volumeType: 'ssd' });
    const fields = 'status bootable size volumeType imageId image { name } imageMetadata { key value } sourceVolumeId';
    const { data } = await alice.ask<{ volume: { imageMetadata: object[] } }>(ONE(fields), { id: volume });
    expect(data.volume).toMatchObject({
      status: 'AVAILABLE',
      bootable: true,
      volumeType: 'ssd',
      imageId,
      image: { name: 'debian-12' },
      sourceVolumeId: null,
    });
    expect(data.volume.imageMetadata).toContainEqual({ key: 'image_name', value: 'debian-12' });
    const clone = await newVolume({ name: 'clone', size: undefined, sourceVolumeId: volume });
    const cloned = await alice.ask(ONE('size imageId image { id } sourceVolumeId sourceVolume { name }'), {
      id: clone,
    });
    expect(cloned.data).toEqual({
      volume: { size: 1, imageId: null, image: null, sourceVolumeId: volume, sourceVolume: { name: 'bootable' } },
    });
    await alice.ask(DELETE, { id: volume });
    await demo.cloud.settled();
    const orphan = await alice.ask(ONE('sourceVolumeId sourceVolume { name }'), { id: clone });
    expect(orphan.data).toEqual({ volume: { sourceVolumeId: volume, sourceVolume: null } });
  });

  it('that is attached tells its server, and refuses to be deleted', async () => {
    const id = await idOf(alice, 'volumes', 'db-001-data');
    const query = ONE('status attachments { serverId server { name volumes { id } } device hostName }');
    const { data } = await alice.ask(query, { id });
    expect(data).toMatchObject({
      volume: {
        status: 'IN_USE',
        attachments: [
          { server: { name: 'db-001', volumes: [{ id }] }, device: expect.stringMatching(/^\/dev\//), hostName: null },
        ],
      },
    });
    const refused = await alice.tell(DELETE, { id });
    expect(faultOf(refused)).toMatchObject({ code: 'CONFLICT', service: 'block-storage', status: 400 });
    expect((await alice.ask(ONE('status'), { id })).data).toEqual({ volume: { status: 'IN_USE' } });
  });

  it('shows its host to an admin alone, and itself to nobody of another project', async () => {
    const id = await idOf(alice, 'volumes', 'db-001-data');
    const query = ONE('host attachments { hostName }');
    expect((await alice.ask(query, { id })).data).toEqual({
      volume: { host: null, attachments: [{ hostName: null }] },
    });
    const told = (await (await demo.login(ADMIN)).ask(query, { id })).data;
    expect(told).toMatchObject({
      volume: { host: expect.stringMatching(/#/), attachments: [{ hostName: expect.any(String) }] },
    });
    const bob = await demo.login(BOB);
    expect((await bob.ask(query, { id })).data).toEqual({ volume: null });
    const answer = await bob.tell(UPDATE, { id, input: { name: 'mine' } });
    expect(faultOf(answer)).toMatchObject({ code: 'NOT_FOUND', argument: 'id' });
  });
});

describe('updateVolume', () => {
  it('keeps what is absent, clears what is null, and sets, removes and clears metadata', async () => {
    const metadata = [
      { key: 'a', value: '1' },
      { key: 'b', value: '2' },
    ];
    const id = await newVolume({ name: 'changing', description: 'before', metadata });
    const change = async (input: object) => {
      const { data } = await alice.ask<{ updateVolume: { volume: { metadata: { key: string; value: string }[] } } }>(
        UPDATE,
        { id, input },
      );
      const { metadata: pairs, ...others } = data.updateVolume.volume;
      return { ...others, metadata: Object.fromEntries(pairs.map(({ key, value }) => [key, value])) };
    };
    const kept = { name: 'changed', description: 'before' };
    expect(await change({ name: 'changed' })).toEqual({ ...kept, metadata: { a: '1', b: '2' } });
    const set = { metadata: [{ key: 'b', value: '3' }] };
    expect(await change(set)).toEqual({ ...kept, metadata: { a: '1', b: '3' } });
    const cleared = { ...kept, description: null };
    const named = { name: 'changed', metadata: [{ key: 'd', value: '5' }], removeMetadata: ['d'] };
    expect(await change(named)).toEqual({ ...kept, metadata: { a: '1', b: '3' } });
    const both = { description: null, metadata: [{ key: 'c', value: '4' }], removeMetadata: ['a'] };
    expect(await change(both)).toEqual({ ...cleared, metadata: { b: '3', c: '4' } });
    expect(await change({ removeMetadata: ['b'] })).toEqual({ ...cleared, metadata: { c: '4' } });
    expect(await change({ metadata: null })).toEqual({ ...cleared, metadata: {} });
    expect((await alice.ask(ONE('name metadata { key }'), { id })).data).toEqual({
      volume: { name: 'changed', metadata: [] },
    });
  });

  it('is forbidden to a reader', async () => {
    const id = await idOf(alice, 'volumes', 'spare-3');
    const answer = await (await demo.login(READER)).tell(UPDATE, { id, input: { name: 'mine' } });
    expect(faultOf(answer)).toMatchObject({ code: 'FORBIDDEN', service: 'block-storage', status: 403 });
  });
});

describe('deleteVolume', () => {
  it('refuses one with snapshots unless they may go too', async () => {
    const id = await idOf(alice, 'volumes', 'spare-1');
    const refused = await alice.tell(DELETE, { id });
    expect(faultOf(refused)).toMatchObject({ code: 'CONFLICT', service: 'block-storage', status: 400 });
    await alice.ask('mutation ($id: ID!) { deleteVolume(id: $id, cascade: true) { id } }', { id });
    await demo.cloud.settled();
    expect((await alice.ask('{ volumes(filter: { name: "spare-1" }) { nodes { id } } }')).data).toEqual({
      volumes: { nodes: [] },
    });
  });

  it('takes it from lists that were cached, and once only', async () => {
    const id = await newVolume({ name: 'going' });
    const list = '{ volumes(filter: { name: "going" }) { nodes { id } } }';
    expect((await alice.ask(list)).data).toEqual({ volumes: { nodes: [{ id }] } });
    expect((await alice.ask(DELETE, { id })).data).toMatchObject({ deleteVolume: { id } });
    await demo.cloud.settled();
    expect((await alice.ask(list)).data).toEqual({ volumes: { nodes: [] } });
    expect(faultOf(await alice.tell(DELETE, { id }))).toMatchObject({ code: 'NOT_FOUND', argument: 'id' });
  });
});

describe('volumes', () => {
  interface Volumes {
    readonly volumes: { readonly totalCount: number | null; readonly nodes: readonly { readonly name: string }[] };
  }

  async function names(filter: object, client = alice): Promise<readonly string[]> {
    const query = 'query ($filter: VolumeFilter) { volumes(filter: $filter) { nodes { name } } }';
    const { data } = await client.ask<Volumes>(query, { filter });
    return data.volumes.nodes.map(({ name }) => name).sort();
  }

  it('are counted over all pages, with the filter, for whoever asks for the count', async () => {
    const { data } = await alice.ask<Volumes>(
      '{ volumes(filter: { status: IN_USE }, first: 1000) { nodes { name } } }',
    );
    const answer = await alice.ask<Volumes>(
      '{ volumes(filter: { status: IN_USE }, first: 1) { totalCount nodes { name } } }',
    );
    expect(answer.data.volumes.nodes).toHaveLength(1);
    expect(answer.data.volumes.totalCount).toBe(data.volumes.nodes.length);
    expect(restCalls(answer)).toEqual(['GET /volumes', 'GET /volumes/detail']);
  });

  it('are filtered by name in its letters, state, metadata and size', async () => {
    await newVolume({
      name: 'Filtered',
      size: 3,
      metadata: [
        { key: 'it’s', value: 'a "b"' },
        { key: 'x', value: '1' },
      ],
    });
    await newVolume({ name: 'filtered', size: 3, metadata: [{ key: 'x', value: '2' }] });
    expect(await names({ name: 'Filtered' })).toEqual(['Filtered']);
    expect(await names({ name: 'filter' })).toEqual([]);
    expect(await names({ size: 3, bootable: false })).toEqual(['Filtered', 'filtered']);
    expect(await names({ metadata: [{ key: 'x', value: '1' }] })).toEqual(['Filtered']);
    expect(await names({ status: 'AVAILABLE', size: 3 })).toEqual(['Filtered', 'filtered']);
    expect(await names({ status: 'AWAITING_TRANSFER' })).toEqual([]);
  });

  it('tell a member which filters are for admins', async () => {
    const answer = await alice.tell('{ volumes(filter: { nameMatches: "spare" }) { nodes { id } } }');
    expect(faultOf(answer)).toMatchObject({ code: 'BAD_USER_INPUT', service: 'block-storage', status: 400 });
    const admin = await demo.login(ADMIN);
    expect(await names({ nameMatches: 'spare' }, admin)).toEqual(expect.arrayContaining(['spare-2', 'spare-3']));
  });

  it('lead to all their servers, and servers to all their volumes, in one call each', async () => {
    const there = await alice.ask(
      '{ volumes { nodes { attachments { server { name } } project { name } } } }',
      {},
      { 'cache-control': 'no-cache' },
    );
    // Few servers are read one by one, since Nova's list costs more.
    const calls = restCalls(there).filter((call) => !call.startsWith('GET /servers/'));
    expect(calls).toEqual([expect.stringMatching(/^GET \/projects\//), 'GET /volumes/detail']);
    const back = await alice.ask(
      '{ servers { nodes { volumes { name } volumesAttached { volume { name } } } } }',
      {},
      { 'cache-control': 'no-cache' },
    );
    expect(restCalls(back)).toEqual(['GET /servers/detail', 'GET /volumes/detail']);
  });
});
