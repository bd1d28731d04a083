import type { ResourceName } from '../../../src/resource.js';
import { serviceOf } from '../../../src/rest/services.js';
import { resourceOf } from '../../../src/services/registry.js';
import type { Answer } from '../../support/client.js';
import { type Asker, truthOf } from './askers.js';
import { leavesApart, type Node, relationsApart } from './judge.js';
import type { RawRow } from './openstack.js';
import type { Shape } from './selections.js';
import type { TrueList, Truth } from './truth.js';

/** What OpenStack shows to an asker before and after it was asked through the gateway. */
export interface Around {
  readonly before: Truth;
  readonly after: Truth;
}

/** One root field, asked by one asker. */
export interface Cell {
  readonly asker: Asker;
  readonly shape: Shape;
  /** Of the row asked for; null for a list. */
  readonly id: string | null;
  readonly allProjects: boolean;
}

interface Shown {
  readonly row?: Node | null;
  readonly list?: { readonly nodes: readonly Node[] } | null;
  /** The first of the list, with all relations. */
  readonly top?: { readonly nodes: readonly Node[] } | null;
}

/** Rows of a list that are asked for with all their relations. */
const WITH_RELATIONS = 5;
/** Times that a cell is asked where a service fails, as one does that has too much to do. */
const TRIES = 3;

export function nameOf({ asker, shape, id, allProjects }: Cell): string {
  if (id !== null) return `${asker.name}: ${shape.one} ${id}`;
  return `${asker.name}: ${shape.many}${allProjects ? ' of all projects' : ''}`;
}

export function around(asker: Asker): Around {
  return { before: truthOf(asker), after: truthOf(asker) };
}

/** OpenStack's own answer to the cell. */
export function read(truth: Truth, { shape, id, allProjects }: Cell): Promise<unknown> {
  const type = shape.type as ResourceName;
  return id === null ? truth.list(type, allProjects) : truth.one(type, id);
}

/** Asks the gateway; `url` is a replica's. */
export async function ask(cell: Cell, url: string): Promise<Answer<Shown>> {
  const client = cell.asker.client.at(url);
  const query = queryOf(cell);
  for (let tries = 1; ; tries += 1) {
    const answer = await client.tell<Shown>(query);
    const failed = answer.errors?.some(({ extensions }) => String(extensions['code']).startsWith('UPSTREAM_'));
    if (!failed || tries === TRIES) return answer;
  }
}

function queryOf({ shape, id, allProjects }: Cell): string {
  if (id !== null) return `{ row: ${shape.one}(id: "${id}") { ${shape.all} } }`;
  const page = (first: number) => `${shape.many}(first: ${first}, allProjects: ${allProjects})`;
  return `{ list: ${page(1000)} { nodes { id ${plainOf(shape)} } } top: ${page(WITH_RELATIONS)} { nodes { ${shape.all} } } }`;
}

/** The row's own fields, less those for which a list needs a call for each row. */
function plainOf({ type, leaves }: Shape): string {
  const onlyInGet = resourceOf(type as ResourceName).onlyInGet ?? {};
  return leaves
    .filter(({ name }) => !Object.hasOwn(onlyInGet, name))
    .map((leaf) => (leaf.type === 'KeyValue' ? `${leaf.name} { key value }` : leaf.name))
    .join(' ');
}

/** In words, whatever in the gateway's answer is not as OpenStack's own answers before and after it. */
export async function differences(cell: Cell, answer: Answer<Shown>, { before, after }: Around): Promise<string[]> {
  if (!isFound(cell)) return unfound(answer);
  const found = cell.id === null ? ofList(cell, answer, before, after) : ofRow(cell, cell.id, answer, before, after);
  return (await found).map((text) => `${nameOf(cell)}: ${text}`);
}

/** Whether the token's catalog has the service; Keystone is always where it was. */
function isFound({ asker, shape }: Cell): boolean {
  const { service } = resourceOf(shape.type as ResourceName);
  const names = [service, ...serviceOf(service).aliases];
  return service === 'identity' || asker.services.some((type) => names.includes(type));
}

