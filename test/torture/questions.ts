import type { Random } from '../../src/demo/random.js';
import type { Checker, Eyes, Span, Stale } from './checker.js';
import type { History } from './history.js';
import { KINDS, type Kind, type Node } from './kinds.js';
import { TABLES, type Type, type View } from './views.js';

/** A query with what its answer is to be compared with. */
export interface Question {
  /** Root fields that it asks for: each counts as an operation. */
  readonly size: number;
  readonly text: string;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly judge: (data: Data, checker: Checker, span: Span) => Stale[];
}

export type Data = Readonly<Record<string, unknown>>;

const TYPES = Object.keys(TABLES) as [Type, ...Type[]];

/** Asks at random what an asker may ask, mostly about the same few rows so that entries meet their writers. */
export class Questions {
  readonly #random: Random;
  readonly #history: History;
  readonly #eyes: Eyes;
  /** By list: the cursor of its last page and the place of the row that it stands for. */
  readonly #cursors = new Map<string, Cursor>();

  constructor(random: Random, history: History, eyes: Eyes) {
    this.#random = random;
    this.#history = history;
    this.#eyes = eyes;
  }

  next(): Question {
    const random = this.#random;
    const kind = KINDS[random.pick(TYPES)];
    return random.next() < 0.55 ? this.#byId(kind) : this.#list(kind);
  }

