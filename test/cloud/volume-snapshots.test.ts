import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { ALICE, BOB, Client } from '../support/client.js';
import { makeVolume, reach } from './support/ground.js';
import { freshName, Litter } from './support/litter.js';
import { mutate } from './support/mutate.js';
import { Raw } from './support/openstack.js';
import { until } from './support/until.js';

interface Snapshot {
  readonly id: string;
  readonly name: string;
  readonly description: string | null;
  readonly metadata: readonly { readonly key: string; readonly value: string }[];
  readonly volume: { readonly id: string; readonly snapshots: readonly { readonly id: string }[] };
}

const FIELDS = 'id name description metadata { key value } volume { id snapshots { id } }';
const SEEN = 'query ($id: ID!) { volumeSnapshot(id: $id) { id name description metadata { key value } } }';

describe('volume snapshots on the real Cinder', () => {
  const [here, there] = inject('replicas');
  let alice: Client;
  let raw: Raw;
  let litter: Litter;
  let volumeId: string;

  beforeAll(async () => {
    alice = await Client.login(here, ALICE);
    raw = await Raw.login(ALICE);
    litter = new Litter(await Raw.login({ name: 'admin', project: 'demo-a' }));
    volumeId = await makeVolume(raw, litter);
  });

  afterAll(() => litter.clear());

  const elsewhere = async (id: string) =>
    (await alice.at(there).ask<{ volumeSnapshot: Snapshot | null }>(SEEN, { id })).data.volumeSnapshot;

  it('are made, changed and deleted, and the other replica follows each step', async () => {
    const input = {
      volumeId,
      name: freshName('snapshot'),
      description: 'first',
      metadata: [{ key: 'one', value: '1' }],
    };
    const made = await mutate<{ volumeSnapshot: Snapshot }>(
      alice,
      'createVolumeSnapshot',
      `volumeSnapshot { ${FIELDS} }`,
      { input },
    );
    const { id, volume, ...rest } = made.volumeSnapshot;
    litter.add('block-storage', '/snapshots', id);
    expect(rest).toEqual({ name: input.name, description: 'first', metadata: input.metadata });
    expect(volume).toEqual({ id: volumeId, snapshots: [{ id }] });
    await reach(raw, 'block-storage', `/snapshots/${id}`, 'snapshot', 'available');
    expect(await elsewhere(id)).toMatchObject({ name: input.name });

    const renamed = freshName('snapshot');
    const change = { id, input: { name: renamed, description: null } };
    await mutate(alice, 'updateVolumeSnapshot', 'volumeSnapshot { id }', change);
    expect(await elsewhere(id)).toMatchObject({ name: renamed, description: null, metadata: input.metadata });

    await mutate(alice, 'deleteVolumeSnapshot', 'id accepted', { id });
    await until('the snapshot to be gone', async () => ((await elsewhere(id)) === null ? true : null));
    expect((await raw.call('GET', 'block-storage', `/snapshots/${id}`)).status).toBe(404);
  });

  it('are nothing to bob', async () => {
    const bob = await Client.login(there, BOB);
    const own = await raw.rows('block-storage', '/snapshots', 'snapshots');
    expect(own.length).toBeGreaterThan(0);
    for (const { id } of own) {
      const { data } = await bob.ask<{ volumeSnapshot: Snapshot | null }>(SEEN, { id });
      expect(data.volumeSnapshot).toBeNull();
    }
  });
});
