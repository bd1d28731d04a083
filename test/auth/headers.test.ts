import { describe, expect, it } from 'vitest';
import { tokenIn } from '../../src/auth/headers.js';

const refused = expect.objectContaining({ code: 'UNAUTHENTICATED' });

describe('the token of a request', () => {
  it.each([
    [{ 'x-auth-token': 'abc' }],
    [{ authorization: 'Bearer abc' }],
    [{ authorization: 'bearer  abc ' }],
    [{ authorization: 'Bearer abc', 'x-auth-token': 'abc' }],
    [{ 'x-auth-token': ['abc', 'abc'] }],
  ])('is found in %j', (headers) => {
    expect(tokenIn(headers)?.reveal()).toBe('abc');
  });

  it('is null where there is none', () => {
    const none = [{}, { 'x-auth-token': '' }, { authorization: 'Basic YTpi' }];
    expect(none.map(tokenIn)).toEqual([null, null, null]);
  });

  it.each([
    [{ authorization: 'Bearer abc', 'x-auth-token': 'def' }],
    [{ 'x-auth-token': ['abc', 'def'] }],
    [{ authorization: 'Bearer' }],
    [{ 'x-auth-token': 'a b' }],
    [{ 'x-auth-token': 'abc\r\nx: y' }],
    [{ 'x-auth-token': 'é' }],
    [{ 'x-auth-token': 'abc, def' }],
    [{ 'x-auth-token': 'x'.repeat(4097) }],
  ])('is refused in %j, and never shown', (headers) => {
    expect(() => tokenIn(headers)).toThrow(refused);
    expect(() => tokenIn(headers)).not.toThrow(/abc|YTpi/);
  });
});
