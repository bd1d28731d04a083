import { fileURLToPath } from 'node:url';
import { type GraphQLField, type GraphQLObjectType, getNamedType, isObjectType } from 'graphql';
import { describe, expect, it } from 'vitest';
import { fieldResolver } from '../../src/graph/fields.js';
import { relations } from '../../src/graph/relation-table.js';
import { executableSchema } from '../../src/graph/schema.js';
import type { FieldSource, Relation, ResourceName } from '../../src/resource.js';
import { inRegion, type Row } from '../../src/row.js';
import { registry, resourceOf } from '../../src/services/registry.js';
import { recordedRows } from '../record/recorded.js';
import type { RowType } from '../record/step.js';
import { LEFT_OUT, NEVER_SENT } from './exceptions.js';
import { Reading } from './reading.js';

const { schema } = executableSchema(fileURLToPath(new URL('../../schema', import.meta.url)));

const RECORDED_AS: Readonly<Record<ResourceName, RowType>> = {
  Server: 'server',
  Flavor: 'flavor',
  Image: 'image',
  Network: 'network',
  Subnet: 'subnet',
  Port: 'port',
  FloatingIp: 'floatingip',
  SecurityGroup: 'security-group',
  SecurityGroupRule: 'security-group-rule',
  Volume: 'volume',
  VolumeSnapshot: 'snapshot',
  Project: 'project',
};

type AnyField = GraphQLField<unknown, unknown>;

/** Reads every field of `type` from the row, parts of it too, and notes what each read. */
function readFields(type: GraphQLObjectType, parent: unknown, reading: Reading): void {
  for (const field of Object.values(type.getFields())) {
    if (field.name === 'region' && type.getInterfaces().length > 0) continue;
    const value = reading.during(`${type.name}.${field.name}`, () => readValue(type, field, parent));
    const inner = getNamedType(field.type);
    if (!isObjectType(inner) || relations.get(type.name)?.[field.name]) continue;
    // A part that the descriptor made up has been read already, by the field that made it.
    for (const part of Array.isArray(value) ? value : [value])
      if (reading.isWatched(part)) readFields(inner, part, reading);
  }
}

function readValue(type: GraphQLObjectType, field: AnyField, parent: unknown): unknown {
  const relation = relations.get(type.name)?.[field.name];
  if (relation) return idsOf(relation, parent as Row);
  const { fields, onlyInGet, since } = fieldSources(type.name);
  // The recorded row may be of a GET already, and is of the newest microversion: it is read as if it were both.
  const inRow = onlyInGet?.[field.name] || since?.[field.name];
  const resolve = inRow ? fieldResolver(fields, field) : field.resolve;
  return resolve?.(parent as Row, {}, {} as never, {} as never);
}

function fieldSources(typeName: string): {
  readonly fields?: Readonly<Record<string, FieldSource>>;
  readonly onlyInGet?: Readonly<Record<string, (row: Row) => boolean>>;
  readonly since?: Readonly<Record<string, string>>;
} {
  return typeName in registry ? (resourceOf(typeName as ResourceName) as object) : {};
}

/** What a relation reads of the row that it begins at. */
function idsOf(relation: Relation, row: Row): unknown {
  switch (relation.kind) {
    case 'one':
      return relation.id(row);
    case 'oneOf':
      return relation.pick(row);
    case 'list':
      return relation.ids(row);
    case 'embedded':
      return relation.rows(row).length;
    case 'reverse':
      return relation.key(row);
    default:
      return null;
  }
}

function readAll(name: ResourceName): Reading {
  const reading = new Reading();
  const rows = (['member', 'admin'] as const).flatMap((audience) => recordedRows(RECORDED_AS[name], audience));
  expect(rows.length, `recorded rows of ${name}`).toBeGreaterThan(1);
  for (const { row } of rows) {
    readFields(schema.getType(name) as GraphQLObjectType, reading.watch(inRegion({ ...row }, 'RegionOne')), reading);
  }
  for (const secret of resourceOf(name).secrets ?? []) reading.excuse(secret);
  return reading;
}

describe.each(Object.keys(registry) as ResourceName[])(
  'the descriptor of %s, against what the control plane sent',
  (name) => {
    it('reads no wire name that no recorded answer holds', () => {
      const unknown = readAll(name).fieldsThatFoundNothing();
      expect(unknown.filter((field) => !(field in NEVER_SENT))).toEqual([]);
    });

    it('leaves nothing out that OpenStack returned', () => {
      const unread = readAll(name).keysThatNobodyRead();
      expect(unread.filter((key) => !LEFT_OUT[name]?.includes(key))).toEqual([]);
    });
  },
);

describe('the exceptions', () => {
  it('hold no field that an answer fills by now', () => {
    const found = (Object.keys(registry) as ResourceName[]).flatMap((name) => readAll(name).fieldsThatFoundNothing());
    expect(Object.keys(NEVER_SENT).filter((field) => !found.includes(field))).toEqual([]);
  });
});
