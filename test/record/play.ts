import { setTimeout as wait } from 'node:timers/promises';
import { type Known, normalise, text } from './normalise.js';
import { at, type RowType, type ServiceName, type Step, type Who } from './step.js';

/** One recorded request with its normalised answer. */
export interface Recorded {
  readonly name: string;
  readonly who: Who;
  readonly service: ServiceName;
  readonly method: string;
  readonly path: string;
  readonly status: number;
  /** Only headers that mean something to a client. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
  readonly rows?: RowType;
}

const HEADERS = [
  'content-type',
  'openstack-api-version',
  'x-openstack-nova-api-version',
  'location',
  'www-authenticate',
  'retry-after',
];
const MUST_EXIST = ['x-openstack-request-id', 'x-compute-request-id', 'x-subject-token'];
const VERSIONED: Readonly<Record<ServiceName, string>> = {
  identity: '/v3',
  compute: '/v2.1',
  network: '/v2.0',
  image: '/v2',
  'block-storage': '/v3',
};
const MICROVERSIONS: Partial<Record<ServiceName, string>> = { compute: 'compute 2.93', 'block-storage': 'volume 3.70' };
const PROJECTS = { alice: 'demo-a', reader: 'demo-a', bob: 'demo-b', admin: 'demo-a' } as const;

/** A cloud that the sequence is played on, with the tokens of its users and what earlier steps saved. */
export class Player {
  readonly #tokens = new Map<Who, string>();
  readonly #saved = new Map<string, string>();
  readonly #names = new Map<string, string>();
  readonly #roots = new Map<ServiceName, string>();

  private constructor(
    private readonly authUrl: string,
    private readonly pollMs: number,
  ) {}

  /** Logs everybody in at `authUrl` and finds the services in the catalog. */
  static async at(authUrl: string, pollMs: number): Promise<Player> {
    const player = new Player(authUrl, pollMs);
    for (const [name, project] of Object.entries(PROJECTS)) await player.#login(name as Who, name, project);
    await player.#login('unscoped', 'alice', null);
    return player;
  }

