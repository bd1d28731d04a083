import fc from 'fast-check';
import { buildSchema, type GraphQLInputObjectType, isInputObjectType } from 'graphql';
import { describe, expect, it } from 'vitest';
import { canonical, filterTerms, toWire, writeOf } from '../../src/graph/inputs.js';
import { snakeCase } from '../../src/graph/names.js';
import type { Row } from '../../src/row.js';
import { type AnyResource, resourceOf } from '../../src/services/registry.js';

const schema = buildSchema(`
  scalar DateTime
  enum Colour { DARK_RED BLUE }
  input KeyValueInput { key: String! value: String! }
  input PartInput { subnetId: ID colour: Colour }
  input ThingInput {
    name: String  macAddress: String  colour: Colour!  colours: [Colour!]  metadata: [KeyValueInput!]
    parts: [PartInput!]  at: DateTime  special: String  spread: String
  }
  input ThingFilter { name: String  networkId: [ID!]  colour: Colour  at: DateTime  special: String  chosen: String }
  type Query { ping: String }
`);

function input(name: string): GraphQLInputObjectType {
  const type = schema.getType(name);
  if (!isInputObjectType(type)) throw new Error(`${name}: expected an input of the schema above`);
  return type;
}

/** A descriptor of the things above; only what inputs look at. */
function things(more: object = {}): AnyResource {
  const parts = { filters: { special: 'odd-name', chosen: (value: string) => ({ query: [['chosen', `=${value}`]] }) } };
  const write = { special: 'odd:name', spread: (value: string | null) => ({ one: value, two: value }) };
  return { ...resourceOf('Port'), ...parts, write, ...more } as unknown as AnyResource;
}

function queryOf(filter: Readonly<Record<string, unknown>> | null, resource = things()): unknown {
  return filterTerms(resource, input('ThingFilter'), filter).flatMap((term) => term.query);
}

describe('a filter on its way to the service', () => {
  it('is sent under its name in snake_case, each value of a list by itself, enum values in lower case', () => {
    expect(queryOf({ networkId: ['a', 'b'], name: 'web', colour: 'DARK_RED' })).toEqual([
      ['name', 'web'],
      ['network_id', 'a'],
      ['network_id', 'b'],
      ['colour', 'dark_red'],
    ]);
  });

  it('is sent as the descriptor says where it says so', () => {
    expect(queryOf({ special: 'x', chosen: 'y' })).toEqual([
      ['odd-name', 'x'],
      ['chosen', '=y'],
    ]);
  });

  it('is not sent when it is absent or null', () => {
    expect([queryOf(null), queryOf({}), queryOf({ name: null, colour: undefined })]).toEqual([[], [], []]);
  });

  it('is refused when it is an empty list, which services would read as no filter at all', () => {
    expect(() => queryOf({ networkId: [] })).toThrow(/^filter.networkId: expected at least one value, got \[\]/);
  });

  it('is refused when it is half a character, which only variables can hold and no URL can', () => {
    expect(() => queryOf({ name: 'web\ud800' })).toThrow(/^filter.name: expected well-formed Unicode/);
    expect(queryOf({ name: 'web\u{1f600}' })).toEqual([['name', 'web\u{1f600}']]);
  });

  it('writes times in UTC without fractions', () => {
    expect(queryOf({ at: new Date('2026-11-22T21:28:32.500+01:00') })).toEqual([['at', '2026-11-22T20:28:32Z']]);
  });

  it('becomes a test of the rows where the whole collection is here', () => {
    const here = things({ batch: 'index', filters: undefined, fields: { special: 'odd:name' } });
    const [byId, bySpecial] = filterTerms(here, input('ThingFilter'), { networkId: ['a', 'b'], special: 'x' });
    expect([byId?.query, bySpecial?.query]).toEqual([[], []]);
    const rows: readonly Row[] = [{ network_id: 'b', 'odd:name': 'x' }, { network_id: 'c' }];
    expect(rows.map((row) => byId?.accept?.(row))).toEqual([true, false]);
    expect(rows.map((row) => bySpecial?.accept?.(row))).toEqual([true, false]);
  });
});

describe('an input on its way to the service', () => {
  const written = (value: Readonly<Record<string, unknown>>) => writeOf(things(), input('ThingInput'), value);

  it('has names in snake_case, enum values in lower case, pairs as an object', () => {
    const metadata = [
      { key: 'a', value: '1' },
      { key: 'b', value: '2' },
    ];
    const parts = [{ subnetId: 's', colour: 'BLUE' }, {}];
    expect(written({ macAddress: 'fa:16', colour: 'DARK_RED', colours: ['BLUE'], metadata, parts })).toEqual({
      mac_address: 'fa:16',
      colour: 'dark_red',
      colours: ['blue'],
      metadata: { a: '1', b: '2' },
      parts: [{ subnet_id: 's', colour: 'blue' }, {}],
    });
  });

  it('leaves absent what is absent, which stays, and keeps null, which clears', () => {
    expect(written({ name: null, parts: [{ subnetId: null }] })).toEqual({ name: null, parts: [{ subnet_id: null }] });
    expect(written({ name: undefined })).toEqual({});
  });

  it('is written as the descriptor says: under another name, or as several entries', () => {
    expect(written({ special: 'x', spread: null })).toEqual({ 'odd:name': 'x', one: null, two: null });
  });

  it('takes a single value for a list of one, as GraphQL does', () => {
    const { colours } = input('ThingInput').getFields();
    expect(colours && toWire(colours.type, 'BLUE')).toEqual(['blue']);
  });

  it('is an object: any other type is a mistake in the schema', () => {
    const { name } = input('ThingInput').getFields();
    expect(() => name && writeOf(things(), name.type, {})).toThrow(/expected an input object to write, got String/);
  });
});

describe('the canonical text of a filter', () => {
  const values = fc.dictionary(fc.string(), fc.jsonValue());

  it('does not depend on the order in which a client wrote it', () => {
    fc.assert(
      fc.property(values, (value) => {
        const turned = Object.fromEntries(Object.entries(value).reverse());
        expect(canonical({ a: [turned] })).toBe(canonical({ a: [value] }));
      }),
    );
  });

  it('tells different filters apart: all that a filter says can be read out of it again', () => {
    fc.assert(
      fc.property(values, (value) => {
        expect(JSON.parse(canonical(value))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  it('keeps the order of lists and writes times in UTC', () => {
    expect(canonical({ id: ['b', 'a'], at: new Date('2026-11-22T21:00:00+01:00') })).toBe(
      '{"at":"2026-11-22T20:00:00.000Z","id":["b","a"]}',
    );
  });
});

describe('a name', () => {
  it('is OpenStack’s in snake_case', () => {
    const names = ['id', 'floatingIpAddress', 'ip6Address', 'fixedIps'].map(snakeCase);
    expect(names).toEqual(['id', 'floating_ip_address', 'ip6_address', 'fixed_ips']);
  });
});
