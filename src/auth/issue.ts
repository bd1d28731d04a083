import type { Transport } from '../rest/client.js';
import { badInput, Fault, readAnswer } from '../rest/fault.js';
import type { RestAnswer, RestRecord } from '../rest/rest.js';
import { Attempts, askerAt } from './attempts.js';
import { type IssueInput, identityOf, scopeOf, userNameOf } from './issue-input.js';
import { type Scope, Secret } from './scope.js';
import { parseToken } from './token.js';

/** Who logs in. */
export interface Visitor {
  /** The client's address: failed log-ins are limited by it and the user name. */
  readonly address: string;
  readonly record?: (record: RestRecord) => void;
}

export interface Issued {
  readonly token: Secret;
  readonly expiresAt: Date;
  readonly scope: Scope;
}

/** Logs users in and out. */
export interface Issuer {
  /** A fresh token. BAD_USER_INPUT names the field; UNAUTHENTICATED is Keystone's answer to anything wrong with the log-in. */
  issueToken(input: IssueInput, visitor: Visitor): Promise<Issued>;
  /** Makes Keystone refuse the token from now on; a token that it knows no longer counts as revoked. */
  revokeToken(token: Secret, record?: (record: RestRecord) => void): Promise<void>;
}

/** Failed log-ins per address and user name, and per address, in five minutes. */
const PER_USER = 10;
const PER_ADDRESS = 50;
const WINDOW_MS = 5 * 60_000;

export function createIssuer(transport: Transport, now: () => number = Date.now): Issuer {
  return new KeystoneIssuer(transport, now);
}

class KeystoneIssuer implements Issuer {
  readonly #transport: Transport;
  readonly #byUser: Attempts;
  readonly #byAddress: Attempts;

  constructor(transport: Transport, now: () => number) {
    this.#transport = transport;
    this.#byUser = new Attempts(PER_USER, WINDOW_MS, now);
    this.#byAddress = new Attempts(PER_ADDRESS, WINDOW_MS, now);
  }

  async issueToken(input: IssueInput, visitor: Visitor): Promise<Issued> {
    const body = authBodyOf(input);
    const giveBack = this.#begin(askerAt(visitor.address), userNameOf(input));
    try {
      const issued = await this.#login(body, visitor);
      giveBack();
      return issued;
    } catch (error) {
      if (!(error instanceof Fault && error.status === 401)) giveBack();
      throw error;
    }
  }

  async revokeToken(token: Secret, record?: (record: RestRecord) => void): Promise<void> {
    const request = { method: 'DELETE', path: '/auth/tokens', token, subject: token } as const;
    try {
      await this.#transport.keystone(record === undefined ? request : { ...request, record });
    } catch (error) {
      const gone = error instanceof Fault && (error.status === 401 || error.status === 404);
      if (!gone) throw error;
    }
  }

  /** Counts an attempt against address and user; call what it returns if it was no failure of theirs. */
  #begin(address: string, userName: string): () => void {
    const user = JSON.stringify([address, userName]);
    this.#byAddress.begin(address, 'log-ins from this address');
    try {
      this.#byUser.begin(user, 'log-ins of this user');
    } catch (error) {
      this.#byAddress.giveBack(address);
      throw error;
    }
    return () => {
      this.#byUser.giveBack(user);
      this.#byAddress.giveBack(address);
    };
  }

  async #login(body: unknown, visitor: Visitor): Promise<Issued> {
    const { record } = visitor;
    const request = { method: 'POST', path: '/auth/tokens', body } as const;
    const answer = await this.#transport.keystone(record === undefined ? request : { ...request, record });
    return readAnswer(answer, issuedIn);
  }
}

function issuedIn({ header, body }: RestAnswer): Issued {
  const text = header('x-subject-token');
  if (text === null || text === '') {
    const message = 'identity answered a log-in without X-Subject-Token.';
    throw new Fault({ code: 'UPSTREAM_UNAVAILABLE', service: 'identity', message });
  }
  const scope = parseToken(new Secret(text), body);
  return { token: scope.token, expiresAt: scope.expiresAt, scope };
}

/** The body of Keystone's `POST /v3/auth/tokens`. */
export function authBodyOf(input: IssueInput): unknown {
  const identity = identityOf(input);
  const scope = scopeOf(input.scope);
  if (input.applicationCredential && scope !== null) {
    throw badInput('scope', 'nothing: an application credential has its own scope', input.scope);
  }
  return { auth: { identity, ...(scope === null ? {} : { scope }) } };
}
