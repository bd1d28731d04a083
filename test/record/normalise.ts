import { createHash } from 'node:crypto';

/** A UUID that stands for the resource that the sequence calls `name`. */
export function uuidFor(name: string): string {
  const hex = createHash('md5').update(name).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20)}`;
}

/** Stands for every resource that the sequence has no name for. */
export const SOME_UUID = 'ffffffff-ffff-4fff-bfff-ffffffffffff';
export const SOME_HEX = 'f'.repeat(32);

const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;
const HEX = /(?<![0-9a-f-])[0-9a-f]{32}(?![0-9a-f])/g;

/** What is said of a value by the key that it stands under. */
const BY_KEY: Readonly<Record<string, unknown>> = {
  adminPass: 'scrubbed',
  password: 'scrubbed',
  ip_address: '192.0.2.1',
  addr: '192.0.2.1',
  floating_ip_address: '198.51.100.1',
  fixed_ip_address: '192.0.2.1',
  hostname: null,
  fqdn: 'host.devcloud.local.',
  mac_address: 'fa:16:3e:00:00:00',
  mac_addr: 'fa:16:3e:00:00:00',
  'OS-EXT-IPS-MAC:mac_addr': 'fa:16:3e:00:00:00',
  'provider:segmentation_id': 1,
  standard_attr_id: 1,
  'OS-EXT-SRV-ATTR:instance_name': 'instance-00000001',
  'OS-EXT-SRV-ATTR:reservation_id': 'r-00000000',
  public_key: 'ssh-ed25519 AAAA',
  fingerprint: '00:00',
  details: 'Traceback',
  connection_info: {},
};
/** Keys whose text decides nothing but is kept when there is none. */
const audit = 'audit_ids';

export interface Known {
  /** Real id to the name that the sequence gave it. */
  readonly ids: ReadonlyMap<string, string>;
  /** `http://127.0.0.1:8774` to `http://compute.example`. */
  readonly roots: readonly (readonly [root: string, stand: string])[];
}

/** An answer's body with all that differs from run to run replaced by stand-ins of the same shape. */
export function normalise(value: unknown, known: Known, ordered: boolean): unknown {
  return walk(value, '', known, ordered);
}

function walk(value: unknown, key: string, known: Known, ordered: boolean): unknown {
  if (typeof value === 'string') {
    const result = byKey(value, key) ?? text(value, known);
    // Which row comes first is chance where the order is.
    return key === 'href' && !ordered ? String(result).replace(/(?<=marker=)[0-9a-f-]{36}/, SOME_UUID) : result;
  }
  if (Array.isArray(value)) {
    if (key === audit) return value.map(() => 'audit');
    const items = value.map((item) => walk(item, '', known, ordered));
    return ordered ? items : [...items].sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
  }
  if (typeof value === 'object' && value !== null) {
    if (key in BY_KEY && Object.keys(value).length > 0) return BY_KEY[key] ?? {};
    const entries = Object.entries(value).map(
      ([name, each]) => [text(name, known), walk(each, name, known, ordered)] as const,
    );
    // Key order says nothing in JSON, and differs between releases.
    return Object.fromEntries([...entries].sort(([a], [b]) => (a < b ? -1 : 1)));
  }
  if (typeof value === 'number' && typeof BY_KEY[key] === 'number') return BY_KEY[key];
  return value;
}

function byKey(value: string, key: string): unknown {
  const stand = BY_KEY[key];
  if (stand === undefined || stand === null || value === '' || typeof stand === 'object') return undefined;
  return stand;
}

/** Text with ids, times, hosts and addresses replaced. */
export function text(value: string, known: Known): string {
  let result = value;
  for (const [root, stand] of known.roots) result = result.replaceAll(root, stand);
  return result
    .replace(/req-[0-9a-f-]{36}/g, 'req-0')
    .replace(UUID, (id) => standIn(id, known, uuidFor, SOME_UUID))
    .replace(HEX, (id) => standIn(id, known, (name) => uuidFor(name).replaceAll('-', ''), SOME_HEX))
    .replace(/\b[0-9a-f]{56}\b/g, 'f'.repeat(56))
    .replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.(?!000000)\d{6}/g, '2026-01-01T00:00:00.123456')
    .replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/g, '2026-01-01T00:00:00')
    .replace(/\bcompute-\d\b/g, 'compute-1')
    .replace(/\bhost-\d+-\d+-\d+-\d+\b/g, 'host-192-0-2-1')
    .replace(/is not one of \[.*\]/, 'is not one of [...]')
    .replace(/(floating|fixed) IP \d+\.\d+\.\d+\.\d+/g, '$1 IP 192.0.2.1')
    .replace(/already used [\d, ]+ of [\d, ]+/g, 'already used 0 of 0 ')
    .replace(/(?<=these ports is: )[\w,-]+/, (ids) => ids.split(',').sort().join(','))
    .replace(/quota is \d+G and \d+G has/, 'quota is 0G and 0G has');
}

function standIn(id: string, known: Known, named: (name: string) => string, unknown: string): string {
  if (/^0{8}-0000-4000/.test(id)) return id;
  const name = known.ids.get(id);
  return name === undefined ? unknown : named(name);
}
