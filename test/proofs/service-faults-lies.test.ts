import { afterAll, describe, expect, it } from 'vitest';
import { ALICE } from '../support/client.js';
import { faultOf, idOf } from '../support/rest-calls.js';
import { openBlackHole } from './service-faults/black-hole.js';
import { REQUEST_ID } from './service-faults/faults.js';
import { Lanes } from './service-faults/lanes.js';
import { askPage, SERVICES, type ServiceName, without } from './service-faults/page.js';
import { type Exchange, type Misbehaviour, send } from './service-faults/proxy.js';
import { DEADLINE, startSetting } from './service-faults/setting.js';
import { sized } from './support/sized.js';

const lanes = new Lanes();
const hurried = { limits: { readDeadline: DEADLINE, writeDeadline: DEADLINE } };
const hurriedLanes = new Lanes(hurried);

afterAll(() => Promise.all([lanes.stop(), hurriedLanes.stop()]));

type Json = Record<string, unknown>;

/** The cloud's own answer with something in its body changed, under a request id that can be told. */
function altered(change: (body: Json, exchange: Exchange) => unknown): Misbehaviour {
  return async (exchange) => {
    const answer = await exchange.pass();
    const body = change(JSON.parse(answer.body.toString()) as Json, exchange);
    const headers = { ...answer.headers, 'x-openstack-request-id': REQUEST_ID };
    send(exchange.response, { ...answer, headers, body: Buffer.from(JSON.stringify(body)) });
  };
}

/** An answer that the cloud knows nothing of. */
function invented(make: (exchange: Exchange) => Json): Misbehaviour {
  return (exchange) => {
    exchange.response.writeHead(200, { 'content-type': 'application/json', 'x-openstack-request-id': REQUEST_ID });
    exchange.response.end(JSON.stringify(make(exchange)));
  };
}

const garbage = (service: string) => ({ code: 'UPSTREAM_UNAVAILABLE', service, status: 200, requestId: REQUEST_ID });

/** The lists of the page, by service: the root field, the key of its rows and how it says where the next page is. */
const LISTS = [
  { service: 'compute', field: 'servers', many: 'servers', link: collectionLink('servers') },
  { service: 'network', field: 'networks', many: 'networks', link: collectionLink('networks') },
  { service: 'block-storage', field: 'volumes', many: 'volumes', link: collectionLink('volumes') },
  { service: 'image', field: 'images', many: 'images', link: (href: string) => ({ next: href }) },
] as const;

/** Within `npm test`, one of them. */
const SOME_LISTS = [...LISTS].slice(0, sized(1, LISTS.length));

function collectionLink(many: string): (href: string) => Json {
  return (href) => ({ [`${many}_links`]: [{ rel: 'next', href }] });
}

/** `path` of a call with another marker. */
function marked(path: string, marker: string): string {
  const url = new URL(path, 'http://h');
  url.searchParams.set('marker', marker);
  return `${url.pathname}${url.search}`;
}