/** No row may be shown of a service that cannot be found. */
function unfound({ data, errors }: Answer<Shown>): string[] {
  const shown = data?.row ?? data?.list ?? null;
  const codes = errors?.map(({ extensions }) => extensions['code']) ?? [];
  return shown === null && codes.every((code) => code === 'UNSUPPORTED') && codes.length > 0
    ? []
    : [`expected UNSUPPORTED, got ${JSON.stringify(shown)} and ${codes}`];
}

async function ofList({ shape, allProjects }: Cell, answer: Answer<Shown>, before: Truth, after: Truth) {
  const type = shape.type as ResourceName;
  const [first, second] = await Promise.all([before.list(type, allProjects), after.list(type, allProjects)]);
  if (first.status !== 200 || second.status !== 200) return refusal(answer, [first.status, second.status]);
  const list = answer.data.list;
  if (!list) return [`expected rows, got ${JSON.stringify(answer.errors)}`];
  const { still, moving } = settled(first, second);
  const nodes = new Map(list.nodes.map((node) => [node.id, node]));
  const top = (answer.data.top?.nodes ?? []).flatMap((node) => {
    const raw = still.get(node.id);
    return raw === undefined ? [] : [rowsApart(shape, node, raw, before, after)];
  });
  const missing = [...still.keys()].filter((id) => !nodes.has(id)).map((id) => `${id} is missing`);
  const foreign = [...nodes.keys()].filter((id) => !still.has(id) && !moving.has(id)).map((id) => `${id} is too much`);
  const rows = [...still].flatMap(([id, raw]) => {
    const node = nodes.get(id);
    return node === undefined ? [] : leavesApart(shape, node, raw);
  });
  return [...missing, ...foreign, ...rows, ...(await Promise.all(top)).flat()];
}

async function ofRow({ shape }: Cell, id: string, answer: Answer<Shown>, before: Truth, after: Truth) {
  const type = shape.type as ResourceName;
  const [first, second] = await Promise.all([before.one(type, id), after.one(type, id)]);
  if (JSON.stringify(first) !== JSON.stringify(second)) return [];
  const row = answer.data.row ?? null;
  if (first.status === 404 && !answer.errors) return row === null ? [] : [`expected none, got ${JSON.stringify(row)}`];
  if (first.row === null) return refusal(answer, [first.status]);
  if (row === null) return [`expected a row, got ${JSON.stringify(answer.errors ?? null)}`];
  return rowsApart(shape, row, first.row, before, after);
}

/** The service's status is that of the error, and nothing is shown. */
function refusal({ data, errors }: Answer<Shown>, statuses: readonly number[]): string[] {
  const got = errors?.[0]?.extensions['status'];
  const shown = data?.row ?? data?.list ?? null;
  if (shown === null && statuses.includes(Number(got))) return [];
  return [`expected an error with status ${statuses}, got ${JSON.stringify(shown ?? errors)}`];
}

/**
 * Rows at the other end of a relation may have changed between the two looks: one of them has to agree. Each relation
 * by itself: one may have been read before the change and its neighbour behind it (Neutron makes a project's default
 * group when somebody asks for the project's groups, and its rules are a list of their own).
 */
async function rowsApart(shape: Shape, node: Node, raw: RawRow, before: Truth, after: Truth): Promise<string[]> {
  const type = shape.type as ResourceName;
  const [first, second] = await Promise.all([before, after].map((truth) => relationsApart(type, node, raw, truth)));
  const relations = [...(first ?? [])].flatMap(([name, text]) => (second?.has(name) ? [text] : []));
  return [...leavesApart(shape, node, raw), ...relations];
}

/** The rows that were the same both times, and the ids of all others. */
function settled(first: TrueList, second: TrueList) {
  const known = new Map(first.rows.map((row) => [row.id, JSON.stringify(row)]));
  const still = new Map(
    second.rows.filter((row) => known.get(row.id) === JSON.stringify(row)).map((row) => [row.id, row]),
  );
  const all = [...first.rows, ...second.rows].map(({ id }) => id);
  return { still, moving: new Set(all.filter((id) => !still.has(id))) };
}
