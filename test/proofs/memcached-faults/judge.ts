import type { Commit, DemoCloud } from '../../../src/demo/index.js';

/** A row as an answer shows it. */
export interface Shown {
  readonly id: string;
  readonly name: string;
}

/** What answers to a query may hold, taken when it was sent. */
export interface Expectation {
  /** Sequence number of the cloud's log below which a row's state is too old, by id. */
  readonly floors: ReadonlyMap<string, number>;
  /** Groups that answered mutations had made, and had not begun to delete. */
  readonly present: ReadonlySet<string>;
  /** Groups whose deletion had been answered. */
  readonly gone: ReadonlySet<string>;
}

/** `excused`: old, and a mutation's answer had said that this may be. */
export type Verdict = { readonly kind: 'right' | 'excused' } | { readonly kind: 'wrong'; readonly why: string };

interface Version {
  readonly sequence: number;
  readonly name: string;
}

/**
 * What the demo cloud's own log makes of answers: every row has to be in a state in which it was, none older than the
 * last change of it that a mutation's answer had promised to be visible.
 */
export class Judge {
  readonly #cloud: Pick<DemoCloud, 'log'>;
  readonly #versions = new Map<string, Version[]>();
  #floors: ReadonlyMap<string, number> = new Map();
  #present: ReadonlySet<string> = new Set();
  #gone: ReadonlySet<string> = new Set();
  /** Rows that a mutation has changed without memcached's word, by id: what they are to be once that is made good. */
  readonly #doubtful = new Map<string, number>();

  constructor(cloud: DemoCloud, initial: readonly Shown[]) {
    this.#cloud = cloud;
    for (const { id, name } of initial) this.#versions.set(id, [{ sequence: 0, name }]);
    cloud.onCommit((commit) => this.#committed(commit));
  }

  /** To be taken before a query is sent. Never changes afterwards. */
  expectation(): Expectation {
    return { floors: this.#floors, present: this.#present, gone: this.#gone };
  }

  /** A mutation that gave the row this name was answered. */
  renamed(id: string, name: string, unconfirmed: boolean): void {
    const sequence = this.#versions.get(id)?.findLast((version) => version.name === name)?.sequence;
    if (sequence === undefined) throw new Error(`a mutation of ${id} was answered, and the cloud knows nothing of it`);
    if (unconfirmed) this.#doubt(id, sequence);
    else this.#raise(id, sequence);
  }

  created(id: string, unconfirmed: boolean): void {
    if (unconfirmed) this.#doubt(id, this.#cloud.log.at(-1)?.sequence ?? 0);
    else this.#present = new Set([...this.#present, id]);
  }

  /** Before the deletion is sent: from here on the group may be there or not. */
  deleting(id: string): void {
    this.#present = new Set([...this.#present].filter((other) => other !== id));
  }

  deleted(id: string, unconfirmed: boolean): void {
    if (unconfirmed) this.#doubt(id, this.#cloud.log.at(-1)?.sequence ?? 0);
    else this.#gone = new Set([...this.#gone, id]);
  }

  /** All bumps that were not acknowledged have been by now: from here on what was in doubt is promised too. */
  madeGood(): void {
    for (const [id, sequence] of this.#doubtful) this.#raise(id, sequence);
    this.#doubtful.clear();
  }

  /** Rows asked for by id, in this order. */
  rows(expected: Expectation, ids: readonly string[], shown: readonly (Shown | null)[]): Verdict {
    return worst(
      ids.map((id, index) => {
        const row = shown[index] ?? null;
        if (row === null) return { kind: 'wrong', why: `${id}: there is one, none was shown` };
        if (row.id !== id) return { kind: 'wrong', why: `asked for ${id}, shown ${row.id}` };
        return this.#row(expected, row);
      }),
    );
  }

  /** A list of which all `ids` are known to be members, whatever happens to them. */
  list(expected: Expectation, ids: readonly string[], shown: readonly Shown[]): Verdict {
    const found = new Set(shown.map(({ id }) => id));
    const missing = ids.filter((id) => !found.has(id));
    if (missing.length > 0 || found.size !== shown.length || found.size !== ids.length)
      return { kind: 'wrong', why: `expected ${ids.length} rows, shown ${shown.length}, missing ${missing.join(' ')}` };
    return this.states(expected, shown);
  }

  /** Rows of whatever number, found through others. */
  states(expected: Expectation, shown: readonly Shown[]): Verdict {
    return worst(shown.map((row) => this.#row(expected, row)));
  }

  /** A list that groups come into and go from. */
  groups({ present, gone }: Expectation, shown: readonly { readonly id: string }[]): Verdict {
    const found = new Set(shown.map(({ id }) => id));
    // Whose deletion has begun meanwhile may be missing already.
    const missing = [...present].filter((id) => this.#present.has(id) && !found.has(id));
    const ghosts = [...found].filter((id) => gone.has(id));
    if (missing.length === 0 && ghosts.length === 0) return { kind: 'right' };
    return { kind: 'wrong', why: `groups not shown: ${missing.join(' ')}; shown after their end: ${ghosts.join(' ')}` };
  }

  #row({ floors }: Expectation, { id, name }: Shown): Verdict {
    const versions = this.#versions.get(id) ?? [];
    const version = versions.findLast((one) => one.name === name);
    if (version === undefined) return { kind: 'wrong', why: `${id} was never named ${name}` };
    const floor = floors.get(id) ?? 0;
    if (version.sequence < floor)
      return { kind: 'wrong', why: `${id}: shown as it was at ${version.sequence}, promised ${floor} (${name})` };
    return version !== versions.at(-1) && this.#doubtful.has(id) ? { kind: 'excused' } : { kind: 'right' };
  }

  #doubt(id: string, sequence: number): void {
    this.#doubtful.set(id, Math.max(sequence, this.#doubtful.get(id) ?? 0));
  }

  #raise(id: string, sequence: number): void {
    if (sequence > (this.#floors.get(id) ?? 0)) this.#floors = new Map([...this.#floors, [id, sequence]]);
  }

  #committed({ id, row, sequence }: Commit): void {
    if ('name' in row && typeof row.name === 'string') this.#versions.get(id)?.push({ sequence, name: row.name });
  }
}

/** The worst of several. */
export function worst(verdicts: readonly Verdict[]): Verdict {
  const bad = verdicts.find(({ kind }) => kind === 'wrong') ?? verdicts.find(({ kind }) => kind === 'excused');
  return bad ?? { kind: 'right' };
}
