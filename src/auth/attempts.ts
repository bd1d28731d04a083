import { isIPv6 } from 'node:net';
import { Fault } from '../rest/fault.js';

interface Window {
  count: number;
  readonly until: number;
}

/**
 * What of an address counts as one asker: of IPv6 the first 64 bits, since everybody has as many addresses below them as
 * they like. An IPv4 address written as IPv6 is itself.
 */
export function askerAt(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined) return mapped;
  const plain = address.replace(/%.*$/, '');
  if (!isIPv6(plain)) return address;
  const [head = '', tail] = plain.split('::');
  const front = head === '' ? [] : head.split(':');
  const back = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = Array.from({ length: Math.max(0, 8 - front.length - back.length) }, () => '0');
  const groups = [...front, ...zeros, ...back].slice(0, 4);
  return `${groups.map((group) => Number.parseInt(group, 16).toString(16)).join(':')}::/64`;
}

/** Names are bounded: an attacker with many addresses must not fill the memory. */
const MAX_NAMES = 10_000;

/**
 * Bounds how many attempts may fail per name (an address, an address with a user name) and time. An attempt counts from
 * its start, so that many at once do not slip through; a success is given back.
 */
export class Attempts {
  readonly #limit: number;
  readonly #windowMs: number;
  readonly #now: () => number;
  readonly #windows = new Map<string, Window>();

  constructor(limit: number, windowMs: number, now: () => number = Date.now) {
    this.#limit = limit;
    this.#windowMs = windowMs;
    this.#now = now;
  }

  /** Counts one attempt; RATE_LIMITED with `retryAfter` where there were too many. */
  begin(name: string, what: string): void {
    const window = this.#window(name);
    if (window.count >= this.#limit) {
      const retryAfter = Math.max(1, Math.ceil((window.until - this.#now()) / 1000));
      const message = `Too many ${what} failed: try again in ${retryAfter} s.`;
      throw new Fault({ code: 'RATE_LIMITED', message, retryAfter });
    }
    window.count += 1;
  }

  /** The attempt succeeded, or failed for a reason that is not the asker's: it does not count. */
  giveBack(name: string): void {
    const window = this.#windows.get(name);
    if (window !== undefined && window.count > 0) window.count -= 1;
  }

  #window(name: string): Window {
    const known = this.#windows.get(name);
    if (known !== undefined && this.#now() < known.until) return known;
    const window = { count: 0, until: this.#now() + this.#windowMs };
    this.#windows.delete(name);
    this.#windows.set(name, window);
    if (this.#windows.size > MAX_NAMES) this.#forgetOldest();
    return window;
  }

  #forgetOldest(): void {
    const [oldest] = this.#windows.keys();
    if (oldest !== undefined) this.#windows.delete(oldest);
  }
}
