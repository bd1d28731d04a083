import { setTimeout as wait } from 'node:timers/promises';
import { ADMIN, ALICE, type Answer, Client, READER } from '../../support/client.js';
import { restCalls } from '../../support/rest-calls.js';
import { type Expectation, type Judge, type Shown, type Verdict, worst } from './judge.js';

/** One operation of one client, as it went. Times by `performance.now()`. */
export interface Operation {
  readonly kind: 'query' | 'mutation';
  readonly begun: number;
  readonly ms: number;
  /** `pending`: not answered within ten seconds. */
  readonly fate: Verdict['kind'] | 'error' | 'pending';
  readonly why: string;
  /** Whether anything but the token's validation went to REST. */
  readonly rest: boolean;
  readonly unconfirmed: boolean;
}

/** Rows that the load works on, all of one project. */
export interface Subjects {
  /** Servers that nobody changes: what is cached of them stays true. */
  readonly quiet: readonly string[];
  readonly renamed: readonly string[];
  readonly networks: readonly string[];
}

type Rows = Readonly<Record<string, Shown | null>>;
type Nodes = Readonly<Record<string, { readonly nodes: readonly Shown[] }>>;

/** Servers with their ports' networks: three waves, one after the other. */
interface Page {
  readonly servers: {
    readonly nodes: readonly (Shown & { readonly ports: readonly { readonly network: Shown }[] })[];
  };
}

const CLIENTS = 8;
const PENDING_AFTER_MS = 10_000;
const PENDING = Symbol('pending');

/** Eight clients at two replicas: every third operation of half of them is a mutation. */
export class Load {
  readonly operations: Operation[] = [];
  readonly #judge: Judge;
  readonly #subjects: Subjects;
  readonly #pace: number;
  #urls: readonly string[] = [];
  #running: Promise<unknown> = Promise.resolve();
  #stopped = true;
  #serial = 0;

  /** `pace`: milliseconds that a client waits between two operations, on average. */
  constructor(judge: Judge, subjects: Subjects, pace: number) {
    this.#judge = judge;
    this.#subjects = subjects;
    this.#pace = pace;
  }

  async start(urls: readonly string[]): Promise<void> {
    this.#urls = urls;
    this.#stopped = false;
    const [first = ''] = urls;
    const [alice, reader, admin] = await Promise.all([ALICE, READER, ADMIN].map((user) => Client.login(first, user)));
    if (!alice || !reader || !admin) throw new Error('expected three clients');
    const clients = Array.from({ length: CLIENTS }, (_, index) => {
      const who = index % 4 === 2 ? reader : index % 4 === 3 ? admin : alice;
      return this.#work(who, who !== reader && index % 2 === 1);
    });
    this.#running = Promise.all(clients);
  }

