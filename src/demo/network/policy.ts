import { type Call, isRecord, Refusal } from '../http.js';
import { isAdmin, mayWrite } from '../policy.js';
import type { NetworkRow } from '../rows.js';
import type { Attribute, Kind } from './resource.js';

export function disallowed(rules: string): Refusal {
  return new Refusal(403, `${rules} is disallowed by policy`, 'PolicyNotAuthorized');
}

/** Refuses another project's id, and none where the token has no project. */
export function checkProject(call: Call, input: Record<string, unknown>): void {
  const named = [input['project_id'], input['tenant_id']].filter((id) => id !== undefined);
  const own = call.asker.projectId;
  if (own === null && named.length === 0) {
    throw new Refusal(400, 'Running without keystone AuthN requires that tenant_id is specified');
  }
  if (isAdmin(call.asker) || named.every((id) => id === own)) return;
  const other = "Specifying 'project_id' or 'tenant_id' other than the authenticated project in request";
  throw new Refusal(400, `${other} requires admin or advsvc privileges`);
}

/** Who may create a row at all, and with these attributes. */
export function checkCreate<T extends NetworkRow>(kind: Kind<T>, call: Call, input: Record<string, unknown>): void {
  if (!isAdmin(call.asker) && !mayWrite(call.asker)) throw disallowed(`rule:create_${kind.one}`);
  checkAttributes(kind, call, input, 'post', input['network_id']);
}

/**
 * Refuses what only an administrator, or only who owns the network, may set: 403 that names the rules of all such
 * attributes, in their order.
 */
export function checkAttributes<T extends NetworkRow>(
  kind: Kind<T>,
  call: Call,
  input: Record<string, unknown>,
  verb: 'post' | 'put',
  networkId: unknown,
): void {
  if (isAdmin(call.asker)) return;
  const network = call.world.networks.get(String(networkId));
  const foreign = network !== undefined && network.project_id !== call.asker.projectId;
  const ruled = Object.entries(kind.attributes).filter(([name, each]) => name in input && hasRule(each));
  const isRefused = ([name, each]: readonly [string, Attribute]) =>
    each.admin || each.adminOn === verb || (foreign && each.networkOwner?.(input[name]) === true);
  if (!ruled.some(isRefused)) return;
  const action = `rule:${verb === 'post' ? 'create' : 'update'}_${kind.one}`;
  throw disallowed(ruled.reduce((rules, [name]) => `(${rules} and ${ruleOf(action, name, input[name])})`, action));
}

function hasRule({ admin, adminOn, networkOwner }: Attribute): boolean {
  return admin === true || adminOn !== undefined || networkOwner !== undefined;
}

/** The rule of an attribute; a list of objects has one for each of their keys besides. */
function ruleOf(action: string, name: string, value: unknown): string {
  const rule = `${action}:${name}`;
  const keys = Array.isArray(value) ? [...new Set(value.filter(isRecord).flatMap((each) => Object.keys(each)))] : [];
  if (keys.length === 0) return rule;
  return `(${rule} and (${keys.map((key) => `${rule}:${key}`).join(' and ')}))`;
}
