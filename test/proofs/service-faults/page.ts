import { expect } from 'vitest';
import type { Answer, Client } from '../../support/client.js';

/** The services that the gateway calls. */
export const SERVICES = ['identity', 'compute', 'network', 'image', 'block-storage'] as const;
export type ServiceName = (typeof SERVICES)[number];

/**
 * A page that needs all of them. No type is both listed and pointed at: a row that a list has brought is not fetched, and
 * so not kept, by itself, and which comes first is chance.
 */
const PAGE = `query Page {
  me { user { name } roles { name } projects { name } }
  servers(first: 6) { nodes { id name status project { name } image { name } volumes { name size } ports { id } } }
  flavors(first: 3) { nodes { name vcpus } }
  networks(first: 3) { nodes { name } }
  volumeSnapshots(first: 3) { nodes { name status } }
}`;

/** The places of the page that cannot be had without a service; `*` is any item of a list. */
const NEEDS: Readonly<Record<ServiceName, readonly string[]>> = {
  identity: ['me.projects', 'servers.nodes.*.project'],
  compute: ['servers', 'flavors'],
  network: ['networks', 'servers.nodes.*.ports'],
  image: ['servers.nodes.*.image'],
  'block-storage': ['volumeSnapshots', 'servers.nodes.*.volumes'],
};

export type PageAnswer = Answer<unknown>;

export function askPage(client: Client): Promise<PageAnswer> {
  return client.tell(PAGE);
}

/** The page as it should be while a service fails: null wherever that is needed, all else untouched. */
export function without(data: unknown, service: ServiceName): unknown {
  return NEEDS[service].reduce((page, place) => nulled(page, place.split('.')), data);
}

function nulled(value: unknown, [name, ...rest]: readonly string[]): unknown {
  // A server without volumes needs no call to say so.
  if (name === undefined) return Array.isArray(value) && value.length === 0 ? value : null;
  if (name === '*') return Array.isArray(value) ? value.map((item) => nulled(item, rest)) : value;
  if (typeof value !== 'object' || value === null) return value;
  return { ...value, [name]: nulled((value as Readonly<Record<string, unknown>>)[name], rest) };
}

/** Demands that every place that needs the service has one error, of this service and with these details. */
export function expectErrors(answer: PageAnswer, service: ServiceName, error: Readonly<Record<string, unknown>>): void {
  const { retryAfter, ...details } = error;
  for (const { extensions, path = [] } of answer.errors ?? []) {
    const place = path.map((part) => (typeof part === 'number' ? '*' : part)).join('.');
    expect(NEEDS[service]).toContain(place);
    const { retryAfter: shown, ...others } = extensions;
    expect(others).toEqual({ ...details, service });
    if (retryAfter === 'about 60') expect([58, 59, 60, 61]).toContain(shown);
    else expect(shown).toEqual(retryAfter);
  }
  const places = new Set(
    answer.errors?.map(({ path = [] }) => path.map((part) => (typeof part === 'number' ? '*' : part)).join('.')),
  );
  expect([...places].sort()).toEqual([...NEEDS[service]].sort());
}

/** What an answer says outside of its data. */
export function wordsOf({ errors, extensions }: PageAnswer): string {
  return JSON.stringify([errors?.map(({ message, extensions: more }) => [message, more]), extensions?.refused]);
}
