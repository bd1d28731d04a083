import { idFormats } from '../rest/paths.js';
import { type Row, textOf } from '../row.js';

/**
 * The UUID under `name`, or null. For ids that users wrote (an image's properties): anything else in their place must not
 * get into a list of ids that also fetches other people's rows.
 */
export function uuidUnder(row: Row, name: string): string | null {
  const id = textOf(row, name);
  return id !== null && idFormats.uuid(id) ? id : null;
}
