import { isObject } from '../row.js';

/** Longer messages are cut: some services put whole stack traces into theirs. */
const MAX_MESSAGE = 500;

const ENTITIES: Readonly<Record<string, string>> = {
  lt: '<',
  gt: '>',
  amp: '&',
  quot: '"',
  apos: "'",
  '#39': "'",
  nbsp: ' ',
};

/** Fernet tokens begin with `gAAAA`, JWS ones with `eyJ`; whole ones and pieces of both. */
const TOKEN = /\b(?:gAAAA[\w=-]{8,}|eyJ[\w-]{8,}(?:\.[\w-]+)*)/g;

/** Nova and Cinder echo a refused value: that of a field with such a name is nobody's business. */
const SECRET_VALUE =
  /((?:field\/attribute|attribute|field) ['"]?[\w.]*(?:pass|secret|key|psk|token|user_?data)[\w.]*['"]?\. Value:).*/is;

/** A service's message for people: without HTML, token or refused secret, on one line, bounded. */
export function cleanMessage(message: string, secrets: readonly string[] = []): string {
  let text = message.slice(0, 20_000);
  for (const secret of secrets) if (secret !== '') text = text.replaceAll(secret, '[secret]');
  text = text
    .replace(/<(style|script|title)\b[^>]*>[\s\S]*?<\/\1>/gi, ' ')
    .replace(/<\/?[a-z!][^>]*>/gi, ' ')
    .replace(/&(#?\w+);/g, (all, name: string) => ENTITIES[name] ?? all)
    .replace(TOKEN, '[secret]')
    .replace(SECRET_VALUE, '$1 [secret]')
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .trim();
  return text.length > MAX_MESSAGE ? `${text.slice(0, MAX_MESSAGE)}…` : text;
}

/** What a service's error body says, by whichever grammar it speaks. */
export interface ServiceError {
  readonly message: string | null;
  /** Neutron's exception name (`OverQuota`) or the first key of Nova's and Cinder's body (`badRequest`). */
  readonly type: string | null;
  /** Whether the body follows a grammar of an OpenStack service, rather than a proxy's or web framework's. */
  readonly known: boolean;
  /** Seconds, from Nova's and Cinder's `overLimit`. */
  readonly retryAfter: number | null;
}

/** Type of `{"message", "code": "404 Not Found", "title"}`: Glance's grammar, elsewhere that of the router below the service. */
export const WEBOB = 'webob';

const NOTHING: ServiceError = { message: null, type: null, known: false, retryAfter: null };

function textIn(value: unknown): string | null {
  return typeof value === 'string' && value.trim() !== '' ? value : null;
}

/** Glance's text: `404 Not Found\n\n<message>\n`; any other text as it is. */
function fromText(body: string): ServiceError {
  const message = body.replace(/^\d{3} [\w '-]+\n+/, '');
  return { ...NOTHING, message: textIn(message) };
}

function fromObject(body: Record<string, unknown>): ServiceError {
  if (typeof body['message'] === 'string') {
    return { ...NOTHING, message: textIn(body['message']), type: 'title' in body ? WEBOB : null, known: true };
  }
  const [key, inner] = Object.entries(body)[0] ?? [];
  if (key === undefined) return NOTHING;
  if (typeof inner === 'string') return { ...NOTHING, message: textIn(inner), type: key, known: true };
  // Placement and API middleware: {"errors": [{"status", "title", "detail"}]}.
  const error: unknown = Array.isArray(inner) ? inner[0] : inner;
  if (!isObject(error)) return NOTHING;
  const retryAfter = Number(error['retryAfter'] ?? Number.NaN);
  return {
    message: textIn(error['message']) ?? textIn(error['detail']) ?? textIn(error['title']),
    type: textIn(error['type']) ?? key,
    known: true,
    retryAfter: Number.isFinite(retryAfter) ? retryAfter : null,
  };
}

/** Reads an error body: parsed JSON, text, or null where there was none. */
export function readError(body: unknown): ServiceError {
  if (typeof body === 'string') return fromText(body);
  return isObject(body) ? fromObject(body) : NOTHING;
}
