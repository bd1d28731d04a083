/** Where a memcached listens. */
export interface Address {
  /** Name or address, without the brackets of IPv6. */
  readonly host: string;
  readonly port: number;
}

const DEFAULT_PORT = 11_211;

/**
 * Reads one entry of `MEMCACHED_SERVERS`: `host`, `host:port`, `[::1]` or `[::1]:port`. memjs would take the `[` of
 * `[::1]:11211` for the host. Throws an error that names what was expected.
 */
export function parseAddress(text: string): Address {
  const match = /^(?:\[(?<v6>[0-9A-Fa-f:.%]+)\]|(?<name>[A-Za-z0-9._-]+))(?::(?<port>\d{1,5}))?$/.exec(text.trim());
  const { v6, name, port } = match?.groups ?? {};
  const host = v6 ?? name;
  const number = port === undefined ? DEFAULT_PORT : Number(port);
  if (host === undefined || number < 1 || number > 65_535) {
    throw new Error(`expected host:port or [IPv6 address]:port, got ${JSON.stringify(text)}`);
  }
  return { host, port: number };
}

/** `host:port`, with brackets where the host is an IPv6 address. */
export function formatAddress({ host, port }: Address): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
