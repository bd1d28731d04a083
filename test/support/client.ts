import { keepGiven, keepSent } from './secrets/sent.js';
import { keepSecret, searched } from './secrets/watch.js';
import { compareWithTwin, hasTwins } from './twins.js';

/** A GraphQL answer; `data` is typed by who asks. */
export interface Answer<Data> {
  readonly status: number;
  readonly data: Data;
  readonly errors?: readonly {
    readonly message: string;
    readonly path?: readonly (string | number)[];
    readonly extensions: Readonly<Record<string, unknown>>;
  }[];
  readonly extensions?: {
    readonly explain?: {
      readonly rest: readonly {
        readonly service: string;
        readonly method: string;
        readonly path: string;
        readonly status: number;
      }[];
      readonly cache: { readonly hits: number; readonly misses: number; readonly bypassed: number };
      readonly stale: readonly unknown[];
      readonly cost: {
        readonly calls: number;
        readonly nodes: number;
        readonly allowedCalls: number;
        readonly allowedNodes: number;
      } | null;
    };
    readonly refused?: readonly Readonly<Record<string, unknown>>[];
    readonly truncated?: readonly Readonly<Record<string, unknown>>[];
    readonly cache?: { readonly unconfirmed: readonly string[] };
  };
}

/** Whatever a test knows better than the compiler. */
export type Loose = Readonly<Record<string, never>>;

export interface User {
  readonly name: string;
  readonly project: string | null;
}

export const ALICE: User = { name: 'alice', project: 'demo-a' };
export const READER: User = { name: 'reader', project: 'demo-a' };
export const BOB: User = { name: 'bob', project: 'demo-b' };
export const ADMIN: User = { name: 'admin', project: 'demo-a' };

/** Tests send what is no token as well, and such words stand everywhere. */
const SHORTEST_TOKEN = 20;

/** Asks a gateway as its users do: over HTTP. What it sends and gets as secret is kept, and searched for in what it is told. */
export class Client {
  readonly url: string;
  readonly token: string | null;

  constructor(url: string, token: string | null) {
    this.url = url;
    this.token = token;
    if (token !== null && token.length >= SHORTEST_TOKEN) keepSecret(token, 'a token');
  }

  /** A client with a token of its own, from the gateway's own `issueToken`. */
  static async login(url: string, { name, project }: User): Promise<Client> {
    const scope = project === null ? { unscoped: true } : { projectName: project, projectDomainName: 'Default' };
    const input = { password: { username: name, password: `${name}-secret`, userDomainName: 'Default' }, scope };
    const { data } = await new Client(url, null).ask<{ issueToken: { token: string } }>(
      'mutation ($input: IssueTokenInput!) { issueToken(input: $input) { token } }',
      { input },
    );
    return new Client(url, data.issueToken.token);
  }

  /** The same token at another replica. */
  at(url: string): Client {
    return new Client(url, this.token);
  }

  /** The answer; throws where it has errors. */
  async ask<Data>(
    query: string,
    variables: object = {},
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Answer<Data>> {
    const answer = await this.tell<Data>(query, variables, headers);
    if (answer.errors) throw new Error(`expected no errors, got ${JSON.stringify(answer.errors, null, 1)}`);
    return answer;
  }

  /** The answer with whatever errors it has. */
  async tell<Data>(
    query: string,
    variables: object = {},
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Answer<Data>> {
    keepSent(query, variables);
    const all = {
      'content-type': 'application/json',
      'x-explain': '1',
      ...(this.token === null ? {} : { 'x-auth-token': this.token }),
      ...headers,
    };
    const body = JSON.stringify({ query, variables });
    const response = await fetch(`${this.url}/graphql`, { method: 'POST', headers: all, body });
    const text = await response.text();
    const answer = JSON.parse(text) as Omit<Answer<Data>, 'status'>;
    if (hasTwins) await compareWithTwin({ url: this.url, body, headers: all, text });
    keepGiven(answer.data);
    const { errors = [], extensions = {} } = answer;
    searched('the errors and extensions of an answer', 'answer', JSON.stringify({ errors, extensions }));
    return { status: response.status, ...answer };
  }
}
