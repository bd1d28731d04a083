#!/usr/bin/env -S node --max-semi-space-size=64 --no-memory-reducer
import { setFlagsFromString } from 'node:v8';
import type { Logger } from 'pino';
import type { CloudSettings } from './auth/clouds.js';
import { type Config, ConfigError, readConfig } from './config.js';
import type { RunningDemo } from './demo.js';
import { createGateway } from './gateway.js';
import { createDoor, isLoopback } from './http/door.js';
import { createLogger, errorForLog } from './http/log.js';
import { type RunningServer, startServer } from './server.js';
import { registry } from './services/registry.js';

/** Signals that arrive within this time are one: a terminal and npm both pass the same one on. */
const SAME_SIGNAL_MS = 1000;

/**
 * V8 forgets what objects look like of which none was there during two full collections, and then treats the code that makes them as if it
 * made all kinds. `process.nextTick`, called several times in every request, took four times as long for ever after a few
 * (72 and 290 ns, Node 20.20); a repeated page of 100 rows costs a tenth less processor time with this. Collections of an idle process
 * forget all the same: hence `--no-memory-reducer`, which V8 reads before any of this runs (`docs/decisions/shortcuts.md`).
 */
const SHAPES_KEPT = '--retain-maps-for-n-gc=1000';

async function main(): Promise<void> {
  setFlagsFromString(SHAPES_KEPT);
  const config = readConfig({ env: process.env, cwd: process.cwd(), cachedTypes: new Set(Object.keys(registry)) });
  const log = createLogger(config.logLevel);
  outliveRejections(log);
  const demo = config.cloud === null ? await demoOf(config) : null;
  const cloud = config.cloud ?? demo?.cloud;
  if (cloud === undefined) throw new Error('neither a cloud nor the demo');
  const server = await serve(config, cloud, log, demo?.close);
  if (demo !== null) console.log(demo.introduction(server.url));
  stopOnSignals(server, log, config.drainSeconds);
}

/**
 * Node ends a process in which a promise is rejected that nobody handles: graphql-js 16 leaves such behind where one item of
 * a list fails at once and another later. Whoever asked has been answered; all others shall be as well.
 */
function outliveRejections(log: Logger): void {
  process.on('unhandledRejection', (error) => {
    log.error({ err: error }, 'a rejection that nobody handled: a bug; the gateway goes on');
  });
}

/** Loaded only where it is wanted: a gateway in production has no use for it. */
async function demoOf({ demoServers }: Config): Promise<RunningDemo> {
  const { startDemo } = await import('./demo.js');
  return startDemo(demoServers);
}

async function serve(
  config: Config,
  cloud: CloudSettings,
  log: Logger,
  closeDemo: (() => Promise<void>) | undefined,
): Promise<RunningServer> {
  const singleUser = cloud.credentials !== null && isLoopback(config.host);
  if (cloud.credentials !== null && !singleUser) {
    log.warn(
      { host: config.host },
      'the cloud has credentials, which are used on loopback only: every request needs a token',
    );
  }
  const parts = await createGateway({ config, cloud, singleUser, log });
  const door = singleUser ? createDoor() : undefined;
  const server = await startServer(
    { ...config, log, ...(door === undefined ? {} : { door }) },
    {
      ...parts,
      async close() {
        await parts.close?.();
        await closeDemo?.();
      },
    },
  );
  const endpoint = `${server.url}/graphql`;
  console.log(`listening on ${door?.urlWithSecret(endpoint) ?? endpoint}`);
  return server;
}

/**
 * The first signal lets what is under way finish; a later one ends the process at once. SIGTERM comes from whatever runs the
 * gateway behind a balancer, which needs time to notice; SIGINT from somebody at a terminal, who does not want to wait.
 */
function stopOnSignals(server: RunningServer, log: Logger, drainSeconds: number): void {
  let first: number | null = null;
  const stop = (signal: NodeJS.Signals): void => {
    if (first !== null) {
      if (Date.now() - first > SAME_SIGNAL_MS) process.exit(1);
      return;
    }
    first = Date.now();
    log.info({ signal }, 'signal');
    server.stop({ drainMs: signal === 'SIGTERM' ? drainSeconds * 1000 : 0 }).then(
      () => process.exit(0),
      (error: unknown) => {
        log.error({ err: error }, 'stopping failed');
        process.exit(1);
      },
    );
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
}

/** What to do where the address to listen on is refused. */
const REMEDIES: Readonly<Record<string, string>> = {
  EADDRINUSE: 'end what listens there, or set PORT to another (0 picks one)',
  EADDRNOTAVAIL: 'set HOST to an address of this machine',
  EACCES: 'set PORT to one from 1024 on',
};

function whyNotStarted(error: unknown): string {
  if (error instanceof ConfigError) return error.message;
  const { code, syscall } = error as Partial<NodeJS.ErrnoException>;
  const remedy = syscall === 'listen' ? REMEDIES[code ?? ''] : undefined;
  return `stratograph cannot start: ${String(errorForLog(error)['message'])}${remedy === undefined ? '' : `; ${remedy}`}`;
}

main().catch((error: unknown) => {
  console.error(whyNotStarted(error));
  process.exit(1);
});
