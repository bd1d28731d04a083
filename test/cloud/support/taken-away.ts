import type { Client } from '../../support/client.js';
import { AUTH_URL } from './openstack.js';
import { codeOfMe } from './rooms.js';

/** Something that makes Keystone refuse a token. */
export interface Taking {
  /** What is taken away, for the report. */
  readonly name: string;
  /** The same token at each replica. */
  readonly clients: readonly Client[];
  /** Takes it away. Called again where Keystone honours the token all the same; must then give it back first, if need be. */
  take(): Promise<void>;
}

/** For how long a token was honoured after it had been taken away; seconds. */
export interface Ended {
  readonly name: string;
  /** From the moment that Keystone itself refused it to the last request with it that a gateway answered. */
  readonly gateway: number;
  /** From the first write that was to end it to the last time that Keystone itself took it. */
  readonly keystone: number;
  /** How many writes it took. */
  readonly writes: number;
}

const PAUSE = 250;
const LONGEST = 240_000;

/**
 * Takes away and watches until every client is refused. Keystone is asked all the while, too: its cache can bring back a
 * token whose role is gone (docs/security.md, "Between tenants"), and then a gateway is right to take it.
 */
export async function ageAtEnd({ name, clients, take }: Taking): Promise<Ended> {
  const began = Date.now();
  await take();
  let writes = 1;
  let atKeystone = began;
  let refusedSince = Date.now();
  let atGateway = began;
  for (;;) {
    const asked = Date.now();
    const [honoured, codes] = await Promise.all([
      keystoneHonours(clients[0]?.token ?? ''),
      Promise.all(clients.map(codeOfMe)),
    ]);
    if (codes.some((code) => code === null)) atGateway = asked;
    if (honoured) {
      atKeystone = asked;
      await take();
      writes += 1;
      refusedSince = Date.now();
    } else if (codes.every((code) => code === 'UNAUTHENTICATED')) break;
    if (asked - began > LONGEST)
      throw new Error(`${name}: expected refusals after ${LONGEST / 1000} s, got ${String(codes)}`);
    // Nobody tells when a copy has ended.
    await new Promise((resolve) => setTimeout(resolve, PAUSE));
  }
  const seconds = (ms: number) => Math.max(0, Math.round(ms / 100) / 10);
  return { name, gateway: seconds(atGateway - refusedSince), keystone: seconds(atKeystone - began), writes };
}

/** Whether Keystone itself, asked with the token about the token, takes it. */
export async function keystoneHonours(token: string): Promise<boolean> {
  const headers = { 'x-auth-token': token, 'x-subject-token': token, 'openstack-identity-access-rules': '1.0' };
  const { status } = await fetch(`${AUTH_URL}/auth/tokens`, { headers });
  if (![200, 401, 404].includes(status)) throw new Error(`expected Keystone to say yes or no, got ${status}`);
  return status === 200;
}
