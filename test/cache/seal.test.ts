import fc from 'fast-check';
import { expect, it } from 'vitest';
import { storeKey } from '../../src/cache/keys.js';
import { Sealer } from '../../src/cache/seal.js';
import { SECRET } from './help.js';

const head = { readAt: 1, freshUntil: 2, expiresAt: 3, captured: [7, 2 ** 40], inPieces: false, unsettled: true };
const sealer = new Sealer([SECRET], false);
const secretive = new Sealer([SECRET], true);

it('opens what it sealed, for the same context', () => {
  fc.assert(
    fc.property(fc.string(), fc.uint8Array(), (context, bytes) => {
      const payload = Buffer.from(bytes);
      expect(sealer.open(context, sealer.seal(context, head, payload))).toMatchObject({ ...head, payload });
    }),
  );
});

it('opens nothing under another context, with another byte, or cut short', () => {
  fc.assert(
    fc.property(
      fc.string(),
      fc.uint8Array({ minLength: 1 }),
      fc.nat(),
      fc.integer({ min: 1, max: 255 }),
      (context, bytes, at, flip) => {
        const sealed = sealer.seal(context, head, Buffer.from(bytes));
        expect(sealer.open(`${context}x`, sealed)).toBeNull();
        expect(sealer.open(context, sealed.subarray(0, at % sealed.length))).toBeNull();
        const changed = Buffer.from(sealed);
        changed[at % sealed.length] = (changed[at % sealed.length] ?? 0) ^ flip;
        expect(sealer.open(context, changed)).toBeNull();
      },
    ),
  );
});

it('makes nothing of bytes that it did not seal', () => {
  const ours = fc.uint8Array({ maxLength: 400 }).map((bytes) => Buffer.concat([Buffer.of(1, 0), bytes]));
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array(), ours), (bytes) => {
      expect(sealer.open('key', Buffer.from(bytes))).toBeNull();
    }),
  );
});

it('hides a value that it encrypts, and finds it again only in its own context', () => {
  const plain = Buffer.from('"a value that nobody is to read"');
  const wrapped = secretive.wrap('context', plain);
  expect(wrapped.includes('nobody')).toBe(false);
  expect(secretive.unwrap('context', wrapped)).toEqual(plain);
  expect(secretive.unwrap('other', wrapped)).toBeNull();
  expect(secretive.unwrap('context', sealer.wrap('context', plain))).toBeNull();
});

it('makes keys that memcached takes, different for different names and kinds', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 600 }), fc.string(), (name, other) => {
      const key = storeKey('entry', name);
      expect(key).toMatch(/^[\x21-\x7e]{1,250}$/);
      expect(key).not.toBe(storeKey('stamp', name));
      if (name !== other) expect(key).not.toBe(storeKey('entry', other));
    }),
  );
});

it('shows no more of a name than its leading segments', () => {
  expect(storeKey('entry', 'Server/list/alice/secret filter')).toMatch(/^stratograph\/entry\/Server\/list\/[\w-]{43}$/);
});
