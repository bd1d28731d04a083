import type { Affected, HeldStamp, Lookup, Stamp, WriteResult } from '../../../src/cache/cache.js';
import { Composition } from '../../../src/cache/composition.js';
import {
  affectedStamps,
  listEntryStamps,
  observedStamps,
  type Reach,
  rowEntryStamps,
} from '../../../src/cache/stamps.js';
import { Fault } from '../../../src/rest/fault.js';
import { type Asker, type Cloud, CONFINED, type ModelRow, type Seen } from './cloud.js';
import type { Gateway } from './gateway.js';
import type { Lag, World } from './world.js';

/** Rules that the choice of stamps follows, outside the protocol itself; each can be switched off. */
export interface StampRules {
  readonly bumpAny: boolean;
  readonly bumpRowsOwnProject: boolean;
  readonly sweepTouched: boolean;
  readonly privilegedCarryAny: boolean;
  readonly sharedCarryAny: boolean;
  readonly rowStampOnCreate: boolean;
  readonly bumpLists: boolean;
  /** Wholes hold rows under the stamps of their lists. */
  readonly wholeCarriesLists: boolean;
}

export const ALL_STAMP_RULES: StampRules = {
  bumpAny: true,
  bumpRowsOwnProject: true,
  sweepTouched: true,
  privilegedCarryAny: true,
  sharedCarryAny: true,
  rowStampOnCreate: true,
  bumpLists: true,
  wholeCarriesLists: true,
};

/** `unknown`: no answer, and the commit comes whenever it likes. */
export type WriteMode = 'sync' | 'accepted' | 'unknown';

/** A row by its id, or the list of a type. */
export type Wanted = { readonly row: string } | { readonly list: string };

export interface ReadAction {
  readonly kind: 'read';
  readonly asker: Asker;
  readonly of: readonly Wanted[];
  readonly refresh: boolean;
  /** The answer is kept whole and looked for first. Its parts are read one after the other. */
  readonly whole: boolean;
  /** The same, but each part of the answer is kept by itself, beside those of the asker's other answers. */
  readonly pieces: boolean;
  /** The service is down. */
  readonly outage: boolean;
  /** How long the service's answer takes to come. */
  readonly lag: Lag;
}

export interface WriteAction {
  readonly kind: 'write';
  readonly asker: Asker;
  readonly row: string;
  readonly mode: WriteMode;
  /** Changes the port later, on the side, without anybody knowing its id. */
  readonly touchesPorts: boolean;
  /** Reads the row afterwards and stores it. */
  readonly storesFresh: boolean;
  /** How long it takes for what comes after the answer. */
  readonly lag: Lag;
}

const PLACE = 'cloud/region';

function hasFailed(answers: ReadonlyMap<string, unknown>): boolean {
  return [...answers.values()].some((answer) => answer instanceof Error);
}

/** Clients of the modelled gateways. Throws where an answer breaks the first promise. */
export class Actors {
  readonly #world: World;
  readonly #cloud: Cloud;
  readonly #rules: StampRules;
  readonly violations: string[] = [];
  #serial = 0;

  constructor(world: World, cloud: Cloud, rules: StampRules) {
    this.#world = world;
    this.#cloud = cloud;
    this.#rules = rules;
  }

