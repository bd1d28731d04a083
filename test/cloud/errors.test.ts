import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { ADMIN, ALICE, type Answer, Client } from '../support/client.js';
import {
  flavorId,
  imageId,
  make,
  makeNetwork,
  makeServer,
  makeVolume,
  publicNetworkId,
  reach,
} from './support/ground.js';
import { freshName, Litter } from './support/litter.js';
import { attempt, create } from './support/mutate.js';
import { Raw } from './support/openstack.js';
import { everybody, type People } from './support/people.js';
import { grant, makeProject } from './support/rooms.js';

const NOWHERE = '00000000-0000-4000-8000-00000000dead';
const REQUEST_ID = expect.stringMatching(/^req-/);

describe('what goes wrong, said in one way for all services', () => {
  const [first, second] = inject('replicas');
  let people: People;
  let raw: Raw;
  let admin: Raw;
  let litter: Litter;

  beforeAll(async () => {
    people = await everybody(first);
    raw = await Raw.login(ALICE);
    admin = await Raw.login(ADMIN);
    litter = new Litter(admin);
  });

  afterAll(() => litter.clear());

  /** The extensions of the only error. */
  function only(answer: Answer<unknown>): Readonly<Record<string, unknown>> {
    expect(answer.errors).toHaveLength(1);
    return answer.errors?.[0]?.extensions ?? {};
  }

  async function refusal(client: Client, mutation: string, selection: string, variables: object) {
    return only(await attempt(client, mutation, selection, variables as Readonly<Record<string, unknown>>));
  }

  describe('UNAUTHENTICATED', () => {
    it.each([
      ['no token', null],
      ['a malformed one', 'not-a-token'],
      ['one of another cloud', `gAAAAAB${'x'.repeat(170)}`],
    ])('%s gets nothing, and costs no call but the validation', async (_what, token) => {
      const answer = await new Client(first, token).tell('{ servers { nodes { id } } volumes { nodes { id } } }');
      expect(answer.status).toBe(401);
      expect(answer.data).toBeNull();
      expect(answer.errors?.map(({ extensions }) => extensions['code'])).toEqual([
        'UNAUTHENTICATED',
        'UNAUTHENTICATED',
      ]);
      expect(answer.extensions?.explain?.rest.every(({ service }) => service === 'identity')).toBe(true);
      expect(answer.extensions?.explain?.rest.length).toBeLessThanOrEqual(1);
    });

    it('a revoked token gets nothing', async () => {
      const client = await Client.login(first, ALICE);
      await attempt(client, 'revokeToken', 'revoked');
      const answer = await client.tell('{ networks { nodes { id } } }');
      expect(answer).toMatchObject({ status: 401, data: null });
      expect(only(answer)).toMatchObject({ code: 'UNAUTHENTICATED', service: 'identity' });
    });
  });

  describe('FORBIDDEN', () => {
    it("is a reader's write", async () => {
      const network = await refusal(people.reader, 'createNetwork', 'network { id }', { input: { name: 'no' } });
      expect(network).toMatchObject({ code: 'FORBIDDEN', service: 'network', status: 403, requestId: REQUEST_ID });
      const volume = await refusal(people.reader, 'createVolume', 'volume { id }', { input: { name: 'no', size: 1 } });
      expect(volume).toMatchObject({ code: 'FORBIDDEN', service: 'block-storage', status: 403, requestId: REQUEST_ID });
    });

    it("is a member's wish for the servers of all projects; the rest of the answer is there", async () => {
      const answer = await people.alice.tell<{ servers: null; networks: { nodes: unknown[] } }>(
        '{ servers(allProjects: true) { nodes { id } } networks { nodes { id } } }',
      );
      expect(only(answer)).toMatchObject({ code: 'FORBIDDEN', service: 'compute', status: 403, requestId: REQUEST_ID });
      expect(answer.errors?.[0]?.path).toEqual(['servers']);
      expect(answer.status).toBe(200);
      expect(answer.data.servers).toBeNull();
      expect(answer.data.networks.nodes.length).toBeGreaterThan(0);
    });

    it('of a relation is null with a note, however many rows asked for it', async () => {
      const id = await publicNetworkId(raw);
      const { data, extensions } = await people.alice.ask<{ network: object }>(
        `{ network(id: "${id}") { name project { id } } }`,
      );
      expect(data.network).toEqual({ name: 'public', project: null });
      const note = { field: 'Network.project', service: 'identity', status: 403, requestId: REQUEST_ID, rows: 1 };
      expect(extensions?.refused).toEqual([expect.objectContaining(note)]);
    });
  });

  it('NOT_FOUND is a write on what is not there; a query says null', async () => {
    const missing = await refusal(people.alice, 'updateNetwork', 'network { id }', {
      id: NOWHERE,
      input: { name: 'x' },
    });
    expect(missing).toMatchObject({ code: 'NOT_FOUND', service: 'network', status: 404, argument: 'id' });
    const named = await refusal(people.alice, 'createPort', 'port { id }', { input: { networkId: NOWHERE } });
    expect(named).toMatchObject({ code: 'NOT_FOUND', service: 'network', status: 404, requestId: REQUEST_ID });
    const { data } = await people.alice.ask(
      `{ server(id: "${NOWHERE}") { id } network(id: "${NOWHERE}") { id } image(id: "${NOWHERE}") { id } volume(id: "${NOWHERE}") { id } }`,
    );
    expect(data).toEqual({ server: null, network: null, image: null, volume: null });
  });

  describe('CONFLICT', () => {
    it('is a network in use, with everything that Neutron says', async () => {
      const network = await makeNetwork(raw, litter);
      await make(raw, litter, 'network', '/ports', 'port', { network_id: network });
      const answer = await refusal(people.alice, 'deleteNetwork', 'id', { id: network });
      expect(answer).toMatchObject({ code: 'CONFLICT', service: 'network', status: 409, requestId: REQUEST_ID });
    });

    it('is a volume that is attached already, or in use when it is to go', async () => {
      const network = await makeNetwork(raw, litter);
      const volume = await makeVolume(raw, litter);
      const server = await makeServer(raw, litter, network);
      const input = { serverId: server, volumeId: volume };
      expect((await attempt(people.alice, 'attachVolume', 'device', { input })).errors).toBeUndefined();
      await reach(raw, 'block-storage', `/volumes/${volume}`, 'volume', 'in-use');
      const again = await refusal(people.alice, 'attachVolume', 'device', { input });
      expect(again).toMatchObject({ service: 'compute', requestId: REQUEST_ID });
      expect(['CONFLICT', 'BAD_USER_INPUT']).toContain(again['code']);
      const gone = await refusal(people.alice, 'deleteVolume', 'id', { id: volume });
      expect(gone).toMatchObject({ code: 'CONFLICT', service: 'block-storage', status: 400, requestId: REQUEST_ID });
    });
  });

  it.each([
    ['an id that is none', '{ server(id: "../flavors") { id } }', 'id'],
    ['first too small', '{ servers(first: 0) { nodes { id } } }', 'first'],
    ['first too large', '{ volumes(first: 1001) { nodes { id } } }', 'first'],
    ['a cursor that is none', '{ ports(after: "rubbish") { nodes { id } } }', 'after'],
    ['a region that is none', '{ networks(region: "Atlantis") { nodes { id } } }', 'region'],
    ['a filter without values', '{ networks(filter: { id: [] }) { nodes { id } } }', 'filter.id'],
  ])('BAD_USER_INPUT is %s, and names it; the rest of the answer is there', async (_what, query, argument) => {
    const answer = await people.alice.tell<{ me: unknown }>(query.replace('{', '{ me { user { name } } '));
    expect(only(answer)).toMatchObject({ code: 'BAD_USER_INPUT', argument });
    expect(answer.data.me).toEqual({ user: { name: 'alice' } });
  });

  it("BAD_USER_INPUT is also what a service's own check refuses, with its request id", async () => {
    const input = { networkId: await makeNetwork(raw, litter), ipVersion: 4, cidr: 'not-a-cidr' };
    const answer = await refusal(people.alice, 'createSubnet', 'subnet { id }', { input });
    expect(answer).toMatchObject({ code: 'BAD_USER_INPUT', service: 'network', status: 400, requestId: REQUEST_ID });
  });

  it('an unknown filter or field never reaches a resolver', async () => {
    const answer = await people.alice.tell('{ servers(filter: { colour: "red" }) { nodes { id } } }');
    expect(answer.status).toBe(400);
    expect(only(answer)).toEqual({ code: 'GRAPHQL_VALIDATION_FAILED' });
  });

  describe('QUOTA_EXCEEDED', () => {
    it("is Cinder's 413", async () => {
      const input = { name: freshName('huge'), size: 2_000_000 };
      const answer = await refusal(people.alice, 'createVolume', 'volume { id }', { input });
      expect(answer).toMatchObject({
        code: 'QUOTA_EXCEEDED',
        service: 'block-storage',
        status: 413,
        requestId: REQUEST_ID,
      });
    });

    it("is Neutron's 409 and Nova's 403, in a project without room", async () => {
      const project = await makeProject(admin, litter);
      const { data } = await people.alice.ask<{ me: { user: { id: string } } }>('{ me { user { id } } }');
      await grant(admin, data.me.user.id, project.id, 'member');
      await admin.call('PUT', 'network', `/quotas/${project.id}`, { quota: { network: 0 } });
      await admin.call('PUT', 'compute', `/os-quota-sets/${project.id}`, { quota_set: { instances: 0 } });
      try {
        const cramped = await Client.login(first, { name: 'alice', project: project.name });
        const network = await refusal(cramped, 'createNetwork', 'network { id }', { input: { name: 'no' } });
        expect(network).toMatchObject({
          code: 'QUOTA_EXCEEDED',
          service: 'network',
          status: 409,
          requestId: REQUEST_ID,
        });
        const [flavor, image] = await Promise.all([flavorId(raw), imageId(raw)]);
        const input = { name: 'no', flavorId: flavor, imageId: image, networkAllocation: 'NONE' };
        const server = await refusal(cramped, 'createServer', 'server { id }', { input });
        expect(server).toMatchObject({
          code: 'QUOTA_EXCEEDED',
          service: 'compute',
          status: 403,
          requestId: REQUEST_ID,
        });
      } finally {
        await admin.call('DELETE', 'network', `/quotas/${project.id}`);
        await admin.call('DELETE', 'compute', `/os-quota-sets/${project.id}`);
        for (const { id } of await admin.rows(
          'network',
          `/security-groups?project_id=${project.id}`,
          'security_groups',
        ))
          litter.add('network', '/security-groups', id);
      }
    });
  });

  it('RATE_LIMITED are log-ins of one user that keep failing, and says for how long', async () => {
    const password = { username: freshName('guesser'), password: 'guess', userDomainName: 'Default' };
    const codes: unknown[] = [];
    let last: Readonly<Record<string, unknown>> = {};
    for (let guess = 0; guess < 11; guess += 1) {
      last = await refusal(new Client(second, null), 'issueToken', 'token', { input: { password } });
      codes.push(last['code']);
    }
    expect(codes).toEqual([...Array.from({ length: 10 }, () => 'UNAUTHENTICATED'), 'RATE_LIMITED']);
    expect(last['retryAfter']).toBeGreaterThan(0);
    expect(await Client.login(second, ALICE)).toBeInstanceOf(Client);
  });

  it('a mutation that fails leaves the ones before it done and the ones after it to be done', async () => {
    const [one, two] = [freshName('one'), freshName('two')];
    const answer = await people.alice.tell<Record<string, { network: { id: string; name: string } } | null>>(
      `mutation ($one: String, $two: String) {
        one: createNetwork(input: { name: $one }) { network { id name } }
        bad: createPort(input: { networkId: "${NOWHERE}" }) { port { id } }
        two: createNetwork(input: { name: $two }) { network { id name } }
      }`,
      { one, two },
    );
    for (const name of ['one', 'two']) litter.add('network', '/networks', answer.data[name]?.network.id ?? NOWHERE);
    expect(only(answer)).toMatchObject({ code: 'NOT_FOUND', service: 'network' });
    expect(answer.errors?.[0]?.path).toEqual(['bad']);
    expect(answer.data).toMatchObject({ one: { network: { name: one } }, bad: null, two: { network: { name: two } } });
  });

  it('an unscoped token knows itself and its projects; what needs a project says so', async () => {
    const client = await Client.login(first, { name: 'alice', project: null });
    const answer = await client.tell<{ me: { project: null; projects: { name: string }[] }; servers: null }>(
      '{ me { user { name } project { id } projects { name } } servers { nodes { id } } networks { nodes { id } } }',
    );
    expect(answer.data.me).toMatchObject({ user: { name: 'alice' }, project: null });
    expect(answer.data.me.projects.map(({ name }) => name)).toContain('demo-a');
    expect(answer.data).toMatchObject({ servers: null, networks: null });
    expect(answer.errors?.map(({ extensions }) => extensions['code'])).toEqual(['UNSUPPORTED', 'UNSUPPORTED']);
    const created = await create(people.alice, { type: 'Network', one: 'network' }, { name: freshName('mine') });
    litter.add('network', '/networks', created);
    const denied = await attempt(client, 'deleteNetwork', 'id', { id: created });
    expect(only(denied)).toMatchObject({ code: 'UNSUPPORTED', service: 'network' });
  });
});
