import { Fault } from '../rest/fault.js';
import { Secret } from './scope.js';

/** Request headers as Node gives them, names in lower case. */
export type IncomingHeaders = Readonly<Record<string, string | readonly string[] | undefined>>;

/** Fernet tokens have about 200 characters, JWS ones up to 2,000; headers of 8 KB are refused by services anyway. */
const MAX_TOKEN = 4096;

/** UUID, Fernet (base64url) and JWS tokens; nothing that could end a header line. */
const TOKEN = /^[\w.~+/=-]+$/;

function refused(message: string): Fault {
  return new Fault({ code: 'UNAUTHENTICATED', message });
}

function single(headers: IncomingHeaders, name: string): string | null {
  const given = headers[name];
  if (given === undefined || typeof given === 'string') return given || null;
  const values = new Set(given.filter((value) => value !== ''));
  if (values.size > 1) throw refused(`The header ${name} came more than once with different values.`);
  const [value = null] = values;
  return value;
}

function bearer(headers: IncomingHeaders): string | null {
  const value = single(headers, 'authorization');
  // Other schemes are for others: a proxy in front that asks for a password of its own.
  if (value === null || !/^bearer\b/i.test(value)) return null;
  const match = /^bearer +(\S+) *$/i.exec(value);
  if (match?.[1] === undefined) throw refused('Authorization: expected "Bearer" and a token.');
  return match[1];
}

/**
 * The token that came with a request as `X-Auth-Token` or `Authorization: Bearer`; null where none came. UNAUTHENTICATED
 * where it cannot be a token, or where the two headers differ.
 */
export function tokenIn(headers: IncomingHeaders): Secret | null {
  const own = single(headers, 'x-auth-token');
  const other = bearer(headers);
  if (own !== null && other !== null && own !== other) {
    throw refused('X-Auth-Token and Authorization hold different tokens: send one of them.');
  }
  const token = own ?? other;
  if (token === null) return null;
  if (token.length > MAX_TOKEN) throw refused(`The token has more than ${MAX_TOKEN} characters.`);
  if (!TOKEN.test(token)) throw refused('The token has characters that no token of Keystone has.');
  return new Secret(token);
}
