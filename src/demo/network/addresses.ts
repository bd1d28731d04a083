import { isIP } from 'node:net';
import { Refusal } from '../http.js';
import type { Subnet } from '../rows.js';
import type { World } from '../world.js';

/** `10.0.0.1` as a number. */
function numberOf(address: string): number {
  return address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
}

function textOf(address: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join('.');
}

/** First and last usable address of an IPv4 network, and its own address. */
export function rangeOf(cidr: string): { readonly network: number; readonly first: number; readonly last: number } {
  const [address = '', bits = '32'] = cidr.split('/');
  const size = 2 ** (32 - Number(bits));
  const network = Math.floor(numberOf(address) / size) * size;
  return { network, first: network + 1, last: network + size - 2 };
}

/** The groups that a /64 fixes: `2001:db8:1:0` of `2001:db8:1::/64`. The demo knows no other IPv6 networks. */
function prefixOf(cidr: string): string {
  const given = (cidr.split('::')[0] ?? '').split(':');
  return [...given, '0', '0', '0'].slice(0, 4).join(':');
}

/** The gateway that Neutron picks: the first address of an IPv4 network, the network's own of an IPv6 one. */
export function firstAddress(cidr: string): string {
  return cidr.includes(':') ? (cidr.split('/')[0] ?? '') : textOf(rangeOf(cidr).first);
}

/** The pools that Neutron makes of a network: all addresses but the gateway's. */
export function poolsOf(cidr: string, gateway: string | null): { start: string; end: string }[] {
  if (cidr.includes(':')) return [{ start: `${cidr.split('/')[0]}1`, end: `${prefixOf(cidr)}:ffff:ffff:ffff:ffff` }];
  const { first, last } = rangeOf(cidr);
  const isFirst = gateway !== null && numberOf(gateway) === first;
  return [{ start: textOf(isFirst ? first + 1 : first), end: textOf(last) }];
}

/** Whether `text` is an IPv4 or IPv6 network with its length. */
export function isCidr(text: string): boolean {
  const [address = '', bits = ''] = text.split('/');
  const version = isIP(address);
  return version !== 0 && /^\d+$/.test(bits) && Number(bits) <= (version === 4 ? 32 : 128);
}

export function overlap(one: string, other: string): boolean {
  if (one.includes(':') || other.includes(':'))
    return one.includes(':') && other.includes(':') && prefixOf(one) === prefixOf(other);
  const [a, b] = [rangeOf(one), rangeOf(other)];
  return a.network <= b.last + 1 && b.network <= a.last + 1;
}

export function contains(cidr: string, address: string): boolean {
  const { network, last } = rangeOf(cidr);
  const number = numberOf(address);
  return number > network && number <= last;
}

/** Takes `wanted`, or the lowest free address of the subnet. */
export function allocate(world: World, subnet: Subnet, wanted?: string): string {
  const taken = world.addresses.get(subnet.id) ?? new Set<string>();
  world.addresses.set(subnet.id, taken);
  if (wanted !== undefined) {
    if (taken.has(wanted)) {
      const message = `IP address ${wanted} already allocated in subnet ${subnet.id}`;
      throw new Refusal(409, message, 'IpAddressAlreadyAllocated');
    }
    taken.add(wanted);
    return wanted;
  }
  if (subnet.cidr.includes(':'))
    return `${subnet.cidr.split('/')[0]}${(taken.add(String(taken.size)).size + 1).toString(16)}`;
  const { first, last } = rangeOf(subnet.cidr);
  // Addresses are mostly taken in order, so the search starts behind as many as are in use.
  for (let at = first + taken.size; at <= last; at += 1) if (free(at)) return take(at);
  for (let at = first; at <= last; at += 1) if (free(at)) return take(at);
  const message = `No more IP addresses available on network ${subnet.network_id}.`;
  throw new Refusal(409, message, 'IpAddressGenerationFailure');

  function free(at: number): boolean {
    const text = textOf(at);
    return text !== subnet.gateway_ip && !taken.has(text);
  }
  function take(at: number): string {
    taken.add(textOf(at));
    return textOf(at);
  }
}

export function release(world: World, subnetId: string, address: string): void {
  world.addresses.get(subnetId)?.delete(address);
}