  async read(gateway: Gateway, action: ReadAction, promised = this.#cloud.answered): Promise<void> {
    await gateway.event('query arrives');
    const floor = new Map(promised);
    const { asker, of, refresh } = action;
    this.#serial += 1;
    const policy = { bypass: false, noCache: refresh, refresher: String(this.#serial) };
    const lookups = of.map((wanted) => this.#lookup(asker, wanted));
    const answers = action.whole
      ? await this.#readWhole(gateway, action, lookups)
      : action.pieces
        ? await this.#readPieces(gateway, action, lookups)
        : await gateway.cache.read(lookups, (missing) => this.#fetch(gateway, action, missing), policy);
    for (const [index, wanted] of of.entries()) {
      const { key } = lookups[index] ?? { key: '' };
      this.#judge(asker, wanted, key, answers.get(key), floor);
    }
  }

  /** As the store of answers does it: what is kept, or made of one look-up after the other. */
  async #readWhole(
    gateway: Gateway,
    action: ReadAction,
    lookups: readonly Lookup[],
  ): Promise<ReadonlyMap<string, unknown>> {
    const turn = await gateway.wholes.find(JSON.stringify(lookups.map(({ key }) => key)), {});
    if ('kept' in turn) return turn.kept;
    const parts = new Composition();
    const answers = await this.#readSlowly(gateway, action, lookups, parts);
    turn.made(hasFailed(answers) ? null : { build: () => ({ value: answers, bytes: 1 }), parts, hasMore: false });
    return answers;
  }

  /** As the store of rows' texts does it: all pieces that are kept, or all made. */
  async #readPieces(
    gateway: Gateway,
    action: ReadAction,
    lookups: readonly Lookup[],
  ): Promise<ReadonlyMap<string, unknown>> {
    const patches = await gateway.pieces.look(JSON.stringify(action.asker), {});
    const parts = new Composition();
    const of = lookups.map((lookup) => gateway.pieceOf(lookup));
    const kept = patches.of(of, parts);
    if (kept !== null) return new Map(of.map(({ key }, index) => [key, kept[index]]));
    const answers = await this.#readSlowly(gateway, action, lookups, parts);
    const pieces = of.map((piece) => [piece, answers.get(piece.key)] as const);
    if (!hasFailed(answers)) patches.keep({ pieces, bytes: 1, parts, hasMore: false });
    return answers;
  }

  /** One look-up after the other. */
  async #readSlowly(
    gateway: Gateway,
    action: ReadAction,
    lookups: readonly Lookup[],
    parts: Composition,
  ): Promise<ReadonlyMap<string, unknown>> {
    const answers = new Map<string, unknown>();
    const policy = { bypass: false, part: parts.add };
    for (const lookup of lookups) {
      const read = await gateway.cache.read([lookup], (missing) => this.#fetch(gateway, action, missing), policy);
      answers.set(lookup.key, read.get(lookup.key));
    }
    await gateway.whileAlive(() => this.#world.lag(action.lag));
    return answers;
  }

  #judge(asker: Asker, wanted: Wanted, key: string, answer: unknown, floor: ReadonlyMap<ModelRow, number>): void {
    if (answer instanceof Error) return;
    const rows =
      'row' in wanted ? [this.#cloud.row(wanted.row)] : this.#cloud.rows.filter(({ type }) => type === wanted.list);
    for (const row of rows.filter((one) => this.#cloud.get(asker, one) !== null)) {
      const version = versionIn(answer, row);
      const least = floor.get(row) ?? 0;
      if (version < least) this.violations.push(`${key} gave version ${version} of ${row.id}, promised was ${least}`);
    }
  }

  async write(gateway: Gateway, action: WriteAction): Promise<void> {
    await gateway.event('mutation arrives');
    const row = this.#cloud.row(action.row);
    try {
      const written = await gateway.cache.write(this.#affected(action, row), () => this.#send(gateway, action, row));
      if (written.unconfirmed.length === 0) {
        this.#cloud.answered.set(row, Math.max(written.value, this.#cloud.answered.get(row) ?? 0));
      }
      if (!action.storesFresh) return;
      const value = await this.#call(gateway, 0, () => this.#cloud.get(action.asker, row));
      await written.store([{ lookup: this.#rowLookup(action.asker, row), value }]);
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
    }
  }

  /** The REST write: once sent, it happens or not, whatever becomes of the gateway. */
  async #send(gateway: Gateway, action: WriteAction, row: ModelRow): Promise<WriteResult<number>> {
    await gateway.event('send write');
    const touched = action.touchesPorts ? [this.#cloud.row('port')] : [];
    if (action.mode === 'unknown') {
      this.#later(action.lag, row, ...touched);
      await gateway.event('no answer');
      throw new Fault({ code: 'UPSTREAM_TIMEOUT', message: 'no answer', outcome: 'UNKNOWN' });
    }
    this.#cloud.underway += 1;
    const committed = this.#world.event('commit').then(() => {
      this.#cloud.underway -= 1;
      this.#later(action.lag, ...touched, ...(action.mode === 'accepted' ? [row] : []));
      return this.#cloud.commit(row);
    });
    const value = await gateway.whileAlive(() => committed);
    await gateway.event('answer to write');
    return { value, accepted: action.mode === 'accepted' };
  }

  #later(lag: Lag, ...rows: readonly ModelRow[]): void {
    for (const row of rows) {
      this.#cloud.underway += 1;
      void this.#world.lag(lag).then(async () => {
        await this.#world.event(`later change of ${row.id}`);
        this.#cloud.underway -= 1;
        if (row.version > 0 || row.id === 'chosen') this.#cloud.commit(row);
      });
    }
  }

  async #fetch(gateway: Gateway, action: ReadAction, missing: readonly Lookup[]): Promise<Map<string, unknown>> {
    const { asker, of, outage, lag } = action;
    return this.#call(gateway, lag, () => {
      const values = of.map((wanted) => {
        if (outage) return new Fault({ code: 'UPSTREAM_UNAVAILABLE', message: 'down', status: 503 });
        return 'row' in wanted
          ? this.#cloud.get(asker, this.#cloud.row(wanted.row))
          : this.#cloud.list(asker, wanted.list);
      });
      const byKey = new Map(of.map((wanted, index) => [this.#lookup(asker, wanted).key, values[index]]));
      return new Map(missing.map(({ key }) => [key, byKey.get(key)]));
    });
  }

  async #call<T>(gateway: Gateway, lag: Lag, look: () => T): Promise<T> {
    await gateway.event('send read');
    const seen = look();
    await gateway.whileAlive(() => this.#world.lag(lag));
    await gateway.event('answer to read');
    return seen;
  }

  #reach(asker: Asker, type: string): Reach {
    const confined = CONFINED[type] === true || !this.#rules.sharedCarryAny;
    return { confined, privileged: asker.admin && this.#rules.privilegedCarryAny, project: asker.project };
  }

  #lookup(asker: Asker, wanted: Wanted): Lookup {
    return 'row' in wanted ? this.#rowLookup(asker, this.#cloud.row(wanted.row)) : this.#listLookup(asker, wanted.list);
  }

  #rowLookup(asker: Asker, row: ModelRow): Lookup {
    return {
      key: `${row.type}/row/${asker.name}/${row.id}`,
      stamps: rowEntryStamps(PLACE, row.type, row.id, this.#reach(asker, row.type)),
      wide: this.#wide(asker, row.type),
      ttl: () => 3600,
      stale: true,
      changed: (before, now) =>
        versionIn(before, row) === versionIn(now, row) ? [] : this.#kept(observedStamps(PLACE, row)),
    };
  }

  #listLookup(asker: Asker, type: string): Lookup {
    const stamps = listEntryStamps(PLACE, type, this.#reach(asker, type));
    return { key: `${type}/list/${asker.name}`, stamps, wide: this.#wide(asker, type), ttl: () => 3600, stale: true };
  }

  #wide(asker: Asker, type: string): readonly Stamp[] {
    const stamps = listEntryStamps(PLACE, type, this.#reach(asker, type));
    return this.#rules.wholeCarriesLists ? stamps : stamps.filter((stamp) => !stamp.includes('/list/'));
  }

  #affected(action: WriteAction, row: ModelRow): Affected {
    const touches = action.touchesPorts && this.#rules.sweepTouched ? [{ type: 'Port', projects: [row.project] }] : [];
    const project = this.#rules.bumpRowsOwnProject ? row.project : action.asker.project;
    const id = row.version > 0 || this.#rules.rowStampOnCreate ? row.id : null;
    const { stamps, alongside } = affectedStamps(PLACE, { type: row.type, id, project }, touches);
    const kept = new Set(this.#kept(stamps.map(({ stamp }) => stamp)));
    return { stamps: stamps.filter(({ stamp }: HeldStamp) => kept.has(stamp)), ...(alongside ? { alongside } : {}) };
  }

  #kept(stamps: readonly Stamp[]): Stamp[] {
    return stamps
      .filter((stamp) => this.#rules.bumpAny || !stamp.endsWith('/any'))
      .filter((stamp) => this.#rules.bumpLists || !stamp.includes('/list/'));
  }
}

function versionIn(answer: unknown, row: ModelRow): number {
  if (answer === null || answer === undefined) return 0;
  const seen = answer as Seen & Record<string, number>;
  return seen.version ?? seen[row.id] ?? 0;
}
