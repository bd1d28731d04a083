/** `floatingIpAddress` -> `floating_ip_address`; digits stay with the word before them (`ip6` -> `ip6`). */
export function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** `Server` -> `server` */
export function lowerFirst(name: string): string {
  return name.charAt(0).toLowerCase() + name.slice(1);
}

/** A wire text as the name of an enum value: `in-use` -> `IN_USE`. */
export function enumName(text: string): string {
  return text.toUpperCase().replace(/[^A-Z0-9]+/g, '_');
}
