import type { Cache, Lookup, Stamp } from '../../src/cache/cache.js';
import type { KeystoneRequest, Transport } from '../../src/rest/client.js';
import { Fault } from '../../src/rest/fault.js';
import type { RestAnswer } from '../../src/rest/rest.js';

export type Answer = { readonly status: number; readonly body: unknown; readonly headers?: Record<string, string> };

/** A transport that knows nothing but a Keystone, which answers as a test says. */
export function keystoneOnly(answer: (request: KeystoneRequest) => Answer | Promise<Answer>): {
  transport: Transport;
  asked: KeystoneRequest[];
} {
  const asked: KeystoneRequest[] = [];
  const keystone = async (request: KeystoneRequest): Promise<RestAnswer> => {
    asked.push(request);
    const { status, body, headers = {} } = await answer(request);
    if (status >= 400) {
      const code = status === 401 ? 'UNAUTHENTICATED' : status === 404 ? 'NOT_FOUND' : 'UPSTREAM_UNAVAILABLE';
      throw new Fault({ code, status, service: 'identity', message: `status ${status}` });
    }
    return { status, body, header: (name) => headers[name] ?? null, requestId: 'req-k' };
  };
  const as = (): never => {
    throw new Error('not used');
  };
  return { transport: { keystone, as, close: () => undefined }, asked };
}

/** A shared cache in memory with stamps and lifetimes, but without races: what the protocol promises its callers. */
export function sharedCache(now: () => number): Cache & { readonly stored: Map<string, string> } {
  const stored = new Map<string, string>();
  const stamps = new Map<Stamp, number>();
  const current = (lookup: Lookup): string => JSON.stringify(lookup.stamps.map((stamp) => stamps.get(stamp) ?? 0));
  const read: Cache['read'] = async <V>(
    lookups: readonly Lookup<V>[],
    fetch: (missing: readonly Lookup<V>[]) => Promise<ReadonlyMap<string, V | Error>>,
  ) => {
    const results = new Map<string, V | Error>();
    for (const lookup of lookups) {
      const text = stored.get(lookup.key);
      const entry = text === undefined ? null : (JSON.parse(text) as { value: V; until: number; seen: string });
      if (entry !== null && entry.seen === current(lookup) && now() < entry.until) {
        results.set(lookup.key, entry.value);
        continue;
      }
      const seen = current(lookup);
      try {
        const value = (await fetch([lookup])).get(lookup.key);
        if (value === undefined || value instanceof Error) throw value ?? new Error('not settled');
        stored.set(lookup.key, JSON.stringify({ value, until: now() + lookup.ttl(value) * 1000, seen }));
        results.set(lookup.key, value);
      } catch (error) {
        results.set(lookup.key, error as Error);
      }
    }
    return results;
  };
  return {
    stored,
    read,
    async write(affected, write) {
      const bump = (): void =>
        affected.stamps.forEach(({ stamp }) => void stamps.set(stamp, (stamps.get(stamp) ?? 0) + 1));
      bump();
      const { value } = await write();
      bump();
      return { value, unconfirmed: [], store: async () => undefined };
    },
    health: async () => ({ ok: true, kind: 'embedded', detail: '' }),
    close: async () => undefined,
  };
}
