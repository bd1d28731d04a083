import { type DestinationStream, type Logger, pino } from 'pino';

export const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

const SECRET_NAMES: ReadonlySet<string> = new Set([
  'password',
  'adminPass',
  'token',
  'secret',
  'user_data',
  'userData',
  'private_key',
  'privateKey',
  'connection_info',
  'auth_key',
  'psk',
  'authorization',
  'cookie',
  'x-auth-token',
  'x-subject-token',
  'variables',
  'query',
]);
const HIDDEN = '[secret]';

/** Secret-looking parts of a free text, such as the message of an unexpected error. */
const SECRETS_IN_TEXT: readonly (readonly [pattern: RegExp, replacement: string])[] = [
  // Fernet tokens, which are Keystone's, always begin with version 0x80 and a time stamp.
  [/gAAAAA[\w-]{20,}={0,2}/g, HIDDEN],
  [/(x-(?:auth|subject)-token|authorization|cookie)("?\s*[:=]\s*"?)[^"\r\n]+/gi, `$1$2${HIDDEN}`],
  [
    /("(?:password|adminPass|token|secret|user_data|private_key|auth_key|psk)"\s*:\s*)"(?:[^"\\]|\\.)*"/gi,
    `$1"${HIDDEN}"`,
  ],
  [/([?&](?:secret|token|password)=)[^&\s"]+/gi, `$1${HIDDEN}`],
  [/(\w+:\/\/[^\s/:@]+:)[^\s/@]+@/g, `$1${HIDDEN}@`],
];

/** `text` with everything that looks like a secret replaced. */
export function withoutSecrets(text: string): string {
  return SECRETS_IN_TEXT.reduce((safe, [pattern, replacement]) => safe.replace(pattern, replacement), text);
}

/** An error as the log shows it: name, message, stack and causes, less all that looks like a secret. */
export function errorForLog(error: unknown, depth = 0): Record<string, unknown> {
  if (!(error instanceof Error)) return { message: withoutSecrets(String(error)) };
  const cause = error.cause === undefined || depth > 3 ? {} : { cause: errorForLog(error.cause, depth + 1) };
  return {
    name: error.name,
    message: withoutSecrets(error.message),
    stack: withoutSecrets(error.stack ?? ''),
    ...cause,
  };
}

/** How far down: fields themselves, and one and two levels below. */
const LEVELS = 2;

/**
 * The same with everything hidden that stands under a name which promises a secret. pino's own redaction costs sixty
 * microseconds a line, as much as all else that sending a whole answer takes. Errors are their serializer's.
 */
function withoutNamedSecrets(fields: object, level = 0): Record<string, unknown> {
  const shown: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(fields)) {
    const isDeeper = level < LEVELS && typeof value === 'object' && value !== null && !(value instanceof Error);
    shown[name] = SECRET_NAMES.has(name) ? HIDDEN : isDeeper ? below(value, level + 1) : value;
  }
  return shown;
}

/** What knows its own JSON is left to it. */
function below(value: object, level: number): unknown {
  if (Array.isArray(value)) return Object.values(withoutNamedSecrets(value, level));
  return 'toJSON' in value ? value : withoutNamedSecrets(value, level);
}

/**
 * The gateway's log: JSON lines on stderr, so that stdout keeps to what a starting gateway tells its user. Fields whose
 * names promise a secret are hidden at the top and one and two levels down.
 */
export function createLogger(level: LogLevel, destination: DestinationStream = pino.destination(2)): Logger {
  return pino(
    {
      level,
      base: null,
      formatters: { log: withoutNamedSecrets, bindings: withoutNamedSecrets },
      serializers: { err: (error) => errorForLog(error) },
    },
    destination,
  );
}
