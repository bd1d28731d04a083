import { createHmac } from 'node:crypto';
import type { Cache, Lookup, Stamp, Written } from '../cache/cache.js';
import { type Place, rowStamp } from '../cache/stamps.js';
import type { Transport } from '../rest/client.js';
import { Fault, readAnswer } from '../rest/fault.js';
import type { RestRecord } from '../rest/rest.js';
import { Attempts, askerAt } from './attempts.js';
import { type AuthFigures, NO_AUTH_FIGURES } from './figures.js';
import { Memory } from './memory.js';
import type { Scope, Secret } from './scope.js';
import { parseToken, tokenBodyOf } from './token.js';

export interface AuthenticatorOptions {
  readonly transport: Transport;
  readonly cache: Cache;
  /** The cloud, as in all stamps. */
  readonly place: Place;
  /** Key of the HMAC under which tokens are remembered: from `CACHE_SECRET`, or random per process. */
  readonly secret: Buffer;
  readonly figures?: AuthFigures;
  /** Milliseconds; for tests. */
  readonly now?: () => number;
}

/** Who is asking to have a token validated. */
export interface Presenter {
  /** The client's address: unknown tokens are limited by it. */
  readonly address: string;
  readonly record?: (record: RestRecord) => void;
}

/** Turns tokens into scopes, and makes all replicas forget them. */
export interface Authenticator {
  /** What Keystone says of the token, at most 60 s ago. UNAUTHENTICATED where it is no longer, or never was, valid. */
  scopeOf(token: Secret, presenter: Presenter): Promise<Scope>;
  /** What was validated within the last seconds in this process; null where somebody would have to be asked. */
  known(token: Secret): Scope | null;
  /** A service refused the token: the next request with it asks Keystone again, at every replica. */
  forget(token: Secret): Promise<void>;
  /** Runs `revoke`, after which no replica takes the token from the cache. */
  revoke(token: Secret, revoke: () => Promise<void>): Promise<Written<null>>;
}

/**
 * Seconds that a validation is shared. With the 5 s of the copy in a process and the store's grain of a second, a token or
 * role that was taken away stops counting within 60 s.
 */
const SHARED_SECONDS = 50;
const LOCAL_MS = 5_000;
const LOCAL_COPIES = 1_000;
const REFUSED_MS = 5_000;
const REFUSED_COPIES = 10_000;
/**
 * Tokens that Keystone does not know, per address and minute, those that it is just being asked about included. Nobody
 * guesses a token: this spares Keystone, and must leave room for many users behind one proxy.
 */
const UNKNOWN_PER_MINUTE = 300;

/** What the cache holds: Keystone's body without the token's text. */
type Validation = Record<string, unknown>;

export function createAuthenticator(options: AuthenticatorOptions): Authenticator {
  return new KeystoneAuthenticator(options);
}

class KeystoneAuthenticator implements Authenticator {
  readonly #options: AuthenticatorOptions;
  readonly #figures: AuthFigures;
  readonly #now: () => number;
  readonly #local: Memory<Scope>;
  readonly #refused: Memory<true>;
  readonly #names: Memory<string>;
  readonly #unknown: Attempts;
  readonly #flights = new Map<string, Promise<Scope>>();

  constructor(options: AuthenticatorOptions) {
    this.#options = options;
    this.#figures = options.figures ?? NO_AUTH_FIGURES;
    this.#now = options.now ?? Date.now;
    this.#local = new Memory(LOCAL_COPIES, this.#now);
    this.#refused = new Memory(REFUSED_COPIES, this.#now);
    this.#names = new Memory(LOCAL_COPIES, this.#now);
    this.#unknown = new Attempts(UNKNOWN_PER_MINUTE, 60_000, this.#now);
  }

