/** Shorter texts are no secrets to look for: they stand everywhere. */
export const SHORTEST = 8;
/** A Fernet token begins with its version and a time, which are no secrets; so many characters hold random ones as well. */
const TOKEN_PREFIX = 24;
const LONG = 40;

/** How a secret may be written: as it is, in JSON, in a URL, in hex, inside any base64, or its beginning alone. */
export function formsOf(secret: string): readonly string[] {
  const bytes = Buffer.from(secret);
  const forms = [
    secret,
    JSON.stringify(secret).slice(1, -1),
    JSON.stringify(JSON.stringify(secret).slice(1, -1)).slice(1, -1),
    encodeURIComponent(secret),
    bytes.toString('hex'),
    ...[0, 1, 2].flatMap((shift) => base64Within(bytes, shift)),
    ...(secret.length >= LONG ? [secret.slice(0, TOKEN_PREFIX)] : []),
  ];
  return [...new Set(forms)].filter((form) => form.length >= SHORTEST);
}

/** What a base64 text holds in any case, whatever stands behind the bytes and however many (modulo 3) before them. */
function base64Within(bytes: Buffer, shift: number): readonly string[] {
  const padded = Buffer.concat([Buffer.alloc(shift), bytes]);
  return (['base64', 'base64url'] as const).map((encoding) => {
    const text = padded.toString(encoding).replace(/=+$/, '');
    const from = shift === 0 ? 0 : shift + 1;
    return text.slice(from, Math.floor((padded.length * 8) / 6));
  });
}
