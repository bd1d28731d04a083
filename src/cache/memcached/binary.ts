/**
 * Requests of memcached's binary protocol that memjs cannot make: compare-and-set, counters that start anywhere, many
 * gets in one write. https://github.com/memcached/memcached/wiki/BinaryProtocolRevamped
 */
import { Header, type Response } from 'memjs';

export const OPCODE = { set: 0x01, add: 0x02, delete: 0x04, increment: 0x05, noop: 0x0a, getKeyQuiet: 0x0d } as const;

export const STATUS = { ok: 0x00, notFound: 0x01, exists: 0x02 } as const;

export const REQUEST = 0x80;
export const RESPONSE = 0x81;

const HEADER_BYTES = 24;
const LENGTH_AT = 8;
const OPAQUE_AT = 12;
const COUNTER_EXTRAS = 20;
const STORE_EXTRAS = 8;

export interface BinaryRequest {
  readonly opcode: number;
  /** Comes back in the answer. */
  readonly opaque: number;
  readonly key?: string;
  readonly extras?: Buffer;
  readonly value?: Buffer;
  /** Decimal; the request fails if the item's differs. */
  readonly cas?: string;
}

export function encode({ opcode, opaque, key = '', extras, value, cas = '0' }: BinaryRequest): Buffer {
  const keyBytes = Buffer.from(key);
  const extrasBytes = extras?.length ?? 0;
  const body = extrasBytes + keyBytes.length + (value?.length ?? 0);
  const header = Buffer.alloc(HEADER_BYTES);
  header[0] = REQUEST;
  header[1] = opcode;
  header.writeUInt16BE(keyBytes.length, 2);
  header[4] = extrasBytes;
  header.writeUInt32BE(body, LENGTH_AT);
  header.writeUInt32BE(opaque, OPAQUE_AT);
  header.writeBigUInt64BE(BigInt(cas), 16);
  return Buffer.concat([header, extras ?? Buffer.of(), keyBytes, value ?? Buffer.of()]);
}

/** Quiet gets of all keys (at most 250 bytes each, ASCII) and the no-op that ends their answers, as one piece. */
export function encodeGets(keys: readonly string[], opaque: number): Buffer {
  const bytes = keys.reduce((sum, key) => sum + HEADER_BYTES + key.length, HEADER_BYTES);
  const requests = Buffer.alloc(bytes);
  let at = 0;
  for (const key of keys) {
    at = writeHeader(requests, at, OPCODE.getKeyQuiet, key.length, opaque);
    at += requests.write(key, at, 'latin1');
  }
  writeHeader(requests, at, OPCODE.noop, 0, opaque);
  return requests;
}

/** The header of a request that has at most a key; answers with where it ends. The other fields are 0. */
function writeHeader(into: Buffer, at: number, opcode: number, keyBytes: number, opaque: number): number {
  into[at] = REQUEST;
  into[at + 1] = opcode;
  into.writeUInt16BE(keyBytes, at + 2);
  into.writeUInt32BE(keyBytes, at + LENGTH_AT);
  into.writeUInt32BE(opaque, at + OPAQUE_AT);
  return at + HEADER_BYTES;
}

/** The number of the first message of several; null where not even its header is there. */
export function opaqueOf(messages: Buffer): number | null {
  return messages.length < HEADER_BYTES ? null : messages.readUInt32BE(OPAQUE_AT);
}

/** Gives whole messages that lie one behind the other, requests or answers, another number. */
export function renumber(messages: Buffer, opaque: number): Buffer {
  for (let at = 0; at < messages.length; at += HEADER_BYTES + messages.readUInt32BE(at + LENGTH_AT)) {
    messages.writeUInt32BE(opaque, at + OPAQUE_AT);
  }
  return messages;
}

/** The bytes that memcached sent for an answer as memjs read it. */
export function encodeAnswer({ header, extras, key, val }: Response): Buffer {
  return Buffer.concat([Header.toBuffer(header), extras, key, val]);
}

/** Flags, then the seconds to live. */
export function storeExtras(seconds: number): Buffer {
  const extras = Buffer.alloc(STORE_EXTRAS);
  extras.writeUInt32BE(lifetime(seconds), 4);
  return extras;
}

/** Adds one to a counter; where there is none, creates it at `initial`. */
export function incrementExtras(initial: number, seconds: number): Buffer {
  const extras = Buffer.alloc(COUNTER_EXTRAS);
  extras.writeBigUInt64BE(1n, 0);
  extras.writeBigUInt64BE(BigInt(initial), 8);
  extras.writeUInt32BE(lifetime(seconds), 16);
  return extras;
}

/** memcached takes 0 for "for ever" and more than 30 days for a date. */
const THIRTY_DAYS = 30 * 86_400;

function lifetime(seconds: number): number {
  return Math.min(THIRTY_DAYS, Math.max(1, Math.ceil(seconds)));
}