  async scopeOf(token: Secret, presenter: Presenter): Promise<Scope> {
    const name = this.#nameOf(token);
    if (this.#refused.get(name)) throw unauthenticated('Keystone does not accept the token.');
    const scope = this.#local.get(name) ?? (await this.#shared(name, token, presenter));
    if (scope.expiresAt.getTime() <= this.#now()) throw unauthenticated('The token has expired.');
    return scope;
  }

  known(token: Secret): Scope | null {
    const now = this.#now();
    const name = this.#nameOf(token, now);
    const scope = this.#refused.get(name, now) ? undefined : this.#local.get(name, now);
    return scope !== undefined && scope.expiresAt.getTime() > now ? scope : null;
  }

  async forget(token: Secret): Promise<void> {
    await this.#bump(token, async () => undefined);
  }

  async revoke(token: Secret, revoke: () => Promise<void>): Promise<Written<null>> {
    const written = await this.#bump(token, revoke);
    this.#refused.set(this.#nameOf(token), true, this.#now() + REFUSED_MS);
    return written;
  }

  /** Local copies and flights go before and after: one that began meanwhile may have seen the token alive. */
  async #bump(token: Secret, work: () => Promise<void>): Promise<Written<null>> {
    const name = this.#nameOf(token);
    this.#dropLocal(name);
    try {
      return await this.#options.cache.write({ stamps: [{ stamp: this.#stampOf(name), settle: 5 }] }, async () => {
        await work();
        return { value: null, accepted: false };
      });
    } finally {
      this.#dropLocal(name);
    }
  }

  #dropLocal(name: string): void {
    this.#local.delete(name);
    this.#flights.delete(name);
  }

  /** Remembered as long as a scope is: making it costs as much as all else that answering from memory takes. */
  #nameOf(token: Secret, now = this.#now()): string {
    const text = token.reveal();
    const known = this.#names.get(text, now);
    if (known !== undefined) return known;
    const name = createHmac('sha256', this.#options.secret).update(`token\0${text}`).digest('hex');
    this.#names.set(text, name, now + LOCAL_MS);
    return name;
  }

  #stampOf(name: string): Stamp {
    return rowStamp(this.#options.place, 'Token', name);
  }

  #shared(name: string, token: Secret, presenter: Presenter): Promise<Scope> {
    const running = this.#flights.get(name);
    if (running !== undefined) return running;
    const flight: Promise<Scope> = this.#read(name, token, presenter)
      .then((scope) => {
        // A flight that was dropped meanwhile answers those who waited for it, and nobody else.
        if (this.#flights.get(name) === flight) this.#local.set(name, scope, this.#now() + LOCAL_MS);
        return scope;
      })
      .finally(() => {
        if (this.#flights.get(name) === flight) this.#flights.delete(name);
      });
    this.#flights.set(name, flight);
    return flight;
  }

  async #read(name: string, token: Secret, presenter: Presenter): Promise<Scope> {
    let askedAt = this.#now();
    const lookup: Lookup<Validation> = {
      key: `Token/row/${this.#options.place}/${name}`,
      stamps: [this.#stampOf(name)],
      ttl: (body) => this.#life(this.#expiryOf(token, body), askedAt),
      stale: false,
    };
    const fetch = async (): Promise<ReadonlyMap<string, Validation>> => {
      askedAt = this.#now();
      return new Map([[lookup.key, tokenBodyOf(await this.#ask(name, token, presenter))]]);
    };
    const found = await this.#options.cache.read([lookup], fetch, { bypass: false });
    const body = found.get(lookup.key);
    if (body instanceof Error) throw body;
    return parseToken(token, body);
  }

  /** Seconds. Keystone may have looked at the beginning of a slow call: time counts from there, not from its answer. */
  #life(expiresAt: number, askedAt: number): number {
    const now = this.#now();
    const shared = SHARED_SECONDS - (now - askedAt) / 1000;
    return Math.max(0, Math.min(shared, Math.floor((expiresAt - now) / 1000)));
  }

  #expiryOf(token: Secret, body: Validation): number {
    return parseToken(token, body).expiresAt.getTime();
  }

  #begin(address: string): void {
    try {
      this.#unknown.begin(address, 'tokens of this address');
    } catch (refusal) {
      this.#figures.validated('limited');
      throw refusal;
    }
  }

  async #ask(name: string, token: Secret, presenter: Presenter): Promise<Scope> {
    const { record } = presenter;
    const address = askerAt(presenter.address);
    this.#begin(address);
    try {
      const scope = await askKeystone(this.#options.transport, token, record);
      this.#unknown.giveBack(address);
      this.#figures.validated('valid');
      return scope;
    } catch (error) {
      this.#figures.validated(isRefusal(error) ? 'refused' : 'failed');
      if (!isRefusal(error)) {
        this.#unknown.giveBack(address);
        throw error;
      }
      this.#refused.set(name, true, this.#now() + REFUSED_MS);
      throw unauthenticated('Keystone does not accept the token.', error);
    }
  }
}

/** A token may validate itself; without the header Keystone refuses tokens with access rules to those who ignore them. */
async function askKeystone(transport: Transport, token: Secret, record: Presenter['record']): Promise<Scope> {
  const answer = await transport.keystone({
    method: 'GET',
    path: '/auth/tokens',
    token,
    subject: token,
    headers: { 'OpenStack-Identity-Access-Rules': '1.0' },
    ...(record === undefined ? {} : { record }),
  });
  return readAnswer(answer, ({ header, body }) => {
    const subject = header('x-subject-token');
    if (subject === null || subject === token.reveal()) return parseToken(token, body);
    const message = 'identity answered about another token than it was asked about.';
    throw new Fault({ code: 'UPSTREAM_UNAVAILABLE', service: 'identity', message });
  });
}

/** 401 for an invalid token, 404 for one that Keystone cannot read; the 404 of a proxy in its stead is neither. */
function isRefusal(error: unknown): error is Fault {
  return error instanceof Fault && (error.code === 'UNAUTHENTICATED' || error.code === 'NOT_FOUND');
}

function unauthenticated(message: string, cause?: Fault): Fault {
  return new Fault({
    code: 'UNAUTHENTICATED',
    message,
    service: 'identity',
    status: cause?.status ?? null,
    requestId: cause?.requestId ?? null,
  });
}
