import type { Answer, Client } from './client.js';

interface Named {
  readonly id: string;
  readonly name: string;
}

/**
 * The REST calls behind an answer in alphabetical order, as `GET /servers/detail`; less the version documents and the
 * token's validation, which come once in a while whatever is asked for.
 */
export function restCalls(answer: Answer<unknown>): readonly string[] {
  const calls = answer.extensions?.explain?.rest ?? [];
  return calls
    .filter(({ path }) => path !== '/' && path !== '/auth/tokens')
    .map(({ method, path }) => `${method} ${path}`)
    .sort();
}

/** What the first error of an answer says beside its message. */
export function faultOf(answer: Answer<unknown>): Readonly<Record<string, unknown>> | undefined {
  return answer.errors?.[0]?.extensions;
}

/** The id of the row of this name in a list (`servers`); throws unless there is exactly one. */
export async function idOf(client: Client, list: string, name: string): Promise<string> {
  const { data } = await client.ask<Readonly<Record<string, { readonly nodes: readonly Named[] }>>>(
    `{ ${list}(first: 1000) { nodes { id name } } }`,
  );
  const rows = data[list]?.nodes.filter((row) => row.name === name) ?? [];
  if (rows[0] === undefined || rows.length > 1)
    throw new Error(`expected one of ${list} named ${name}, got ${rows.length}`);
  return rows[0].id;
}

/** The id of the row that a mutation made, under the payload's only field. */
export async function made(client: Client, mutation: string, input: object): Promise<string> {
  const type = mutation.replace(/^create/, '');
  const field = type.charAt(0).toLowerCase() + type.slice(1);
  const query = `mutation ($input: Create${type}Input!) { ${mutation}(input: $input) { ${field} { id } } }`;
  const { data } = await client.ask<Readonly<Record<string, Readonly<Record<string, { readonly id: string }>>>>>(
    query,
    {
      input,
    },
  );
  const id = data[mutation]?.[field]?.id;
  if (id === undefined) throw new Error(`expected ${mutation} to show ${field}, got none`);
  return id;
}
