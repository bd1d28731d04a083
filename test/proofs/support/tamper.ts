import fc from 'fast-check';
import type { RawItem, RawMemcached } from '../../support/raw-memcached.js';

/** One thing that somebody who can write to memcached does to what lies there. */
export interface Tampering {
  /** To values under these kinds of keys. */
  readonly kinds: readonly Kind[];
  /** To every nth of them. */
  readonly every: number;
  readonly how: How;
  readonly flags: number;
  /** As memcached takes it: 0 is for ever. */
  readonly seconds: number;
}

export const KINDS = ['entry', 'piece', 'stamp', 'hold'] as const;
export type Kind = (typeof KINDS)[number];

type How =
  | { readonly name: 'flip'; readonly at: number; readonly mask: number }
  | { readonly name: 'cut'; readonly at: number }
  | { readonly name: 'grow'; readonly bytes: Uint8Array }
  | { readonly name: 'replace'; readonly bytes: Uint8Array }
  | { readonly name: 'write'; readonly text: string }
  /** The times in an entry's head are set to the far future. */
  | { readonly name: 'postpone' }
  /** Flags, expiry and compare-and-set number alone. */
  | { readonly name: 'touch' }
  /** Values go round among all these keys, or among those of one type and kind: other tenants' answers to one question. */
  | { readonly name: 'exchange'; readonly by: number; readonly within: 'all' | 'type' }
  | { readonly name: 'delete' };

const ODD_TEXTS = [
  ...['', '0', '1', '-5', 'abc', '1e9', '2147483648', '9007199254740993', '999999999999999', '18446744073709551615'],
  '{"writers":{},"settlingUntil":0}',
  '{"writers":{"somebody":9e15},"settlingUntil":9e15}',
  '{"writers":{"somebody":{"toString":0,"valueOf":0}},"settlingUntil":0}',
  '{"writers":[1,2],"settlingUntil":null}',
  'null',
];

const bytes = fc.uint8Array({ minLength: 1, maxLength: 300 });

const how: fc.Arbitrary<How> = fc.oneof(
  fc.record({ name: fc.constant('flip' as const), at: fc.nat(100_000), mask: fc.integer({ min: 1, max: 255 }) }),
  fc.record({ name: fc.constant('cut' as const), at: fc.nat(100_000) }),
  fc.record({ name: fc.constant('grow' as const), bytes }),
  fc.record({ name: fc.constant('replace' as const), bytes }),
  fc.record({ name: fc.constant('write' as const), text: fc.constantFrom(...ODD_TEXTS) }),
  fc.constant<How>({ name: 'postpone' }),
  fc.constant<How>({ name: 'touch' }),
  fc.record({
    name: fc.constant('exchange' as const),
    by: fc.integer({ min: 1, max: 7 }),
    within: fc.constantFrom('all' as const, 'type' as const),
  }),
  fc.constant<How>({ name: 'delete' }),
);

export const tampering: fc.Arbitrary<Tampering> = fc.record({
  kinds: fc.subarray([...KINDS], { minLength: 1 }),
  every: fc.integer({ min: 1, max: 3 }),
  how,
  flags: fc.nat(2 ** 31),
  seconds: fc.constantFrom(0, 60, 86_400),
});

export function kindOf({ key }: RawItem): string {
  return key.split('/')[1] ?? '';
}

/** `stratograph/entry/Server/list`: what all askers' answers to one sort of question have in common. */
function typeOf({ key }: RawItem): string {
  return key.slice(0, key.lastIndexOf('/'));
}

/** Does it, and answers with the items whose values are others now. */
export async function tamper(memcached: RawMemcached, one: Tampering): Promise<readonly RawItem[]> {
  const chosen = (await memcached.dump())
    .filter((item) => (one.kinds as readonly string[]).includes(kindOf(item)))
    .filter((_, index) => index % one.every === 0);
  const changed: RawItem[] = [];
  for (const [index, item] of chosen.entries()) {
    if (one.how.name === 'delete') await memcached.delete(item.key);
    else {
      const value = changedValue(one.how, item, index, chosen);
      if (!value.equals(item.value)) changed.push(item);
      await memcached.set({ key: item.key, value, flags: one.flags }, one.seconds);
    }
  }
  return changed;
}

function changedValue(
  how: Exclude<How, { name: 'delete' }>,
  item: RawItem,
  index: number,
  all: readonly RawItem[],
): Buffer {
  const { value } = item;
  switch (how.name) {
    case 'flip':
      return flipped(value, how.at, how.mask);
    case 'cut':
      return value.subarray(0, how.at % Math.max(1, value.length));
    case 'grow':
      return Buffer.concat([value, how.bytes]);
    case 'replace':
      return Buffer.from(how.bytes);
    case 'write':
      return Buffer.from(how.text);
    case 'postpone':
      return postponed(value);
    case 'touch':
      return value;
    case 'exchange':
      return exchanged(how, item, index, all);
  }
}

export function flipped(value: Buffer, at: number, mask: number): Buffer {
  const copy = Buffer.from(value);
  if (copy.length > 0) copy[at % copy.length] = (copy[at % copy.length] ?? 0) ^ mask;
  return copy;
}

/** The head of an entry: version, flags and key id (6 bytes), then when it was read, is fresh until, and ends. */
const TIMES_AT = 6;
const FAR_FUTURE = 4_000_000_000_000;

function postponed(value: Buffer): Buffer {
  const copy = Buffer.from(value);
  for (const at of [TIMES_AT, TIMES_AT + 8, TIMES_AT + 16]) {
    if (copy.length >= at + 8) copy.writeDoubleBE(FAR_FUTURE, at);
  }
  return copy;
}

function exchanged(
  { by, within }: Extract<How, { name: 'exchange' }>,
  item: RawItem,
  index: number,
  all: readonly RawItem[],
): Buffer {
  const peers = within === 'all' ? all : all.filter((other) => typeOf(other) === typeOf(item));
  const own = within === 'all' ? index : peers.indexOf(item);
  return peers[(own + by) % peers.length]?.value ?? item.value;
}
