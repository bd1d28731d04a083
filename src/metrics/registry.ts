import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

/** Makes the metrics of one gateway, each with its name's prefix. */
export class Figures {
  readonly registry = new Registry();

  counter<L extends string>(name: string, help: string, labelNames: readonly L[]): Counter<L> {
    return new Counter({ name: `${PREFIX}${name}`, help, labelNames, registers: [this.registry] });
  }

  gauge<L extends string>(name: string, help: string, labelNames: readonly L[]): Gauge<L> {
    return new Gauge({ name: `${PREFIX}${name}`, help, labelNames, registers: [this.registry] });
  }

  /** Seconds. */
  durations<L extends string>(name: string, help: string, labelNames: readonly L[]): Histogram<L> {
    return new Histogram({ name: `${PREFIX}${name}`, help, labelNames, buckets: SECONDS, registers: [this.registry] });
  }
}

const PREFIX = 'stratograph_';

/** From a warm page (milliseconds) to the longest that a write may take (60 s). */
const SECONDS = [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

let ofProcess: Registry | undefined;

/**
 * Memory, processor time, event loop, file descriptors: of the process, whatever number of gateways run in it. Made once,
 * since prom-client's watchers of the event loop cannot be stopped.
 */
export function processRegistry(): Registry {
  if (ofProcess === undefined) {
    ofProcess = new Registry();
    collectDefaultMetrics({ register: ofProcess });
  }
  return ofProcess;
}
