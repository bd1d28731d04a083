import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ADMIN, ALICE, BOB, type Client, type DemoGateway, READER, startDemoGateway } from '../support/demo-gateway.js';
import { faultOf, idOf, made } from '../support/rest-calls.js';

interface Snapshots {
  readonly volumeSnapshots: {
    readonly nodes: readonly {
      readonly id: string;
      readonly name: string;
      readonly status: string;
      readonly progress: string;
      readonly volume: { readonly id: string; readonly snapshots: readonly { readonly id: string }[] };
      readonly project: { readonly name: string };
    }[];
  };
}

interface Changed {
  readonly updateVolumeSnapshot: {
    readonly volumeSnapshot: { readonly metadata: readonly { readonly key: string; readonly value: string }[] };
  };
}

const ONE = (fields: string) => `query ($id: ID!) { volumeSnapshot(id: $id) { ${fields} } }`;
const OF_VOLUME = 'query ($id: ID!) { volume(id: $id) { snapshots { id } } }';
const UPDATE = `mutation ($id: ID!, $input: UpdateVolumeSnapshotInput!) {
  updateVolumeSnapshot(id: $id, input: $input) { volumeSnapshot { name description metadata { key value } } }
}`;
const DELETE = `mutation ($id: ID!, $force: Boolean! = false) {
  deleteVolumeSnapshot(id: $id, force: $force) { id accepted }
}`;

const ALL = `query ($filter: VolumeSnapshotFilter, $allProjects: Boolean! = false) {
  volumeSnapshots(filter: $filter, allProjects: $allProjects) {
    nodes { id name status progress volume { id snapshots { id } } project { name } }
  }
}`;

let demo: DemoGateway;
let alice: Client;

beforeAll(async () => {
  demo = await startDemoGateway({ pace: 0 });
  alice = await demo.login(ALICE);
});

afterAll(() => demo.stop());

async function newVolume(name: string): Promise<string> {
  const id = await made(alice, 'createVolume', { size: 1, name });
  await demo.cloud.settled();
  return id;
}

async function newSnapshot(volumeId: string, input: object = {}): Promise<string> {
  const id = await made(alice, 'createVolumeSnapshot', { volumeId, ...input });
  await demo.cloud.settled();
  return id;
}

describe('a volume snapshot', () => {
  it('leads to its volume, and the volume back to it', async () => {
    const { nodes } = (await alice.ask<Snapshots>(ALL)).data.volumeSnapshots;
    expect(nodes.length).toBeGreaterThan(0);
    for (const { id, status, progress, volume, project } of nodes) {
      expect([status, progress, project.name]).toEqual(['AVAILABLE', '100%', 'demo-a']);
      expect(volume.snapshots.map((snapshot) => snapshot.id)).toEqual([id]);
    }
  });

  it('is found by its whole name, and by its volume', async () => {
    const [first] = (await alice.ask<Snapshots>(ALL)).data.volumeSnapshots.nodes;
    for (const filter of [{ name: first?.name }, { volumeId: first?.volume.id }]) {
      const found = await alice.ask<Snapshots>(ALL, { filter });
      expect(found.data.volumeSnapshots.nodes.map(({ id }) => id)).toEqual([first?.id]);
    }
    const none = await alice.ask<Snapshots>(ALL, { filter: { name: first?.name.slice(0, -1) } });
    expect(none.data.volumeSnapshots.nodes).toEqual([]);
  });

  it('is seen by its own project alone', async () => {
    const [first] = (await alice.ask<Snapshots>(ALL)).data.volumeSnapshots.nodes;
    const bob = await demo.login(BOB);
    const seen = await bob.ask<{ volumeSnapshot: null }>('query ($id: ID!) { volumeSnapshot(id: $id) { id } }', first);
    expect(seen.data.volumeSnapshot).toBeNull();
    const admin = await demo.login(ADMIN);
    const one = await admin.ask<{ volumeSnapshot: { id: string } }>(
      'query ($id: ID!) { volumeSnapshot(id: $id) { id } }',
      first,
    );
    expect(one.data.volumeSnapshot.id).toBe(first?.id);
  });
});

