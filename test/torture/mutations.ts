import type { Random } from '../../src/demo/random.js';
import type { Checker, Eyes, Span, Stale } from './checker.js';
import type { History } from './history.js';
import { KINDS, type Node } from './kinds.js';
import { type Data, selection } from './questions.js';
import type { Type, View } from './views.js';

/** A mutation, and what its payload's rows are to be compared with. */
export interface Change {
  readonly text: string;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly judge: (data: Data, checker: Checker, span: Span) => Stale[];
}

/** What the operator offers, which no client changes. */
export interface Offers {
  readonly flavorId: string;
  readonly imageId: string;
  readonly externalNetworkId: string;
}

type Input = Readonly<Record<string, unknown>>;
type Maker = (mutations: Mutations) => Change | null;

/** Fewest and most rows of a type in a project: below it none is deleted, above it none is made. */
const CROWD: Readonly<Record<Type, readonly [fewest: number, most: number]>> = {
  Server: [5, 10],
  Port: [8, 20],
  FloatingIp: [3, 8],
  SecurityGroup: [5, 9],
  SecurityGroupRule: [10, 30],
  Network: [3, 6],
  Subnet: [3, 7],
  Volume: [4, 9],
  VolumeSnapshot: [1, 5],
};

/** Chooses changes that mostly succeed, so that there is something to be stale about. */
export class Mutations {
  readonly random: Random;
  readonly eyes: Eyes;
  readonly #history: History;
  readonly #offers: Offers;
  readonly #name: string;
  #count = 0;

  /** `name` begins the name of everything that this client makes: no two values are ever the same. */
  constructor(random: Random, history: History, eyes: Eyes, offers: Offers, name: string) {
    this.random = random;
    this.eyes = eyes;
    this.#history = history;
    this.#offers = offers;
    this.#name = name;
  }

  /** A change of one of the types that are in fashion. */
  next(fashion: readonly Type[]): Change {
    for (let attempt = 0; attempt < 50; attempt += 1) {
      const type = fashion[this.random.between(0, fashion.length)] ?? 'Port';
      const makers = MAKERS[type];
      const change = makers[this.random.between(0, makers.length)]?.(this) ?? null;
      if (change !== null) return change;
    }
    return create('SecurityGroup', { name: this.fresh() });
  }

  fresh(): string {
    this.#count += 1;
    return `${this.#name}-${this.#count}`;
  }

  get offers(): Offers {
    return this.#offers;
  }

  /** One of the rows that the asker may change and that pass; an admin changes other projects' rows as often as its own. */
  some(type: Type, test: (view: View) => boolean = () => true): View | null {
    const views = this.#all(type).filter(
      (view) => (this.eyes.admin || view.project === this.eyes.project) && test(view),
    );
    return views[Math.floor(views.length * this.random.next() ** 1.5)] ?? null;
  }

  mayMake(type: Type, project: string): boolean {
    return this.#count_(type, project) < CROWD[type][1];
  }

  mayDelete(type: Type, project: string): boolean {
    return this.#count_(type, project) > CROWD[type][0];
  }

  #count_(type: Type, project: string): number {
    return this.#all(type).filter((view) => view.project === project).length;
  }

  #all(type: Type): View[] {
    return [...this.#history.timelines(type)].flatMap(({ current }) => current ?? []);
  }
}

const text = (view: View | null, field: string): string => String(view?.fields[field] ?? '');
const isSeeded = (view: View) => !/^t\d/.test(text(view, 'name')) && !/^t\d/.test(text(view, 'description'));

