import { GraphQLError } from 'graphql';

/**
 * GraphQL's own errors repeat the values that they refuse: a log-in with a misspelt field would come back with its password,
 * and lie in the logs of whoever sent it. What kind of value was expected, and where, says enough.
 */
const REPEATED: readonly (readonly [pattern: RegExp, instead: string])[] = [
  [/ cannot represent .*/s, ' cannot represent this value.'],
  [/(Expected value of type "[^"]*"), found .*/s, '$1, found another.'],
  [/(Expected type "[^"]*")\. .*/s, '$1.'],
  [/^Value ".*" (does not exist in "\w+" enum)/s, 'The value $1'],
  [/(Syntax Error: .*?(?:String|Int|Float)) ".*/s, '$1.'],
];

/** The message of GraphQL's own error (syntax, validation, variables) without the values in it. */
export function withoutValues(message: string, error: unknown): string {
  const inner = error instanceof GraphQLError ? error.originalError?.message : undefined;
  const variable = /^Variable "(\$\w+)" got invalid value /.exec(message)?.[1];
  if (variable === undefined) return shortened(message);
  if (inner === undefined || !message.endsWith(`; ${inner}`)) return `Variable "${variable}" got an invalid value.`;
  const place = / at "[^"]*"$/.exec(message.slice(0, -inner.length - 2))?.[0] ?? '';
  return `Variable "${variable}" got an invalid value${place}; ${shortened(inner)}`;
}

function shortened(message: string): string {
  return REPEATED.reduce((text, [pattern, instead]) => text.replace(pattern, instead), message);
}
