import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Secret } from '../auth/scope.js';
import { type CacheFigures, NO_CACHE_FIGURES, type RefusalReason } from './figures.js';

/** What an entry says of its value beside the value. Times are milliseconds since 1970. */
export interface EntryHead {
  /** When the value's fetch was begun. */
  readonly readAt: number;
  readonly freshUntil: number;
  /** After this nothing may be made of the value, not even as a predecessor. */
  readonly expiresAt: number;
  /** Values of the lookup's stamps, in its order, from before the fetch. */
  readonly captured: readonly number[];
  /** The payload lists pieces that lie under keys of their own. */
  readonly inPieces: boolean;
  /** Read while a write was settling: what the service did afterwards is not in it. */
  readonly unsettled: boolean;
}

export interface SealedEntry extends EntryHead {
  readonly payload: Buffer;
  /** Proves head, payload and key; equal seals mean equal entries. */
  readonly mac: Buffer;
}

interface Keys {
  readonly id: Buffer;
  readonly mac: Buffer;
  readonly cipher: Buffer;
}

const VERSION = 1;
const PIECES = 1;
const UNSETTLED = 2;
const ID_BYTES = 4;
const MAC_BYTES = 32;
const FIXED_BYTES = 2 + ID_BYTES + 3 * 8 + 2;
const IV_BYTES = 12;
const TAG_BYTES = 16;
const STORED_BARE = 0;
const ENCRYPTED = 1;

/**
 * Authenticates cache entries, and encrypts their values on request, so that whoever can write to memcached can neither
 * make up a row nor move one to another key, audience or time. The first secret seals, every one opens.
 */
export class Sealer {
  readonly #keys: readonly [Keys, ...Keys[]];
  readonly #encrypt: boolean;
  readonly #figures: CacheFigures;

  constructor(secrets: readonly Secret[], encrypt: boolean, figures = NO_CACHE_FIGURES) {
    const [first = randomBytes(32), ...others] = secrets.map((secret) => Buffer.from(secret.reveal()));
    this.#keys = [keysOf(first), ...others.map(keysOf)];
    this.#encrypt = encrypt;
    this.#figures = figures;
  }

  /** `context` is what the entry must be opened with again: its key and the names of its stamps. */
  seal(context: string, head: EntryHead, payload: Buffer): Buffer {
    const [keys] = this.#keys;
    const headBytes = writeHead(head, keys.id);
    return Buffer.concat([headBytes, macOf(keys, context, headBytes, payload), payload]);
  }

  /** Null for anything that no known secret sealed for this very context, which counts in `figures`. */
  open(context: string, bytes: Buffer, figures = this.#figures): SealedEntry | null {
    if (bytes.length < FIXED_BYTES || bytes[0] !== VERSION) return this.#refuse('malformed', figures);
    const headLength = FIXED_BYTES + 8 * bytes.readUInt16BE(FIXED_BYTES - 2);
    if (bytes.length < headLength + MAC_BYTES) return this.#refuse('malformed', figures);
    const head = bytes.subarray(0, headLength);
    const mac = bytes.subarray(headLength, headLength + MAC_BYTES);
    const payload = bytes.subarray(headLength + MAC_BYTES);
    const keys = this.#keys.find(({ id }) => id.equals(head.subarray(2, 2 + ID_BYTES)));
    if (keys === undefined) return this.#refuse('unknown_secret', figures);
    if (!timingSafeEqual(mac, macOf(keys, context, head, payload))) return this.#refuse('forged', figures);
    return { ...readHead(head), payload, mac };
  }

