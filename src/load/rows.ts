import { Fault, readAnswer } from '../rest/fault.js';
import type { Page } from '../rest/rest.js';
import { inRegion, type Row } from '../row.js';
import type { AnyResource } from '../services/registry.js';

/** A row as it may be kept: without secrets, knowing its region. */
export function cleaned(resource: AnyResource, region: string, raw: Readonly<Record<string, unknown>>): Row {
  const secrets = resource.secrets ?? [];
  const kept = secrets.some((name) => name in raw)
    ? Object.fromEntries(Object.entries(raw).filter(([name]) => !secrets.includes(name)))
    : raw;
  return inRegion(kept as Row, region);
}

/**
 * The rows of a page as they may be kept, less those whose ids are in `seen`, which learns them: while a collection
 * changes, its pages overlap. A row without an id is a fault of the whole page, before anything of it is kept.
 */
export function newRows(resource: AnyResource, region: string, page: Page, seen: Set<string>): Row[] {
  const read = () => page.rows.map((raw) => [canonicalId(resource, idOf(resource, raw)), raw] as const);
  const rows = page.answer === undefined ? read() : readAnswer(page.answer, read);
  return rows.flatMap(([id, raw]) => {
    if (seen.has(id)) return [];
    seen.add(id);
    return [cleaned(resource, region, raw)];
  });
}

/** The id of a row; a row without one is the service's fault. */
export function idOf(resource: AnyResource, row: Row): string {
  const id = row['id'];
  if (typeof id === 'string' && id !== '') return id;
  if (typeof id === 'number') return String(id);
  throw new Fault({
    code: 'UPSTREAM_UNAVAILABLE',
    service: resource.service,
    message: `${resource.service}: expected every row of ${resource.path} to have an id, got ${id === '' ? 'an empty one' : typeof id}`,
  });
}

/** The id of the project that owns the row, or null where it has none. */
export function projectOf(resource: AnyResource, row: Row): string | null {
  const project = resource.project === null ? null : row[resource.project];
  return typeof project === 'string' && project !== '' ? project : null;
}

/** Ids as OpenStack stores them: databases that ignore case would otherwise know one row under several ids. */
export function canonicalId(resource: AnyResource, id: string): string {
  return resource.idFormat === 'uuid' ? id.toLowerCase() : id;
}
