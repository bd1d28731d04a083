import { startWorker, type Worker } from './processes.js';

/** Calls by method, service and path. */
export type Calls = Readonly<Record<string, number>>;

export interface Cloud {
  readonly authUrl: string;
  /** The calls since last asked. */
  calls(): Promise<Calls>;
  stop(): Promise<void>;
}

/** `real`: what each call took on the test control plane. `small`: 2 to 20 ms. */
export type Delays = 'none' | 'small' | 'real';

/** A token, and where the services are that it opens. */
export interface Ticket {
  readonly token: string;
  /** URL by service type, no slash at the end. */
  readonly places: Readonly<Record<string, string>>;
}

interface CatalogEntry {
  readonly type: string;
  readonly endpoints: readonly { readonly interface: string; readonly url: string }[];
}

/** The demo cloud of `workers/cloud.mjs`. Two thirds of its servers are alice's. */
export async function startCloud(servers: number, delays: Delays): Promise<Cloud> {
  const worker: Worker<{ readonly authUrl: string }> = await startWorker('cloud', { servers, delays });
  return { authUrl: worker.hello.authUrl, calls: () => worker.ask<Calls>({}), stop: () => worker.stop() };
}

/** Servers that the demo cloud needs for alice to have so many. */
export function serversFor(alices: number): number {
  return Math.ceil(alices * 1.5);
}

/** Logs in at Keystone itself, with the demo users' password. */
export async function login(authUrl: string, name: string, project: string): Promise<Ticket> {
  const domain = { name: 'Default' };
  const password = { user: { name, domain, password: `${name}-secret` } };
  const auth = { identity: { methods: ['password'], password }, scope: { project: { name: project, domain } } };
  const answer = await fetch(`${authUrl}/auth/tokens`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ auth }),
  });
  const token = answer.headers.get('x-subject-token');
  if (token === null) throw new Error(`expected a token for ${name} at ${authUrl}, got ${answer.status}`);
  const { catalog } = ((await answer.json()) as { readonly token: { readonly catalog: readonly CatalogEntry[] } })
    .token;
  return { token, places: Object.fromEntries(catalog.map(placeOf)) };
}

function placeOf({ type, endpoints }: CatalogEntry): readonly [string, string] {
  const url = endpoints.find((endpoint) => endpoint.interface === 'public')?.url.replace(/\/$/, '') ?? '';
  // Catalogs name Cinder's interface by its old type, and leave out the versions of Neutron and Glance.
  if (type.startsWith('volume')) return ['block-storage', url];
  if (type === 'network' && !url.endsWith('/v2.0')) return [type, `${url}/v2.0`];
  if (type === 'image' && !url.endsWith('/v2')) return [type, `${url}/v2`];
  return [type, url];
}
