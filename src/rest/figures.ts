/** The service type and region that a call goes to: both from the catalog. */
export interface Target {
  readonly service: string;
  readonly region: string;
}

/** What the REST client tells of itself. */
export interface RestFigures {
  /** One HTTP exchange ended, retries and version documents counted each. `status` is 0 where no answer came. */
  exchange(target: Target, method: string, status: number, seconds: number): void;
  /** A read is about to be sent again. */
  retried(target: Target): void;
  /** A call was refused since the breaker is open. */
  spared(target: Target): void;
  breaker(target: Target, open: boolean): void;
  /** By how many more (or, negative, fewer) calls wait for their turn. */
  waiting(target: Target, change: 1 | -1): void;
}

const nothing = (): void => {};

export const NO_REST_FIGURES: RestFigures = {
  exchange: nothing,
  retried: nothing,
  spared: nothing,
  breaker: nothing,
  waiting: nothing,
};
