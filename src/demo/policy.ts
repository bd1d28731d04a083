import type { Asker } from './http.js';

/** Whether the asker has the admin role in the token's project. */
export function isAdmin(asker: Asker): boolean {
  return asker.roles.includes('admin');
}

/** Whether the asker may change its project's resources: readers may not. */
export function mayWrite(asker: Asker): boolean {
  return isAdmin(asker) || asker.roles.includes('member');
}

/** Whether a row of `projectId` is the asker's own, or the asker an administrator. */
export function owns(asker: Asker, projectId: string): boolean {
  return isAdmin(asker) || asker.projectId === projectId;
}
