import type { View } from './views.js';

/** A place in the order of all that happens in a run. */
export interface Moment {
  /** 1, 2, 3…: one for each commit, request and answer, all seen by one process. */
  readonly tick: number;
  /** Milliseconds since the run began. */
  readonly ms: number;
}

/** Makes moments. */
export class Clock {
  readonly #milliseconds: () => number;
  readonly #start: number;
  #tick = 0;

  constructor(milliseconds = () => performance.now()) {
    this.#milliseconds = milliseconds;
    this.#start = milliseconds();
  }

  now(): Moment {
    this.#tick += 1;
    return { tick: this.#tick, ms: this.#milliseconds() - this.#start };
  }
}

/** `confirmed`: an answer that vouches for it. `unknown`: no answer, or one that does not say what became of it. */
export type Outcome = 'confirmed' | 'unconfirmed' | 'unknown';

/** A mutation, as far as it matters for what may be shown afterwards. */
export interface Deed {
  readonly text: string;
  readonly versions: Version[];
  end: { readonly at: Moment; readonly outcome: Outcome } | null;
}

/** What a row was from one commit on. */
export interface Version {
  readonly from: Moment;
  /** Null: there was none. */
  readonly view: View | null;
  readonly deed: Deed | null;
  /** Whether the cloud did it by itself, after the mutation's own write. */
  readonly later: boolean;
  /** Queries sent after this tick or this millisecond may be shown nothing older than this version. */
  boundTick: number;
  boundMs: number;
}

const NEVER = Number.POSITIVE_INFINITY;

/** All that one row has been. */
export class Timeline {
  readonly versions: Version[] = [];

  constructor(
    readonly type: string,
    readonly id: string,
  ) {}

  get current(): View | null {
    return this.versions.at(-1)?.view ?? null;
  }

  add(from: Moment, view: View | null, deed: Deed | null, later: boolean): Version {
    const version: Version = { from, view, deed, later, boundTick: NEVER, boundMs: NEVER };
    this.versions.push(version);
    deed?.versions.push(version);
    return version;
  }

  /** Index of the oldest version that an answer to a query sent at `sent` may show; `own` counts as answered already. */
  floor(sent: Moment, own: Deed | null = null): number {
    for (let index = this.versions.length - 1; index > 0; index -= 1) {
      const version = this.versions[index];
      if (version !== undefined && (isBound(version, sent) || (own !== null && version.deed === own && !version.later)))
        return index;
    }
    return 0;
  }

  /** Drops what no query sent at `oldest` or later may be shown. True: nothing but the row's absence is left. */
  forget(oldest: Moment): boolean {
    const floor = this.floor(oldest);
    if (floor > 0) this.versions.splice(0, floor);
    return this.versions.length === 1 && this.versions[0]?.view === null;
  }
}

function isBound({ boundTick, boundMs }: Version, sent: Moment): boolean {
  return boundTick < sent.tick || boundMs < sent.ms;
}

/** All that all rows have been, as far as a query under way may still be shown it. */
export class History {
  readonly #byType = new Map<string, Map<string, Timeline>>();

  timelines(type: string): Iterable<Timeline> {
    return this.#byType.get(type)?.values() ?? [];
  }

  find(type: string, id: string): Timeline | undefined {
    return this.#byType.get(type)?.get(id);
  }

  of(type: string, id: string): Timeline {
    const known = this.find(type, id);
    if (known !== undefined) return known;
    const timeline = new Timeline(type, id);
    const ofType = this.#byType.get(type) ?? new Map<string, Timeline>();
    this.#byType.set(type, ofType.set(id, timeline));
    return timeline;
  }

  /** Keeps memory flat; a row that is gone for all to see is forgotten. */
  forget(oldest: Moment): void {
    for (const ofType of this.#byType.values()) {
      for (const [id, timeline] of ofType) if (timeline.forget(oldest)) ofType.delete(id);
    }
  }
}
