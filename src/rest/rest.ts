/** The last stage as the stages before it see it. `client.ts` implements it on node-fetch. */

import type { AboutAnswer } from './fault.js';

/** Query parameters in order; a repeated name is sent repeatedly (`?id=A&id=B`). */
export type Query = readonly (readonly [name: string, value: string])[];

export type Method = 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** One call, addressed by the official service type; the catalog of the asker's token supplies the host. */
export interface RestRequest {
  readonly service: string;
  readonly region: string;
  readonly method: Method;
  /** Below the service's versioned root, as `pathOf` makes it: `/servers/detail`. */
  readonly path: string;
  readonly query?: Query;
  /** JSON body; absent means no body. */
  readonly body?: unknown;
  /** Instead of `application/json`: Glance's PATCH wants `application/openstack-images-v2.1-json-patch`. */
  readonly contentType?: string;
  /** Instead of the negotiated one. */
  readonly microversion?: string;
  /** Milliseconds until the call is given up; default from the configuration. */
  readonly deadline?: number;
}

export interface RestAnswer {
  readonly status: number;
  /** Parsed JSON; text where the service sent text; null where it sent nothing. */
  readonly body: unknown;
  readonly header: (name: string) => string | null;
  readonly requestId: string | null;
}

/** A page of rows with the query of the page behind it. */
export interface Page {
  readonly rows: readonly Record<string, unknown>[];
  /** Query of the next page as the service's own link says it, or null after the last. Its host is never used. */
  readonly next: Query | null;
  /** The answer that it came in, for faults that are found in its rows. */
  readonly answer?: AboutAnswer;
}

/**
 * OpenStack as one asker sees it, for the time of one GraphQL request. Every method throws `Fault` and nothing else.
 * Reads are retried and are cancelled when the client leaves; writes are sent once and run to their end.
 */
export interface Rest {
  call(request: RestRequest): Promise<RestAnswer>;
  /** A GET of one page of a collection: rows are `body[many]`, the link to the next page is found by the service's grammar. */
  page(request: Omit<RestRequest, 'method'>, many: string): Promise<Page>;
  /** Regions in which the catalog has this service. Empty: the cloud lacks it. */
  regionsOf(service: string): readonly string[];
  /**
   * The microversion that calls to this service use: the newest that it speaks and that stratograph was tested with.
   * Null for services without microversions. Part of cache keys.
   */
  microversion(service: string, region: string): Promise<string | null>;
}

/** What one REST call was, for `X-Explain` and the logs. `path` has its ids, never a query value that could be secret. */
export interface RestRecord {
  readonly service: string;
  readonly method: Method;
  readonly path: string;
  /** 0 where no answer came. */
  readonly status: number;
  readonly ms: number;
}
