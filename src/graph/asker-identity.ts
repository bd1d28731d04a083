import { createHash } from 'node:crypto';
import { audienceOf } from '../auth/audience.js';
import type { Scope } from '../auth/scope.js';

/** Scopes are kept for seconds and asked with often. */
const identities = new WeakMap<Scope, string>();

/** Who asks: all that an answer may depend on of a token, its catalog included. */
export function identityOf(scope: Scope): string {
  const known = identities.get(scope);
  if (known !== undefined) return known;
  const { roles, catalog } = scope;
  const whole = JSON.stringify([audienceOf(scope, '', '', 'user'), roles, catalog]);
  const identity = createHash('sha256').update(whole).digest('base64url');
  identities.set(scope, identity);
  return identity;
}
