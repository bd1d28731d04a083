import { expect } from 'vitest';
import type { Client } from '../../support/client.js';
import type { People } from './people.js';
import { until } from './until.js';

/** Fields of a row that a test looks at. */
export type Seen = Readonly<Record<string, unknown>> & { readonly id: string };

interface Look {
  readonly row: Seen | null;
  readonly list: { readonly nodes: readonly Seen[] };
}

export interface WatchOptions {
  /** `network` */
  readonly one: string;
  /** `networks(first: 1000)` */
  readonly many: string;
  /** What to select of each row. */
  readonly fields: string;
}

/** Everybody looking at one kind of rows at one gateway, by id and in a list. Each look also fills the cache for the next one. */
export class Watch {
  readonly #people: People;
  readonly #query: string;
  /** Looks that were repeated at once, and how many of those took no REST call. */
  #repeated = 0;
  #cached = 0;

  constructor(people: People, { one, many, fields }: WatchOptions) {
    this.#people = people;
    this.#query = `query ($id: ID!) { row: ${one}(id: $id) { ${fields} } list: ${many} { nodes { ${fields} } } }`;
  }

  /** Alice, the reader and the admin see the row as expected, by id and in the list; bob sees neither. */
  async seen(id: string, expected: object): Promise<void> {
    await this.#each(id, (look, who) => {
      expect.soft(look.row, `${who}, by id`).toMatchObject(expected);
      expect.soft(this.#inList(look, id), `${who}, in the list`).toMatchObject(expected);
    });
    await this.#again(id);
  }

  /** Nobody sees the row, by id or in the list. */
  async gone(id: string): Promise<void> {
    await this.#each(id, (look, who) => {
      expect.soft(look.row, `${who}, by id`).toBeNull();
      expect.soft(this.#inList(look, id), `${who}, in the list`).toBeUndefined();
    });
  }

  /** Whatever the three see of it passes: gone is `null`. */
  async every(id: string, test: (row: Seen | null) => boolean, what: string): Promise<void> {
    await this.#each(id, (look, who) => {
      expect.soft(look.row, `${who}, by id: expected it ${what}`).toSatisfy(test);
      const listed = this.#inList(look, id) ?? null;
      expect.soft(listed, `${who}, in the list: expected it ${what}`).toSatisfy(test);
    });
  }

  /** The same, within the few seconds for which a row in transition is cached: for what a service does on its own. */
  async settles(id: string, test: (row: Seen | null) => boolean, what: string): Promise<void> {
    await until(
      `everybody to see ${id} ${what}`,
      async () => {
        const looks: Look[] = [];
        await this.#each(id, (look) => looks.push(look));
        return looks.every((look) => test(look.row) && test(this.#inList(look, id) ?? null)) ? true : null;
      },
      10,
    );
  }

  /** For rows that nobody knows yet: lists without them get into the cache. */
  async lists(): Promise<void> {
    const nobody = '00000000-0000-4000-8000-000000000000';
    const { alice, reader, admin, bob } = this.#people;
    await Promise.all([alice, reader, admin, bob].map((client) => client.ask(this.#query, { id: nobody })));
  }

  /** A watch that the cache never answers proves nothing. */
  expectCached(): void {
    expect(this.#cached, `looks of ${this.#repeated} that the cache answered`).toBeGreaterThan(this.#repeated / 2);
  }

  async #each(id: string, check: (look: Look, who: string) => void): Promise<void> {
    const { alice, reader, admin, bob } = this.#people;
    const look = async (client: Client) => (await client.ask<Look>(this.#query, { id })).data;
    // While a new server is in no cell yet, Nova says 403 to strangers, and 404 from then on.
    const strange = async (client: Client) => (await client.tell<Look>(this.#query, { id })).data;
    const [one, two, three, stranger] = await Promise.all([look(alice), look(reader), look(admin), strange(bob)]);
    check(one, 'alice');
    check(two, 'reader');
    check(three, 'admin');
    expect.soft(stranger.row, 'bob, by id').toBeNull();
    expect.soft(this.#inList(stranger, id), 'bob, in the list').toBeUndefined();
  }

  async #again(id: string): Promise<void> {
    const { extensions } = await this.#people.alice.ask(this.#query, { id });
    this.#repeated += 1;
    if (extensions?.explain?.rest.length === 0) this.#cached += 1;
  }

  #inList(look: Look, id: string): Seen | undefined {
    return look.list.nodes.find((row) => row.id === id);
  }
}
