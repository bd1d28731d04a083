import { hash } from 'node:crypto';
import { badInput } from '../rest/fault.js';
import { isObject } from '../row.js';

/** Of what list a cursor is: the same row has another cursor under another filter, order or region. */
export type ListIdentity = readonly (string | boolean | null)[];

/** The place of the row `id` in a list; opaque to clients, good for the same list only. */
export function cursorOf(list: ListIdentity, id: string): string {
  return Buffer.from(JSON.stringify({ l: fingerprint(list), id })).toString('base64url');
}

/** The id of the row that a cursor of this list points at; BAD_USER_INPUT naming `after` for anything else. */
export function rowIdIn(list: ListIdentity, cursor: string): string {
  const content = parsed(cursor);
  if (!isObject(content) || typeof content['id'] !== 'string' || content['id'] === '') {
    throw badInput('after', 'an `endCursor` of this list', cursor);
  }
  if (content['l'] !== fingerprint(list)) {
    throw badInput('after', 'a cursor of a list with the same filter, order, region and allProjects', cursor);
  }
  return content['id'];
}

function parsed(cursor: string): unknown {
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
  } catch {
    return null;
  }
}

function fingerprint(list: ListIdentity): string {
  return hash('sha256', JSON.stringify(list), 'base64url').slice(0, 12);
}