  async #login(who: Who, name: string, project: string | null): Promise<void> {
    const domain = { name: 'Default' };
    const password = { user: { name, domain, password: `${name}-secret` } };
    const scope = project === null ? 'unscoped' : { project: { name: project, domain } };
    const answer = await fetch(`${this.authUrl}/auth/tokens`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ auth: { identity: { methods: ['password'], password }, scope } }),
    });
    if (answer.status !== 201) throw new Error(`no token for ${name}: ${answer.status} ${await answer.text()}`);
    const body: unknown = await answer.json();
    this.#tokens.set(who, answer.headers.get('x-subject-token') ?? '');
    this.save(`token:${who}`, this.#tokens.get(who) ?? '');
    this.save(`user:${name}`, String(at(body, 'token.user.id')));
    if (project !== null) this.save(`project:${project}`, String(at(body, 'token.project.id')));
    if (who === 'alice') this.#findServices(at(body, 'token.catalog'));
  }

  #findServices(catalog: unknown): void {
    if (!Array.isArray(catalog)) throw new Error('the token has no catalog');
    for (const service of catalog) {
      const type = String(at(service, 'type')) as ServiceName;
      if (!(type in VERSIONED)) continue;
      const url = String(at(service, 'endpoints.0.url'));
      this.#roots.set(type, url.replace(/\/v[\d.]+(\/[0-9a-f]{32})?\/?$/, ''));
    }
  }

  /** Gives `value` a name, under which later steps find it and recordings show it. */
  save(name: string, value: string): void {
    this.#saved.set(name, value);
    this.#names.set(value, name);
  }

  get known(): Known {
    // Longer roots first: the demo's services share one host.
    const roots = [...this.#roots].map(([type, root]) => [root, `http://${type}.example`] as const);
    return { ids: this.#names, roots: roots.sort(([a], [b]) => b.length - a.length) };
  }

  /** Plays the steps in order and gives what is to be recorded of them. */
  async play(steps: readonly Step[]): Promise<Recorded[]> {
    const recorded: Recorded[] = [];
    for (const step of steps) {
      const one = step.until === undefined ? await this.once(step) : await this.#repeat(step);
      if (step.until === undefined && step.unrecorded !== true) recorded.push(one);
    }
    return recorded;
  }

  async #repeat(step: Step): Promise<Recorded> {
    for (let attempt = 0; attempt < 240; attempt += 1) {
      const { status, raw } = await this.send(step);
      if (step.until?.(status, raw) === true) return this.once(step);
      if (step.name.endsWith('ACTIVE') && at(raw, 'server.status') === 'ERROR')
        throw new Error(`${step.name}: ${JSON.stringify(raw)}`);
      await wait(this.pollMs);
    }
    throw new Error(`${step.name}: never happened`);
  }

  async once(step: Step): Promise<Recorded> {
    const { status, raw, headers } = await this.send(step);
    for (const [name, path] of Object.entries(step.save ?? {})) {
      const value = at(raw, path);
      if (typeof value !== 'string') {
        throw new Error(
          `${step.name}: expected ${path} in the answer, got ${status} ${JSON.stringify(raw)?.slice(0, 400)}`,
        );
      }
      this.save(name, value);
    }
    this.#pick(step, raw);
    if (step.saveHeader !== undefined) this.save(step.saveHeader, headers.get('x-subject-token') ?? '');
    const { known } = this;
    const { name, who, service, method, rows } = step;
    return {
      name,
      who,
      service,
      method,
      path: text(this.#filled(step.path), known),
      status,
      headers: kept(headers, known),
      body: normalise(raw, known, step.ordered === true),
      ...(rows === undefined ? {} : { rows }),
    };
  }

  #pick({ name, pick }: Step, raw: unknown): void {
    if (pick === undefined) return;
    const rows = at(raw, pick.many);
    const row = Array.isArray(rows) ? rows.find((each) => at(each, 'name') === pick.name) : undefined;
    if (row === undefined) throw new Error(`${name}: there is none`);
    this.save(pick.as, String(at(row, 'id')));
  }

  /** Sends one request; a body that is no JSON comes as text. */
  async send(step: Step): Promise<{ status: number; raw: unknown; headers: Headers }> {
    const root = this.#roots.get(step.service) ?? '';
    const path = this.#filled(step.path);
    const url = path.startsWith('//') ? root + path.slice(1) : root + VERSIONED[step.service] + path;
    const body = step.text ?? (step.body === undefined ? undefined : this.#filled(JSON.stringify(step.body)));
    const answer = await fetch(url, {
      method: step.method,
      headers: this.#headers(step),
      redirect: 'manual',
      ...(body === undefined ? {} : { body }),
    });
    const content = await answer.text();
    return { status: answer.status, raw: parsed(content), headers: answer.headers };
  }

  #headers(step: Step): Record<string, string> {
    const token = step.who === 'garbage' ? 'garbage' : this.#tokens.get(step.who);
    const version = step.oldest === true ? undefined : MICROVERSIONS[step.service];
    const extra = Object.entries(step.headers ?? {}).map(([name, value]) => [name.toLowerCase(), this.#filled(value)]);
    return {
      'content-type': 'application/json',
      ...(token === undefined ? {} : { 'x-auth-token': token }),
      ...(version === undefined ? {} : { 'openstack-api-version': version }),
      ...Object.fromEntries(extra),
    };
  }

  #filled(template: string): string {
    return template.replace(/\{([a-z]+[\w:.-]*)\}/gi, (_match, name: string) => {
      const value = this.#saved.get(name);
      if (value === undefined) throw new Error(`no step has saved {${name}}`);
      return value;
    });
  }
}

function parsed(content: string): unknown {
  if (content === '') return null;
  try {
    const value: unknown = JSON.parse(content);
    return value;
  } catch {
    return content;
  }
}

function kept(headers: Headers, known: Known): Record<string, string> {
  const names = HEADERS.flatMap((name) => {
    const value = headers.get(name);
    return value === null ? [] : [[name, text(value, known)] as const];
  });
  const present = MUST_EXIST.filter((name) => headers.get(name)).map((name) => [name, 'present'] as const);
  return Object.fromEntries([...names, ...present]);
}