describe('createVolumeSnapshot', () => {
  it('makes one that is in the lists and at the volume that were cached before', async () => {
    const volumeId = await newVolume('saved');
    const list = '{ volumeSnapshots(filter: { name: "made" }) { nodes { id } } }';
    expect((await alice.ask(list)).data).toEqual({ volumeSnapshots: { nodes: [] } });
    expect((await alice.ask(OF_VOLUME, { id: volumeId })).data).toEqual({ volume: { snapshots: [] } });
    const metadata = [{ key: 'why', value: 'test' }];
    const id = await newSnapshot(volumeId, { name: 'made', description: 'all inputs', metadata, force: true });
    expect((await alice.ask(list)).data).toEqual({ volumeSnapshots: { nodes: [{ id }] } });
    expect((await alice.ask(OF_VOLUME, { id: volumeId })).data).toEqual({ volume: { snapshots: [{ id }] } });
    const fields = 'description size metadata { key value } volume { name } project { name }';
    expect((await alice.ask(ONE(fields), { id })).data).toEqual({
      volumeSnapshot: {
        description: 'all inputs',
        size: 1,
        metadata,
        volume: { name: 'saved' },
        project: { name: 'demo-a' },
      },
    });
  });

  it('does not mind that nobody forces it, nor that a server uses the volume', async () => {
    const volumeId = await idOf(alice, 'volumes', 'db-001-data');
    const id = await newSnapshot(volumeId, { force: false });
    expect((await alice.ask(ONE('name volume { status }'), { id })).data).toEqual({
      volumeSnapshot: { name: null, volume: { status: 'IN_USE' } },
    });
    await alice.ask(DELETE, { id });
    await demo.cloud.settled();
  });

  it('is the source of a volume, which remembers it when it is gone', async () => {
    const snapshotId = await newSnapshot(await newVolume('original'), { name: 'source' });
    const copy = await made(alice, 'createVolume', { name: 'copy', snapshotId });
    await demo.cloud.settled();
    const query = 'query ($id: ID!) { volume(id: $id) { size snapshotId snapshot { name } } }';
    expect((await alice.ask(query, { id: copy })).data).toEqual({
      volume: { size: 1, snapshotId, snapshot: { name: 'source' } },
    });
    await alice.ask(DELETE, { id: snapshotId });
    await demo.cloud.settled();
    expect((await alice.ask(query, { id: copy })).data).toEqual({ volume: { size: 1, snapshotId, snapshot: null } });
  });

  it('is refused to a reader, and of a volume that is not there or not theirs', async () => {
    const query =
      'mutation ($input: CreateVolumeSnapshotInput!) { createVolumeSnapshot(input: $input) { volumeSnapshot { id } } }';
    const input = { volumeId: await newVolume('guarded') };
    const byReader = await (await demo.login(READER)).tell(query, { input });
    expect(faultOf(byReader)).toMatchObject({ code: 'FORBIDDEN', service: 'block-storage', status: 403 });
    const byBob = await (await demo.login(BOB)).tell(query, { input });
    expect(faultOf(byBob)).toMatchObject({ code: 'NOT_FOUND', service: 'block-storage', status: 404 });
    const none = await alice.tell(query, { input: { volumeId: '00000000-0000-4000-8000-000000000000' } });
    expect(faultOf(none)).toMatchObject({ code: 'NOT_FOUND', service: 'block-storage', status: 404 });
  });
});

describe('updateVolumeSnapshot', () => {
  it('keeps what is absent and clears what is null', async () => {
    const given = { name: 'changing', description: 'before', metadata: [{ key: 'a', value: '1' }] };
    const id = await newSnapshot(await newVolume('described'), given);
    const change = async (input: object) => (await alice.ask(UPDATE, { id, input })).data;
    const shown = (row: object) => ({ updateVolumeSnapshot: { volumeSnapshot: row } });
    expect(await change({ name: 'changed' })).toEqual(shown({ ...given, name: 'changed' }));
    expect(await change({ description: null })).toEqual(shown({ ...given, name: 'changed', description: null }));
    expect((await alice.ask(ONE('name description'), { id })).data).toEqual({
      volumeSnapshot: { name: 'changed', description: null },
    });
  });

  it('adds, replaces, removes and clears metadata, by itself only', async () => {
    const id = await newSnapshot(await newVolume('tagged'), { metadata: [{ key: 'a', value: '1' }] });
    const change = async (input: object) => {
      const { data } = await alice.ask<Changed>(UPDATE, { id, input });
      return data.updateVolumeSnapshot.volumeSnapshot.metadata.map(({ key, value }) => `${key}=${value}`).sort();
    };
    expect(await change({ metadata: [{ key: 'b', value: '2' }] })).toEqual(['a=1', 'b=2']);
    expect(await change({ metadata: [{ key: 'c', value: '3' }], removeMetadata: ['a'] })).toEqual(['b=2', 'c=3']);
    expect(await change({ removeMetadata: ['b'] })).toEqual(['c=3']);
    const both = await alice.tell(UPDATE, { id, input: { name: 'both', metadata: null } });
    expect(faultOf(both)).toMatchObject({ code: 'BAD_USER_INPUT', argument: 'input' });
    expect((await alice.ask(ONE('name metadata { key }'), { id })).data).toEqual({
      volumeSnapshot: { name: null, metadata: [{ key: 'c' }] },
    });
    expect(await change({ metadata: null })).toEqual([]);
  });
});

