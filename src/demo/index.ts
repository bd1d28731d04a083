import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { blockStorage } from './block-storage/index.js';
import { compute } from './compute/index.js';
import { identity } from './identity/index.js';
import { Tokens } from './identity/tokens.js';
import { image } from './image/index.js';
import { network } from './network/index.js';
import { Random } from './random.js';
import { LOGINS } from './seed/identity.js';
import { seedWorld } from './seed/seed.js';
import { type DemoCall, type Disturbance, requestListener } from './server.js';
import type { Cause, Commit } from './table.js';
import { type Quotas, World } from './world.js';

export type { Cause, Commit, DemoCall, Disturbance, Quotas };

export interface DemoCloudOptions {
  /** Servers in all projects together, 10 to 10,000; 60 unless said otherwise. */
  readonly servers?: number;
  /** The same seed gives the same cloud, ids included; 1 unless said otherwise. */
  readonly seed?: number;
  /** Port on 127.0.0.1; 0, which picks a free one, unless said otherwise. */
  readonly port?: number;
  /** Milliseconds that each call takes at least and at most, chosen from the seed. None unless said otherwise. */
  readonly delays?: { readonly min: number; readonly max: number };
  /** Milliseconds since 1970; the machine's clock unless said otherwise. */
  readonly clock?: () => number;
  /**
   * Factor on the duration of state transitions (a server takes 1.5 s to build at 1, the default). 0 makes each
   * transition happen in a later turn of the event loop.
   */
  readonly pace?: number;
  /** What is to go wrong with a call, if anything: slow, lost, failing, committing late. Asked once per call. */
  readonly disturb?: (call: DemoCall) => Disturbance | undefined;
  /** The log keeps so many of the last changes; 10,000 unless said otherwise. */
  readonly logLimit?: number;
  readonly quotas?: Partial<Quotas>;
}

/** A small OpenStack over HTTP on one loopback port. */
export interface DemoCloud {
  /** `http://127.0.0.1:PORT`. */
  readonly url: string;
  /** For `OS_AUTH_URL`: `http://127.0.0.1:PORT/identity/v3`. */
  readonly authUrl: string;
  /** User names, passwords, roles and projects; the domain is `Default`. */
  readonly logins: typeof LOGINS;
  /** Every state change since the start in its order, oldest first: what an answer may be checked against. */
  readonly log: readonly Commit[];
  /** All rows of a type (`server`, `port`, `volume`…) as the cloud keeps them now. */
  rows(type: string): readonly object[];
  /** Ids of the volumes that Nova counts as the server's, attached or about to be. */
  volumesOfServer(id: string): readonly string[];
  /** Calls `listener` with every state change as it happens. */
  onCommit(listener: (commit: Commit) => void): void;
  /** Resolves when no state transition is under way. */
  settled(): Promise<void>;
  /** Stops listening and cuts what is open; transitions under way never happen. */
  close(): Promise<void>;
}

/** What a project may have in a cloud of up to 1000 servers. */
export const QUOTAS: Quotas = {
  instances: 5000,
  cores: 20000,
  gigabytes: 1000000,
  volumes: 5000,
  snapshots: 5000,
  network: 500,
  subnet: 500,
  floatingip: 5000,
  security_group: 1000,
  security_group_rule: 10000,
};

/** Starts a demo cloud; throws a `RangeError` on a number of servers that it does not do. */
export async function createDemoCloud(options: DemoCloudOptions = {}): Promise<DemoCloud> {
  const { servers = 60, seed = 1, port = 0, clock = Date.now, pace = 1, logLimit = 10_000 } = options;
  if (!Number.isInteger(servers) || servers < 10 || servers > 10_000) {
    throw new RangeError(`the demo cloud has 10 to 10000 servers, got ${servers}`);
  }
  // A large cloud has large quotas, so that there is room left for more.
  const room = Math.max(1, Math.ceil(servers / 1000));
  const grown = {
    instances: QUOTAS.instances * room,
    cores: QUOTAS.cores * room,
    floatingip: QUOTAS.floatingip * room,
  };
  const quotas = { ...QUOTAS, ...grown, gigabytes: QUOTAS.gigabytes * room, ...options.quotas };
  const world = new World({ seed, clock, pace, logLimit, quotas });
  seedWorld(world, servers);
  const tokens = new Tokens(world);
  let url = '';
  const listener = requestListener({
    world,
    services: [identity(tokens), compute, network, image, blockStorage],
    tokens,
    url: () => url,
    disturb: disturbances(options, seed),
  });
  const server = createServer({ keepAliveTimeout: 60_000 }, listener);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    authUrl: `${url}/identity/v3`,
    logins: LOGINS,
    log: world.log,
    rows: (type) => world.rows(type),
    volumesOfServer: (id) => world.volumesOfServer.get(id) ?? [],
    onCommit: (commitListener) => world.onCommit(commitListener),
    settled: () => world.settled(),
    close: async () => {
      world.close();
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

/** The caller's own disturbances, and random delays of its own seed where they are asked for. */
function disturbances(
  { delays, disturb }: DemoCloudOptions,
  seed: number,
): (call: DemoCall) => Disturbance | undefined {
  if (delays === undefined) return disturb ?? (() => undefined);
  const random = new Random(seed + 1);
  const some = () => delays.min + random.next() * (delays.max - delays.min);
  return (call) => {
    const total = some();
    const before = total * random.next();
    return { before, after: total - before, ...disturb?.(call) };
  };
}
