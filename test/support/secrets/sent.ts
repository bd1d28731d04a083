import { keepSecret } from './watch.js';

/** Names under which a query's variables, its text or its answer hold what nobody else may see. */
const SECRET_NAMES = new Set(['password', 'adminPassword', 'userData', 'secret', 'token']);
const IN_TEXT = /\b(password|adminPassword|userData|secret|token)\s*:\s*("(?:[^"\\]|\\.)*")/g;

/** Keeps what a client sends: by its variables, and as literals in the text of a query. */
export function keepSent(query: string, variables: unknown): void {
  keepIn(variables);
  for (const [, name = '', literal = '""'] of query.matchAll(IN_TEXT)) keepText(name, textOf(literal));
}

/** Keeps what a client is given: new tokens, administrators' passwords. */
export function keepGiven(data: unknown): void {
  keepIn(data);
}

function keepIn(value: unknown): void {
  if (Array.isArray(value)) for (const one of value) keepIn(one);
  else if (typeof value === 'object' && value !== null) {
    for (const [name, one] of Object.entries(value)) {
      if (typeof one === 'string' && SECRET_NAMES.has(name)) keepText(name, one);
      else keepIn(one);
    }
  }
}

function keepText(name: string, text: string): void {
  keepSecret(text, `what a test sent or was given as ${name}`);
  // User data travels in base64; nobody may see what it says either.
  if (name === 'userData') keepSecret(Buffer.from(text, 'base64').toString(), 'what user data says');
}

function textOf(literal: string): string {
  try {
    return String(JSON.parse(literal));
  } catch {
    return literal;
  }
}
