import { fileURLToPath } from 'node:url';
import { isObjectType } from 'graphql';
import { describe, expect, it } from 'vitest';
import { snakeCase } from '../../src/graph/names.js';
import { relations } from '../../src/graph/relation-table.js';
import { executableSchema } from '../../src/graph/schema.js';
import type { FieldSource, Relation, ResourceName } from '../../src/resource.js';
import type { Row } from '../../src/row.js';
import { registry, resourceOf } from '../../src/services/registry.js';

const { schema } = executableSchema(fileURLToPath(new URL('../../schema', import.meta.url)));
const asking = (Object.keys(registry) as ResourceName[]).filter((name) => resourceOf(name).asks !== undefined);

/** A row that has a text under every name and notes which names it was asked for. */
function notingRow(read: Set<string>): Row {
  return new Proxy({} as Row, {
    get: (_, name) => {
      if (typeof name === 'string') read.add(name);
      return 'compute:nova';
    },
  });
}

function readOfRelation(relation: Relation, row: Row): void {
  if (relation.kind === 'one') relation.id(row);
  else if (relation.kind === 'oneOf') relation.pick(row);
  else if (relation.kind === 'list') relation.ids(row);
  else if (relation.kind === 'embedded') relation.rows(row);
  else if (relation.kind === 'reverse') relation.key(row);
}

/** Every wire name that the descriptor of a type reads of a row. */
function readOf(name: ResourceName): Set<string> {
  const resource = resourceOf(name);
  const read = new Set<string>(['id', ...resource.watch, ...(resource.project === null ? [] : [resource.project])]);
  const row = notingRow(read);
  const type = schema.getType(name);
  const own = relations.get(name) ?? {};
  for (const field of isObjectType(type) ? Object.keys(type.getFields()) : []) {
    if (field === 'region' || Object.hasOwn(own, field)) continue;
    const source = (resource.fields as Readonly<Record<string, FieldSource>> | undefined)?.[field] ?? snakeCase(field);
    if (typeof source === 'string') read.add(source);
    else source(row);
  }
  for (const relation of Object.values(own)) readOfRelation(relation, row);
  for (const relation of [...relations.values()].flatMap((all) => Object.values(all))) {
    if (relation.kind === 'reverse' && relation.target === name) relation.pointsAt(row, []);
  }
  if (typeof resource.ttl === 'function') resource.ttl(row);
  return read;
}

describe.each(asking)('lists of %s', (name) => {
  it('are asked for what is read of them, and for nothing else', () => {
    expect([...(resourceOf(name).asks ?? [])].sort()).toEqual([...readOf(name)].sort());
  });
});

it('somebody asks', () => {
  expect(asking).toContain('Port');
});