  /** The value's bytes as they go into the store: bare or encrypted for this context. */
  wrap(context: string, plain: Buffer): Buffer {
    if (!this.#encrypt) return Buffer.concat([Buffer.of(STORED_BARE), plain]);
    const [keys] = this.#keys;
    const iv = randomBytes(IV_BYTES);
    const cipher = createCipheriv('aes-256-gcm', keys.cipher, iv).setAAD(Buffer.from(context));
    const body = Buffer.concat([cipher.update(plain), cipher.final()]);
    return Buffer.concat([Buffer.of(ENCRYPTED), keys.id, iv, cipher.getAuthTag(), body]);
  }

  /** Undoes `wrap`; null where the bytes are not what it made for this context. */
  unwrap(context: string, wrapped: Buffer): Buffer | null {
    if (wrapped[0] === STORED_BARE && !this.#encrypt) return wrapped.subarray(1);
    if (wrapped[0] !== ENCRYPTED || wrapped.length < 1 + ID_BYTES + IV_BYTES + TAG_BYTES)
      return this.#refuse('encryption');
    const keys = this.#keys.find(({ id }) => id.equals(wrapped.subarray(1, 1 + ID_BYTES)));
    if (keys === undefined) return this.#refuse('unknown_secret');
    const iv = wrapped.subarray(1 + ID_BYTES, 1 + ID_BYTES + IV_BYTES);
    const tag = wrapped.subarray(1 + ID_BYTES + IV_BYTES, 1 + ID_BYTES + IV_BYTES + TAG_BYTES);
    const decipher = createDecipheriv('aes-256-gcm', keys.cipher, iv, { authTagLength: TAG_BYTES });
    decipher.setAAD(Buffer.from(context)).setAuthTag(tag);
    try {
      return Buffer.concat([decipher.update(wrapped.subarray(1 + ID_BYTES + IV_BYTES + TAG_BYTES)), decipher.final()]);
    } catch {
      return this.#refuse('forged');
    }
  }

  #refuse(reason: RefusalReason, figures = this.#figures): null {
    figures.refused('entry', reason);
    return null;
  }
}

function keysOf(secret: Buffer): Keys {
  const derive = (purpose: string, bytes: number) =>
    Buffer.from(hkdfSync('sha256', secret, Buffer.alloc(0), `stratograph cache ${purpose}`, bytes));
  return { id: derive('id', ID_BYTES), mac: derive('mac', 32), cipher: derive('cipher', 32) };
}

function macOf(keys: Keys, context: string, head: Buffer, payload: Buffer): Buffer {
  const lengths = Buffer.alloc(8);
  lengths.writeUInt32BE(Buffer.byteLength(context), 0);
  lengths.writeUInt32BE(head.length, 4);
  return createHmac('sha256', keys.mac).update(lengths).update(context).update(head).update(payload).digest();
}

function writeHead(head: EntryHead, id: Buffer): Buffer {
  const bytes = Buffer.alloc(FIXED_BYTES + 8 * head.captured.length);
  bytes[0] = VERSION;
  bytes[1] = (head.inPieces ? PIECES : 0) | (head.unsettled ? UNSETTLED : 0);
  id.copy(bytes, 2);
  const numbers = [head.readAt, head.freshUntil, head.expiresAt];
  numbers.forEach((value, index) => {
    bytes.writeDoubleBE(value, 2 + ID_BYTES + 8 * index);
  });
  bytes.writeUInt16BE(head.captured.length, FIXED_BYTES - 2);
  head.captured.forEach((value, index) => {
    bytes.writeDoubleBE(value, FIXED_BYTES + 8 * index);
  });
  return bytes;
}

function readHead(bytes: Buffer): EntryHead {
  const time = (index: number) => bytes.readDoubleBE(2 + ID_BYTES + 8 * index);
  const count = bytes.readUInt16BE(FIXED_BYTES - 2);
  const flags = bytes.readUInt8(1);
  return {
    readAt: time(0),
    freshUntil: time(1),
    expiresAt: time(2),
    captured: Array.from({ length: count }, (_, index) => bytes.readDoubleBE(FIXED_BYTES + 8 * index)),
    inPieces: (flags & PIECES) !== 0,
    unsettled: (flags & UNSETTLED) !== 0,
  };
}