describe('a list', () => {
  const ask = (field: string) => `{ ${field}(first: 900) { nodes { id name } } }`;

  it.concurrent.for(SOME_LISTS)('of $service whose link never advances is a fault', async ({ service, field, link }) =>
    lanes.withSetting(async ({ proxy, login }) => {
      const alice = await login(ALICE);
      proxy.misbehave(
        (call) => call.service === service && call.path.includes(field),
        altered((body, { call }) => ({ ...body, ...link(`${proxy.url}/${service}${call.path}`) })),
      );
      const answer = await alice.tell(ask(field));
      expect(answer.data).toEqual({ [field]: null });
      expect(faultOf(answer)).toEqual(garbage(service));
      expect(proxy.seen.filter(({ path }) => path.includes(field))).toHaveLength(1);
    }),
  );

  it.concurrent.for(SOME_LISTS)('of $service whose links go round is a fault', async ({ service, field, many, link }) =>
    lanes.withSetting(async ({ proxy, login }) => {
      const alice = await login(ALICE);
      proxy.misbehave(
        (call) => call.service === service && call.path.includes(field),
        invented(({ call }) => {
          const next = /marker=a/.test(call.path) ? 'b' : 'a';
          return { [many]: [], ...link(`${proxy.url}/${service}${marked(call.path, next)}`) };
        }),
      );
      const answer = await alice.tell(ask(field));
      expect(answer.data).toEqual({ [field]: null });
      expect(faultOf(answer)).toEqual(garbage(service));
      expect(proxy.seen.filter(({ path }) => path.includes(field))).toHaveLength(3);
    }),
  );

  it.concurrent.for(SOME_LISTS)(
    'of $service whose links lead on for ever is a fault',
    async ({ service, field, many, link }) =>
      lanes.withSetting(async ({ proxy, login }) => {
        const alice = await login(ALICE);
        let page = 0;
        proxy.misbehave(
          (call) => call.service === service && call.path.includes(field),
          invented(({ call }) => {
            page += 1;
            return { [many]: [], ...link(`${proxy.url}/${service}${marked(call.path, `m${page}`)}`) };
          }),
        );
        const answer = await alice.tell(ask(field));
        expect(faultOf(answer)).toEqual(garbage(service));
        expect(page).toBe(10);
      }),
  );

  it.concurrent.for(SOME_LISTS)(
    'of $service is read on at its own host, wherever a link leads',
    async ({ service, field, many, link }) =>
      lanes.withSetting(async ({ proxy, login }) => {
        const alice = await login(ALICE);
        const healthy = await alice.ask(ask(field), {}, { 'cache-control': 'no-cache' });
        const all = (healthy.data as Record<string, { nodes: { id: string }[] }>)[field]?.nodes ?? [];
        expect(all.length).toBeGreaterThan(1);
        proxy.forget();
        proxy.misbehave(
          (call) => call.service === service && call.path.includes(field),
          altered((body, { call, elsewhere }) => {
            const rows = body[many] as Json[];
            const first = !call.path.includes('marker=');
            if (!first) return { [many]: rows };
            const [head] = rows;
            return { [many]: [head], ...link(`${elsewhere}/${service}${marked(call.path, String(head?.['id']))}`) };
          }),
        );
        const answer = await alice.ask(ask(field), {}, { 'cache-control': 'no-cache' });
        expect(answer.data).toEqual(healthy.data);
        expect(proxy.seen.filter(({ path }) => path.includes('marker='))).toHaveLength(1);
        expect(proxy.strays).toEqual([]);
      }),
  );

  it.concurrent.for(SOME_LISTS)(
    'of $service whose rows have no ids is a fault, and forgotten once they have',
    async ({ service, field, many }) =>
      lanes.withSetting(async ({ proxy, login }) => {
        const alice = await login(ALICE);
        proxy.misbehave(
          (call) => call.service === service && call.path.includes(field),
          altered((body) => ({ ...body, [many]: (body[many] as Json[]).map(({ id: _, ...row }) => row) })),
        );
        const answer = await alice.tell(ask(field));
        expect(answer.data).toEqual({ [field]: null });
        expect(faultOf(answer)).toEqual(garbage(service));
        proxy.heal();
        expect((await alice.ask(ask(field))).data).not.toEqual({ [field]: null });
      }),
  );

  it.concurrent.for(SOME_LISTS)('of $service shows a row once that comes twice', async ({ service, field, many }) =>
    lanes.withSetting(async ({ proxy, login }) => {
      const alice = await login(ALICE);
      proxy.misbehave(
        (call) => call.service === service && call.path.includes(field),
        altered((body) => ({ ...body, [many]: (body[many] as Json[]).flatMap((row) => [row, row]) })),
      );
      const { data } = await alice.ask<Record<string, { nodes: { id: string }[] }>>(ask(field));
      const ids = data[field]?.nodes.map(({ id }) => id) ?? [];
      expect(ids.length).toBeGreaterThan(0);
      expect(new Set(ids).size).toBe(ids.length);
    }),
  );
});

describe('a row', () => {
  it.concurrent.for(SOME_LISTS)(
    'of $service that is another than was asked for is a fault, and never shown',
    async ({ service, field, many }) =>
      lanes.withSetting(async ({ proxy, login }) => {
        const alice = await login(ALICE);
        const names = (
          await alice.ask<Record<string, { nodes: { name: string }[] }>>(`{ ${field} { nodes { name } } }`)
        ).data;
        const id = await idOf(alice, field, names[field]?.nodes[0]?.name ?? '');
        const one = field.replace(/s$/, '');
        const other = '00000000-0000-4000-8000-000000000000';
        proxy.misbehave(
          (call) => call.service === service,
          altered((body) => {
            const rename = (row: unknown) => ({ ...(row as Json), id: other });
            if (Array.isArray(body[many])) return { ...body, [many]: body[many].map(rename) };
            return one in body ? { [one]: rename(body[one]) } : rename(body);
          }),
        );
        const query = `query ($id: ID!) { ${one}(id: $id) { id name } }`;
        const answer = await alice.tell(query, { id }, { 'cache-control': 'no-cache' });
        expect(answer.data).toEqual({ [one]: null });
        expect(faultOf(answer)).toEqual(garbage(service));
      }),
  );
});

