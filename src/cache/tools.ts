import type { Clock } from './clock.js';
import type { Entries } from './entries.js';
import type { CacheFigures } from './figures.js';
import type { Flights } from './flight.js';
import type { Glances } from './glances.js';
import type { Holds } from './holds.js';
import type { Deadlines } from './options.js';
import type { Parsed } from './parsed.js';
import type { Rules } from './rules.js';
import type { Store } from './store.js';

/** What reading and writing share: one of each per cache. */
export interface Tools {
  readonly store: Store;
  readonly glances: Glances;
  readonly entries: Entries;
  readonly parsed: Parsed;
  readonly holds: Holds;
  readonly flights: Flights;
  readonly clock: Clock;
  readonly rules: Rules;
  readonly figures: CacheFigures;
  readonly deadlines: Required<Deadlines>;
  /** Keeps `close` from closing before this has ended. */
  readonly background: (work: Promise<unknown>) => void;
}
