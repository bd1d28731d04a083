import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ADMIN, ALICE, BOB, type Client, type DemoGateway, startDemoGateway } from '../support/demo-gateway.js';
import { faultOf, idOf, made, restCalls } from '../support/rest-calls.js';

const ONE = (fields: string) => `query ($id: ID!) { image(id: $id) { ${fields} } }`;
const NOTHING = '00000000-0000-4000-8000-000000000000';

interface Images {
  readonly images: { readonly nodes: readonly { readonly name: string; readonly servers?: readonly object[] }[] };
}

let demo: DemoGateway;
let alice: Client;
let serverId: string;
let baseImageId: string;
/** What Nova makes of a server: an image with properties that point at server and base. */
let snapshot: string;
let odd: string;

beforeAll(async () => {
  demo = await startDemoGateway({ pace: 0 });
  alice = await demo.login(ALICE);
  [serverId, baseImageId] = await Promise.all([idOf(alice, 'servers', 'web-001'), idOf(alice, 'images', 'debian-12')]);
  const from = { instance_uuid: serverId, base_image_ref: baseImageId, image_type: 'snapshot', hw_disk_bus: 'virtio' };
  snapshot = await upload({ name: 'snapshot', visibility: 'private', tags: ['nightly', 'web'], min_disk: 7, ...from });
  odd = await upload({ name: 'odd', base_image_ref: 'not-an-id', instance_uuid: NOTHING, description: 'by hand' });
  await upload({ name: 'a "quoted", one: odd', container_format: 'bare', disk_format: 'iso', protected: true });
});

afterAll(() => demo.stop());

/** The schema has no mutation for images yet. */
async function upload(image: object): Promise<string> {
  const headers = { 'content-type': 'application/json', 'x-auth-token': alice.token ?? '' };
  const url = `${demo.cloud.url}/image/v2/images`;
  const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(image) });
  return ((await response.json()) as { readonly id: string }).id;
}

describe('an image', () => {
  it('shows known properties as fields and all others, and nothing else, as properties', async () => {
    const fields =
      'status statusText visibility size minDisk osDistro osVersion stores description properties { key value }';
    const seeded = await alice.ask(ONE(fields), { id: baseImageId });
    expect(seeded.data).toEqual({
      image: {
        status: 'ACTIVE',
        statusText: 'active',
        visibility: 'PUBLIC',
        size: 1048580,
        minDisk: 0,
        osDistro: 'debian',
        osVersion: '12',
        stores: ['local'],
        description: null,
        properties: [],
      },
    });
    const own = await alice.ask(ONE(fields), { id: snapshot });
    expect(own.data).toMatchObject({
      image: {
        status: 'QUEUED',
        visibility: 'PRIVATE',
        size: null,
        minDisk: 7,
        stores: null,
        properties: [
          { key: 'image_type', value: 'snapshot' },
          { key: 'hw_disk_bus', value: 'virtio' },
        ],
      },
    });
  });

  it('leads to the server and the image that it was made from', async () => {
    const { data } = await alice.ask(ONE('serverId server { name } baseImageId baseImage { name }'), { id: snapshot });
    expect(data).toEqual({
      image: { serverId, server: { name: 'web-001' }, baseImageId, baseImage: { name: 'debian-12' } },
    });
  });

  it('leads nowhere where its owner wrote what is no id, or the id of nothing', async () => {
    const answer = await alice.ask(ONE('description serverId server { name } baseImageId baseImage { name }'), {
      id: odd,
    });
    expect(answer.data).toEqual({
      image: { description: 'by hand', serverId: NOTHING, server: null, baseImageId: 'not-an-id', baseImage: null },
    });
    expect(restCalls(answer).filter((call) => call.includes('not-an-id'))).toEqual([]);
  });

  it("that is private is nobody else's", async () => {
    const bob = await demo.login(BOB);
    expect((await bob.ask(ONE('name'), { id: snapshot })).data).toEqual({ image: null });
    const { data } = await bob.ask<Images>('{ images { nodes { name } } }');
    expect(data.images.nodes.map(({ name }) => name).sort()).toEqual(['cirros-0.6.2', 'debian-12', 'ubuntu-22.04']);
  });

  it('of the cloud has a project that a member may not read, said once for all rows', async () => {
    const answer = await alice.ask('{ images(filter: { visibility: PUBLIC }) { nodes { project { name } } } }');
    expect(answer.data).toEqual({ images: { nodes: [{ project: null }, { project: null }, { project: null }] } });
    expect(answer.extensions?.refused).toMatchObject([{ field: 'Image.project', status: 403, rows: 3 }]);
    const admin = await demo.login(ADMIN);
    const told = await admin.ask(ONE('project { name }'), { id: baseImageId });
    expect(told.data).toEqual({ image: { project: { name: 'admin' } } });
  });
});

