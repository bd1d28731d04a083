import { setTimeout as wait } from 'node:timers/promises';
import type { ApolloServer } from '@apollo/server';
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import type { InFlight } from './inflight.js';
import type { AnswerContext } from './parts.js';

/** How long a stopping server waits, in milliseconds. */
export interface Deadlines {
  readonly queries: number;
  /** As long as a REST write may take: its outcome must reach the cache and, if possible, the client. */
  readonly writes: number;
  /** For the last bytes of answers that are ready. */
  readonly flush: number;
}

const DEADLINES: Deadlines = { queries: 10_000, writes: 60_000, flush: 2_000 };

interface Stoppable<Context extends AnswerContext> {
  readonly app: FastifyInstance;
  readonly inFlight: InFlight;
  readonly apollo: ApolloServer<Context>;
  readonly parts: { close?(): Promise<void> };
  readonly log: Logger;
}

/**
 * Goes on serving for `drainMs` milliseconds, so that whoever sends requests can notice that it is not ready any more. Then
 * accepts nothing new, waits for queries and writes to their deadlines, sends what is ready, and closes all.
 */
export async function stopInOrder<Context extends AnswerContext>(
  { app, inFlight, apollo, parts, log }: Stoppable<Context>,
  drainMs: number,
  deadlines: Deadlines = DEADLINES,
): Promise<void> {
  if (drainMs > 0) {
    log.info({ drainMs }, 'draining');
    await wait(drainMs);
  }
  log.info({ queries: inFlight.count('read'), writes: inFlight.count('write') }, 'stopping');
  const closed = app.close();
  const [queriesDone, writesDone] = await Promise.all([
    inFlight.drained('read', deadlines.queries).then((done) => {
      if (!done) inFlight.abortReads();
      return done;
    }),
    inFlight.drained('write', deadlines.writes),
  ]);
  const flush = setTimeout(() => app.server.closeAllConnections(), deadlines.flush);
  await closed;
  clearTimeout(flush);
  // What came last, on connections that were open already: nobody can come behind it.
  await inFlight.drained('write', deadlines.writes);
  await apollo.stop();
  await parts.close?.();
  log.info({ queriesDone, writesDone }, 'stopped');
}