const MAKERS: Readonly<Record<Type, readonly Maker[]>> = {
  Server: [
    (m) => update(m, 'Server', () => true, { name: m.fresh() }),
    (m) => update(m, 'Server', () => true, { description: m.fresh() }),
    (m) => act(m, 'stopServer', (view) => view.fields['statusText'] === 'ACTIVE' && view.fields['taskState'] === null),
    (m) =>
      act(m, 'startServer', (view) => view.fields['statusText'] === 'SHUTOFF' && view.fields['taskState'] === null),
    (m) =>
      act(m, 'rebootServer', (view) => view.fields['statusText'] === 'ACTIVE' && view.fields['taskState'] === null),
    makeServer,
    (m) => remove(m, 'Server', (view) => view.fields['taskState'] === null),
  ],
  Port: [
    (m) => update(m, 'Port', notNeutrons, { name: m.fresh() }),
    (m) => update(m, 'Port', notNeutrons, { adminStateUp: m.random.next() < 0.5, description: m.fresh() }),
    regroup,
    bindPort,
    makePort,
    makePort,
    (m) => remove(m, 'Port', (view) => notNeutrons(view) && /^t\d/.test(text(view, 'name'))),
  ],
  FloatingIp: [
    (m) => update(m, 'FloatingIp', () => true, { description: m.fresh() }),
    associate,
    associate,
    (m) => update(m, 'FloatingIp', (view) => view.fields['portId'] !== null, { portId: null }),
    makeFloatingIp,
    (m) => remove(m, 'FloatingIp'),
  ],
  SecurityGroup: [
    (m) => update(m, 'SecurityGroup', (view) => view.fields['name'] !== 'default', { name: m.fresh() }),
    (m) => update(m, 'SecurityGroup', () => true, { description: m.fresh() }),
    (m) => make(m, 'SecurityGroup', { name: m.fresh() }),
    (m) => remove(m, 'SecurityGroup', (view) => !isSeeded(view)),
  ],
  SecurityGroupRule: [makeRule, (m) => remove(m, 'SecurityGroupRule')],
  Network: [
    (m) => update(m, 'Network', isInner, { name: m.fresh() }),
    (m) => update(m, 'Network', isInner, { description: m.fresh(), adminStateUp: m.random.next() < 0.5 }),
    (m) => (m.eyes.admin ? update(m, 'Network', isInner, { shared: m.random.next() < 0.5 }) : null),
    (m) => make(m, 'Network', { name: m.fresh() }),
    (m) => remove(m, 'Network', (view) => !isSeeded(view)),
  ],
  Subnet: [
    (m) => update(m, 'Subnet', () => true, { name: m.fresh() }),
    makeSubnet,
    (m) => remove(m, 'Subnet', (view) => !isSeeded(view)),
  ],
  Volume: [
    (m) => update(m, 'Volume', () => true, { name: m.fresh() }),
    (m) => update(m, 'Volume', () => true, { metadata: [{ key: 'mark', value: m.fresh() }] }),
    (m) => make(m, 'Volume', { name: m.fresh(), size: 1 }),
    (m) => remove(m, 'Volume', (view) => view.fields['statusText'] === 'available'),
    attach,
    attach,
    detach,
  ],
  VolumeSnapshot: [
    (m) => update(m, 'VolumeSnapshot', () => true, { name: m.fresh() }),
    makeSnapshot,
    (m) => remove(m, 'VolumeSnapshot', (view) => view.fields['statusText'] === 'available'),
  ],
};

/** Neutron's own ports (routers', floating IPs') are not for clients. */
function notNeutrons(view: View): boolean {
  return !text(view, 'deviceOwner').startsWith('network:');
}

function isInner(view: View): boolean {
  return text(view, 'name') !== 'public';
}

function makeServer(m: Mutations): Change | null {
  const network = m.some(
    'Network',
    (view) => view.project === m.eyes.project && (view.fields['subnetIds'] as []).length > 0,
  );
  if (network === null || !m.mayMake('Server', m.eyes.project)) return null;
  const { flavorId, imageId } = m.offers;
  return create('Server', { name: m.fresh(), flavorId, imageId, networks: [{ networkId: network.id }] });
}

/** An admin makes it for another project as often as for its own. */
function makePort(m: Mutations): Change | null {
  const network = m.some('Network', (view) => isInner(view) && (view.fields['subnetIds'] as []).length > 0);
  if (network === null) return null;
  const given = m.eyes.admin && m.random.next() < 0.5 ? { projectId: network.project } : {};
  const project = 'projectId' in given ? network.project : m.eyes.project;
  if (!m.mayMake('Port', project)) return null;
  return create('Port', { networkId: network.id, name: m.fresh(), ...given, ...inServer(m, project) });
}

function bindPort(m: Mutations): Change | null {
  const port = m.some('Port', (view) => notNeutrons(view) && /^t\d/.test(text(view, 'name')));
  return port && change('Port', 'update', port.id, { deviceId: '', ...inServer(m, port.project) }, m.eyes);
}

/** Nova takes ports of the server's own project only. */
function inServer(m: Mutations, project: string): Input {
  const server = m.random.next() < 0.6 ? m.some('Server', (view) => view.project === project) : null;
  return server === null ? {} : { deviceId: server.id, deviceOwner: 'compute:nova' };
}

function regroup(m: Mutations): Change | null {
  const port = m.some('Port', notNeutrons);
  const group = port && m.some('SecurityGroup', (view) => view.project === port.project);
  return port && group ? change('Port', 'update', port.id, { securityGroupIds: [group.id] }) : null;
}

function makeFloatingIp(m: Mutations): Change | null {
  if (!m.mayMake('FloatingIp', m.eyes.project)) return null;
  return create('FloatingIp', { floatingNetworkId: m.offers.externalNetworkId, description: m.fresh() });
}

/** An admin's address may come to a tenant's port. */
function associate(m: Mutations): Change | null {
  const address = m.some('FloatingIp', (view) => view.fields['portId'] === null);
  const port = m.some('Port', (view) => notNeutrons(view) && (view.fields['fixedIps'] as []).length > 0);
  return address && port ? change('FloatingIp', 'update', address.id, { portId: port.id }) : null;
}

function makeRule(m: Mutations): Change | null {
  const group = m.some('SecurityGroup');
  if (group === null || !m.mayMake('SecurityGroupRule', m.eyes.project)) return null;
  const port = m.random.between(1, 60_000);
  const range = { protocol: 'tcp', portRangeMin: port, portRangeMax: port };
  return create('SecurityGroupRule', { securityGroupId: group.id, direction: 'INGRESS', ...range });
}

