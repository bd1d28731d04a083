import { hash } from 'node:crypto';

/** What lies under a key: an entry, a piece of one, a stamp's counter, its hold, a flight, a refresh. */
export type KeyKind = 'entry' | 'piece' | 'stamp' | 'hold' | 'flight' | 'refresh';

const READABLE = 120;
/** Of a name's segments, those with its type and kind: never an id, a project or a filter. */
const SHOWN: Record<KeyKind, readonly [from: number, to: number]> = {
  entry: [0, 2],
  piece: [0, 0],
  // Behind cloud and region.
  stamp: [2, 4],
  hold: [2, 4],
  flight: [0, 2],
  refresh: [0, 2],
};

/**
 * The key under which `name` lies in the store: a prefix that a person with a memcached shell can read, and a hash of the
 * whole name. At most 250 bytes, all printable: memcached closes the connection on anything else. Only type and kind are
 * shown: the other segments are ids, and filters that a client wrote.
 */
export function storeKey(kind: KeyKind, name: string): string {
  const digest = hash('sha256', `${kind}\0${name}`, 'base64url');
  const [from, to] = SHOWN[kind];
  const readable = name
    .split('/', to)
    .slice(from)
    .join('/')
    .replace(/[^A-Za-z0-9._/-]/g, '_')
    .slice(0, READABLE);
  return `stratograph/${kind}/${readable}/${digest}`;
}

/** Names that are remembered with their keys, per kind: the same ones recur in every query. */
const REMEMBERED = 20_000;

/** `storeKey` for names that recur, which it hashes once. */
export function rememberedKeys(kind: KeyKind): (name: string) => string {
  const keys = new Map<string, string>();
  return (name) => {
    const known = keys.get(name);
    if (known !== undefined) return known;
    if (keys.size >= REMEMBERED) keys.clear();
    const key = storeKey(kind, name);
    keys.set(name, key);
    return key;
  };
}
