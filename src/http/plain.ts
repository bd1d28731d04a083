import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { tokenIn } from '../auth/headers.js';
import type { Secret } from '../auth/scope.js';
import { quickName } from './parts.js';

/** A body, and how it is known. */
export interface PlainBody {
  /** Byte by byte (latin1). */
  readonly text: string;
  /** `quickName` of it. */
  readonly name: string;
}

interface Heard {
  readonly rawHeaders: readonly string[];
  readonly head: PlainHead | null;
}

/** Larger bodies are not kept for comparison: each connection has one. */
const MOST_REMEMBERED = 16 * 1024;

const JSON_TYPE = /^application\/json(?:\s*;|$)/;

/** Headers that ask for more than the kept bytes, or that others have to judge. */
const NOT_PLAIN = ['cache-control', 'content-encoding', 'expect', 'origin', 'transfer-encoding', 'x-explain'] as const;

/**
 * Tells requests with nothing unusual about them from all others. Clients say the same again and again over a connection: as long
 * as all header lines are those of the request before, they are compared with them and not read again.
 */
export class PlainRequests {
  readonly #mostBytes: number;
  readonly #heard = new WeakMap<Socket, Heard>();
  /** The last `Host` that could be read as one: nearly always the next one is the same. */
  #host: string | undefined;

  /** `mostBytes`: of the largest body that is looked at. */
  constructor(mostBytes: number) {
    this.#mostBytes = mostBytes;
  }

  /** What the request says, where it is a plain one with a body of JSON; null otherwise. */
  headOf(request: IncomingMessage): PlainHead | null {
    const { method, url, rawHeaders, socket } = request;
    if (method !== 'POST' || url !== '/graphql') return null;
    const heard = this.#heard.get(socket);
    if (heard !== undefined && areSame(heard.rawHeaders, rawHeaders)) return heard.head;
    const head = this.#read(request);
    this.#heard.set(socket, { rawHeaders, head });
    return head;
  }

  #read({ headers, rawHeaders }: IncomingMessage): PlainHead | null {
    if (NOT_PLAIN.some((name) => headers[name] !== undefined)) return null;
    const length = Number(headers['content-length']);
    if (!(length <= this.#mostBytes) || !JSON_TYPE.test(headers['content-type'] ?? '')) return null;
    const isClear = headers.authorization === undefined || isSingle('authorization', rawHeaders);
    if (!isClear || !this.#isReadableHost(headers.host) || !isSingle('host', rawHeaders)) return null;
    try {
      return new PlainHead(tokenIn(headers), headers.accept ?? '');
    } catch {
      // What is no token is refused where everything is.
      return null;
    }
  }

  #isReadableHost(host: string | undefined): boolean {
    if (host === undefined) return false;
    if (host === this.#host) return true;
    const isReadable = URL.canParse(`http://${host}/`);
    if (isReadable) this.#host = host;
    return isReadable;
  }
}

/** What a plain request says before its body; the same object as long as a connection says the same. */
export class PlainHead {
  readonly token: Secret | null;
  readonly accept: string;
  #last: { readonly bytes: Buffer; readonly body: PlainBody } | null = null;

  constructor(token: Secret | null, accept: string) {
    this.token = token;
    this.accept = accept;
  }

  /** For the bytes that came last, the very same strings again: a `Map` need not hash them anew. */
  bodyOf(bytes: Buffer): PlainBody {
    if (this.#last?.bytes.equals(bytes)) return this.#last.body;
    const text = bytes.toString('latin1');
    const body = { text, name: quickName(this.accept, text) };
    this.#last = bytes.length <= MOST_REMEMBERED ? { bytes, body } : null;
    return body;
  }
}

function areSame(one: readonly string[], other: readonly string[]): boolean {
  if (one.length !== other.length) return false;
  for (let index = 0; index < one.length; index += 1) if (one[index] !== other[index]) return false;
  return true;
}

/** Node shows the first of several. */
function isSingle(name: string, rawHeaders: readonly string[]): boolean {
  let count = 0;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const found = rawHeaders[index] ?? '';
    if (found.length === name.length && found.toLowerCase() === name) count += 1;
  }
  return count === 1;
}
