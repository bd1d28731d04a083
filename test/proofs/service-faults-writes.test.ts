import { readFileSync } from 'node:fs';
import { buildSchema } from 'graphql';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { ALICE, Client } from '../support/client.js';
import { faultOf } from '../support/rest-calls.js';
import { FAULTS, faultNamed, type ServiceFault } from './service-faults/faults.js';
import { gate } from './service-faults/gate.js';
import { Roads } from './service-faults/lanes.js';
import { MUTATIONS, type MutationKind, WORLDS } from './service-faults/mutations.js';
import type { Call, Exchange } from './service-faults/proxy.js';
import type { Setting } from './service-faults/setting.js';
import { sized } from './support/sized.js';

const roads = new Roads();

vi.setConfig({ maxConcurrency: sized(5, 8) });

afterAll(() => roads.stop());

/** What the services do to a write that differs for the gateway: every mutation meets each of these. */
const ANY_WRITE = ['resets in mid-body', '500', '502', '503', 'malformed JSON', 'the JSON []'];

const EVERY_MUTATION = MUTATIONS.flatMap((kind) => ANY_WRITE.map((name) => ({ kind, fault: faultNamed(name) })));
const EVERY_FAULT = MUTATIONS.filter(({ name }) => name === 'createNetwork' || name === 'stopServer').flatMap((kind) =>
  FAULTS.map((fault) => ({ kind, fault })),
);
const SAMPLE = [
  { kind: 'createServer', fault: 'the JSON []' },
  { kind: 'updatePort', fault: 'resets in mid-body' },
  { kind: 'deleteVolume', fault: '504' },
  { kind: 'attachVolume', fault: 'resets the connection' },
  { kind: 'createVolumeSnapshot', fault: '503' },
].map(({ kind, fault }) => ({ kind: kindNamed(kind), fault: faultNamed(fault) }));

const CELLS = [
  ...new Map(
    sized(SAMPLE, [...EVERY_MUTATION, ...EVERY_FAULT]).map((cell) => [
      `${cell.kind.name} ${cell.fault.name}`,
      { ...cell, mutation: cell.kind.name, name: cell.fault.name },
    ]),
  ).values(),
];

function kindNamed(name: string): MutationKind {
  const found = MUTATIONS.find((kind) => kind.name === name);
  if (found === undefined) throw new Error(`expected the name of a mutation, got ${name}`);
  return found;
}

const isWrite = ({ method }: Call): boolean => method !== 'GET' && method !== 'HEAD';

/** What the asker is to be told: the fault of a write, or null where the service's word is enough. */
function expected({ creates }: MutationKind, fault: ServiceFault): Readonly<Record<string, unknown>> | null {
  if (fault.write === 'WORD' && !creates) return null;
  return fault.write === 'FAILED' ? fault.error : { ...fault.error, outcome: 'UNKNOWN' };
}

/** The world as the gateway shows it, and as it is. */
async function worlds(setting: Setting, client: Client, truth: Client, query: string): Promise<readonly unknown[]> {
  await setting.cloud.settled();
  return [(await client.ask(query)).data, (await truth.ask(query)).data];
}

describe('a write', () => {
  it.concurrent.for(CELLS)(
    '$mutation whose service fails ($name) is sent once and lied about by no read',
    async ({ kind, fault }) =>
      roads.for(fault).withSetting(async (setting) => {
        const { proxy, cloud } = setting;
        const [alice, truth] = [await setting.login(ALICE), await Client.login(await setting.truth(), ALICE)];
        const { query, variables } = await kind.prepare(alice, () => cloud.settled());
        const world = WORLDS[kind.service] ?? '{ me { user { id } } }';
        const [before, real] = await worlds(setting, alice, truth, world);
        expect(before).toEqual(real);

        const late = gate();
        const done: Promise<unknown>[] = [];
        proxy.forget();
        proxy.misbehave(isWrite, async (exchange: Exchange) => {
          // What the service says that it has not done, it has not; all else happens, and later than anybody hears of it.
          if (fault.write === 'WORD') await exchange.pass();
          if (fault.write === 'UNKNOWN') done.push(late.opened.then(exchange.pass));
          await fault.act(exchange);
        });
        const answer = await alice.tell(query, variables);
        expect(proxy.seen.filter(isWrite).map(({ service }) => service)).toEqual([kind.service]);
        const error = expected(kind, fault);
        if (error === null) expect(answer.errors).toBeUndefined();
        else expect(faultOf(answer)).toMatchObject({ ...error, ...about60(error), service: kind.service });
        if (error !== null && !('outcome' in error)) expect(faultOf(answer)).not.toHaveProperty('outcome');

        proxy.heal();
        const [shown, really] = await worlds(setting, alice, truth, world);
        expect(shown).toEqual(really);
        late.open();
        await Promise.all(done);
        const [afterwards, atLast] = await worlds(setting, alice, truth, world);
        expect(afterwards).toEqual(atLast);
        if (fault.write === 'FAILED') expect(atLast).toEqual(real);
        else if (/^(create|update|delete)/.test(kind.name)) expect(atLast).not.toEqual(real);
        expect(proxy.seen.filter(isWrite)).toHaveLength(1);
        expect(proxy.strays).toEqual([]);
      }),
  );

  it('of every kind that the schema has is among these', () => {
    const sdl = readFileSync(new URL('../../schema.graphql', import.meta.url), 'utf8');
    const named = Object.keys(buildSchema(sdl).getMutationType()?.getFields() ?? {});
    const tokens = ['issueToken', 'revokeToken'];
    expect([...MUTATIONS.map(({ name }) => name), ...tokens].sort()).toEqual(named.sort());
  });
});

function about60({ retryAfter }: Readonly<Record<string, unknown>>): object {
  return retryAfter === 'about 60' ? { retryAfter: expect.any(Number) } : {};
}