  /** Lets every client finish what it is at. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#running;
  }

  async #work(client: Client, writes: boolean): Promise<void> {
    const group: { id: string | null } = { id: null };
    for (let turn = 0; !this.#stopped; turn += 1) {
      const at = client.at(this.#urls[Math.floor(Math.random() * this.#urls.length)] ?? '');
      await (writes && turn % 3 === 0 ? this.#write(at, group) : this.#read(at));
      await wait(this.#pace * 2 * Math.random());
    }
  }

  #read(client: Client): Promise<void> {
    const { quiet, renamed, networks } = this.#subjects;
    const judge = this.#judge;
    const servers = [...quiet, ...renamed];
    const choice = Math.random();
    if (choice < 0.3) {
      const ids = [servers[Math.floor(Math.random() * servers.length)] ?? ''];
      return this.#query<Rows>(client, byIds('server', ids), (data, expected) =>
        judge.rows(expected, ids, Object.values(data)),
      );
    }
    if (choice < 0.6) {
      return this.#query<Rows>(client, byIds('network', networks), (data, expected) =>
        judge.rows(expected, networks, Object.values(data)),
      );
    }
    if (choice < 0.8) {
      return this.#query<Nodes>(client, '{ securityGroups(first: 500) { nodes { id name } } }', (data, expected) =>
        judge.groups(expected, data['securityGroups']?.nodes ?? []),
      );
    }
    const page = '{ servers(first: 100) { nodes { id name ports { id network { id name } } } } }';
    return this.#query<Page>(client, page, ({ servers: { nodes } }, expected) =>
      worst([
        judge.list(expected, servers, nodes),
        judge.states(
          expected,
          nodes.flatMap(({ ports }) => ports.map(({ network }) => network)),
        ),
      ]),
    );
  }

  #query<Data>(
    client: Client,
    query: string,
    verdictOf: (data: Data, expected: Expectation) => Verdict,
  ): Promise<void> {
    const expected = this.#judge.expectation();
    return this.#record(
      'query',
      () => client.tell<Data>(query),
      ({ data }) => verdictOf(data, expected),
    );
  }

  async #write(client: Client, group: { id: string | null }): Promise<void> {
    this.#serial += 1;
    const name = `v${this.#serial}`;
    const { renamed, networks } = this.#subjects;
    const all = [...renamed, ...networks];
    const id = all[this.#serial % all.length] ?? '';
    if (this.#serial % 3 === 0)
      return group.id === null ? this.#create(client, group, name) : this.#delete(client, group);
    const type = renamed.includes(id) ? 'Server' : 'Network';
    const mutation = `mutation ($id: ID!, $name: String!) { update${type}(id: $id, input: { name: $name }) { __typename } }`;
    await this.#record(
      'mutation',
      () => client.tell(mutation, { id, name }),
      (answer) => {
        this.#judge.renamed(id, name, isUnconfirmed(answer));
        return { kind: 'right' };
      },
    );
  }

  #create(client: Client, group: { id: string | null }, name: string): Promise<void> {
    const mutation =
      'mutation ($name: String!) { createSecurityGroup(input: { name: $name }) { securityGroup { id } } }';
    const ask = () => client.tell<{ createSecurityGroup: { securityGroup: { id: string } } }>(mutation, { name });
    return this.#record('mutation', ask, (answer) => {
      group.id = answer.data.createSecurityGroup.securityGroup.id;
      this.#judge.created(group.id, isUnconfirmed(answer));
      return { kind: 'right' };
    });
  }

  #delete(client: Client, group: { id: string | null }): Promise<void> {
    const id = group.id ?? '';
    group.id = null;
    this.#judge.deleting(id);
    const ask = () => client.tell('mutation ($id: ID!) { deleteSecurityGroup(id: $id) { id } }', { id });
    return this.#record('mutation', ask, (answer) => {
      this.#judge.deleted(id, isUnconfirmed(answer));
      return { kind: 'right' };
    });
  }

  async #record<Data>(
    kind: Operation['kind'],
    ask: () => Promise<Answer<Data>>,
    verdictOf: (answer: Answer<Data>) => Verdict,
  ): Promise<void> {
    const begun = performance.now();
    const done = (fate: Operation['fate'], why = '', rest = false, unconfirmed = false) =>
      void this.operations.push({ kind, begun, ms: performance.now() - begun, fate, why, rest, unconfirmed });
    try {
      const timer = wait(PENDING_AFTER_MS, PENDING, { ref: false });
      const answer = await Promise.race([ask(), timer]);
      if (answer === PENDING || typeof answer === 'symbol') return done('pending');
      if (answer.errors) return done('error', JSON.stringify(answer.errors));
      const verdict = verdictOf(answer);
      const why = verdict.kind === 'wrong' ? verdict.why : '';
      done(verdict.kind, why, restCalls(answer).length > 0, isUnconfirmed(answer));
    } catch (error) {
      done('error', String(error));
    }
  }
}

/** One aliased root field for each id. */
export function byIds(field: string, ids: readonly string[]): string {
  return `{ ${ids.map((id, index) => `row${index}: ${field}(id: "${id}") { id name }`).join(' ')} }`;
}

function isUnconfirmed(answer: Answer<unknown>): boolean {
  return (answer.extensions?.cache?.unconfirmed.length ?? 0) > 0;
}
