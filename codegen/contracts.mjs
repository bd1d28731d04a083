// A graphql-codegen plugin: for each file of schema/ that defines a resource, the contract that its descriptor must
// fulfil. It reads the files rather than the merged schema, so that what `extend type Server` in port.graphql adds stays
// apart from what server.graphql says: a missing relation is an error in the one descriptor that has to supply it.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Kind, parse } from 'graphql';

/** `folder` is where the `.graphql` files are, below the working directory. */
export const plugin = (_schema, _documents, { folder = 'schema' } = {}) => {
  const documents = schemaFiles(folder).map((file) => ({
    file,
    definitions: parse(readFileSync(file, 'utf8')).definitions,
  }));
  const names = namesOf(documents.flatMap(({ definitions }) => definitions));
  const contracts = documents.flatMap(({ file, definitions }) => contractOf(file, definitions, names));
  return [
    '// Made by `npm run codegen` from schema/. Changes here are lost.',
    "import type * as types from './types.js';",
    '',
    '/** What each resource of schema/ demands of its descriptor. */',
    'export interface Contracts {',
    ...contracts,
    '}',
    '',
  ].join('\n');
};

function schemaFiles(folder) {
  const names = readdirSync(folder, { recursive: true }).filter((name) => name.endsWith('.graphql'));
  return names.sort().map((name) => join(folder, name));
}

/** Which names are resources, and which resources a name in field position can stand for. */
function namesOf(definitions) {
  const resources = new Set(definitions.filter(isResource).map((definition) => definition.name.value));
  const targets = new Map([...resources].map((name) => [name, [name]]));
  for (const definition of definitions) {
    if (definition.kind !== Kind.UNION_TYPE_DEFINITION && definition.kind !== Kind.UNION_TYPE_EXTENSION) continue;
    const name = definition.name.value;
    const members = definition.types.map((type) => type.name.value);
    targets.set(name, [...(targets.get(name) ?? []), ...members]);
  }
  return { resources, targets };
}

function isResource(definition) {
  return (
    definition.kind === Kind.OBJECT_TYPE_DEFINITION &&
    definition.interfaces.some((implemented) => implemented.name.value === 'Resource')
  );
}

function contractOf(file, definitions, names) {
  const own = definitions.filter(isResource);
  if (own.length === 0) return [];
  if (own.length > 1)
    throw new Error(`${file}: expected one resource, found ${own.map((d) => d.name.value).join(', ')}`);
  const [resource] = own;
  const name = resource.name.value;
  return [
    `  ${name}: {`,
    `    field: ${union(plainFields(resource, names).filter((field) => field !== 'id' && field !== 'region'))};`,
    `    relation: ${relations(resource, names)};`,
    `    extend: ${extensions(definitions, names)};`,
    `    value: ${values(definitions, name, names)};`,
    `    mutation: ${mutations(definitions)};`,
    `    filter: ${union(inputFields(definitions, `${name}Filter`))};`,
    `    input: ${union(writableFields(definitions, name))};`,
    `    order: ${union(enumValues(definitions, `${name}OrderField`))};`,
    '  };',
  ];
}

function plainFields(type, names) {
  return type.fields.filter((field) => !targetOf(field, names)).map((field) => field.name.value);
}

function relations(type, names) {
  const found = type.fields.flatMap((field) => {
    const target = targetOf(field, names);
    return target
      ? [`${field.name.value}: ${isList(field.type) ? `readonly (${union(target)})[]` : union(target)}`]
      : [];
  });
  return record(found);
}

function isList(type) {
  return type.kind === Kind.NON_NULL_TYPE ? isList(type.type) : type.kind === Kind.LIST_TYPE;
}

function extensions(definitions, names) {
  const found = definitions.filter(
    (definition) => definition.kind === Kind.OBJECT_TYPE_EXTENSION && names.resources.has(definition.name.value),
  );
  return record(found.map((definition) => `${definition.name.value}: ${relations(definition, names)}`));
}

/** The object types of the file that are parts of a row: not the resource, its pages or its payloads. */
function values(definitions, resource, names) {
  const found = definitions.filter(
    (definition) =>
      definition.kind === Kind.OBJECT_TYPE_DEFINITION &&
      definition.name.value !== resource &&
      !/(Connection|Edge|Payload)$/.test(definition.name.value),
  );
  return record(
    found.map((definition) => {
      const fields = union(plainFields(definition, names));
      return `${definition.name.value}: { field: ${fields}; relation: ${relations(definition, names)} }`;
    }),
  );
}

function mutations(definitions) {
  const found = definitions.filter(
    (definition) => definition.kind === Kind.OBJECT_TYPE_EXTENSION && definition.name.value === 'Mutation',
  );
  const fields = found.flatMap((definition) => definition.fields.map((field) => field.name.value));
  return record(fields.map((field) => `${field}: types.Mutation${upperFirst(field)}Args`));
}

function writableFields(definitions, name) {
  const fields = [`Create${name}Input`, `Update${name}Input`].flatMap((input) => inputFields(definitions, input));
  return [...new Set(fields)];
}

function inputFields(definitions, name) {
  const found = definitions.find(
    (definition) => definition.kind === Kind.INPUT_OBJECT_TYPE_DEFINITION && definition.name.value === name,
  );
  return (found?.fields ?? []).map((field) => field.name.value);
}

function enumValues(definitions, name) {
  const found = definitions.find(
    (definition) => definition.kind === Kind.ENUM_TYPE_DEFINITION && definition.name.value === name,
  );
  return (found?.values ?? []).map((value) => value.name.value);
}

function targetOf(field, names) {
  let type = field.type;
  while (type.kind !== Kind.NAMED_TYPE) type = type.type;
  return names.targets.get(type.name.value);
}

function union(names) {
  return names.length === 0 ? 'never' : names.map((name) => `'${name}'`).join(' | ');
}

function record(entries) {
  return entries.length === 0 ? '{}' : `{ ${entries.join('; ')} }`;
}

function upperFirst(text) {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
