import { fileURLToPath } from 'node:url';
import {
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLObjectType,
  getNamedType,
  isInputObjectType,
  isInterfaceType,
  isNonNullType,
  isObjectType,
  isUnionType,
} from 'graphql';
import { describe, expect, it } from 'vitest';
import { relations } from '../../src/graph/relation-table.js';
import { executableSchema } from '../../src/graph/schema.js';
import { registry } from '../../src/services/registry.js';

const { schema } = executableSchema(fileURLToPath(new URL('../../schema', import.meta.url)));
const types = Object.values(schema.getTypeMap()).filter((type) => !type.name.startsWith('__') && type.astNode);
const objects = types.filter(isObjectType);

function fieldsOf(type: GraphQLNamedType): readonly GraphQLField<unknown, unknown>[] {
  return isObjectType(type) || isInterfaceType(type) ? Object.values(type.getFields()) : [];
}

function isResource(type: GraphQLNamedType): boolean {
  return isUnionType(type) || (isObjectType(type) && type.getInterfaces().some(({ name }) => name === 'Resource'));
}

function isRoot(type: GraphQLObjectType): boolean {
  return type.name === 'Query' || type.name === 'Mutation';
}

describe('the schema', () => {
  it('lets every field be null whose value may need a REST call, so that a dead service takes nothing else with it', () => {
    const mayCall = objects.flatMap((type) =>
      fieldsOf(type)
        .filter((field) => isRoot(type) || type.name.endsWith('Payload') || relations.get(type.name)?.[field.name])
        .filter((field) => !['id', 'revoked'].includes(field.name))
        .map((field) => ({ name: `${type.name}.${field.name}`, field })),
    );
    expect(mayCall.length).toBeGreaterThan(60);
    expect(mayCall.filter(({ field }) => isNonNullType(field.type)).map(({ name }) => name)).toEqual([]);
  });

  it('has a resolver for every relation between resources', () => {
    const pages = /(Connection|Edge|Payload)$/;
    const unresolved = objects
      .filter((type) => !isRoot(type) && !pages.test(type.name))
      .flatMap((type) =>
        fieldsOf(type)
          .filter((field) => isResource(getNamedType(field.type)) && !relations.get(type.name)?.[field.name])
          .map((field) => `${type.name}.${field.name}`),
      );
    expect(unresolved).toEqual([]);
  });

  it('shows a list where a relation leads to many rows, and one row where it leads to one', () => {
    const leadsToOne = (kind: string) => kind === 'one' || kind === 'oneOf';
    const wrong = objects.flatMap((type) =>
      Object.entries(relations.get(type.name) ?? {})
        .filter(([name, { kind }]) => leadsToOne(kind) === String(type.getFields()[name]?.type).startsWith('['))
        .map(([name, { kind }]) => `${type.name}.${name}: ${kind}`),
    );
    expect(wrong).toEqual([]);
  });

  it('marks the relations that cost a call for each row, and no others', () => {
    const marked = (type: GraphQLObjectType, name: string) =>
      type.getFields()[name]?.astNode?.directives?.some((directive) => directive.name.value === 'perRow') ?? false;
    const wrong = objects.flatMap((type) =>
      Object.entries(relations.get(type.name) ?? {})
        .filter(([name, relation]) => marked(type, name) !== (relation.kind === 'reverse' && !relation.batched))
        .map(([name]) => `${type.name}.${name}`),
    );
    expect(wrong).toEqual([]);
  });

  it('gives every resource an id and a region that are never null', () => {
    for (const name of Object.keys(registry)) {
      const fields = (schema.getType(name) as GraphQLObjectType).getFields();
      expect([name, String(fields['id']?.type), String(fields['region']?.type)]).toEqual([name, 'ID!', 'String!']);
    }
  });

  it('asks for every root list in the same way', () => {
    const lists = fieldsOf(schema.getQueryType() as GraphQLObjectType).filter((field) =>
      String(field.type).endsWith('Connection'),
    );
    expect(lists.length).toBe(Object.keys(registry).length);
    for (const list of lists) {
      const args = list.args.map((arg) => arg.name);
      for (const wanted of ['filter', 'first', 'after', 'region']) expect(args, list.name).toContain(wanted);
    }
  });

  it('describes every type, field and input in words that say more than who may use it', () => {
    const silent = types.flatMap((type) => {
      const own = type.description ? [] : [type.name];
      const fields = isObjectType(type) || isInputObjectType(type) ? Object.values(type.getFields()) : [];
      const saysNothing = fields.filter(({ description }) => !description || description === 'Admin only.');
      return [...own, ...saysNothing.map((field) => `${type.name}.${field.name}`)];
    });
    expect(silent).toEqual([]);
  });

  it('names a foo_id fooId, and shows the foo beside it where foo is a resource', () => {
    const lonely = objects
      .filter((type) => type.getInterfaces().some(({ name }) => name === 'Resource'))
      .flatMap((type) =>
        fieldsOf(type)
          .filter((field) => /^[a-z]\w*Id$/.test(field.name))
          .filter((field) => {
            const noun = field.name.slice(0, -2);
            const target = noun.charAt(0).toUpperCase() + noun.slice(1);
            return target in registry && !(noun in type.getFields());
          })
          .map((field) => `${type.name}.${field.name}`),
      );
    expect(lonely).toEqual([]);
  });
});
