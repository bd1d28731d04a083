import type { Affected, HeldStamp, Stamp } from './cache.js';

/** Which cloud and region a stamp belongs to: `<hash of OS_AUTH_URL>/<region>`. */
export type Place = string;

/** Moves when the row with this id changes in any way. */
export function rowStamp(place: Place, type: string, id: string): Stamp {
  return `${place}/row/${type}/${id}` as Stamp;
}

/** Moves when a row of `type` in `project` (or, for `any`, in whatever project) comes, goes or changes. */
export function listStamp(place: Place, type: string, project: string): Stamp {
  return `${place}/list/${type}/${project}` as Stamp;
}

/** Moves when rows of `type` change whose ids nobody knows: deleting a server unbinds its ports. */
export function sweepStamp(place: Place, type: string, project: string): Stamp {
  return `${place}/sweep/${type}/${project}` as Stamp;
}

/** In place of a project: whatever project. Every write moves the stamp of `ANY` beside the one of the row's own project. */
export const ANY = 'any';

/**
 * In place of a project in sweeps: moved where rows may have changed in projects that the writer cannot name, such as the
 * server of another tenant at whose port an admin works. Carried by every entry that does not carry `ANY` anyway.
 */
export const EVERY = 'every';

/** What decides whether an entry may carry the stamps of one project instead of those of `ANY`. */
export interface Reach {
  /** The type's rows are provably of the asker's project only: its descriptor says `confined` and cites the policy. */
  readonly confined: boolean;
  /** The asker might be shown other projects' rows (`isPrivileged`), or asked for them. */
  readonly privileged: boolean;
  /** The asker's project; null for tokens of a domain, of the system or of nothing. */
  readonly project: string | null;
}

/** The project whose stamps an entry carries: any doubt means `ANY`, which every write moves. */
export function stampProject({ confined, privileged, project }: Reach): string {
  return confined && !privileged && project !== null ? project : ANY;
}

/** Stamps of an entry that holds one row, or says that there is none. */
export function rowEntryStamps(place: Place, type: string, id: string, reach: Reach): Stamp[] {
  return [rowStamp(place, type, id), ...sweeps(place, type, stampProject(reach))];
}

/** Stamps of an entry that holds rows found by anything but their ids: lists, edges, look-ups by name. */
export function listEntryStamps(place: Place, type: string, reach: Reach): Stamp[] {
  const project = stampProject(reach);
  return [listStamp(place, type, project), ...sweeps(place, type, project)];
}

function sweeps(place: Place, type: string, project: string): Stamp[] {
  const own = sweepStamp(place, type, project);
  return project === ANY ? [own] : [own, sweepStamp(place, type, EVERY)];
}

/** Seconds for which a stamp settles after a write: services answer from more than one process and database. */
export const SETTLE = 5;
/** The same where the service goes on working after its answer, and for rows that it changes on the side. */
export const SETTLE_LATER = 60;

/** A row that a mutation changes, creates or deletes. */
export interface ChangedRow {
  readonly type: string;
  /** Null where the service will choose it: then the answer tells, and the row's stamp goes into `WriteResult.also`. */
  readonly id: string | null;
  /** The row's own project as the row says it, never the asker's; null where its type has none. */
  readonly project: string | null;
}

/** Rows of another type that the write changes without anybody knowing their ids. */
export interface Touched {
  readonly type: string;
  /** As far as known, the projects of those rows; `ANY` is always moved with them. */
  readonly projects: readonly (string | null)[];
  /** Whether rows of projects beyond those may have changed: a privileged writer's row may belong to anybody's. */
  readonly everywhere?: boolean;
}

/** What a write bumps: the row, its lists, and sweep and lists of the types that it touches. */
export function affectedStamps(place: Place, row: ChangedRow, touches: readonly Touched[] = []): Affected {
  const own = row.id === null ? [] : [{ stamp: rowStamp(place, row.type, row.id), settle: SETTLE }];
  const lists = withAny([row.project]).map((project) => ({
    stamp: listStamp(place, row.type, project),
    settle: SETTLE,
  }));
  const touched = touches.flatMap((touch) => touchStamps(place, touch));
  const alongside = [...withAny([row.project]), EVERY].map((project) => sweepStamp(place, row.type, project));
  return { stamps: [...own, ...lists, ...touched], alongside };
}

/** What moves where rows of a type change whose ids nobody knows. */
export function touchStamps(place: Place, { type, projects, everywhere = false }: Touched): HeldStamp[] {
  const near = withAny(projects).flatMap((project) => [
    { stamp: sweepStamp(place, type, project), settle: SETTLE_LATER },
    { stamp: listStamp(place, type, project), settle: SETTLE_LATER },
  ]);
  return everywhere ? [...near, { stamp: sweepStamp(place, type, EVERY), settle: SETTLE_LATER }] : near;
}

/** What moves where a reader sees that somebody changed a row behind the gateway's back. */
export function observedStamps(place: Place, row: ChangedRow, touches: readonly Touched[] = []): Stamp[] {
  return affectedStamps(place, row, touches).stamps.map(({ stamp }) => stamp);
}

function withAny(projects: readonly (string | null)[]): string[] {
  return [...new Set([ANY, ...projects.filter((project) => project !== null)])];
}
