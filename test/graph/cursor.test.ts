import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Connection } from '../../src/graph/connection.js';
import { cursorOf, type ListIdentity, rowIdIn } from '../../src/graph/cursor.js';
import { Fault } from '../../src/rest/fault.js';

const part = fc.oneof(fc.string(), fc.boolean(), fc.constant(null));
const lists: fc.Arbitrary<ListIdentity> = fc.array(part, { minLength: 1, maxLength: 5 });
const ids = fc.string({ minLength: 1 });

function refusal(list: ListIdentity, cursor: string): unknown {
  try {
    rowIdIn(list, cursor);
    return null;
  } catch (error) {
    return error;
  }
}

describe('a cursor', () => {
  it('leads back to its row in its own list', () => {
    fc.assert(
      fc.property(lists, ids, (list, id) => {
        expect(rowIdIn(list, cursorOf(list, id))).toBe(id);
      }),
    );
  });

  it('is refused in every other list: another filter, order, region or allProjects', () => {
    fc.assert(
      fc.property(lists, lists, ids, (list, other, id) => {
        fc.pre(JSON.stringify(list) !== JSON.stringify(other));
        expect(refusal(other, cursorOf(list, id))).toMatchObject({ code: 'BAD_USER_INPUT', argument: 'after' });
      }),
    );
  });

  it('is refused, never anything worse, whatever a client makes of it', () => {
    const list = ['Server', 'RegionOne', 'null', 'null', false];
    const tampered = fc.oneof(
      fc.string(),
      fc.base64String(),
      fc.json().map((text) => Buffer.from(text).toString('base64url')),
      fc.constantFrom('', '{}', 'null', cursorOf(list, 'a').slice(1), cursorOf(list, 'a').slice(0, -6)),
    );
    fc.assert(
      fc.property(tampered, (cursor) => {
        const error = refusal(list, cursor);
        expect(error).toBeInstanceOf(Fault);
        expect(error).toMatchObject({ code: 'BAD_USER_INPUT', argument: 'after' });
      }),
    );
  });

  it('is refused when it names no row', () => {
    const list = ['Server'];
    const { l } = JSON.parse(Buffer.from(cursorOf(list, 'a'), 'base64url').toString()) as { l: string };
    for (const id of ['', null, 7, ['a'], { id: 'a' }, undefined]) {
      const forged = Buffer.from(JSON.stringify({ l, id })).toString('base64url');
      expect(refusal(list, forged), String(id)).toMatchObject({ code: 'BAD_USER_INPUT' });
    }
  });
});

describe('a connection', () => {
  const list = ['Server', 'RegionOne'];
  const rows = [{ id: 'a' }, { id: 'b' }];
  const uncounted = async () => null;

  it('begins at the beginning without a cursor, and after the row of one', () => {
    expect(new Connection(list, null).marker).toBeNull();
    expect(new Connection(list, cursorOf(list, 'a')).marker).toBe('a');
    expect(() => new Connection(['Port'], cursorOf(list, 'a'))).toThrow(/after: expected a cursor of a list with/);
  });

  it('shows the page as Relay wants it', () => {
    const shown = new Connection(list, cursorOf(list, 'z')).show({ rows, more: true }, uncounted);
    expect(shown.nodes).toEqual(rows);
    expect(shown.edges).toEqual([
      { cursor: cursorOf(list, 'a'), node: rows[0] },
      { cursor: cursorOf(list, 'b'), node: rows[1] },
    ]);
    expect(shown.pageInfo).toEqual({
      hasNextPage: true,
      hasPreviousPage: true,
      startCursor: cursorOf(list, 'a'),
      endCursor: cursorOf(list, 'b'),
    });
  });

  it('has no cursors where the page is empty', () => {
    const shown = new Connection(list, null).show({ rows: [], more: false }, uncounted);
    expect(shown.pageInfo).toEqual({ hasNextPage: false, hasPreviousPage: false, startCursor: null, endCursor: null });
    expect(shown.edges).toEqual([]);
  });

  it('counts only when it is asked to', async () => {
    let counted = 0;
    const shown = new Connection(list, null).show({ rows, more: false }, async () => {
      counted += 1;
      return 60;
    });
    expect([shown.nodes.length, shown.edges.length, counted]).toEqual([2, 2, 0]);
    expect([await shown.totalCount, counted]).toEqual([60, 1]);
  });
});
