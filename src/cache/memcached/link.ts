import { randomInt } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { type Response, Server } from 'memjs';
import type { Address } from './address.js';
import { encode, encodeGets, OPCODE, opaqueOf, RESPONSE, STATUS } from './binary.js';
import { type Found, heldOf } from './found.js';
import type { KeyList } from './key-list.js';
import { Waiting } from './waiting.js';

/** What is asked of a link; `opaque` is the link's own business. */
export type Request = Omit<Parameters<typeof encode>[0], 'opaque'>;

/** Told once what came; null if nothing came in time or the link is done for. */
type Then<T> = (answer: T | null) => void;

/** memjs fails for good when its sequence number passes 2^31. */
const LAST_OPAQUE = 2 ** 31 - 1;
/**
 * Bytes that are read at a time, always into the same buffer: Node allocates as much for each read otherwise (54 instead of 52 µs
 * of processor time for a repeated page of 100 rows, by turns).
 */
const READ_BYTES = 64 * 1024;

declare module 'memjs' {
  /** What its types leave out. */
  interface Server {
    /** Called with every answer. */
    respond(response: Response): void;
  }
}

/** A list that was asked for, who waits for it, and how to parse an answer that is not the one before. */
interface Again {
  readonly list: KeyList;
  readonly settle: (found: Found) => void;
  readonly parse: () => void;
}

/**
 * What memjs makes of the bytes of a connection. It is told of every answer that nobody waits for: memjs itself would not say a
 * word of it. Answers that came before are taken as they are, without parsing them.
 */
class StrictServer extends Server {
  onStray: () => void = () => {};
  readonly #again = new Map<number, Again>();

  onAgain(opaque: number, again: Again): void {
    this.#again.set(opaque, again);
  }

  override responseHandler(bytes: Buffer): void {
    const rest = this.responseBuffer.length === 0 ? this.#recognize(bytes) : bytes;
    if (rest.length > 0) super.responseHandler(rest);
  }

  override respond(response: Response): void {
    const { opaque } = response.header;
    this.#again.get(opaque)?.parse();
    this.#again.delete(opaque);
    if (this.responseCallbacks[opaque] === undefined) this.onStray();
    else super.respond(response);
  }

  /** Answers with what is left to be parsed. */
  #recognize(bytes: Buffer): Buffer {
    const opaque = opaqueOf(bytes) ?? -1;
    const again = this.#again.get(opaque);
    const known = again?.list.recognize(bytes, opaque);
    if (again === undefined || !known) return bytes;
    this.#again.delete(opaque);
    again.settle(known.found);
    return known.end === bytes.length ? Buffer.of() : this.#recognize(bytes.subarray(known.end));
  }

  /** memjs takes an answer about SASL for an invitation to log in. */
  override saslAuth(): void {
    this.onStray();
  }
}

/**
 * One connection to one memcached, for as long as nothing goes wrong with it. After the first fault it is done for: what
 * memjs keeps of an old connection's bytes would be read as answers of the next. The socket is its own, since memjs's timers
 * are of no use: every write puts them off.
 */
export class Link {
  readonly #server: StrictServer;
  readonly #onEnd: (hadPending: boolean) => void;
  readonly #waiting: Waiting;
  readonly #socket: Socket;
  #opaque: number;
  #ended = false;
  #wasLate = false;

  /**
   * `deadline` in milliseconds per operation. `onEnd` is called once, with whether anything was waiting for an answer.
   * Requests are numbered from a random number on, so that no answer fits a request of another connection;
   * `firstOpaque` is for tests.
   */
  constructor(
    { host, port }: Address,
    deadline: number,
    onEnd: (hadPending: boolean) => void,
    firstOpaque = randomInt(LAST_OPAQUE),
  ) {
    this.#waiting = new Waiting(deadline, () => this.#late());
    this.#onEnd = onEnd;
    this.#opaque = firstOpaque;
    this.#server = new StrictServer(host, port);
    this.#server.onStray = () => this.end();
    this.#server.onError(-1, () => this.end());
    this.#socket = this.#connect(host, port);
  }

  /** It was given up because an answer did not come in time. */
  get wasLate(): boolean {
    return this.#wasLate;
  }

