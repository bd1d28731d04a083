/** What is sent as the body of a request. */
export interface Question {
  readonly query: string;
  readonly variables?: Readonly<Record<string, unknown>>;
}

/** What the instances page shows of a server: eight types beside it. */
const FIELDS = `id name status flavor { name } image { name size }
  ports { id network { name } securityGroups { name } floatingIps { floatingIpAddress } } volumes { id name size }`;

/** The smallest query that there is: it asks for nothing of the cloud. */
export const HELLO: Question = { query: '{ __typename }' };

/** The instances page with so many servers, 1 to 1000. */
export function page(first: number): Question {
  return { query: `query Page($first: Int!) { servers(first: $first) { nodes { ${FIELDS} } } }`, variables: { first } };
}

/** One server with all that the page shows of it. */
export function one(id: string): Question {
  return { query: `query One($id: ID!) { server(id: $id) { ${FIELDS} } }`, variables: { id } };
}

/** Conditions of a query: two to the power of this many choices. */
const FLAGS = 14;
/** Each of these fields makes a selection of its own; none costs a call. */
const MORE = [
  'statusText',
  'taskState',
  'vmState',
  'powerState',
  'description',
  'projectId',
  'userId',
  'hostId',
  'imageId',
  'keyName',
  'availabilityZone',
  'configDrive',
  'diskConfig',
  'locked',
  'createdAt',
  'updatedAt',
] as const;

/** How questions for the same rows differ from one another. */
export type Variety = 'variables' | 'selections' | 'conditions' | 'texts';

/**
 * The page as the `number`-th of many clients asks for it, from rows that somebody has asked for before; no two have the same
 * variables. `variables`: one text. `selections`: sixteen texts. `conditions`: one text whose variables decide which fields
 * are shown, another choice each time. `texts`: no text comes twice.
 */
export function varied(variety: Variety, first: number, number: number): Question {
  // GraphQL ignores what the query does not declare; it is another request all the same.
  const variables = { first, number };
  switch (variety) {
    case 'variables':
      return { query: textWith(''), variables };
    case 'selections':
      return { query: textWith(MORE[number % MORE.length] ?? ''), variables };
    case 'texts':
      return { query: textWith(`n${number}: name`), variables };
    case 'conditions':
      return conditional(variables);
  }
}

function textWith(more: string): string {
  return `query Page($first: Int!) { servers(first: $first) { nodes { ${FIELDS} ${more} } } }`;
}

function conditional({ first, number }: { readonly first: number; readonly number: number }): Question {
  const flags = Array.from({ length: FLAGS }, (_, index) => `f${index}`);
  const declared = flags.map((flag) => `$${flag}: Boolean!`).join(' ');
  const shown = flags.map((flag) => `${flag}: __typename @include(if: $${flag})`).join(' ');
  const values = flags.map((flag, index) => [flag, Math.floor(number / 2 ** index) % 2 === 1]);
  return {
    query: `query Page($first: Int! ${declared}) { ${shown} servers(first: $first) { nodes { ${FIELDS} } } }`,
    variables: { first, ...Object.fromEntries(values) },
  };
}
