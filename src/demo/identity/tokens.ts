import { randomBytes } from 'node:crypto';
import type { Asker } from '../http.js';
import type { Role } from '../rows.js';
import type { World } from '../world.js';

const LIFETIME = 4 * 3600_000;
/** How long Nova, Neutron, Glance and Cinder go on honouring a token that they have seen before it was revoked. */
const SERVICE_CACHE = 300_000;

export interface Token {
  readonly id: string;
  readonly userId: string;
  readonly projectId: string | null;
  readonly roles: readonly Role[];
  readonly methods: readonly string[];
  readonly auditIds: readonly string[];
  readonly issuedAt: number;
  readonly expiresAt: number;
}

/** The tokens that Keystone has issued. Their text is truly random even in a demo. */
export class Tokens {
  readonly #tokens = new Map<string, Token>();
  readonly #revoked = new Set<string>();
  readonly #seen = new Map<string, number>();

  constructor(private readonly world: World) {}

  issue(token: Pick<Token, 'userId' | 'projectId' | 'roles' | 'methods'>, parent?: Token): Token {
    const issuedAt = this.world.now();
    const auditId = randomBytes(16).toString('base64url');
    const auditIds = parent === undefined ? [auditId] : [auditId, parent.auditIds.at(-1) ?? ''];
    const expiresAt = parent?.expiresAt ?? issuedAt + LIFETIME;
    const issued = { ...token, id: `gAAAAA${randomBytes(90).toString('base64url')}`, auditIds, issuedAt, expiresAt };
    this.#tokens.set(issued.id, issued);
    return issued;
  }

  /** A token that Keystone accepts. */
  get(id: string | undefined): Token | null {
    const token = id === undefined ? undefined : this.#tokens.get(id);
    if (token === undefined || this.#revoked.has(token.id) || token.expiresAt <= this.world.now()) return null;
    return token;
  }

  revoke(id: string): void {
    this.#revoked.add(id);
  }

  /** Who a token stands for at Keystone, or at another service, which may not have heard of a revocation yet. */
  askerOf(id: string | undefined, atKeystone: boolean): Asker | null {
    if (id === undefined) return null;
    const token = this.get(id) ?? (atKeystone ? null : this.#remembered(id));
    if (token === null) return null;
    if (!atKeystone && !this.#seen.has(id)) this.#seen.set(id, this.world.now());
    return { userId: token.userId, projectId: token.projectId, roles: token.roles.map((role) => role.name) };
  }

  #remembered(id: string): Token | null {
    const seen = this.#seen.get(id);
    const token = this.#tokens.get(id);
    if (seen === undefined || token === undefined || token.expiresAt <= this.world.now()) return null;
    return this.world.now() - seen < SERVICE_CACHE ? token : null;
  }
}
