import { randomBytes } from 'node:crypto';
import type { Raw, Service } from './openstack.js';
import { until } from './until.js';

/** A name that nobody else uses at the same time. */
export function freshName(what: string): string {
  return `try-${what}-${randomBytes(4).toString('hex')}`;
}

interface Piece {
  readonly service: Service;
  readonly path: string;
}

/** What a test leaves lying about. Removed through raw REST as admin, newest first, whatever became of the test. */
export class Litter {
  readonly #admin: Raw;
  readonly #pieces: Piece[] = [];

  constructor(admin: Raw) {
    this.#admin = admin;
  }

  /** Remembers a row that is to be removed in the end; says its id again. */
  add(service: Service, collection: string, id: string): string {
    this.#pieces.push({ service, path: `${collection}/${id}` });
    return id;
  }

  async clear(): Promise<void> {
    for (const piece of this.#pieces.splice(0).reverse()) await this.#remove(piece);
  }

  /** Asks again while the row is busy (409, and Cinder's 400) or still going. */
  async #remove({ service, path }: Piece): Promise<void> {
    await until(`the end of ${path}`, async () => {
      const { status } = await this.#admin.call('DELETE', service, path);
      return status === 404 ? true : null;
    });
  }
}
