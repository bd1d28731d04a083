import { afterAll, describe, expect, it } from 'vitest';
import { ALICE, BOB, Client } from '../support/client.js';
import { faultOf, made } from '../support/rest-calls.js';
import { faultNamed } from './service-faults/faults.js';
import { gate } from './service-faults/gate.js';
import { Lanes } from './service-faults/lanes.js';
import { askPage, SERVICES, type ServiceName, without } from './service-faults/page.js';
import { type Call, type FaultProxy, type Seen, send, type Upstream } from './service-faults/proxy.js';
import { startSetting, TTL } from './service-faults/setting.js';
import { sized } from './support/sized.js';

const lanes = new Lanes();

afterAll(() => lanes.stop());

const REGION_SERVICES = SERVICES.filter((name) => name !== 'identity');
/** Within `npm test`, one of them. */
const SOME_SERVICES = sized(REGION_SERVICES.slice(0, 1), REGION_SERVICES);
const FIELDS: Readonly<Record<Exclude<ServiceName, 'identity'>, string>> = {
  compute: 'servers',
  network: 'networks',
  image: 'images',
  'block-storage': 'volumes',
};
const listOf = (service: Exclude<ServiceName, 'identity'>) => `{ ${FIELDS[service]}(first: 5) { nodes { id } } }`;
const of = (service: string) => (call: Call) => call.service === service;
const isWrite = ({ method }: Call): boolean => method !== 'GET' && method !== 'HEAD';
const hang = (): void => undefined;

