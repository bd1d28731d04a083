/** Who sends a request of the sequence; `admin` is scoped to demo-a, as is `unscoped` alice without a project. */
export type Who = 'alice' | 'reader' | 'bob' | 'admin' | 'nobody' | 'garbage' | 'unscoped';

export type ServiceName = 'identity' | 'compute' | 'network' | 'image' | 'block-storage';

export type RowType =
  | 'server'
  | 'flavor'
  | 'image'
  | 'network'
  | 'subnet'
  | 'port'
  | 'floatingip'
  | 'security-group'
  | 'security-group-rule'
  | 'volume'
  | 'snapshot'
  | 'project';

export type Method = 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** One request of the sequence. `{name}` in path, body and headers stands for what an earlier step saved. */
export interface Step {
  readonly name: string;
  readonly who: Who;
  readonly service: ServiceName;
  readonly method: Method;
  /** Below the service's versioned root (`/servers`), or below its root when it starts with two slashes. */
  readonly path: string;
  readonly body?: unknown;
  /** Sent as it is, for malformed JSON and octet streams. */
  readonly text?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** No microversion header: the oldest version. */
  readonly oldest?: boolean;
  /** The answer holds rows of this type: for the contract test. */
  readonly rows?: RowType;
  /** The order of the answer's lists matters. */
  readonly ordered?: boolean;
  /** Names under which later steps find parts of the answer, by a path such as `server.id` or `ports.0.id`. */
  readonly save?: Readonly<Record<string, string>>;
  /** Saves the id of the row of this name under `as`. */
  readonly pick?: { readonly name: string; readonly many: string; readonly as: string };
  /** Saves the token that the answer's header carries. */
  readonly saveHeader?: string;
  /** Instead of being recorded, the request is repeated until this holds. */
  readonly until?: (status: number, body: unknown) => boolean;
  /** The request is sent and its answer not recorded. */
  readonly unrecorded?: boolean;
}

type Extra = Omit<Step, 'name' | 'who' | 'service' | 'method' | 'path'>;

/** `on('compute')('a member lists servers', 'alice', 'GET /servers', { rows: 'server' })` */
export function on(service: ServiceName): (name: string, who: Who, request: string, extra?: Extra) => Step {
  return (name, who, request, extra = {}) => {
    const space = request.indexOf(' ');
    const method = request.slice(0, space) as Method;
    return { name, who, service, method, path: request.slice(space + 1), ...extra };
  };
}

/** Repeats a GET until the field at `path` is `value`. */
export function waitFor(step: Step, path: string, value: unknown): Step {
  return {
    ...step,
    name: `${step.name} until ${path} is ${String(value)}`,
    until: (_status, body) => at(body, path) === value,
  };
}

/** Repeats a GET until the resource is gone. */
export function waitUntilGone(step: Step): Step {
  return { ...step, name: `${step.name} until it is gone`, until: (status) => status === 404 };
}

/** The value at a path such as `servers.0.id`. */
export function at(body: unknown, path: string): unknown {
  return path.split('.').reduce<unknown>((value, part) => {
    if (typeof value !== 'object' || value === null) return undefined;
    return (value as Record<string, unknown>)[part];
  }, body);
}
