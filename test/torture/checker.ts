import type { Deed, History, Moment, Timeline, Version } from './history.js';
import { canonical, KINDS, type Node } from './kinds.js';
import type { Type, View } from './views.js';

/** With whose eyes an answer is judged. */
export interface Eyes {
  readonly project: string;
  readonly admin: boolean;
}

/** When the query was sent and answered, and what the mutation that it came with (if any) did. */
export interface Span {
  readonly sent: Moment;
  readonly answered: Moment;
  readonly own: Deed | null;
}

/** A list as it was asked for and shown. */
export interface ShownList {
  readonly type: Type;
  /** Which rows belong into it, beside being visible. */
  readonly test: (view: View) => boolean;
  readonly nodes: readonly Node[];
  /** The page: where it begins (`place` of the row before), and whether more follow. */
  readonly after: string | null;
  readonly more: boolean;
}

/** An answer that nothing allows. */
export interface Stale {
  readonly what: string;
  readonly shown: unknown;
  /** The rows whose history forbids it. */
  readonly rows: readonly Timeline[];
}

/** A stretch of ticks, the end not in it. */
type Stretch = readonly [begin: number, end: number];

/**
 * Compares answers with the history of rows. Sound: whatever it calls stale breaks a promise. It tolerates no more than this:
 *
 * - A single row, or its absence, must be as it was at *one* moment between its floor and the arrival of the answer. All checked
 *   fields count together. The floor is the newest version that binds the query (see `Promises`), never anything older.
 * - A list (a root list, or the rows that point at a row) comes from one REST call, so *one* moment must explain all of it: who is in
 *   it, who is not, and every field. For every row that could be in it, that moment is not before the row's floor. A list that
 *   mixes two moments is as wrong as an old one.
 * - A page with more behind it says nothing of rows beyond its last.
 * - Rows that a row names by id (`port.network`, `server.volumes`) are read by themselves, at moments of their own; each one that is
 *   left out must have been gone, or hidden from the asker, at an allowed moment.
 * - Nothing may be shown from the future, under a foreign id, or to those whom the row was hidden from at every allowed moment.
 */
export class Checker {
  readonly #history: History;
  /** Rows and absences compared so far. */
  facts = 0;

  constructor(history: History) {
    this.#history = history;
  }

  /** One row by its id: `node` as shown, null for none. */
  row(type: Type, id: string, node: Node | null, eyes: Eyes, span: Span): Stale | null {
    this.facts += 1;
    if (node !== null && node.id !== id) return stale(`${type} ${id}: another row`, node, []);
    const timeline = this.#history.find(type, id);
    if (timeline === undefined) return node === null ? null : stale(`${type} ${id}: a row that never was`, node, []);
    const shown = node === null ? null : textsOf(type, node);
    const floor = timeline.floor(span.sent, span.own);
    const allowed = timeline.versions.slice(floor).filter(({ from }) => from.tick <= span.answered.tick);
    if (allowed.some(({ view }) => same(seen(view, eyes), shown))) return null;
    return stale(`${type} ${id}`, node, [timeline]);
  }

  /** A list, all of which must have been true at one moment. */
  list(shown: ShownList, eyes: Eyes, span: Span): Stale | null {
    const { type, nodes } = shown;
    const byId = new Map(nodes.map((node) => [node.id, textsOf(type, node)]));
    if (byId.size !== nodes.length) return stale(`${type} list: a row twice`, nodes, []);
    this.facts += nodes.length;
    const last = this.#lastPlace(shown);
    let common: readonly Stretch[] = [[0, span.answered.tick + 1]];
    const constrained: Timeline[] = [];
    for (const timeline of this.#history.timelines(type)) {
      const node = byId.get(timeline.id) ?? null;
      byId.delete(timeline.id);
      const fits = (version: Version) => {
        const view = seen(version.view, eyes);
        const belongs = view !== null && shown.test(view) && onPage(view, shown.after, last);
        return same(belongs ? view : null, node);
      };
      const stretches = allowedStretches(timeline, span, fits);
      if (stretches === 'always') continue;
      if (node === null) this.facts += 1;
      constrained.push(timeline);
      const next = intersect(common, stretches);
      if (stretches.length === 0) return stale(`${type} list`, nodes, [timeline]);
      if (next.length === 0) return stale(`${type} list: no single moment explains it`, nodes, constrained.slice(-6));
      common = next;
    }
    const [stranger] = byId.keys();
    return stranger === undefined ? null : stale(`${type} list: ${stranger} never was`, nodes, []);
  }

  #lastPlace({ more, nodes, type }: ShownList): string | null {
    const last = nodes.at(-1);
    if (!more || last === undefined) return null;
    const timeline = this.#history.find(type, last.id);
    return timeline?.versions.find(({ view }) => view !== null)?.view?.place ?? null;
  }
}

function stale(what: string, shown: unknown, rows: readonly Timeline[]): Stale {
  return { what, shown, rows };
}

/** What the asker may see of a row. */
function seen(view: View | null, eyes: Eyes): View | null {
  return view !== null && (eyes.admin || view.open || view.project === eyes.project) ? view : null;
}

function onPage({ place }: View, after: string | null, last: string | null): boolean {
  return (after === null || place > after) && (last === null || place <= last);
}

type Texts = Readonly<Record<string, string>>;

/** The checked fields of a node as `View.texts` has them. */
function textsOf(type: Type, node: Node): Texts {
  const names = Object.keys(KINDS[type].fields);
  return Object.fromEntries(names.map((name) => [name, JSON.stringify(canonical(node, name))]));
}

function same(view: View | null, shown: Texts | null): boolean {
  if (view === null || shown === null) return view === null && shown === null;
  for (const name in shown) if (view.texts[name] !== shown[name]) return false;
  return true;
}

/** When, from the row's floor to the answer, it was as shown; `always` where it says nothing at all. */
function allowedStretches(
  timeline: Timeline,
  { sent, answered, own }: Span,
  fits: (version: Version) => boolean,
): readonly Stretch[] | 'always' {
  const { versions } = timeline;
  if (versions.every(fits)) return 'always';
  const floor = timeline.floor(sent, own);
  const stretches: Stretch[] = [];
  for (let index = floor; index < versions.length; index += 1) {
    const version = versions[index];
    if (version === undefined || version.from.tick > answered.tick) break;
    const end = versions[index + 1]?.from.tick ?? Number.POSITIVE_INFINITY;
    if (fits(version)) stretches.push([version.from.tick, end]);
  }
  return stretches;
}

function intersect(some: readonly Stretch[], others: readonly Stretch[]): Stretch[] {
  return some.flatMap(([begin, end]) =>
    others.flatMap(([otherBegin, otherEnd]): Stretch[] => {
      const stretch: Stretch = [Math.max(begin, otherBegin), Math.min(end, otherEnd)];
      return stretch[0] < stretch[1] ? [stretch] : [];
    }),
  );
}
