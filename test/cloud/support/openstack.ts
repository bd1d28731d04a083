import type { User } from '../../support/client.js';

/** Where `test/cloud/up` puts Keystone. */
export const AUTH_URL = 'http://127.0.0.1:5000/v3';

const ROOTS = {
  compute: 'http://127.0.0.1:8774/v2.1',
  network: 'http://127.0.0.1:9696/v2.0',
  image: 'http://127.0.0.1:9292/v2',
  'block-storage': 'http://127.0.0.1:8776/v3',
  identity: AUTH_URL,
} as const;

const VERSIONS: Readonly<Record<string, string>> = { compute: 'compute 2.93', 'block-storage': 'volume 3.70' };

export type Service = keyof typeof ROOTS;

export interface RawAnswer {
  readonly status: number;
  readonly body: unknown;
}

/** OpenStack itself, asked with a token as any client would: what the gateway's answers are judged by. */
export class Raw {
  readonly token: string;
  readonly projectId: string;
  /** Calls made so far. */
  calls = 0;

  private constructor(token: string, projectId: string) {
    this.token = token;
    this.projectId = projectId;
  }

  /** Whoever has this token. */
  static as(token: string, projectId = ''): Raw {
    return new Raw(token, projectId);
  }

  static async login({ name, project }: User): Promise<Raw> {
    const domain = { name: 'Default' };
    const auth = {
      identity: { methods: ['password'], password: { user: { name, domain, password: `${name}-secret` } } },
      scope: project === null ? 'unscoped' : { project: { name: project, domain } },
    };
    const response = await fetch(`${AUTH_URL}/auth/tokens`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ auth }),
    });
    const { token } = (await response.json()) as { token: { project?: { id: string } } };
    return new Raw(response.headers.get('x-subject-token') ?? '', token.project?.id ?? '');
  }

  async call(method: string, service: Service, path: string, body?: unknown): Promise<RawAnswer> {
    this.calls += 1;
    const version = VERSIONS[service];
    const response = await fetch(`${ROOTS[service]}${path}`, {
      method,
      headers: {
        'x-auth-token': this.token,
        accept: 'application/json',
        ...(version ? { 'openstack-api-version': version } : {}),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.includes('json') ?? false;
    return { status: response.status, body: text === '' ? null : isJson ? JSON.parse(text) : text };
  }

  /** What Keystone says of the token. */
  async describeToken(): Promise<{ readonly token: TokenBody }> {
    const headers = { 'x-auth-token': this.token, 'x-subject-token': this.token };
    const response = await fetch(`${AUTH_URL}/auth/tokens`, { headers });
    if (response.status !== 200) throw new Error(`expected Keystone to know the token, got ${response.status}`);
    return (await response.json()) as { token: TokenBody };
  }

  /** Rows under `key`; throws unless the service says 200. */
  async rows(service: Service, path: string, key: string): Promise<readonly RawRow[]> {
    const { status, body } = await this.call('GET', service, path);
    if (status !== 200) throw new Error(`${service} ${path}: expected 200, got ${status} ${JSON.stringify(body)}`);
    return (body as Record<string, RawRow[]>)[key] ?? [];
  }
}

/** A row as it stands in a body; tests know its shape. */
export type RawRow = Readonly<Record<string, unknown>> & { readonly id: string };

/** A token as Keystone describes it. */
export interface TokenBody {
  readonly user: { readonly id: string };
  readonly project?: { readonly id: string };
  readonly system?: unknown;
  readonly roles?: readonly { readonly id: string; readonly name: string }[];
  readonly catalog?: readonly { readonly type: string; readonly endpoints: readonly unknown[] }[];
}
