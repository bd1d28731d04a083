import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { memcachedInstalled, onMemcached } from '../memcached.js';
import { Finder } from '../support/secrets/finder.js';
import { formsOf } from '../support/secrets/forms.js';

const TOKEN = 'gAAAAABkf3zQ_Planted-Token_0123456789abcdefghijklmnopqrstuvwxyz';
const PASSWORD = 'pass"word\\ä/+1';

const WRITTEN: readonly (readonly [how: string, text: (secret: string) => string])[] = [
  ['as it is', (secret) => `before ${secret} after`],
  ['in JSON', (secret) => JSON.stringify({ deep: { er: secret } })],
  ['in JSON inside JSON', (secret) => JSON.stringify({ body: JSON.stringify({ secret }) })],
  ['in a URL', (secret) => `/v3/auth?x=${encodeURIComponent(secret)}&y=1`],
  ['in hex', (secret) => Buffer.from(`x${secret}y`).toString('hex')],
  ...['', 'a', 'ab', 'abc'].map(
    (prefix) =>
      [
        `in base64 behind ${prefix.length} bytes`,
        (secret: string) => Buffer.from(`${prefix}${secret}:end`).toString('base64'),
      ] as const,
  ),
  ['in base64url', (secret) => Buffer.from(`user:${secret}`).toString('base64url')],
];

describe('a planted secret', () => {
  it.each(WRITTEN)('is found %s', (_how, written) => {
    for (const text of [TOKEN, PASSWORD]) {
      const finder = new Finder([{ text, what: 'planted' }]);
      expect(finder.in(Buffer.from(written(text)))).toEqual([{ text, what: 'planted' }]);
      expect(finder.in(Buffer.from(written('nothing of the sort, however long it may be')))).toEqual([]);
    }
  });

  it('is found by its beginning, where that is long enough to say whose it is', () => {
    expect(new Finder([{ text: TOKEN, what: 'planted' }]).in(Buffer.from(`${TOKEN.slice(0, 24)}…`))).toHaveLength(1);
    expect(new Finder([{ text: TOKEN, what: 'planted' }]).in(Buffer.from(`${TOKEN.slice(0, 15)}…`))).toHaveLength(0);
  });

  it('is found wherever it stands among any bytes, among any other secrets', () => {
    const bytes = fc.uint8Array({ maxLength: 400 });
    const secrets = fc.array(fc.string({ unit: 'binary', minLength: 8, maxLength: 60 }), {
      minLength: 1,
      maxLength: 20,
    });
    fc.assert(
      fc.property(secrets, fc.nat(), bytes, bytes, (texts, which, before, after) => {
        const text = texts[which % texts.length] ?? '';
        // A lone surrogate cannot be written in UTF-8, so it is nobody's password.
        fc.pre(Buffer.from(text).toString() === text);
        const finder = new Finder(texts.map((each) => ({ text: each, what: 'any' })));
        const found = finder.in(Buffer.concat([before, Buffer.from(text), after]));
        expect(found.map((canary) => canary.text)).toContain(text);
      }),
      { numRuns: 30 },
    );
  });

  it('has no form so short that it would be found everywhere', () => {
    expect(formsOf('12345678').every((form) => form.length >= 8)).toBe(true);
  });
});

describe('a watched run', () => {
  const outer = process.env['STRATOGRAPH_TEST_WATCH'];
  let folder = '';

  beforeEach(async () => {
    vi.resetModules();
    folder = await mkdtemp(join(tmpdir(), 'watch-of-the-watcher-'));
    process.env['STRATOGRAPH_TEST_WATCH'] = folder;
  });

  afterEach(async () => {
    if (outer === undefined) delete process.env['STRATOGRAPH_TEST_WATCH'];
    else process.env['STRATOGRAPH_TEST_WATCH'] = outer;
    await rm(folder, { recursive: true });
  });

  it('fails the test whose answer holds a secret, without saying the secret', async () => {
    const { keepSecret, searched, conclude } = await import('../support/secrets/watch.js');
    keepSecret(TOKEN, 'a token');
    searched('an answer', 'answer', 'all is well');
    expect(() => searched('an answer', 'answer', `{"message":"${TOKEN}"}`)).toThrow('a token stands in an answer');
    expect(conclude(folder).findings).toEqual(['a token stands in an answer']);
    expect(conclude(folder).summary).not.toContain(TOKEN);
  });

  it('finds at its end what was logged before anybody knew that it is secret', async () => {
    const { keepSecret, logged, writeDown, conclude } = await import('../support/secrets/watch.js');
    logged(`{"level":30,"password":"${TOKEN}"}\n`);
    writeDown();
    expect(conclude(folder).findings).toEqual([]);
    keepSecret(TOKEN, 'a token');
    expect(conclude(folder).findings).toEqual(['a token stands in the log of a gateway']);
  });

  it.skipIf(!memcachedInstalled)(
    onMemcached('finds a secret in the keys and values of a memcached that is stopped'),
    async () => {
      const { keepSecret } = await import('../support/secrets/watch.js');
      const { RawMemcached } = await import('../support/raw-memcached.js');
      const { startMemcached: start } = await import('../memcached.js');
      keepSecret(TOKEN, 'a token');
      for (const item of [
        { key: 'some/key', value: Buffer.from(`x${TOKEN}`), flags: 0 },
        { key: `some/${TOKEN}`, value: Buffer.of(1), flags: 0 },
      ]) {
        const server = await start();
        const raw = await RawMemcached.open(server.port);
        await raw.set(item, 0);
        raw.close();
        await expect(server.stop()).rejects.toThrow('a token stands in memcached');
      }
    },
  );
});
