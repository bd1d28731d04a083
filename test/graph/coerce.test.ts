import fc from 'fast-check';
import { buildSchema, type GraphQLObjectType } from 'graphql';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { coerceTo } from '../../src/graph/coerce.js';
import { inRegion, REGION } from '../../src/row.js';

const schema = buildSchema(`
  scalar DateTime
  scalar SafeInt
  scalar JSON
  type KeyValue { key: String! value: String! }
  type Address { address: String }
  enum Status { ACTIVE IN_USE N_A SHELVED_OFFLOADED UNKNOWN }
  enum Closed { ON OFF }
  type Query {
    id: ID  name: String  size: Int  bytes: SafeInt  factor: Float  on: Boolean!  at: DateTime  free: JSON
    status: Status  closed: Closed
    tags: [String!]  pairs: [KeyValue!]  addresses: [Address!]  address: Address
  }
`);
const fields = (schema.getQueryType() as GraphQLObjectType).getFields();

/** What a field of the schema above makes of a wire value in a row of RegionOne. */
function made(field: string, raw: unknown): unknown {
  const known = fields[field];
  if (!known) throw new Error(`${field}: expected a field of the schema`);
  return coerceTo(known.type)(raw, inRegion({}, 'RegionOne'));
}

// Times without a zone are read as local ones by `Date`: on a machine in UTC nobody would notice.
beforeAll(() => void vi.stubEnv('TZ', 'Asia/Tokyo'));
afterAll(() => void vi.unstubAllEnvs());

describe('a value from the wire', () => {
  it('is an id as text, whether the service numbers its rows or not; "" is Nova’s way to say none', () => {
    expect([7, 'm1.tiny', '', null, undefined, {}].map((raw) => made('id', raw))).toEqual([
      '7',
      'm1.tiny',
      null,
      null,
      null,
      null,
    ]);
  });

  it('is text for what is text, a number or a truth; an empty text stays one', () => {
    expect(['', 'web', 6, true].map((raw) => made('name', raw))).toEqual(['', 'web', '6', 'true']);
    expect([null, undefined, [], {}].map((raw) => made('name', raw))).toEqual([null, null, null, null]);
  });

  it('is a number where the service wrote one, or one as text (Glance’s min_ram, Cinder’s image metadata)', () => {
    expect([512, '512', ' 512 ', 1.9, 0, -1].map((raw) => made('size', raw))).toEqual([512, 512, 512, 1, 0, -1]);
    expect(['', ' ', 'many', null, undefined, true, [], Number.NaN].map((raw) => made('size', raw))).toEqual(
      Array(8).fill(null),
    );
    expect(made('bytes', 5_000_000_000)).toBe(5_000_000_000);
    expect(['1.5', 1.5].map((raw) => made('factor', raw))).toEqual([1.5, 1.5]);
  });

  it('is a truth as JSON says it, as text (Cinder’s bootable), or as Nova’s config_drive: "True" and ""', () => {
    expect([true, 'true', 'True', false, 'false', 'False', ''].map((raw) => made('on', raw))).toEqual([
      true,
      true,
      true,
      false,
      false,
      false,
      false,
    ]);
    expect([null, undefined, 'yes', 1, 0].map((raw) => made('on', raw))).toEqual(Array(5).fill(null));
  });

  it('is the same instant, however the service writes it', () => {
    const written = [
      '2026-11-22T20:28:32Z', // Nova, Neutron, Glance
      '2026-11-22T20:28:32.000000', // Cinder; Nova's launched_at
      '2026-11-22T20:28:32.000000Z', // Keystone
      '2026-11-22T20:28:32', // Cinder, when the database keeps no fractions
      '2026-11-22T21:28:32+01:00',
      '2026-11-22T21:28:32+0100',
      '2026-11-22 20:28:32',
    ];
    for (const text of written) expect([text, made('at', text)]).toEqual([text, new Date('2026-11-22T20:28:32Z')]);
    expect(['', 'never', null, undefined, 0, {}].map((raw) => made('at', raw))).toEqual(Array(6).fill(null));
  });

  it('never becomes an invalid time or number, whatever is sent', () => {
    fc.assert(
      fc.property(fc.anything(), (raw) => {
        const at = made('at', raw) as Date | null;
        if (at !== null) expect(Number.isNaN(at.getTime())).toBe(false);
        const factor = made('factor', raw);
        if (factor !== null) expect(factor).toSatisfy(Number.isFinite);
      }),
    );
  });

  it('is the enum value that the text spells, UNKNOWN where the schema knows no such, null where it says nothing', () => {
    expect(['ACTIVE', 'active', 'in-use', 'N/A', 'SHELVED_OFFLOADED'].map((raw) => made('status', raw))).toEqual([
      'ACTIVE',
      'ACTIVE',
      'IN_USE',
      'N_A',
      'SHELVED_OFFLOADED',
    ]);
    expect(['brand-new', '', null, 7].map((raw) => made('status', raw))).toEqual(['UNKNOWN', null, null, null]);
    expect(['on', 'half'].map((raw) => made('closed', raw))).toEqual(['ON', null]);
  });

  it('is free-form where the schema says so', () => {
    expect([{ a: [1] }, 'text', 0, null, undefined].map((raw) => made('free', raw))).toEqual([
      { a: [1] },
      'text',
      0,
      null,
      null,
    ]);
  });
});

describe('a list from the wire', () => {
  it('leaves out what is nothing, since its items are never null; what is no list is null', () => {
    expect(made('tags', ['a', null, 'b', {}])).toEqual(['a', 'b']);
    expect([null, undefined, 'a', {}].map((raw) => made('tags', raw))).toEqual([null, null, null, null]);
  });

  it('is the pairs of an object; values that are no text become JSON', () => {
    expect(made('pairs', { os: 'debian', ram: 512, deep: { a: 1 }, none: null })).toEqual([
      { key: 'os', value: 'debian' },
      { key: 'ram', value: '512' },
      { key: 'deep', value: '{"a":1}' },
      { key: 'none', value: 'null' },
    ]);
    expect([made('pairs', {}), made('pairs', null)]).toEqual([[], null]);
  });

  it('has parts that know the region of their row, since they have relations too', () => {
    const [address] = made('addresses', [{ address: '10.0.0.4' }, 'garbage']) as readonly { [REGION]?: string }[];
    expect(address).toMatchObject({ address: '10.0.0.4' });
    expect(address?.[REGION]).toBe('RegionOne');
    expect(made('address', 'garbage')).toBeNull();
  });
});