describe('deleteVolumeSnapshot', () => {
  it('takes it from its volume, and leaves that free to go', async () => {
    const volumeId = await newVolume('freed');
    const id = await newSnapshot(volumeId);
    expect((await alice.ask(OF_VOLUME, { id: volumeId })).data).toEqual({ volume: { snapshots: [{ id }] } });
    const refused = await alice.tell('mutation ($id: ID!) { deleteVolume(id: $id) { id } }', { id: volumeId });
    expect(faultOf(refused)).toMatchObject({ code: 'CONFLICT', service: 'block-storage', status: 400 });
    expect((await alice.ask(DELETE, { id })).data).toMatchObject({ deleteVolumeSnapshot: { id } });
    await demo.cloud.settled();
    expect((await alice.ask(OF_VOLUME, { id: volumeId })).data).toEqual({ volume: { snapshots: [] } });
    await alice.ask('mutation ($id: ID!) { deleteVolume(id: $id) { id } }', { id: volumeId });
    expect(faultOf(await alice.tell(DELETE, { id }))).toMatchObject({ code: 'NOT_FOUND', argument: 'id' });
  });

  it('goes by force for an admin alone', async () => {
    const id = await newSnapshot(await newVolume('forced'));
    const refused = await alice.tell(DELETE, { id, force: true });
    expect(faultOf(refused)).toMatchObject({ code: 'FORBIDDEN', service: 'block-storage', status: 403 });
    expect((await alice.ask(ONE('status'), { id })).data).toEqual({ volumeSnapshot: { status: 'AVAILABLE' } });
    const admin = await demo.login(ADMIN);
    expect((await admin.ask(DELETE, { id, force: true })).data).toMatchObject({ deleteVolumeSnapshot: { id } });
    await demo.cloud.settled();
    expect((await alice.ask(ONE('id'), { id })).data).toEqual({ volumeSnapshot: null });
  });

  it('is done too by a volume that is deleted with its snapshots, though they were cached', async () => {
    const volumeId = await newVolume('whole');
    const id = await newSnapshot(volumeId, { name: 'whole-snap' });
    const list = '{ volumeSnapshots(filter: { name: "whole-snap" }) { nodes { id status } } }';
    const cached = { volumeSnapshots: { nodes: [{ id, status: 'AVAILABLE' }] } };
    expect((await alice.ask(list)).data).toEqual(cached);
    expect((await alice.ask(ONE('id'), { id })).data).toEqual({ volumeSnapshot: { id } });
    await alice.ask('mutation ($id: ID!) { deleteVolume(id: $id, cascade: true) { id } }', { id: volumeId });
    await demo.cloud.settled();
    expect((await alice.ask(ONE('id'), { id })).data).toEqual({ volumeSnapshot: null });
    expect((await alice.ask(list)).data).toEqual({ volumeSnapshots: { nodes: [] } });
  });
});

it('says while the cloud is still at it', async () => {
  const slow = await startDemoGateway({ pace: 1000 });
  try {
    const client = await slow.login(ALICE);
    const volumeId = await idOf(client, 'volumes', 'spare-3');
    const id = await made(client, 'createVolumeSnapshot', { volumeId });
    const { data } = await client.ask(ONE('status progress'), { id });
    expect(data).toEqual({ volumeSnapshot: { status: 'CREATING', progress: '0%' } });
    expect(faultOf(await client.tell(DELETE, { id }))).toMatchObject({ code: 'CONFLICT', status: 400 });
    const done = await idOf(client, 'volumeSnapshots', 'spare-1-snap');
    expect((await client.ask(DELETE, { id: done })).data).toEqual({
      deleteVolumeSnapshot: { id: done, accepted: true },
    });
    expect((await client.ask(ONE('status'), { id: done })).data).toEqual({ volumeSnapshot: { status: 'DELETING' } });
  } finally {
    await slow.stop();
  }
});

it('counts against the quota, and says so', async () => {
  const small = await startDemoGateway({ pace: 0, quotas: { snapshots: 2 } });
  try {
    const client = await small.login(ALICE);
    const answer = await client.tell(
      'mutation ($input: CreateVolumeSnapshotInput!) { createVolumeSnapshot(input: $input) { volumeSnapshot { id } } }',
      { input: { volumeId: await idOf(client, 'volumes', 'spare-3') } },
    );
    expect(faultOf(answer)).toMatchObject({ code: 'QUOTA_EXCEEDED', service: 'block-storage', status: 413 });
  } finally {
    await small.stop();
  }
});
