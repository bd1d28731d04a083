import { randomInt } from 'node:crypto';
import type { Socket } from 'node:net';
import { type Response, Server } from 'memjs';
import type { Address } from './address.js';
import { encode, encodeGets, OPCODE, RESPONSE, STATUS } from './binary.js';

/** What is asked of a link; `opaque` is the link's own business. */
export type Request = Omit<Parameters<typeof encode>[0], 'opaque'>;

/** memjs fails for good when its sequence number passes 2^31. */
const LAST_OPAQUE = 2 ** 31 - 1;
/** memjs's own timers are of no use, since every write puts them off; they must only never come before ours. */
const NEVER_SECONDS = 3600;

declare module 'memjs' {
  interface Server {
    /** Its types leave this out: called with every answer. */
    respond(response: Response): void;
  }
}

/** memjs's connection, told of every answer that nobody waits for: memjs itself would not say a word of it. */
class StrictServer extends Server {
  onStray: () => void = () => {};

  override respond(response: Response): void {
    const callback = this.responseCallbacks[response.header.opaque];
    if (callback === undefined) this.onStray();
    else super.respond(response);
  }

  /** memjs takes an answer about SASL for an invitation to log in. */
  override saslAuth(): void {
    this.onStray();
  }
}

/**
 * One connection to one memcached, for as long as nothing goes wrong with it. After the first fault it is done for: what
 * memjs keeps of an old connection's bytes would be read as answers of the next.
 */
export class Link {
  readonly #server: StrictServer;
  readonly #deadline: number;
  readonly #onEnd: (hadPending: boolean) => void;
  readonly #pending = new Map<number, (failed: null) => void>();
  #opaque: number;
  #socket: Socket | null = null;
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
    this.#deadline = deadline;
    this.#onEnd = onEnd;
    this.#opaque = firstOpaque;
    const options = { timeout: NEVER_SECONDS, conntimeout: NEVER_SECONDS };
    this.#server = new StrictServer(host, port, undefined, undefined, options);
    this.#server.onStray = () => this.end();
    this.#server.sock(false, (socket) => this.#connected(socket));
    // Reaches whatever is asked before the connection stands, and the connection's own failure.
    this.#server.onError(-1, () => this.end());
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

  /** All keys in one write. Answers with those that were found; null as `ask` does. */
  getMany(keys: readonly string[]): Promise<Response[] | null> {
    return this.#exchange<Response[]>((opaque, settle) => {
      const found: Response[] = [];
      const asked = new Set(keys);
      const onResponse = (response: Response) => {
        if (isAnswer(response, OPCODE.noop)) settle(found);
        else if (isFound(response) && asked.has(response.key.toString('latin1'))) found.push(response);
        else this.end();
      };
      // `quiet` makes memjs keep the callback until an answer without a body comes: that of the no-op.
      this.#server.onResponse(opaque, Object.assign(onResponse, { quiet: true }));
      return encodeGets(keys, opaque);
    });
  }

  /** Closes the connection; everybody who waits gets null. */
  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    const waiting = [...this.#pending.values()];
    this.#pending.clear();
    for (const settle of waiting) settle(null);
    this.#server.error(new Error('the connection was given up'));
    this.#onEnd(waiting.length > 0);
  }

  #late(): void {
    if (!this.#ended) this.#wasLate = true;
    this.end();
  }

  #connected(socket: Socket): void {
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.once('close', () => this.end());
  }

  #exchange<T>(write: (opaque: number, settle: (answer: T | null) => void) => Buffer): Promise<T | null> {
    if (this.#ended) return Promise.resolve(null);
    const opaque = this.#nextOpaque();
    return new Promise((resolve) => {
      let cancel = () => {};
      const settle = (answer: T | null) => {
        cancel();
        this.#pending.delete(opaque);
        resolve(answer);
      };
      this.#pending.set(opaque, settle);
      this.#cork();
      this.#server.write(write(opaque, settle));
      // The time counts from the sending, not from the asking: what this process does in between is not memcached's fault.
      process.nextTick(() => {
        if (this.#pending.get(opaque) === settle) cancel = afterDeadline(this.#deadline, () => this.#late());
      });
    });
  }

  /** What is asked in one go is sent in one go. */
  #cork(): void {
    const socket = this.#socket;
    if (socket === null || socket.writableCorked > 0) return;
    socket.cork();
    process.nextTick(() => socket.uncork());
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

/**
 * Calls `late` after `ms` milliseconds and two more turns of the event loop: if this process was busy all the while, the
 * answer may lie unread in the socket, and that is not memcached's fault. Answers with how to call it off.
 */
function afterDeadline(ms: number, late: () => void): () => void {
  let off = false;
  const unlessOff = (then: () => void) => () => {
    if (!off) then();
  };
  const timer = setTimeout(() => setImmediate(unlessOff(() => setImmediate(unlessOff(late)))), ms);
  return () => {
    off = true;
    clearTimeout(timer);
  };
}