describe("an image's servers", () => {
  const QUERY = '{ images(filter: { visibility: PUBLIC }) { nodes { name servers { imageId image { name } } } } }';

  it('cost a call per image and are those that were made from it', async () => {
    const answer = await alice.ask<Images>(QUERY, {}, { 'cache-control': 'no-cache' });
    expect(restCalls(answer)).toEqual(['GET /images', ...Array.from({ length: 3 }, () => 'GET /servers/detail')]);
    for (const { name, servers = [] } of answer.data.images.nodes) {
      expect(servers.length).toBeGreaterThan(0);
      expect(servers.every((server) => JSON.stringify(server).includes(`"name":"${name}"`))).toBe(true);
    }
  });

  it('do not count those that boot from a volume made from it', async () => {
    const query = ONE('servers { name }');
    const before = (await alice.ask(query, { id: baseImageId })).data;
    const volumeId = await made(alice, 'createVolume', { name: 'root', size: 1, imageId: baseImageId });
    await demo.cloud.settled();
    await made(alice, 'createServer', {
      name: 'from-volume',
      flavorId: await idOf(alice, 'flavors', 'm1.tiny'),
      networkAllocation: 'NONE',
      blockDevices: [{ sourceType: 'VOLUME', sourceId: volumeId }],
    });
    await demo.cloud.settled();
    expect((await alice.ask(query, { id: baseImageId })).data).toEqual(before);
  });
});

describe('images(filter)', () => {
  async function names(filter: object): Promise<readonly string[]> {
    const query = 'query ($filter: ImageFilter) { images(filter: $filter) { nodes { name } } }';
    const { data } = await alice.ask<Images>(query, { filter });
    return data.images.nodes.map(({ name }) => name).sort();
  }

  it('refuses half a character, which no address can hold, as a key and as a value', async () => {
    const query = 'query ($filter: ImageFilter) { images(filter: $filter) { nodes { id } } }';
    for (const [key, value] of [
      ['x\ud800', 'y'],
      ['x', '\udc00y'],
    ]) {
      const { errors } = await alice.tell(query, { filter: { properties: [{ key, value }] } });
      expect(errors?.[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT' });
      expect(errors?.[0]?.message).toContain('expected text of whole characters');
    }
  });

  it('takes visibility, owner, tags, sizes and protection', async () => {
    expect(await names({ visibility: 'PRIVATE' })).toEqual(['snapshot']);
    expect(await names({ tags: ['nightly'] })).toEqual(['snapshot']);
    expect(await names({ tags: ['web', 'nightly'] })).toEqual(['snapshot']);
    expect(await names({ tags: ['nightly', 'other'] })).toEqual([]);
    expect(await names({ sizeMin: 1048581 })).toEqual([]);
    expect(await names({ sizeMin: 1, sizeMax: 1048580 })).toHaveLength(3);
    expect(await names({ protected: true })).toEqual(['a "quoted", one: odd']);
    expect(await names({ minDisk: 7 })).toEqual(['snapshot']);
  });

  it('takes a name in its letters, any of several states and formats, and a span of time', async () => {
    expect(await names({ name: 'debian-12' })).toEqual(['debian-12']);
    expect(await names({ name: 'DEBIAN-12' })).toEqual([]);
    expect(await names({ name: 'a "quoted", one: odd' })).toEqual(['a "quoted", one: odd']);
    expect(await names({ status: ['QUEUED'] })).toContain('snapshot');
    expect(await names({ status: ['QUEUED'] })).not.toContain('debian-12');
    expect(await names({ status: ['QUEUED', 'ACTIVE'] })).toEqual(await names({}));
    expect(await names({ diskFormat: ['iso', 'vmdk'] })).toEqual(['a "quoted", one: odd']);
    expect(await names({ diskFormat: ['qcow2', 'iso'], containerFormat: ['bare'] })).toHaveLength(4);
    expect(await names({ createdAt: { before: '2026-01-05T08:00:01Z' } })).toEqual(['cirros-0.6.2']);
    expect(await names({ createdAt: { since: '2026-01-05T08:00:01Z', before: '2026-01-05T08:00:02Z' } })).toEqual([
      'debian-12',
    ]);
  });

  it('takes properties, but not the names of fields and parameters for them', async () => {
    expect(await names({ properties: [{ key: 'os_distro', value: 'debian' }] })).toEqual(['debian-12']);
    expect(await names({ properties: [{ key: 'hw_disk_bus', value: 'VIRTIO' }] })).toEqual([]);
    const query = '{ images(filter: { properties: [{ key: "limit", value: "1" }] }) { nodes { id } } }';
    const answer = await alice.tell(query);
    expect(faultOf(answer)).toMatchObject({ code: 'BAD_USER_INPUT', argument: 'filter.properties' });
    expect(restCalls(answer)).toEqual([]);
  });
});
