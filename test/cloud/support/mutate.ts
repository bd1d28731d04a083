import type { Answer, Client } from '../../support/client.js';
import type { Kind } from './kinds.js';

type Payload = Readonly<Record<string, unknown>>;

/** A mutation's payload; throws where its answer has errors. `selection` is what to ask of the payload. */
export async function mutate<P = Payload>(
  client: Client,
  mutation: string,
  selection: string,
  variables: Readonly<Record<string, unknown>> = {},
): Promise<P> {
  return (await client.ask<Record<string, P>>(document(mutation, selection, variables), variables)).data[mutation] as P;
}

/** The same with whatever errors it has. */
export function attempt(
  client: Client,
  mutation: string,
  selection: string,
  variables: Readonly<Record<string, unknown>> = {},
): Promise<Answer<Readonly<Record<string, Payload | null>> | null>> {
  return client.tell(document(mutation, selection, variables), variables);
}

/** `createServer(input: …)` as a document: the types of its variables follow from their names. */
function document(mutation: string, selection: string, variables: Readonly<Record<string, unknown>>): string {
  const names = Object.keys(variables);
  const inputType = `${mutation.charAt(0).toUpperCase()}${mutation.slice(1)}Input!`;
  const declared = names.map((name) => `$${name}: ${TYPES[name] ?? (name === 'input' ? inputType : 'ID!')}`).join(', ');
  const given = names.map((name) => `${name}: $${name}`).join(', ');
  const head = names.length === 0 ? 'mutation' : `mutation (${declared})`;
  return `${head} { ${mutation}${names.length === 0 ? '' : `(${given})`} { ${selection} } }`;
}

const TYPES: Readonly<Record<string, string>> = {
  region: 'String',
  type: 'RebootType!',
  cascade: 'Boolean!',
  force: 'Boolean!',
};

interface Made {
  readonly id: string;
}

/** A new row of a kind; its id. */
export async function create(
  client: Client,
  { type, one }: Pick<Kind, 'type' | 'one'>,
  input: object,
): Promise<string> {
  const payload = await mutate<Record<string, Made | null>>(client, `create${type}`, `${one} { id }`, { input });
  const id = payload[one]?.id;
  if (id === undefined) throw new Error(`create${type}: expected the new row in the payload, got none`);
  return id;
}

export async function update(
  client: Client,
  { type, one }: Pick<Kind, 'type' | 'one'>,
  id: string,
  input: object,
): Promise<void> {
  await mutate(client, `update${type}`, `${one} { id }`, { id, input });
}

export async function remove(client: Client, { type }: Pick<Kind, 'type'>, id: string): Promise<void> {
  await mutate(client, `delete${type}`, 'id accepted', { id });
}
