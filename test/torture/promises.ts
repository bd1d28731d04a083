import type { Clock, Deed, Moment, Outcome, Version } from './history.js';

/** How long what was read while a write settled may be served (ms), with two clocks' rounding. */
const SETTLING_LIFE = 2000 + 50;

/** A write of the shortest settling time (5 s) is watched so long (ms): its second bump came somewhat before its answer. */
const WATCHED = 4000;

/** A request from when it was sent until its answer, or its end without one. */
export interface Request {
  readonly sent: Moment;
}

/** A version that binds once all requests are over that may have read its predecessor. */
interface Waiting {
  readonly version: Version;
  readonly left: Set<Request>;
}

/**
 * Decides from when on a version binds: no query that is sent later may be shown what was before it.
 *
 * - What a mutation's own write did binds as soon as an answer has come that does not say `unconfirmed`, whatever else that
 *   answer says: an error of known outcome has bumped twice, too.
 * - What the cloud did later because of such a mutation (BUILD to ACTIVE) is an outside change. While the write settles, what
 *   was read lives two seconds at most. So it binds two seconds after every request that was under way at the commit has
 *   ended: any of these may have read the row just before, and stored it.
 * - What a mutation of unknown outcome did (its gateway died, the service did not answer) binds as soon as every request has
 *   ended that was under way at the commit, or at the mutation's end where that was later: the hold keeps everybody from
 *   storing, so that only a fetch that had begun before can still show what was.
 * - While memcached loses items (`holdsMayBeLost`), only the first of these rules holds: the others rest on holds.
 * - Nothing else binds: an `unconfirmed` answer promises nothing.
 */
export class Promises {
  readonly #clock: Clock;
  readonly #underWay = new Set<Request>();
  #waiting: Waiting[] = [];
  holdsMayBeLost = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get underWay(): number {
    return this.#underWay.size;
  }

  begin(): Request {
    const request = { sent: this.#clock.now() };
    this.#underWay.add(request);
    return request;
  }

  /** The answer has come, or will never come; `deed` and `outcome` where it was a mutation's. */
  end(request: Request, deed?: Deed, outcome: Outcome = 'unknown'): Moment {
    this.#underWay.delete(request);
    const now = this.#clock.now();
    if (deed !== undefined) this.#answered(deed, now, outcome);
    this.#waiting = this.#waiting.filter(({ version, left }) => {
      left.delete(request);
      if (left.size > 0) return true;
      bind(version, now);
      return false;
    });
    return now;
  }

  #answered(deed: Deed, at: Moment, outcome: Outcome): void {
    deed.end = { at, outcome };
    const versions = deed.versions.filter((version) => !version.later);
    if (outcome === 'unknown') for (const version of versions) this.#await(version);
    if (outcome === 'confirmed') for (const version of versions) version.boundTick = at.tick;
  }

  /** To be called for each version as it comes into being. */
  committed(version: Version): void {
    const { deed, later } = version;
    if (deed === null) return;
    if (later || deed.end?.outcome === 'unknown') this.#await(version);
    else if (deed.end?.outcome === 'confirmed') version.boundTick = version.from.tick;
  }

  /** What no query under way was sent before. */
  get oldest(): Moment {
    let oldest = this.#clock.now();
    for (const { sent } of this.#underWay) if (sent.tick < oldest.tick) oldest = sent;
    return oldest;
  }

  #await(version: Version): void {
    if (this.holdsMayBeLost) return;
    if (this.#underWay.size === 0) bind(version, this.#clock.now());
    else this.#waiting.push({ version, left: new Set(this.#underWay) });
  }
}

function bind(version: Version, now: Moment): void {
  const end = version.deed?.end ?? null;
  if (end?.outcome === 'unknown') version.boundTick = Math.min(version.boundTick, now.tick);
  if (end?.outcome === 'confirmed' && version.later && version.from.ms <= end.at.ms + WATCHED)
    version.boundMs = now.ms + SETTLING_LIFE;
}