function makeSubnet(m: Mutations): Change | null {
  const network = m.some('Network', (view) => isInner(view) && view.project === m.eyes.project);
  if (network === null || !m.mayMake('Subnet', m.eyes.project)) return null;
  const cidr = `172.${m.random.between(16, 32)}.${m.random.between(0, 256)}.0/24`;
  return create('Subnet', { networkId: network.id, name: m.fresh(), ipVersion: 4, cidr });
}

function makeSnapshot(m: Mutations): Change | null {
  const volume = m.some(
    'Volume',
    (view) => view.project === m.eyes.project && view.fields['statusText'] === 'available',
  );
  if (volume === null || !m.mayMake('VolumeSnapshot', m.eyes.project)) return null;
  return create('VolumeSnapshot', { volumeId: volume.id, name: m.fresh() });
}

const SHOWN_BOTH = `{ server ${selection(KINDS.Server)} volume ${selection(KINDS.Volume)} }`;

function attach(m: Mutations): Change | null {
  const volume = m.some('Volume', (view) => view.fields['statusText'] === 'available');
  const server =
    volume && m.some('Server', (view) => view.project === volume.project && view.fields['vmState'] === 'active');
  if (!volume || !server) return null;
  return {
    text: `mutation ($input: AttachVolumeInput!) { it: attachVolume(input: $input) ${SHOWN_BOTH} }`,
    variables: { input: { serverId: server.id, volumeId: volume.id } },
    judge: judgePayload(m.eyes, { server: ['Server', server.id], volume: ['Volume', volume.id] }),
  };
}

function detach(m: Mutations): Change | null {
  const volume = m.some('Volume', (view) => view.fields['statusText'] === 'in-use');
  const serverId = volume && (volume.fields['attachments'] as string[])[0];
  if (!volume || serverId === undefined) return null;
  return {
    text: `mutation ($serverId: ID!, $volumeId: ID!) { it: detachVolume(serverId: $serverId, volumeId: $volumeId) ${SHOWN_BOTH} }`,
    variables: { serverId, volumeId: volume.id },
    judge: judgePayload(m.eyes, { server: ['Server', serverId ?? ''], volume: ['Volume', volume.id] }),
  };
}

function make(m: Mutations, type: Type, input: Input): Change | null {
  const project = m.eyes.admin && OWNED.includes(type) && m.random.next() < 0.5 ? m.some(type)?.project : undefined;
  if (!m.mayMake(type, project ?? m.eyes.project)) return null;
  return create(type, project ? { ...input, projectId: project } : input);
}

/** Types whose rows an admin can make for others. */
const OWNED: readonly Type[] = ['SecurityGroup', 'Network'];

function create(type: Type, input: Input): Change {
  const { one } = KINDS[type];
  return {
    text: `mutation ($input: Create${type}Input!) { it: create${type}(input: $input) { ${one} ${selection(KINDS[type])} } }`,
    variables: { input },
    judge: () => [],
  };
}

function update(m: Mutations, type: Type, test: (view: View) => boolean, input: Input): Change | null {
  const view = m.some(type, test);
  return view && change(type, 'update', view.id, input, m.eyes);
}

function change(type: Type, verb: 'update', id: string, input: Input, eyes?: Eyes): Change {
  const { one } = KINDS[type];
  return {
    text: `mutation ($id: ID!, $input: Update${type}Input!) { it: ${verb}${type}(id: $id, input: $input) { ${one} ${selection(KINDS[type])} } }`,
    variables: { id, input },
    judge: eyes ? judgePayload(eyes, { [one]: [type, id] }) : () => [],
  };
}

function act(m: Mutations, action: string, test: (view: View) => boolean): Change | null {
  const view = m.some('Server', test);
  return (
    view && {
      text: `mutation ($id: ID!) { it: ${action}(id: $id) { server ${selection(KINDS.Server)} } }`,
      variables: { id: view.id },
      judge: judgePayload(m.eyes, { server: ['Server', view.id] }),
    }
  );
}

function remove(m: Mutations, type: Type, test: (view: View) => boolean = () => true): Change | null {
  const view = m.some(type, test);
  if (view === null || !m.mayDelete(type, view.project)) return null;
  return {
    text: `mutation ($id: ID!) { it: delete${type}(id: $id) { id accepted } }`,
    variables: { id: view.id },
    judge: () => [],
  };
}

/** The payload's rows are as they were after the write, or later. */
function judgePayload(eyes: Eyes, rows: Readonly<Record<string, readonly [Type, string]>>): Change['judge'] {
  return ({ it }, checker, span) =>
    Object.entries(rows).flatMap(([field, [type, id]]) => {
      const node = ((it as Data)[field] ?? null) as Node | null;
      return checker.row(type, id, node, eyes, span) ?? [];
    });
}
