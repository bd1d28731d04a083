import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Fault } from '../../src/rest/fault.js';
import { checkId, named, pathOf, segment } from '../../src/rest/paths.js';

function faultOf(work: () => unknown): Fault {
  try {
    work();
  } catch (error) {
    expect(error).toBeInstanceOf(Fault);
    return error as Fault;
  }
  throw new Error('no fault was thrown');
}

describe('a path', () => {
  it('keeps its literal parts and encodes its values', () => {
    expect(pathOf`/servers/detail`).toBe('/servers/detail');
    expect(pathOf`/os-keypairs/${'my key?#%'}`).toBe('/os-keypairs/my%20key%3F%23%25');
    expect(pathOf`/a/${'1'}/b/${named('volumeId', '2')}/c`).toBe('/a/1/b/2/c');
  });

  it.each(['', '.', '..', 'a/b', '/', '..\\x', 'a\nb', 'a\0', '\u007f', '\u0085', '\ud800', 'x'.repeat(256)])(
    'refuses %j, naming the argument',
    (value) => {
      expect(faultOf(() => pathOf`/servers/${value}`)).toMatchObject({ code: 'BAD_USER_INPUT', argument: 'id' });
      expect(faultOf(() => segment('volumeId', value))).toMatchObject({ argument: 'volumeId' });
    },
  );

  it('is parsed by a URL parser as exactly what was meant, or refused, for any text', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string({ unit: fc.constantFrom('.', '/', '\\', '%', '2', 'e', 'f', '?', '#', ';', '\t', 'a') }),
    );
    fc.assert(
      fc.property(text, (value) => {
        let path: string;
        try {
          path = pathOf`/v1/${value}/end`;
        } catch (error) {
          return error instanceof Fault && error.code === 'BAD_USER_INPUT';
        }
        const url = new URL(`http://host/root${path}`);
        const [, root, version, middle, end, ...more] = url.pathname.split('/');
        expect([root, version, end, more.length, url.search, url.hash]).toEqual(['root', 'v1', 'end', 0, '', '']);
        return decodeURIComponent(middle ?? '') === value;
      }),
    );
  });
});

describe('an id', () => {
  it.each([
    ['uuid', '51b40c1e-633b-4035-a7e3-45e552ac76e5'],
    ['uuid', '51b40c1e633b4035a7e345e552ac76e5'],
    ['hex', '292bf20ea6cf48408abc068a1c667a95'],
    ['integer', '42'],
    ['name', 'm1.tiny'],
  ] as const)('of format %s may be %s', (format, id) => {
    expect(checkId(format, 'id', id)).toBe(id);
  });

  it.each([
    ['uuid', '51b40c1e-633b4035-a7e3-45e552ac76e5'],
    ['uuid', 'x1b40c1e633b4035a7e345e552ac76e5'],
    ['uuid', '51b40c1e633b4035a7e345e552ac76e5\n'],
    ['hex', '292bf20ea6cf4840'],
    ['integer', '-1'],
    ['name', '..'],
  ] as const)('of format %s may not be %j', (format, id) => {
    expect(faultOf(() => checkId(format, 'serverId', id))).toMatchObject({
      code: 'BAD_USER_INPUT',
      argument: 'serverId',
    });
  });
});
