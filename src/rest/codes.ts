/** One row of the table in `docs/errors.md`, which a test compares with this. */
export interface CodeRow {
  /** HTTP status of an answer that holds nothing but this error. */
  readonly http: number;
  readonly meaning: string;
  /** What the reader of the error can do. */
  readonly remedy: string;
}

/** Every code that a client can meet in `extensions.code`, beside GraphQL's own for malformed documents. */
export const faultCodes = {
  UNAUTHENTICATED: {
    http: 401,
    meaning: 'No token came with the request, or Keystone does not accept it.',
    remedy: 'Log in with `issueToken` and send the token as `X-Auth-Token`.',
  },
  FORBIDDEN: {
    http: 200,
    meaning: 'The service knows you and refuses this to your role.',
    remedy: 'Ask for a token with the role that the field names in its description.',
  },
  NOT_FOUND: {
    http: 200,
    meaning: 'There is no such resource, or it belongs to somebody else.',
    remedy: 'Check the id and the region.',
  },
  CONFLICT: {
    http: 200,
    meaning: 'The resource is in a state that does not allow this, or something uses it.',
    remedy: 'Read the resource again; retry once its state allows it.',
  },
  BAD_USER_INPUT: {
    http: 200,
    meaning: 'An argument is not what it should be; `argument` names it where that is known.',
    remedy: 'Correct the argument that the message names.',
  },
  QUOTA_EXCEEDED: {
    http: 200,
    meaning: "The project's quota does not allow this.",
    remedy: 'Delete something or ask for a larger quota.',
  },
  UPSTREAM_UNAVAILABLE: {
    http: 200,
    meaning: 'The service did not answer, or answered with an error of its own.',
    remedy: 'Retry later; give the request id to whoever runs the service.',
  },
  UPSTREAM_TIMEOUT: {
    http: 200,
    meaning: 'The service did not answer in time. For a mutation, `outcome: "UNKNOWN"` says that it may have happened.',
    remedy: 'Retry a query; before repeating a mutation, read whether it happened.',
  },
  RATE_LIMITED: {
    http: 200,
    meaning: 'The service, or the gateway for log-ins, refuses more calls for a while.',
    remedy: 'Wait for `retryAfter` seconds.',
  },
  UNSUPPORTED: {
    http: 200,
    meaning: 'The cloud lacks the service, or its version is too old for what was asked.',
    remedy: 'Leave the field or argument out on this cloud.',
  },
  INTERNAL_SERVER_ERROR: {
    http: 500,
    meaning: 'A fault of the gateway itself.',
    remedy: 'Report it with the `requestId`.',
  },
} as const satisfies Record<string, CodeRow>;

export type FaultCode = keyof typeof faultCodes;