/** Resolves with the next call that fits. */
async function next(proxy: FaultProxy, fits: (call: Call) => boolean): Promise<Seen> {
  for (;;) {
    const seen = proxy.seen.find(fits);
    if (seen !== undefined) return seen;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** How a call ended; `late` where it has not after five seconds, a third of its deadline. */
async function endOf({ end }: Seen): Promise<'answered' | 'closed' | 'late'> {
  const late = new Promise<'late'>((resolve) => setTimeout(resolve, 5_000, 'late'));
  return Promise.race([end, late]);
}

/** A request whose client may leave. */
function askAndLeave(client: Client, query: string, variables: object = {}): { leave(): void } {
  const controller = new AbortController();
  void fetch(`${client.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-auth-token': client.token ?? '' },
    body: JSON.stringify({ query, variables }),
    signal: controller.signal,
  }).catch(() => undefined);
  return { leave: () => controller.abort() };
}

describe('a client that leaves', () => {
  it.each(SOME_SERVICES)('takes its reads of %s with it', async (service) =>
    lanes.withSetting(async ({ proxy, login }) => {
      const alice = await login(ALICE);
      await alice.ask(listOf(service), {}, { 'cache-control': 'no-cache' });
      proxy.forget();
      proxy.misbehave(of(service), hang);
      const asked = askAndLeave(alice, `{ ${FIELDS[service]}(first: 4) { nodes { id } } }`);
      const read = await next(proxy, of(service));
      asked.leave();
      expect(await endOf(read)).toBe('closed');
      await proxy.quiet();
    }),
  );

  it('leaves a read that somebody else waits for answered', async () =>
    lanes.withSetting(async ({ proxy, login }) => {
      const alice = await login(ALICE);
      const healthy = await alice.ask('{ servers(first: 5) { nodes { id } } images(first: 3) { nodes { id } } }');
      const query = '{ servers(first: 4) { nodes { id } } images(first: 2) { nodes { id } } }';
      proxy.forget();
      let hung = 0;
      proxy.misbehave(
        ({ service }) => service === 'compute' && hung === 0,
        () => {
          hung += 1;
        },
      );
      const asked = askAndLeave(alice, '{ servers(first: 4) { nodes { id } } }');
      const first = await next(proxy, of('compute'));
      const second = alice.ask<{ servers: { nodes: unknown[] } }>(query);
      await next(proxy, of('image'));
      asked.leave();
      expect(await endOf(first)).toBe('closed');
      const { data } = await second;
      expect(data.servers.nodes).toEqual((healthy.data as typeof data).servers.nodes.slice(0, 4));
    }));

  it.each([
    ['compute', 'createServer'],
    ['network', 'createNetwork'],
    ['block-storage', 'createVolume'],
  ] as const)('leaves its write to %s to be done (%s), to its second bump', async (service, name) =>
    lanes.withSetting(async ({ proxy, login, truth, cloud }) => {
      const [alice, real] = [await login(ALICE), await Client.login(await truth(), ALICE)];
      const all = `{ ${FIELDS[service]}(first: 1000) { nodes { id name } } }`;
      const { data } = await alice.ask<{ flavors: { nodes: { id: string }[] }; images: { nodes: { id: string }[] } }>(
        '{ flavors { nodes { id } } images { nodes { id } } }',
      );
      await alice.ask(all);
      const input = {
        createServer: {
          name: 'left',
          flavorId: data.flavors.nodes[0]?.id,
          imageId: data.images.nodes[0]?.id,
          networkAllocation: 'NONE',
        },
        createNetwork: { name: 'left' },
        createVolume: { name: 'left', size: 1 },
      }[name];
      const type = name.replace('create', '');
      const go = gate();
      proxy.forget();
      proxy.misbehave(
        (call) => isWrite(call) || call.service === 'identity',
        async (exchange) => {
          if (isWrite(exchange.call)) {
            await go.opened;
            send(exchange.response, await exchange.pass());
          }
        },
      );
      const writer = askAndLeave(
        alice,
        `mutation ($input: Create${type}Input!) { ${name}(input: $input) { ${type.toLowerCase()} { id } } }`,
        { input },
      );
      const write = await next(proxy, isWrite);
      const reader = askAndLeave(alice, '{ me { projects { id } } }');
      const read = await next(proxy, of('identity'));
      writer.leave();
      reader.leave();
      // The gateway has noticed that the reader is gone; it has noticed before that the writer is.
      expect(await endOf(read)).toBe('closed');
      expect(await Promise.race([write.end, Promise.resolve('under way')])).toBe('under way');
      go.open();
      expect(await endOf(write)).toBe('answered');
      proxy.heal();
      await cloud.settled();
      const [shown, really] = [await alice.ask(all), await real.ask(all)];
      expect(shown.data).toEqual(really.data);
      expect(JSON.stringify(shown.data)).toContain('"left"');
      expect(proxy.seen.filter(isWrite)).toHaveLength(1);
    }),
  );
});

describe('a value past its time', () => {
  const VOLUMES = '{ volumes(first: 100) { nodes { id name } } images(first: 2) { nodes { id } } }';

  it('does not stand in for what a mutation has changed, though it may for all else', async () =>
    lanes.withSetting(async ({ proxy, login, pass, cloud }) => {
      const alice = await login(ALICE);
      await alice.ask(VOLUMES);
      await made(alice, 'createVolume', { name: 'new', size: 1 });
      await cloud.settled();
      // Cinder goes on after its 202: what is read now may be served for two seconds, and never after.
      await alice.ask(VOLUMES);
      pass(TTL + 1);
      proxy.misbehave(({ service }) => service === 'block-storage' || service === 'image', faultNamed('503').act);
      const answer = await alice.tell(VOLUMES);
      expect(answer.data).toMatchObject({ volumes: null, images: { nodes: [{}, {}] } });
      expect(answer.extensions?.explain?.stale).toEqual([{ type: 'Image', ageSeconds: expect.any(Number) }]);
      expect(faultOf(answer)).toMatchObject({ code: 'UPSTREAM_UNAVAILABLE', service: 'block-storage', status: 503 });
    }));

  it('does not stand in while a write is under way, nor after one of unknown outcome', async () =>
    lanes.withSetting(async ({ proxy, login, pass }) => {
      const alice = await login(ALICE);
      await alice.ask(VOLUMES);
      pass(TTL + 1);
      const go = gate();
      proxy.forget();
      proxy.misbehave(of('block-storage'), async ({ call, socket, response }) => {
        if (!isWrite(call)) return faultNamed('503').act({ call, socket, response } as never);
        await go.opened;
        socket.resetAndDestroy();
      });
      const create = 'mutation { createVolume(input: { size: 1 }) { volume { id } } }';
      const written = alice.tell(create);
      await next(proxy, isWrite);
      const during = await alice.tell(VOLUMES);
      go.open();
      expect(faultOf(await written)).toMatchObject({ outcome: 'UNKNOWN' });
      for (const answer of [during, await alice.tell(VOLUMES)]) {
        expect(answer.data).toMatchObject({ volumes: null });
        expect(answer.extensions?.explain?.stale).toEqual([]);
      }
    }));
});

describe('a service that is well again', () => {
  const breaker = { failures: 3, openMs: 5_000, maxOpenMs: 60_000 };

  it.each(SOME_SERVICES)(
    '(%s) was spared meanwhile, answers after the pause, and other services never noticed',
    async (service) => {
      const setting = await startSetting({ limits: { breaker, attempts: 1 } });
      try {
        const { proxy, login, pass } = setting;
        const alice = await login(ALICE);
        const healthy = await askPage(alice);
        pass(TTL + 1);
        proxy.misbehave(of(service), faultNamed('503').act);
        const query = listOf(service).replace('5', '4');
        for (let call = 0; call < 3; call += 1) await alice.tell(query);
        proxy.forget();
        const spared = await alice.tell(query);
        expect(faultOf(spared)).toEqual({ code: 'UPSTREAM_UNAVAILABLE', service, retryAfter: 5 });
        expect(proxy.seen.filter(of(service))).toEqual([]);
        const stale = await askPage(alice);
        expect(stale.data).toEqual(healthy.data);
        expect(stale.extensions?.explain?.stale).not.toEqual([]);
        proxy.heal();
        pass(4);
        expect(faultOf(await alice.tell(query))).toMatchObject({ retryAfter: 1 });
        pass(2);
        expect((await alice.tell(query)).errors).toBeUndefined();
        expect((await askPage(alice)).extensions?.explain?.stale).toEqual([]);
      } finally {
        await setting.stop();
      }
    },
  );

  it.each(SOME_SERVICES)('(%s) was down when the gateway started', async (service) => {
    const before = (proxy: FaultProxy) => proxy.misbehave(of(service), faultNamed('resets the connection').act);
    const setting = await startSetting({ before });
    try {
      const alice = await setting.login(ALICE);
      const broken = await askPage(alice);
      setting.proxy.heal();
      const healthy = await askPage(alice);
      expect(healthy.errors).toBeUndefined();
      expect(broken.data).toEqual(without(healthy.data, service));
    } finally {
      await setting.stop();
    }
  });
});

describe('what one tenant brings about', () => {
  it.each(SOME_SERVICES)('(%s) shuts nobody else out', async (service) => {
    const setting = await startSetting({ limits: { breaker: { failures: 2, openMs: 60_000, maxOpenMs: 60_000 } } });
    try {
      const { proxy, login } = setting;
      const [alice, bob] = [await login(ALICE), await login(BOB)];
      await bob.ask(listOf(service));
      for (const name of ['429', '429 with Retry-After: 30', '500', '406', '302 to another host', 'malformed JSON']) {
        proxy.misbehave((call) => call.service === service && call.token === alice.token, faultNamed(name).act);
        for (let call = 0; call < 3; call += 1) {
          expect(faultOf(await alice.tell(listOf(service)))).toMatchObject(faultNamed(name).error);
        }
        expect((await bob.tell(listOf(service), {}, { 'cache-control': 'no-cache' })).errors).toBeUndefined();
      }
      proxy.heal();
      expect((await alice.tell(listOf(service))).errors).toBeUndefined();
    } finally {
      await setting.stop();
    }
  });
});

describe('Keystone down', () => {
  it.each(sized(['500'], ['hangs', 'resets the connection', '500', 'an HTML page with 200', 'the JSON []', '504']))(
    '(%s): known tokens live on for a minute at most, unknown ones are not refused',
    async (name) => {
      const setting = await startSetting({ limits: { readDeadline: 4_000 } });
      try {
        const { proxy, login, pass, url } = setting;
        const [alice, bob] = [await login(ALICE), await login(BOB)];
        await alice.ask('{ me { user { name } } networks(first: 1) { nodes { id } } }');
        proxy.misbehave(of('identity'), faultNamed(name).act);

        for (const seconds of [4, 40]) {
          pass(seconds);
          const answer = await alice.tell<{ networks: unknown }>('{ networks(first: 1) { nodes { id } } }');
          expect(answer.errors).toBeUndefined();
        }
        const unknown = await bob.tell('{ networks(first: 1) { nodes { id } } }');
        const { code } = faultNamed(name).error;
        expect(faultOf(unknown)).toMatchObject({ code, service: 'identity' });
        pass(17);
        expect(faultOf(await alice.tell('{ networks(first: 1) { nodes { id } } }'))).toMatchObject({ code });

        const [alive, ready] = [await fetch(`${url}/healthz`), await fetch(`${url}/readyz`)];
        expect([alive.status, ready.status]).toEqual([200, 503]);
        expect(await ready.json()).toMatchObject({
          ready: false,
          reason: expect.stringMatching(/^Keystone: ./),
        });

        proxy.heal();
        for (const client of [alice, bob]) {
          expect((await client.tell('{ networks(first: 1) { nodes { id } } }')).errors).toBeUndefined();
        }
        while ((await fetch(`${url}/readyz`)).status !== 200) await new Promise((resolve) => setTimeout(resolve, 100));
      } finally {
        await setting.stop();
      }
    },
  );

  it("is no reason to refuse a token, nor is a proxy's 404", async () =>
    lanes.withSetting(async ({ proxy, login }) => {
      const alice = await login(ALICE);
      proxy.misbehave(of('identity'), ({ response }) => {
        response.writeHead(404, { 'content-type': 'text/html' }).end('<html><h1>404</h1>no such backend</html>');
      });
      expect(faultOf(await alice.tell('{ networks { nodes { id } } }'))).toMatchObject({
        code: 'UNSUPPORTED',
        status: 404,
      });
      proxy.heal();
      expect((await alice.tell('{ networks { nodes { id } } }')).errors).toBeUndefined();
    }));

  it('that answers about the token of somebody else is not believed', async () =>
    lanes.withSetting(async ({ proxy, login }) => {
      const [alice, bob] = [await login(ALICE), await login(BOB)];
      const bobs = gate();
      let stolen: Upstream | null = null;
      proxy.misbehave(of('identity'), async ({ call, response, pass }) => {
        if (call.token === bob.token) {
          stolen = await pass();
          send(response, stolen);
          bobs.open();
        } else if (stolen !== null) send(response, stolen);
      });
      await bob.ask('{ me { user { name } } }');
      await bobs.opened;
      const answer = await alice.tell('{ me { user { name } } }');
      expect(faultOf(answer)).toMatchObject({ code: 'UPSTREAM_UNAVAILABLE', service: 'identity', status: 200 });
    }));

  it.each(['resets the connection', 'resets in mid-body', '500', '502', '503', '504', 'malformed JSON', 'the JSON []'])(
    '(%s): nobody is logged in or out twice',
    async (name) =>
      lanes.withSetting(async ({ proxy, login, url }) => {
        const alice = await login(ALICE);
        await alice.ask('{ me { user { name } } }');
        const fault = faultNamed(name);
        proxy.forget();
        proxy.misbehave((call) => call.service === 'identity' && isWrite(call), fault.act);
        const input = { password: { username: 'bob', password: 'bob-secret', userDomainName: 'Default' } };
        const login2 = 'mutation ($input: IssueTokenInput!) { issueToken(input: $input) { token } }';
        const answer = await new Client(url, null).tell(login2, { input });
        expect(faultOf(answer)).toMatchObject({ ...fault.error, service: 'identity' });
        expect(proxy.seen.filter(isWrite)).toHaveLength(1);

        proxy.forget();
        const out = await alice.tell('mutation { revokeToken { revoked } }');
        expect(proxy.seen.filter(isWrite)).toHaveLength(1);
        if (fault.write === 'WORD') expect(out.errors).toBeUndefined();
        else expect(faultOf(out)).toMatchObject({ ...fault.error, service: 'identity' });
        // It was not revoked: Keystone is asked, and says so, unless it has said that it was.
        proxy.heal();
        const after = await alice.tell('{ me { user { name } } }');
        if (fault.write === 'WORD') expect(faultOf(after)).toMatchObject({ code: 'UNAUTHENTICATED' });
        else expect(after.data).toEqual({ me: { user: { name: 'alice' } } });
      }),
  );
});
