import { isRecord, Refusal } from '../http.js';

/** The input's text under `name`, or under the `display_name` of older days; `otherwise` where neither came. */
export function textIn(input: Record<string, unknown>, name: string, otherwise: string | null): string | null {
  const value = input[name] === undefined ? input[`display_${name}`] : input[name];
  if (value === undefined) return otherwise;
  return typeof value === 'string' ? value : null;
}

/** A JSON object's values as text. */
export function textsIn(value: unknown): Record<string, string> {
  if (!isRecord(value)) return {};
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, String(each)]));
}

/** Refuses an update of nothing. */
export function checkChanges(name: string, input: Record<string, unknown>): void {
  if (Object.keys(input).length > 0) return;
  const value = `Invalid input for field/attribute ${name}. Value: {}.`;
  throw new Refusal(400, `${value} {} is not valid under any of the given schemas`);
}
