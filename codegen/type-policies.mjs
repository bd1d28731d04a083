// A graphql-codegen plugin: `typePolicies` for Apollo Client. An id is unique within its region only, so a client that knew
// rows by id alone would mix two regions up.
import { isInterfaceType, isObjectType } from 'graphql';

export const plugin = (schema) => {
  const resource = schema.getType('Resource');
  if (!isInterfaceType(resource)) throw new Error('schema: expected an interface Resource, found none');
  const names = schema
    .getPossibleTypes(resource)
    .filter(isObjectType)
    .map((type) => type.name);
  const policies = Object.fromEntries(names.sort().map((name) => [name, { keyFields: ['id', 'region'] }]));
  return `${JSON.stringify(policies, null, 2)}\n`;
};