  /** One request, one answer; null if none came in time or the link is done for. */
  ask(request: Request): Promise<Response | null> {
    return this.#exchange<Response>((opaque, settle) => {
      this.#server.onResponse(opaque, (response) => {
        if (isAnswer(response, request.opcode)) settle(response);
        else this.end();
      });
      return encode({ ...request, opaque });
    });
  }

  /** All keys in one write. Answers with what was found and what was not; null as `ask` does. */
  getMany(keys: readonly string[]): Promise<Found | null> {
    return this.#exchange<Found>((opaque, settle) => {
      this.#collect(opaque, new Set(keys), (found) => settle(heldOf(keys, found)));
      return encodeGets(keys, opaque);
    });
  }

  /** The same of a list that is asked for again and again; `then` is called once. */
  getAgain(list: KeyList, then: Then<Found>): void {
    const request = (opaque: number, settle: Then<Found>) => {
      const parse = () => this.#collect(opaque, list.distinct, (found, end) => settle(list.learn(found, end)));
      this.#server.onAgain(opaque, { list, settle, parse });
      return list.request(opaque);
    };
    this.#send<Found>(then, request, true);
  }

  /** Closes the connection; everybody who waits gets null. */
  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    const hadPending = this.#waiting.end();
    this.#socket.destroy();
    this.#server.error(new Error('the connection was given up'));
    this.#onEnd(hadPending);
  }

  /** Waits for what is found of the keys, and for the no-op that ends the answers. */
  #collect(opaque: number, asked: ReadonlySet<string>, whole: (found: Response[], end: Response) => void): void {
    const found: Response[] = [];
    const onResponse = (response: Response) => {
      if (isAnswer(response, OPCODE.noop)) whole(found, response);
      else if (isFound(response) && asked.has(response.key.toString('latin1'))) found.push(response);
      else this.end();
    };
    // `quiet` makes memjs keep the callback until an answer without a body comes: that of the no-op.
    this.#server.onResponse(opaque, Object.assign(onResponse, { quiet: true }));
  }

  #late(): void {
    if (!this.#ended) this.#wasLate = true;
    this.end();
  }

  #connect(host: string, port: number): Socket {
    const callback = (bytes: number, buffer: Uint8Array) => {
      this.#server.responseHandler(Buffer.from(buffer.buffer, buffer.byteOffset, bytes));
      return true;
    };
    const socket = connect({ host, port, noDelay: true, onread: { buffer: Buffer.alloc(READ_BYTES), callback } });
    // `close` comes behind it.
    socket.on('error', () => {});
    socket.once('close', () => this.end());
    return socket;
  }

  #exchange<T>(request: (opaque: number, settle: Then<T>) => Buffer): Promise<T | null> {
    return new Promise((resolve) => this.#send(resolve, request));
  }

  #send<T>(then: Then<T>, request: (opaque: number, settle: Then<T>) => Buffer, isAlone = false): void {
    if (this.#ended) {
      then(null);
      return;
    }
    const opaque = this.#nextOpaque();
    const settle: Then<T> = (answer) => {
      if (this.#waiting.take(opaque)) then(answer);
    };
    this.#waiting.add(opaque, settle);
    const bytes = request(opaque, settle);
    if (isAlone) this.#writeNow(bytes);
    else this.#write(bytes);
  }

  /** What is asked in one go is sent in one go. */
  #write(request: Buffer): void {
    const socket = this.#socket;
    if (socket.writableCorked === 0) {
      socket.cork();
      process.nextTick(() => {
        socket.uncork();
        this.#waiting.sent();
      });
    }
    socket.write(request);
  }

  /** For what is asked alone: not before what waits to be sent with others. */
  #writeNow(request: Buffer): void {
    if (this.#socket.writableCorked > 0) this.#write(request);
    else {
      this.#socket.write(request);
      this.#waiting.sent();
    }
  }

  #nextOpaque(): number {
    this.#opaque = this.#opaque >= LAST_OPAQUE ? 1 : this.#opaque + 1;
    return this.#opaque;
  }
}

function isFound(response: Response): boolean {
  return isAnswer(response, OPCODE.getKeyQuiet) && response.header.status === STATUS.ok;
}

function isAnswer({ header }: Response, opcode: number): boolean {
  return header.magic === RESPONSE && header.opcode === opcode;
}
