import type { Random } from '../../src/demo/random.js';
import { oneOf } from './reads.js';
import type { Asker } from './truth.js';

type Kind = 'server' | 'port' | 'securityGroup';

/** Rows of a kind that a user has at a time at most: the data must not grow. */
const MOST: Readonly<Record<Kind, number>> = { server: 4, port: 6, securityGroup: 6 };
/** How long a server is left alone after an order: it is busy building, stopping or starting. */
const REST_MS = 4000;

/** A row that the load has made. */
interface Row {
  readonly kind: Kind;
  readonly id: string;
  name: string;
  running: boolean;
  /** Milliseconds of `performance.now()`; infinite while a mutation on it is under way. */
  freeAt: number;
}

/** A mutation, and what a query behind its answer must find at another gateway. */
export interface Write {
  readonly asker: Asker;
  readonly query: string;
  readonly variables: object;
  /** To be called with the data of the answer; the query that must see it, and whether it does. */
  done(data: Readonly<Record<string, unknown>>): Confirmation | null;
  /** To be called once nothing of it is under way any more: the row may be written again. */
  free(): void;
}

export interface Confirmation {
  readonly query: string;
  readonly variables: object;
  check(data: Readonly<Record<string, unknown>>): string | null;
}

const capital = (kind: Kind): string => kind.charAt(0).toUpperCase() + kind.slice(1);

/** Makes, changes and deletes rows of its own, a bounded number at a time. */
export class Writes {
  readonly #askers: readonly Asker[];
  readonly #random: Random;
  readonly #rows = new Map<Asker, Row[]>();
  /** Creates under way. */
  readonly #coming = new Map<string, number>();
  #number = 0;

  constructor(askers: readonly Asker[], random: Random) {
    this.#askers = askers.filter(({ writes }) => writes);
    this.#random = random;
    for (const asker of this.#askers) this.#rows.set(asker, []);
  }

  /** The next mutation; null where every row is busy. */
  next(): Write | null {
    const asker = oneOf(this.#random, this.#askers);
    const wanted = oneOf<Kind>(this.#random, ['server', 'port', 'securityGroup']);
    return this.#of(asker, wanted) ?? this.#of(asker, 'securityGroup') ?? this.#of(asker, 'port');
  }

  /** Deletes of all that is left. */
  *last(): Generator<Write> {
    for (const [asker, rows] of this.#rows) for (const row of [...rows]) yield this.#remove(asker, row);
  }

  #of(asker: Asker, kind: Kind): Write | null {
    const mine = (this.#rows.get(asker) ?? []).filter((row) => row.kind === kind);
    const [row] = mine.filter(({ freeAt }) => freeAt <= performance.now());
    const room = mine.length + (this.#coming.get(keyOf(asker, kind)) ?? 0) < MOST[kind];
    const dice = this.#random.next();
    if (room && (row === undefined || dice < 0.4)) return this.#create(asker, kind);
    if (row === undefined) return null;
    if (!room && dice < 0.5) return this.#remove(asker, row);
    if (dice > 0.8) return this.#remove(asker, row);
    return kind === 'server' ? this.#switch(asker, row) : this.#rename(asker, row);
  }

  #create(asker: Asker, kind: Kind): Write {
    const key = keyOf(asker, kind);
    this.#coming.set(key, (this.#coming.get(key) ?? 0) + 1);
    const name = this.#name(kind);
    const type = capital(kind);
    let made: Row | null = null;
    return {
      asker,
      query: `mutation Create($input: Create${type}Input!) { create${type}(input: $input) { ${kind} { id name } } }`,
      variables: { input: inputOf(asker, kind, name) },
      done: (data) => {
        this.#coming.set(key, (this.#coming.get(key) ?? 0) - 1);
        const id = (data[`create${type}`] as Readonly<Record<Kind, { readonly id: string } | null>> | null)?.[kind]?.id;
        if (id === undefined) return null;
        made = { kind, id, name, running: true, freeAt: Number.POSITIVE_INFINITY };
        this.#rows.get(asker)?.push(made);
        return shows(made);
      },
      free: () => free(made),
    };
  }

  #rename(asker: Asker, row: Row): Write {
    row.freeAt = Number.POSITIVE_INFINITY;
    const name = this.#name(row.kind);
    const type = capital(row.kind);
    return {
      asker,
      query: `mutation Rename($id: ID!, $name: String) { update${type}(id: $id, input: { name: $name }) { ${row.kind} { name } } }`,
      variables: { id: row.id, name },
      done: () => {
        row.name = name;
        return shows(row);
      },
      free: () => free(row),
    };
  }

  #switch(asker: Asker, row: Row): Write {
    row.freeAt = Number.POSITIVE_INFINITY;
    const verb = row.running ? 'stop' : 'start';
    return {
      asker,
      query: `mutation Switch($id: ID!) { ${verb}Server(id: $id) { server { id name status taskState } } }`,
      variables: { id: row.id },
      done: () => {
        row.running = !row.running;
        return shows(row);
      },
      free: () => free(row),
    };
  }

  #remove(asker: Asker, row: Row): Write {
    row.freeAt = Number.POSITIVE_INFINITY;
    const rows = this.#rows.get(asker) ?? [];
    return {
      asker,
      query: `mutation Remove($id: ID!) { delete${capital(row.kind)}(id: $id) { id accepted } }`,
      variables: { id: row.id },
      done: () => {
        rows.splice(rows.indexOf(row), 1);
        return isGone(row);
      },
      free: () => {},
    };
  }

  #name(kind: Kind): string {
    this.#number += 1;
    return `load-${kind}-${this.#number}`;
  }
}

function keyOf({ user }: Asker, kind: Kind): string {
  return `${user.name} ${kind}`;
}

function free(row: Row | null): void {
  if (row !== null) row.freeAt = performance.now() + (row.kind === 'server' ? REST_MS : 0);
}

function inputOf({ rows }: Asker, kind: Kind, name: string): object {
  const networks = [...rows.networks.values()];
  const networkId = networks.find((network) => network.name === 'front')?.id;
  if (kind === 'securityGroup') return { name };
  if (kind === 'port') return { name, networkId };
  const flavorId = [...rows.flavors.values()].find((flavor) => flavor.name === 'm1.tiny')?.id;
  const imageId = [...rows.images.keys()][0];
  return { name, flavorId, imageId, networks: [{ networkId }] };
}

function shows(row: Row): Confirmation {
  const { kind, id, name } = row;
  return {
    query: `query Confirm($id: ID!) { ${kind}(id: $id) { id name } }`,
    variables: { id },
    check: (data) => {
      const found = (data[kind] as { readonly name: string } | null)?.name;
      return found === name ? null : `stale: expected ${kind} ${id} to be ${name}, got ${found}`;
    },
  };
}

/** A server that is being deleted still shows for a second. */
function isGone({ kind, id }: Row): Confirmation {
  const state = kind === 'server' ? ' taskState' : '';
  return {
    query: `query Confirm($id: ID!) { ${kind}(id: $id) { id${state} } }`,
    variables: { id },
    check: (data) => {
      const found = data[kind] as { readonly taskState?: string } | null;
      return found === null || found.taskState === 'deleting' ? null : `stale: ${kind} ${id} was deleted and is there`;
    },
  };
}
