import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { ADMIN, ALICE, BOB, Client } from '../support/client.js';
import {
  flavorId,
  imageId,
  make,
  makeNetwork,
  makeServer,
  makeVolume,
  publicNetworkId,
  reach,
  routedNetworkId,
} from './support/ground.js';
import { type Kind, kindsOn, shown } from './support/kinds.js';
import { freshName, Litter } from './support/litter.js';
import { create, mutate, remove, update } from './support/mutate.js';
import { Raw } from './support/openstack.js';
import { elsewhere, everybody, type People } from './support/people.js';
import { until } from './support/until.js';
import { type Seen, Watch } from './support/watch.js';

const ROUNDS = 6;

describe('what a mutation at one replica changed is what the next query at the other shows', () => {
  const [first, second] = inject('replicas');
  let people: People;
  let there: People;
  let raw: Raw;
  let litter: Litter;
  let network: string;
  let kinds: Readonly<Record<string, Kind>>;

  beforeAll(async () => {
    people = await everybody(first);
    there = elsewhere(people, second);
    raw = await Raw.login(ALICE);
    litter = new Litter(await Raw.login(ADMIN));
    network = await makeNetwork(raw, litter);
    const group = await make(raw, litter, 'network', '/security-groups', 'security_group', {
      name: freshName('group'),
    });
    kinds = kindsOn({ network, group, publicNetwork: await publicNetworkId(raw) });
  });

  afterAll(() => litter.clear());

  function kindOf(type: string): Kind {
    const kind = kinds[type];
    if (!kind) throw new Error(`expected a kind of ${type}`);
    return kind;
  }

  it.each(['Network', 'Subnet', 'Port', 'FloatingIp', 'SecurityGroup', 'SecurityGroupRule'])(
    '%s: made, changed and deleted, every time',
    async (type) => {
      const kind = kindOf(type);
      const watch = new Watch(there, kind);
      await watch.lists();
      for (let round = 0; round < ROUNDS; round += 1) {
        const input = kind.input(round);
        const id = litter.add(kind.service, kind.path, await create(people.alice, kind, input));
        await watch.seen(id, { id, ...shown(kind, input) });
        if (kind.change) {
          const change = kind.change(round);
          await update(people.alice, kind, id, change);
          await watch.seen(id, { id, ...shown(kind, change) });
        }
        await remove(people.alice, kind, id);
        await watch.gone(id);
      }
      watch.expectCached();
    },
  );

  it('volumes: made, changed and deleted, every time', async () => {
    const kind = kindOf('Volume');
    const watch = new Watch(there, kind);
    await watch.lists();
    for (let round = 0; round < ROUNDS; round += 1) {
      const input = kind.input(round);
      const id = litter.add(kind.service, kind.path, await create(people.alice, kind, input));
      await watch.seen(id, { id, ...shown(kind, input) });
      await reach(raw, 'block-storage', `/volumes/${id}`, 'volume', 'available');
      const change = kind.change?.(round) ?? {};
      await update(people.alice, kind, id, change);
      await watch.seen(id, { id, ...shown(kind, change) });
      await remove(people.alice, kind, id);
      await watch.every(id, (row) => row === null || row['status'] === 'DELETING', 'gone or going');
    }
    watch.expectCached();
  });

  it('rules of a security group, seen from their group', async () => {
    const group = kindOf('SecurityGroup');
    const rule = kindOf('SecurityGroupRule');
    const id = litter.add('network', group.path, await create(people.alice, group, { name: freshName('group') }));
    const watch = new Watch(there, { ...group, fields: 'id rules { id }' });
    for (let round = 0; round < ROUNDS; round += 1) {
      await watch.seen(id, { id });
      const made = await create(people.alice, rule, { ...rule.input(round), securityGroupId: id });
      await watch.every(id, (row) => ids(row, 'rules').includes(made), 'to have the new rule');
      await remove(people.alice, rule, made);
      await watch.every(id, (row) => !ids(row, 'rules').includes(made), 'without the deleted rule');
    }
    watch.expectCached();
  });

  describe('servers', () => {
    const prefix = freshName('watched');
    const one = { type: 'Server', one: 'server' };
    const watched = {
      one: 'server',
      many: `servers(first: 1000, filter: { nameMatches: "${prefix}" })`,
      fields: 'id name status taskState volumesAttached { volumeId }',
    };
    let server: string;

    beforeAll(async () => {
      server = await makeServer(raw, litter, network);
    });

    it('made, renamed and deleted, every time', async () => {
      const watch = new Watch(there, watched);
      const [flavor, image] = await Promise.all([flavorId(raw), imageId(raw)]);
      await watch.lists();
      for (let round = 0; round < 3; round += 1) {
        const name = `${prefix}-${round}`;
        const input = { name, flavorId: flavor, imageId: image, networks: [{ networkId: network }] };
        const id = litter.add('compute', '/servers', await create(people.alice, one, input));
        await watch.seen(id, { id, name });
        await reach(raw, 'compute', `/servers/${id}`, 'server', 'ACTIVE');
        for (let change = 0; change < 4; change += 1) {
          await update(people.alice, one, id, { name: `${name}-${change}` });
          await watch.seen(id, { id, name: `${name}-${change}` });
        }
        await remove(people.alice, one, id);
        await watch.every(id, isGoing, 'gone or going');
      }
      watch.expectCached();
    });

    it('stopped and started, every time', async () => {
      const watch = new Watch(there, {
        ...watched,
        many: `servers(first: 1000, filter: { ipAddressMatches: "10.77." })`,
      });
      const does = (mutation: string) => mutate(people.alice, mutation, 'server { id }', { id: server });
      for (let round = 0; round < 2; round += 1) {
        await watch.seen(server, { id: server, status: 'ACTIVE' });
        await does('stopServer');
        await watch.every(server, (row) => isAfter(row, 'powering-off', 'SHUTOFF'), 'stopping or stopped');
        await reach(raw, 'compute', `/servers/${server}`, 'server', 'SHUTOFF');
        await does('startServer');
        await watch.every(server, (row) => isAfter(row, 'powering-on', 'ACTIVE'), 'starting or started');
        await watch.settles(server, (row) => row?.['status'] === 'ACTIVE' && row['taskState'] === null, 'ACTIVE');
      }
      watch.expectCached();
    });

    it('get and lose a volume, every time, seen from both ends', async () => {
      const volume = await makeVolume(raw, litter);
      const fromServer = new Watch(there, {
        ...watched,
        many: 'servers(first: 1000, filter: { ipAddressMatches: "10.77." })',
        fields: 'id volumesAttached { volumeId } volumes { id }',
      });
      const fromVolume = new Watch(there, {
        one: 'volume',
        many: 'volumes(first: 1000)',
        fields: 'id status attachments { serverId }',
      });
      for (let round = 0; round < 2; round += 1) {
        await fromServer.seen(server, { id: server, volumes: [] });
        await fromVolume.seen(volume, { id: volume, status: 'AVAILABLE' });
        const input = { serverId: server, volumeId: volume };
        await mutate(people.alice, 'attachVolume', 'device server { id } volume { id status }', { input });
        await Promise.all([
          fromServer.every(server, (row) => ids(row, 'volumes').includes(volume), 'to have the volume'),
          fromVolume.every(volume, (row) => row?.['status'] !== 'AVAILABLE', 'no longer available'),
        ]);
        await fromVolume.settles(volume, (row) => row?.['status'] === 'IN_USE', 'in use');
        await mutate(people.alice, 'detachVolume', 'server { id } volume { id }', input);
        await fromVolume.every(volume, (row) => row?.['status'] !== 'IN_USE', 'no longer in use');
        await fromServer.settles(server, (row) => ids(row, 'volumes').length === 0, 'without the volume');
        await fromVolume.settles(volume, (row) => row?.['status'] === 'AVAILABLE', 'available');
      }
    });

    it('take their port along when they go, let go of floating IP and volume, and nothing of that stays in a cache', async () => {
      const { alice } = people;
      const [volume, floating] = [await makeVolume(raw, litter), kindOf('FloatingIp')];
      const doomed = await makeServer(raw, litter, await routedNetworkId(raw));
      const [port] = await raw.rows('network', `/ports?device_id=${doomed}`, 'ports');
      const ip = litter.add('network', floating.path, await create(alice, floating, floating.input(0)));
      await update(alice, floating, ip, { portId: port?.id });
      await mutate(alice, 'attachVolume', 'device', { input: { serverId: doomed, volumeId: volume } });
      await reach(raw, 'block-storage', `/volumes/${volume}`, 'volume', 'in-use');
      const query = `{
        server(id: "${doomed}") { id taskState ports { id } volumes { id } }
        port(id: "${port?.id}") { id deviceId }
        floatingIp(id: "${ip}") { id portId }
        volume(id: "${volume}") { id status attachments { serverId } }
      }`;
      const look = async () => (await there.reader.ask<Readonly<Record<string, Seen | null>>>(query)).data;
      expect(await look()).toMatchObject({
        server: { id: doomed },
        port: { deviceId: doomed },
        floatingIp: { portId: port?.id },
      });
      await remove(alice, one, doomed);
      expect((await look())['server']).toSatisfy(isGoing);
      await until('Nova to have deleted it', async () => {
        const { status } = await raw.call('GET', 'compute', `/servers/${doomed}`);
        return status === 404 ? true : null;
      });
      await reach(raw, 'block-storage', `/volumes/${volume}`, 'volume', 'available');
      await until(
        'its traces to be gone at the other replica',
        async () => {
          const { server: row, port: left, floatingIp: loose, volume: freed } = await look();
          const isLoose = left === null && loose?.['portId'] === null;
          return row === null && isLoose && freed?.['status'] === 'AVAILABLE' ? true : null;
        },
        10,
      );
    });
  });

  it("an admin's change of another project's row reaches that project, and nobody else", async () => {
    const bobs = await Raw.login(BOB);
    const id = await make(bobs, litter, 'network', '/networks', 'network', { name: freshName('bobs') });
    const query = `{ network(id: "${id}") { id name } networks(first: 1000) { nodes { id name } } }`;
    interface Look {
      readonly network: Seen | null;
      readonly networks: { readonly nodes: readonly Seen[] };
    }
    const look = async (client: Client) => {
      const { data } = await client.ask<Look>(query);
      return {
        row: data.network?.['name'] ?? null,
        listed: data.networks.nodes.find((one) => one.id === id)?.['name'],
      };
    };
    const everywhere = await Client.login(first, ADMIN);
    await look(there.bob);
    for (let round = 0; round < ROUNDS; round += 1) {
      const name = freshName('renamed');
      await update(everywhere, kindOf('Network'), id, { name });
      expect.soft(await look(there.bob)).toEqual({ row: name, listed: name });
      expect.soft(await look(there.admin)).toEqual({ row: name, listed: undefined });
      expect.soft(await look(there.alice)).toEqual({ row: null, listed: undefined });
    }
    await remove(everywhere, kindOf('Network'), id);
    expect(await look(there.bob)).toEqual({ row: null, listed: undefined });
  });
});

function ids(row: Seen | null, name: string): readonly unknown[] {
  const rows = row?.[name];
  return Array.isArray(rows) ? rows.map((one: Seen) => one.id) : [];
}

function isGoing(row: Seen | null): boolean {
  return row === null || row['taskState'] === 'deleting' || row['status'] === 'DELETED';
}

/** What an action has begun, or already ended: never the state before it. */
function isAfter(row: Seen | null, taskState: string, status: string): boolean {
  return row?.['taskState'] === taskState || row?.['status'] === status;
}
