/** Each service writes times its own way; all take milliseconds since 1970. */

/** Nova, Neutron, Glance: `2026-11-22T13:49:22Z`. */
export function inSeconds(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19)}Z`;
}

/** Cinder and Nova's `OS-SRV-USG`: `2026-11-22T13:49:22.000000`, no zone. */
export function inZeroMicroseconds(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19)}.000000`;
}

/** What Cinder answers to a create, before the database has cut the fraction off. */
export function inMicroseconds(at: number): string {
  return `${new Date(at).toISOString().slice(0, 23)}000`;
}

/** Keystone: `2026-11-22T13:49:22.000000Z`. */
export function inKeystoneTime(at: number): string {
  return `${inZeroMicroseconds(at)}Z`;
}