describe('a version document', () => {
  const isDocument = (service: string) => (call: { service: string; path: string }) =>
    call.service === service && /^\/(v[\d.]+\/)?$/.test(call.path);
  const SERVERS = '{ servers(first: 2) { nodes { id description } } images(first: 1) { nodes { id } } }';

  it.concurrent.for([
    ['names no microversion', { version: {} }, 'UPSTREAM_UNAVAILABLE'],
    ['speaks of another major version', { version: { version: '9.9', min_version: '9.0' } }, 'UPSTREAM_UNAVAILABLE'],
    ['speaks in riddles', { version: { version: 'new', min_version: ['2.1'] } }, 'UPSTREAM_UNAVAILABLE'],
    ['wants newer clients', { version: { version: '2.999', min_version: '2.998' } }, 'UNSUPPORTED'],
  ] as const)('that %s fails the fields of its service alone', async ([, body, code]) => {
    const setting = await startSetting();
    try {
      const alice = await setting.login(ALICE);
      setting.proxy.misbehave(
        isDocument('compute'),
        altered(() => body),
      );
      const answer = await alice.tell<{ images: unknown }>(SERVERS);
      expect(answer.data).toMatchObject({ servers: null, images: { nodes: [{}] } });
      expect(faultOf(answer)).toEqual({ ...garbage('compute'), code });
      setting.proxy.heal();
      expect((await alice.ask(SERVERS)).data).toMatchObject({ servers: { nodes: [{}, {}] } });
    } finally {
      await setting.stop();
    }
  });

  it('that promises more than its service keeps is asked for again after a 406', async () => {
    const setting = await startSetting();
    try {
      const { proxy } = setting;
      const alice = await setting.login(ALICE);
      proxy.misbehave(
        ({ service, path }) => service === 'compute' && path.startsWith('/v2.1/servers'),
        ({ response }) => {
          response.writeHead(406, { 'x-openstack-request-id': REQUEST_ID, 'content-type': 'application/json' });
          response.end('{"computeFault": {"code": 406, "message": "Version 2.93 is not supported by the API."}}');
        },
      );
      const answer = await alice.tell(SERVERS);
      expect(faultOf(answer)).toEqual({ code: 'UNSUPPORTED', service: 'compute', status: 406, requestId: REQUEST_ID });
      proxy.heal();
      proxy.forget();
      expect((await alice.ask(SERVERS)).data).toMatchObject({ servers: { nodes: [{}, {}] } });
      expect(proxy.seen.filter(isDocument('compute'))).toHaveLength(1);
    } finally {
      await setting.stop();
    }
  });

  it.runIf(sized(false, true))('that hangs when its time is over holds up nothing that the cache has', async () => {
    const setting = await startSetting(hurried);
    try {
      const { proxy, pass } = setting;
      const alice = await setting.login(ALICE);
      await alice.ask(SERVERS);
      pass(11 * 60);
      await alice.ask('{ images(first: 1) { nodes { id } } }');
      proxy.misbehave(
        (call) => call.service === 'compute',
        () => undefined,
      );
      const answer = await alice.tell(SERVERS);
      expect(answer.errors).toBeUndefined();
      expect(answer.data).toMatchObject({ servers: { nodes: [{}, {}] } });
      expect(answer.extensions?.explain?.stale).toEqual([{ type: 'Server', ageSeconds: expect.any(Number) }]);
    } finally {
      await setting.stop();
    }
  });
});

describe.runIf(sized(false, true))('a service that no connection reaches', () => {
  it.concurrent.for([...SERVICES].filter((name): name is ServiceName => name !== 'identity'))(
    '(%s) fails the fields that need it, within the deadline',
    async (service) =>
      hurriedLanes.withSetting(async ({ proxy, login, pass }) => {
        const hole = await openBlackHole();
        try {
          const healthy = await askPage(await login(ALICE));
          proxy.moved.set(service, hole.origin);
          pass(2 * 86_400);
          const alice = await login(ALICE);
          const answer = await askPage(alice);
          expect(answer.data).toEqual(without(healthy.data, service));
          const codes = answer.errors?.map(({ extensions }) => [extensions['code'], extensions['service']]);
          expect(new Set(codes?.map((code) => code.join(' ')))).toEqual(new Set([`UPSTREAM_TIMEOUT ${service}`]));
          const create = { network: 'createNetwork', 'block-storage': 'createVolume' }[service as string];
          if (create !== undefined) {
            const input = create === 'createVolume' ? { size: 1 } : { name: 'never' };
            const type = create.replace('create', '');
            const mutation = `mutation ($input: Create${type}Input!) { ${create}(input: $input) { ${type.toLowerCase()} { id } } }`;
            // Not one byte was sent: it has not happened, and the error does not say that it may have.
            expect(faultOf(await alice.tell(mutation, { input }))).toEqual({ code: 'UPSTREAM_TIMEOUT', service });
          }
        } finally {
          proxy.moved.clear();
          await hole.close();
        }
      }),
  );
});
