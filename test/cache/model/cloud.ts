/** A row of the modelled OpenStack. Version 0: there is none yet. */
export interface ModelRow {
  readonly type: string;
  readonly id: string;
  readonly project: string;
  /** Shown to every project. */
  readonly shared: boolean;
  version: number;
}

export interface Asker {
  readonly name: string;
  readonly project: string;
  readonly admin: boolean;
}

export const ASKERS = {
  alice: { name: 'alice', project: 'demo-a', admin: false },
  bob: { name: 'bob', project: 'demo-b', admin: false },
  admin: { name: 'admin', project: 'admin', admin: true },
} as const satisfies Record<string, Asker>;

/** Networks may be shared between projects; rows of the other types are shown to their own project and to admins. */
export const CONFINED: Readonly<Record<string, boolean>> = { Server: true, Port: true, Network: false };

/** What an asker sees of one row. */
export type Seen = { readonly version: number } | null;

/** The modelled OpenStack: what it holds, and what a gateway's writes have made of it. */
export class Cloud {
  readonly rows: readonly ModelRow[] = [
    { type: 'Server', id: 'server', project: 'demo-a', shared: false, version: 1 },
    { type: 'Server', id: 'chosen', project: 'demo-a', shared: false, version: 0 },
    { type: 'Port', id: 'port', project: 'demo-a', shared: false, version: 1 },
    { type: 'Network', id: 'shared', project: 'demo-a', shared: true, version: 1 },
  ];
  /** By row: the newest version that a gateway's write has made, whether or not anybody was told. */
  readonly written = new Map<ModelRow, number>();
  /** By row: the newest version that a mutation's answer has vouched for. */
  readonly answered = new Map<ModelRow, number>();
  /** Writes sent and not committed, and effects that are still to come. */
  underway = 0;

  row(id: string): ModelRow {
    const row = this.rows.find((one) => one.id === id);
    if (row === undefined) throw new Error(`the model has no row ${id}`);
    return row;
  }

  commit(row: ModelRow): number {
    row.version += 1;
    this.written.set(row, row.version);
    return row.version;
  }

  /** Somebody changes the row without the gateway. */
  changeOutside(row: ModelRow): void {
    if (row.version > 0) row.version += 1;
  }

  get(asker: Asker, row: ModelRow): Seen {
    const visible = asker.admin || row.shared || row.project === asker.project;
    return visible && row.version > 0 ? { version: row.version } : null;
  }

  list(asker: Asker, type: string): Record<string, number> {
    const rows = this.rows.filter((row) => row.type === type && this.get(asker, row) !== null);
    return Object.fromEntries(rows.map(({ id, version }) => [id, version]));
  }
}
