/**
 * The protocol's rules, each on. Tests of the model switch one off at a time to show that the model would notice;
 * nothing else ever passes anything but `ALL_RULES`. `docs/decisions/cache-rules.md` tells what each prevents.
 */
export interface Rules {
  /** Bump before the write: what was cached before it is unusable from then on, even if the writer dies. */
  readonly firstBump: boolean;
  /** Bump after the write: what was read while it ran is unusable. */
  readonly secondBump: boolean;
  /** Nobody stores while a writer is at work or its outcome is unknown. */
  readonly writingHold: boolean;
  /** What is read while a write settles lives two seconds at most. */
  readonly settlingHold: boolean;
  /** A hold lists its writers, so that the end of one does not end another's. */
  readonly holdsListWriters: boolean;
  /** An unknown outcome leaves the writer in the hold. */
  readonly unknownKeepsHold: boolean;
  /** An entry carries the stamps read before its fetch, not those found when it is stored. */
  readonly captureBeforeFetch: boolean;
  /** Holds are looked at again before storing: stamp and hold may have been read in the wrong order. */
  readonly recheckHolds: boolean;
  /** What a hold said before the fetch counts even if it is gone after it. */
  readonly rememberHolds: boolean;
  /** An entry counts only while its stamps are current. */
  readonly checkStamps: boolean;
  /** A missing stamp starts at random, not where an older one may have started. */
  readonly randomStart: boolean;
  /** A flight's name holds the stamps that it captured. */
  readonly flightNamesStamps: boolean;
  /** A stamp that nobody acknowledged is no stamp: the value is answered, not stored. */
  readonly storeOnlyAcknowledged: boolean;
  /** A value past its time is not served while a hold is on it. */
  readonly staleRespectsHolds: boolean;
  /** A value past its time is not served when its stamps have moved. */
  readonly staleChecksStamps: boolean;
  /** A reader that bumps for a change it saw keeps its own entry only if nobody bumped beside it. */
  readonly observedBumpAlone: boolean;
  /** A fresh row read by a writer is stored only if nobody bumped beside it. */
  readonly freshBumpAlone: boolean;
  /** A bump that no store acknowledged is said to be unconfirmed. */
  readonly reportUnconfirmed: boolean;
  /** A whole answer carries the stamps read before anything of it was. */
  readonly wholeCapturesFirst: boolean;
  /** A whole answer counts only while its stamps are current. */
  readonly wholeChecksStamps: boolean;
  /** A whole answer is kept only if entries alone went into it: each was stored under its own stamps and holds. */
  readonly wholeIsOfEntries: boolean;
  /** A whole answer ends with the first of its parts. */
  readonly wholeEndsWithParts: boolean;
  /** Whoever waits for a whole that somebody else is making has read the stamps that it captured. */
  readonly wholeFlightNamesStamps: boolean;
  /** Pieces of answers are kept together only under the stamps that were read before anything of each was. */
  readonly pieceCapturesFirst: boolean;
}

export const ALL_RULES: Rules = {
  firstBump: true,
  secondBump: true,
  writingHold: true,
  settlingHold: true,
  holdsListWriters: true,
  unknownKeepsHold: true,
  captureBeforeFetch: true,
  recheckHolds: true,
  rememberHolds: true,
  checkStamps: true,
  randomStart: true,
  flightNamesStamps: true,
  storeOnlyAcknowledged: true,
  staleRespectsHolds: true,
  staleChecksStamps: true,
  observedBumpAlone: true,
  freshBumpAlone: true,
  reportUnconfirmed: true,
  wholeCapturesFirst: true,
  wholeChecksStamps: true,
  wholeIsOfEntries: true,
  wholeEndsWithParts: true,
  wholeFlightNamesStamps: true,
  pieceCapturesFirst: true,
};