  /** A row that there is, or was a moment ago, seldom one that the asker may not see. */
  some(type: Type): View | null {
    const views = [...this.#history.timelines(type)].flatMap(({ versions }) => versions.at(-1)?.view ?? []);
    const near = views.filter(({ project }) => project === this.#eyes.project);
    const among = near.length > 0 && this.#random.next() < 0.8 ? near : views;
    return among[Math.floor(among.length * this.#random.next() ** 2)] ?? null;
  }

  /** Three rows at once, as a page asks: a query of its own for each would mostly measure HTTP. */
  #byId(kind: Kind): Question {
    const ids = { a: this.#idOf(kind.type), b: this.#idOf(kind.type), c: this.#idOf(kind.type) };
    const relations = this.#relations(kind, 2);
    const shown = selection(kind, relations);
    const roots = Object.keys(ids).map((name) => `${name}: ${kind.one}(id: $${name}) ${shown}`);
    return {
      size: roots.length,
      text: `query ($a: ID!, $b: ID!, $c: ID!) { ${roots.join(' ')} }`,
      variables: ids,
      judge: (data, checker, span) =>
        Object.entries(ids).flatMap(([name, id]) => {
          const node = (data[name] ?? null) as Node | null;
          const found = checker.row(kind.type, id, node, this.#eyes, span);
          const deeper = node ? judgeRelations(kind, node, relations, checker, this.#eyes, span) : [];
          return found ? [found, ...deeper] : deeper;
        }),
    };
  }

  #idOf(type: Type): string {
    const gone = [...this.#history.timelines(type)].filter(({ current }) => current === null);
    const ghost = gone[this.#random.between(0, gone.length || 1)];
    if (ghost !== undefined && this.#random.next() < 0.15) return ghost.id;
    return this.some(type)?.id ?? '00000000-0000-4000-8000-000000000000';
  }

  #list(kind: Kind): Question {
    const random = this.#random;
    const filters = kind.filters(random, this.some(kind.type));
    const filter = random.next() < 0.5 ? null : (filters[random.between(0, filters.length || 1)] ?? null);
    const relations = random.next() < 0.3 ? this.#relations(kind, 1) : [];
    const everywhere = this.#eyes.admin && random.next() < 0.5;
    const first = kind.paged && filter === null && random.next() < 0.4 ? random.between(2, 6) : 100;
    const list = JSON.stringify([kind.type, filter?.input, everywhere]);
    const from = first < 100 && random.next() < 0.7 ? this.#cursors.get(list) : undefined;
    const variables = { first, filter: filter?.input ?? null, after: from?.cursor ?? null, all: everywhere };
    const { project, admin } = this.#eyes;
    const test = (view: View) =>
      (filter === null || filter.test(view)) && (!admin || everywhere || view.project === project);
    return {
      size: 1,
      text: `query ($first: Int!, $filter: ${kind.type}Filter, $after: String, $all: Boolean!) { it: ${kind.many}(first: $first, filter: $filter, after: $after, allProjects: $all) { nodes ${selection(kind, relations)} pageInfo { hasNextPage endCursor } } }`,
      variables,
      judge: ({ it }, checker, span) => {
        const { nodes, pageInfo } = it as Page;
        const shown = { type: kind.type, test, nodes, after: from?.place ?? null, more: pageInfo.hasNextPage };
        const found = this.#isSure(kind.type, from) ? checker.list(shown, this.#eyes, span) : null;
        this.#remember(list, kind, nodes.at(-1), pageInfo);
        const deeper = nodes.flatMap((node) => judgeRelations(kind, node, relations, checker, this.#eyes, span));
        return found ? [found, ...deeper] : deeper;
      },
    };
  }

  /** Neutron begins again at the first page where the marker's row is gone or hidden. */
  #isSure(type: Type, from: Cursor | undefined): boolean {
    if (from === undefined) return true;
    const versions = this.#history.find(type, from.id)?.versions ?? [];
    const { project, admin } = this.#eyes;
    const isShown = (view: View | null) => view !== null && (admin || view.open || view.project === project);
    return versions.length > 0 && versions.every(({ view }) => isShown(view));
  }

  #remember(list: string, kind: Kind, last: Node | undefined, { hasNextPage, endCursor }: Page['pageInfo']): void {
    const timeline = last && this.#history.find(kind.type, last.id);
    const place = timeline?.versions.find(({ view }) => view !== null)?.view?.place;
    if (hasNextPage && endCursor !== null && last !== undefined && place !== undefined)
      this.#cursors.set(list, { cursor: endCursor, id: last.id, place });
    else this.#cursors.delete(list);
  }

  #relations(kind: Kind, most: number): readonly string[] {
    const names = Object.keys(kind.relations);
    return names.filter(() => this.#random.next() < 0.45).slice(0, most);
  }
}

/** Where a page ended: the row's own place stands for it. */
interface Cursor {
  readonly cursor: string;
  readonly id: string;
  readonly place: string;
}

interface Page {
  readonly nodes: readonly Node[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
}

/** Every checked field of a type, and of the rows that it leads to. */
export function selection(kind: Kind, relations: readonly string[] = []): string {
  const deeper = relations.flatMap((name) => {
    const relation = kind.relations[name];
    if (relation === undefined) return [];
    const inner = selection(KINDS[relation.to]);
    return [`${name} ${'wrap' in relation && relation.wrap ? `{ ${relation.wrap} ${inner} }` : inner}`];
  });
  return `{ ${['id', ...Object.values(kind.fields), ...deeper].join(' ')} }`;
}

function judgeRelations(
  kind: Kind,
  node: Node,
  names: readonly string[],
  checker: Checker,
  eyes: Eyes,
  span: Span,
): Stale[] {
  return names
    .flatMap((name) => judgeRelation(kind, node, name, checker, eyes, span))
    .filter((found) => found !== null);
}

function judgeRelation(
  kind: Kind,
  node: Node,
  name: string,
  checker: Checker,
  eyes: Eyes,
  span: Span,
): (Stale | null)[] {
  const relation = kind.relations[name];
  if (relation === undefined) return [];
  const { to } = relation;
  if ('one' in relation) {
    const id = relation.one(node);
    const shown = (node[name] ?? null) as Node | null;
    return id === null ? [] : [checker.row(to, id, shown, eyes, span)];
  }
  const nodes = (node[name] ?? []) as readonly Node[];
  if ('many' in relation)
    return [checker.list({ type: to, test: relation.many(node.id), nodes, after: null, more: false }, eyes, span)];
  const shown = new Map(nodes.map((each) => [each.id, each]));
  return [...new Set(relation.listed(node))].map((id) => checker.row(to, id, shown.get(id) ?? null, eyes, span));
}
