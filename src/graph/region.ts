import type { Asker } from '../load/asker.js';
import { badInput, Fault } from '../rest/fault.js';

/**
 * The region that an operation works in: the one asked for, else the configured one, else the only one that has the
 * service. UNSUPPORTED where the catalog has no such service; BAD_USER_INPUT where there is a choice to make.
 */
export function regionFor(
  asker: Asker,
  configured: string | null,
  service: string,
  wanted: string | null | undefined,
): string {
  const regions = asker.rest.regionsOf(service);
  if (regions.length === 0) {
    throw new Fault({
      code: 'UNSUPPORTED',
      service,
      message: `${service}: expected this service in the token's catalog, found none`,
    });
  }
  const region = wanted ?? (configured !== null && regions.includes(configured) ? configured : null);
  if (region === null && regions.length === 1) return regions[0] as string;
  if (region !== null && regions.includes(region)) return region;
  throw badInput('region', `one of ${regions.join(', ')}`, region ?? undefined);
}
