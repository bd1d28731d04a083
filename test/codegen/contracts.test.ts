import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

type Plugin = (schema: unknown, documents: unknown, config: { readonly folder: string }) => string;

const { plugin } = (await import(new URL('../../codegen/contracts.mjs', import.meta.url).href)) as { plugin: Plugin };

const BASE = 'interface Resource { id: ID! region: String! }';

describe('the contracts that codegen writes', () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'contracts-'));
  });

  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  /** The contracts of a schema of these files, as one line without needless spaces. */
  function contractsOf(files: Readonly<Record<string, string>>): string {
    for (const [name, sdl] of Object.entries({ 'base.graphql': BASE, ...files })) {
      mkdirSync(join(folder, name, '..'), { recursive: true });
      writeFileSync(join(folder, name), sdl);
    }
    return plugin(null, [], { folder }).replace(/\s+/g, ' ');
  }

  it('tell fields from relations, and leave out id and region, which no descriptor has to supply', () => {
    const text = contractsOf({
      'compute/ship.graphql':
        'type Ship implements Resource { id: ID! region: String! name: String port: Port ports: [Port!] }',
      'network/port.graphql': 'type Port implements Resource { id: ID! region: String! size: Int }',
    });
    expect(text).toContain("Ship: { field: 'name'; relation: { port: 'Port'; ports: readonly ('Port')[] };");
    expect(text).toContain("Port: { field: 'size'; relation: {};");
  });

  it('demand what a file adds to another type of that file’s own resource', () => {
    const text = contractsOf({
      'ship.graphql': 'type Ship implements Resource { id: ID! }',
      'port.graphql': 'type Port implements Resource { id: ID! } extend type Ship { ports: [Port!] }',
    });
    expect(text).toMatch(/Port: \{[^}]*relation: \{\}; extend: \{ Ship: \{ ports: readonly \('Port'\)\[\] \} \};/);
    expect(text).toMatch(/Ship: \{[^}]*relation: \{\}; extend: \{\};/);
  });

  it('let a union stand for its members, extended ones too', () => {
    const text = contractsOf({
      'ship.graphql': 'type Ship implements Resource { id: ID! } extend union Berthed = Ship',
      'boat.graphql': 'type Boat implements Resource { id: ID! } union Berthed = Boat',
      'port.graphql': 'type Port implements Resource { id: ID! berthed: Berthed }',
    });
    expect(text).toContain("relation: { berthed: 'Boat' | 'Ship' }");
  });

  it('name the parts of a row that have types of their own, but not its pages and payloads', () => {
    const text = contractsOf({
      'ship.graphql': `
        type Ship implements Resource { id: ID! masts: [Mast!] }
        type Mast { height: Int ship: Ship }
        type ShipConnection { nodes: [Ship!]! }
        type ShipEdge { node: Ship! }
        type SinkShipPayload { ship: Ship }`,
    });
    expect(text).toContain("value: { Mast: { field: 'height'; relation: { ship: 'Ship' } } };");
  });

  it('name mutations with their arguments, filters, inputs and sort keys', () => {
    const text = contractsOf({
      'ship.graphql': `
        type Ship implements Resource { id: ID! }
        extend type Query { ship(id: ID!): Ship }
        extend type Mutation { createShip(input: CreateShipInput!): Ship sinkShip(id: ID!): Ship }
        input CreateShipInput { name: String }
        input UpdateShipInput { name: String flag: String }
        input ShipFilter { flag: String }
        enum ShipOrderField { NAME }`,
    });
    expect(text).toContain(
      'mutation: { createShip: types.MutationCreateShipArgs; sinkShip: types.MutationSinkShipArgs };',
    );
    expect(text).toContain("filter: 'flag'; input: 'name' | 'flag'; order: 'NAME';");
  });

  it('say never where a resource has nothing to name, and leave files without a resource out', () => {
    const text = contractsOf({
      'token.graphql': 'type Token { id: ID! }',
      'ship.graphql': 'type Ship implements Resource { id: ID! }',
    });
    expect(text).toContain('export interface Contracts { Ship: { field: never;');
    expect(text).toContain('mutation: {}; filter: never; input: never; order: never;');
    expect(text).not.toContain('Token');
  });

  it('are refused for two resources in one file, naming the file and both', () => {
    const both = 'type Ship implements Resource { id: ID! } type Boat implements Resource { id: ID! }';
    expect(() => contractsOf({ 'ship.graphql': both })).toThrow(
      `${join(folder, 'ship.graphql')}: expected one resource, found Ship, Boat`,
    );
  });

  it('are those that the descriptors were compiled against', () => {
    const at = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));
    expect(plugin(null, [], { folder: at('schema') })).toBe(readFileSync(at('src/generated/contracts.ts'), 'utf8'));
  });
});
