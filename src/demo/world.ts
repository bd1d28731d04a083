import { AsyncLocalStorage } from 'node:async_hooks';
import { Random } from './random.js';
import type * as rows from './rows.js';
import { type Cause, type Change, type Commit, Table } from './table.js';

/** How many servers, volumes… a project may have. */
export interface Quotas {
  readonly instances: number;
  readonly cores: number;
  readonly gigabytes: number;
  readonly volumes: number;
  readonly snapshots: number;
  readonly network: number;
  readonly subnet: number;
  readonly floatingip: number;
  readonly security_group: number;
  readonly security_group_rule: number;
}

export interface WorldOptions {
  readonly seed: number;
  readonly clock: () => number;
  /** Factor on the duration of state transitions; 0 makes each take no longer than a turn of the event loop. */
  readonly pace: number;
  readonly logLimit: number;
  readonly quotas: Quotas;
}

/** A step that is under way: when it is due, on `performance.now()`, and what it does. */
interface Transition {
  readonly due: number;
  run(): void;
}

/** The state of the demo cloud: its tables, its clock, its transitions that are under way, its log of changes. */
export class World {
  readonly random: Random;
  readonly quotas: Quotas;
  /** The last changes, oldest first, at most `logLimit`. Seeding is not in it. */
  readonly log: Commit[] = [];

  readonly #tables = new Map<string, { all(): readonly object[] }>();
  readonly users = this.#table<rows.User>('user');
  readonly projects = this.#table<rows.Project>('project');
  readonly roles: rows.Role[] = [];
  readonly grants: rows.Grant[] = [];
  readonly flavors = this.#table<rows.Flavor>('flavor');
  readonly keypairs = this.#table<rows.Keypair>('keypair', { userId: (key) => key.userId });
  readonly servers = this.#table<rows.Server>('server', { projectId: (server) => server.projectId });
  /** Nova still lists them to those who ask with `changes-since`. */
  readonly deletedServers: rows.Server[] = [];
  readonly networks = this.#table<rows.Network>('network');
  readonly subnets = this.#table<rows.Subnet>('subnet', { network_id: (subnet) => subnet.network_id });
  readonly ports = this.#table<rows.Port>('port', {
    device_id: (port) => port.device_id.toLowerCase(),
    network_id: (port) => port.network_id,
  });
  readonly floatingIps = this.#table<rows.FloatingIp>('floatingip', { port_id: (address) => address.port_id });
  readonly securityGroups = this.#table<rows.SecurityGroup>('security_group', {
    project_id: (group) => group.project_id,
  });
  readonly securityGroupRules = this.#table<rows.SecurityGroupRule>('security_group_rule', {
    security_group_id: (rule) => rule.security_group_id,
    remote_group_id: (rule) => rule['remote_group_id'],
  });
  readonly routers = this.#table<rows.Router>('router');
  readonly images = this.#table<rows.Image>('image');
  readonly volumeTypes = this.#table<rows.VolumeType>('volume_type');
  readonly volumes = this.#table<rows.Volume>('volume', { projectId: (volume) => volume.projectId });
  readonly snapshots = this.#table<rows.Snapshot>('snapshot', {
    projectId: (snapshot) => snapshot.projectId,
    volumeId: (snapshot) => snapshot.volumeId,
  });
  /** Ids of the volumes attached to a server, in the order of their devices. */
  readonly volumesOfServer = new Map<string, readonly string[]>();
  /** Addresses in use, per subnet: allocation must not scan 10,000 ports. */
  readonly addresses = new Map<string, Set<string>>();

  #sequence = 0;
  #logging = false;
  #numbers = new Map<string, number>();
  readonly #listeners: ((commit: Commit) => void)[] = [];
  readonly #timers = new Map<NodeJS.Timeout, Transition>();
  readonly #causes = new AsyncLocalStorage<Cause | null>();
  #waiting: (() => void)[] = [];

  constructor(readonly options: WorldOptions) {
    this.random = new Random(options.seed);
    this.quotas = options.quotas;
  }

  now(): number {
    return this.options.clock();
  }

  /** The next of a sequence of numbers per name: servers, standard attributes… */
  number(name: string): number {
    const next = (this.#numbers.get(name) ?? 0) + 1;
    this.#numbers.set(name, next);
    return next;
  }

  /** From here on changes are logged. */
  startLog(): void {
    this.#logging = true;
  }

  onCommit(listener: (commit: Commit) => void): void {
    this.#listeners.push(listener);
  }

  /** Runs `work` so that whatever it changes, at once or later, is logged with `call` as its cause. */
  onBehalf<T>(call: object, work: () => Promise<T>): Promise<T> {
    return this.#causes.run({ call, later: false }, work);
  }

  /** Runs `step` after `ms` milliseconds of the cloud's pace, behind every step that is due before it. */
  later(ms: number, step: () => void): void {
    const cause = this.#causes.getStore() ?? null;
    const laterCause = cause && { ...cause, later: true };
    const run = () => this.#causes.run(laterCause, step);
    const delay = ms * this.options.pace;
    const due = performance.now() + delay;
    const timer = setTimeout(() => this.#runDueBy(due), delay);
    timer.unref();
    this.#timers.set(timer, { due, run });
  }

  // Node runs timers of different durations out of order when the event loop is late:
  // by the order of timers alone a server could be spawning after it was launched.
  #runDueBy(due: number): void {
    const steps = [...this.#timers].filter(([, step]) => step.due <= due);
    for (const [timer, { run }] of steps.sort(([, a], [, b]) => a.due - b.due)) {
      clearTimeout(timer);
      this.#timers.delete(timer);
      run();
    }
    this.#tellSettled();
  }

  /** Resolves when no transition is under way any more. */
  settled(): Promise<void> {
    if (this.#timers.size === 0) return Promise.resolve();
    // Transitions do not keep the process alive by themselves, but somebody who waits for them must not be lost.
    for (const timer of this.#timers.keys()) timer.ref();
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** All rows of a type as they are now: `server`, `port`, `volume`… */
  rows(type: string): readonly object[] {
    return this.#tables.get(type)?.all() ?? [];
  }

  close(): void {
    for (const timer of this.#timers.keys()) clearTimeout(timer);
    this.#timers.clear();
    this.#tellSettled();
  }

  #tellSettled(): void {
    if (this.#waiting.length > 0) for (const timer of this.#timers.keys()) timer.ref();
    if (this.#timers.size > 0) return;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }

  #table<T extends { readonly id: string }>(type: string, indexed: Record<string, (row: T) => unknown> = {}): Table<T> {
    const table = new Table<T>(type, (change) => this.#commit(change), indexed);
    this.#tables.set(type, table);
    return table;
  }

  #commit(change: Change): void {
    if (!this.#logging) return;
    this.#sequence += 1;
    const commit: Commit = {
      sequence: this.#sequence,
      at: this.now(),
      ...change,
      cause: this.#causes.getStore() ?? null,
    };
    this.log.push(commit);
    if (this.log.length > this.options.logLimit) this.log.shift();
    for (const listener of this.#listeners) listener(commit);
  }
}
