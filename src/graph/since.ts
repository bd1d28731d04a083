import type { GraphQLFieldResolver } from 'graphql';
import type { Asker } from '../load/asker.js';
import { Fault } from '../rest/fault.js';
import { REGION, type Row } from '../row.js';
import type { AnyResource } from '../services/registry.js';
import type { Context } from './context.js';

type Since = Readonly<Record<string, string>> | undefined;

/**
 * Refuses what the cloud's microversion does not have yet, before a call is made: an older service ignores a filter that
 * it does not know, and answers with all rows. UNSUPPORTED names the argument and both versions.
 */
export async function demandMicroversion(
  asker: Asker,
  resource: AnyResource,
  region: string,
  since: Since,
  argument: 'filter' | 'input',
  given: Readonly<Record<string, unknown>> | null,
): Promise<void> {
  const wanted = Object.entries(since ?? {}).filter(([name]) => given?.[name] !== undefined && given[name] !== null);
  if (wanted.length === 0) return;
  const has = await asker.rest.microversion(resource.service, region);
  const missing = wanted.find(([, needs]) => isOlder(has, needs));
  if (missing) throw tooOld(resource, `${argument}.${missing[0]}`, missing[1], has);
}

/**
 * A field that is not in the row, on a cloud too old for it, is null with one note for all rows. `wireName`: null where
 * the field is worked out. A null that the service sent is not looked into: most rows have some.
 */
export function sinceResolver(
  resource: AnyResource,
  field: string,
  needs: string,
  wireName: string | null,
  inRow: GraphQLFieldResolver<Row, Context>,
): GraphQLFieldResolver<Row, Context> {
  return (row, args, context, info) => {
    const value: unknown = inRow(row, args, context, info);
    const isThere = value !== null || (wireName !== null && wireName in row);
    return isThere ? value : noteIfTooOld(context, resource, row, field, needs);
  };
}

async function noteIfTooOld(
  context: Context,
  resource: AnyResource,
  row: Row,
  field: string,
  needs: string,
): Promise<null> {
  const asker = await context.asker();
  const has = await asker.rest.microversion(resource.service, row[REGION] ?? '');
  if (isOlder(has, needs)) context.notes.refused(`${resource.name}.${field}`, tooOld(resource, field, needs, has));
  return null;
}

function tooOld(resource: AnyResource, argument: string, needs: string, has: string | null): Fault {
  return new Fault({
    code: 'UNSUPPORTED',
    service: resource.service,
    argument,
    message: `${argument}: expected a ${resource.service} service of microversion ${needs} or newer, found ${has ?? 'none'}`,
  });
}

/** Microversions are compared number by number: 2.9 is older than 2.10. */
function isOlder(has: string | null, needs: string): boolean {
  const [hasMajor = 0, hasMinor = 0] = numbers(has);
  const [major = 0, minor = 0] = numbers(needs);
  return hasMajor < major || (hasMajor === major && hasMinor < minor);
}

function numbers(version: string | null): readonly number[] {
  return (version ?? '').split('.').map(Number);
}
