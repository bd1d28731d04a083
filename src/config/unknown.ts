import { OPENSTACK_VARIABLES, OWN_PREFIXES, variables } from './variables.js';

/** Letters that a name may differ in to be taken for a misspelling. */
const NEAR = 2;
/** Shorter names have too many neighbours that mean something else: PORT, HOST. */
const LONG_ENOUGH = 7;

/** A fault for each variable that looks as if it were meant for the gateway and is not one of its own. */
export function unknownVariables(env: NodeJS.ProcessEnv): string[] {
  return Object.keys(env)
    .filter((name) => !isKnown(name))
    .flatMap((name) => faultOf(name));
}

function isKnown(name: string): boolean {
  return (
    name in variables || OPENSTACK_VARIABLES.has(name) || /^OS_[A-Z_]+_(API_VERSION|ENDPOINT_OVERRIDE)$/.test(name)
  );
}

function faultOf(name: string): string[] {
  const guess = nearest(name.toUpperCase());
  if (guess !== null) return [`${name}: unknown variable; did you mean ${guess}?`];
  if (!OWN_PREFIXES.some((prefix) => name.startsWith(prefix))) return [];
  return [`${name}: unknown variable; known are ${sameKind(name).join(', ')}`];
}

function sameKind(name: string): string[] {
  const kind = name.slice(0, name.indexOf('_'));
  const same = Object.keys(variables).filter((known) => known.startsWith(kind));
  return same.length > 0 ? same : Object.keys(variables);
}

function nearest(name: string): string | null {
  const known = [...Object.keys(variables), ...OPENSTACK_VARIABLES].filter(
    (candidate) => candidate.length >= LONG_ENOUGH,
  );
  const scored = known.map((candidate) => ({ candidate, distance: editDistance(name, candidate) }));
  const best = scored.sort((one, other) => one.distance - other.distance)[0];
  return best !== undefined && best.distance <= NEAR ? best.candidate : null;
}

/** How many letters have to be put in, left out or changed to turn `one` into `other`. */
export function editDistance(one: string, other: string): number {
  let previous = Array.from({ length: other.length + 1 }, (_, column) => column);
  for (let row = 1; row <= one.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= other.length; column += 1) {
      const same = one[row - 1] === other[column - 1] ? 0 : 1;
      const replaced = (previous[column - 1] ?? 0) + same;
      current.push(Math.min(replaced, (previous[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1));
    }
    previous = current;
  }
  return previous[other.length] ?? 0;
}
