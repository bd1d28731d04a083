import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { faultCodes } from '../../src/rest/codes.js';
import type { Fault } from '../../src/rest/fault.js';
import { faultOf, retryAfterOf } from '../../src/rest/faults.js';
import { cleanMessage } from '../../src/rest/messages.js';
import type { Method } from '../../src/rest/rest.js';

function refused(
  service: string,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
  method: Method = 'POST',
): Fault {
  return faultOf({ service, method, status, body, header: (name) => headers[name] ?? null, secrets: ['my-token'] });
}

const nova = (key: string, code: number, message: string): unknown => ({ [key]: { code, message } });
const neutron = (type: string, message: string): unknown => ({ NeutronError: { type, message, detail: '' } });
const keystone = (code: number, message: string): unknown => ({ error: { code, message, title: 'x' } });
const glance = (code: string, message: string): unknown => ({
  message: `${message}<br /><br />\n\n\n`,
  code,
  title: 'x',
});

describe('each grammar', () => {
  it.each([
    [
      'compute',
      404,
      nova('itemNotFound', 404, 'Instance x could not be found.'),
      'NOT_FOUND',
      'Instance x could not be found.',
    ],
    ['compute', 409, nova('conflictingRequest', 409, 'Cannot reboot.'), 'CONFLICT', 'Cannot reboot.'],
    [
      'compute',
      400,
      nova('badRequest', 400, 'Flavor nope could not be found.'),
      'BAD_USER_INPUT',
      'Flavor nope could not be found.',
    ],
    ['compute', 403, nova('forbidden', 403, "Policy doesn't allow x."), 'FORBIDDEN', "Policy doesn't allow x."],
    [
      'compute',
      406,
      nova('computeFault', 406, 'Version 2.99 is not supported.'),
      'UNSUPPORTED',
      'Version 2.99 is not supported.',
    ],
    [
      'compute',
      500,
      nova('computeFault', 500, 'Unexpected API Error.'),
      'UPSTREAM_UNAVAILABLE',
      'Unexpected API Error.',
    ],
    ['network', 404, neutron('PortNotFound', 'Port x could not be found.'), 'NOT_FOUND', 'Port x could not be found.'],
    ['network', 409, neutron('SubnetInUse', 'Unable.'), 'CONFLICT', 'Unable.'],
    ['network', 412, neutron('RevisionNumberConstraintFailed', 'Stale.'), 'CONFLICT', 'Stale.'],
    ['identity', 403, keystone(403, 'You are not authorized.'), 'FORBIDDEN', 'You are not authorized.'],
    ['image', 404, glance('404 Not Found', 'No image found with ID x'), 'NOT_FOUND', 'No image found with ID x'],
    ['image', 404, '404 Not Found\n\nNo image found with ID x\n', 'NOT_FOUND', 'No image found with ID x'],
    [
      'placement',
      404,
      { errors: [{ status: 404, title: 'Not Found', detail: 'No resource provider' }] },
      'NOT_FOUND',
      'No resource provider',
    ],
    [
      'compute',
      401,
      keystone(401, 'The request you have made requires authentication.'),
      'UNAUTHENTICATED',
      'The request you have made requires authentication.',
    ],
  ])('of %s %i is read', (service, status, body, code, message) => {
    expect(refused(service, status, body)).toMatchObject({ code, message, service, status });
  });
});

describe('what services say in their own way', () => {
  it.each([
    [
      'compute',
      403,
      nova('forbidden', 403, 'Quota exceeded for instances: Requested 1, but already used 10 of 10 instances'),
      'QUOTA_EXCEEDED',
    ],
    ['network', 409, neutron('OverQuota', "Quota exceeded for resources: ['port']."), 'QUOTA_EXCEEDED'],
    [
      'block-storage',
      413,
      nova('overLimit', 413, 'VolumeLimitExceeded: Maximum number of volumes allowed (10) exceeded'),
      'QUOTA_EXCEEDED',
    ],
    [
      'block-storage',
      400,
      nova(
        'badRequest',
        400,
        'Invalid volume: Volume status must be available or error, but current status is: in-use.',
      ),
      'CONFLICT',
    ],
    ['block-storage', 400, nova('badRequest', 400, 'Invalid volume: volume is not assigned to a host'), 'CONFLICT'],
    [
      'block-storage',
      400,
      nova('badRequest', 400, 'Invalid input for field/attribute size. Value: x.'),
      'BAD_USER_INPUT',
    ],
    ['image', 403, glance('403 Forbidden', 'Image x is protected and cannot be deleted.'), 'CONFLICT'],
    ['image', 403, glance('403 Forbidden', 'You are not permitted to delete this image.'), 'FORBIDDEN'],
    ['compute', 404, glance('404 Not Found', 'The resource could not be found.'), 'UNSUPPORTED'],
    ['identity', 404, '<!doctype html><title>404 Not Found</title><h1>Not Found</h1>', 'UNSUPPORTED'],
    ['compute', 413, nova('overLimit', 413, 'This request was rate-limited.'), 'RATE_LIMITED'],
    ['compute', 504, '<html>Gateway Time-out</html>', 'UPSTREAM_TIMEOUT'],
    ['compute', 418, null, 'BAD_USER_INPUT'],
  ])('%s %i', (service, status, body, code) => {
    expect(refused(service, status, body).code).toBe(code);
  });

  it('names the argument where the service does', () => {
    const body = nova(
      'badRequest',
      400,
      "Invalid input for field/attribute flavorRef. Value: {}. {} is not of type 'string'",
    );
    expect(refused('compute', 400, body).argument).toBe('flavorRef');
    expect(
      refused(
        'network',
        400,
        neutron('HTTPBadRequest', "Invalid input for network_id. Reason: 'z' is not a valid UUID."),
      ).argument,
    ).toBe('network_id');
  });

  it('says when to come back', () => {
    expect(refused('compute', 429, null, { 'retry-after': '7' })).toMatchObject({
      code: 'RATE_LIMITED',
      retryAfter: 7,
    });
    expect(retryAfterOf('Thu, 01 Jan 1970 00:00:10 GMT', 4000)).toBe(6);
    const absurd = [`${'9'.repeat(400)}`, '86401', 'Fri, 31 Dec 9999 23:59:59 GMT'];
    expect(absurd.map((value) => retryAfterOf(value, 0))).toEqual([86_400, 86_400, 86_400]);
    expect([retryAfterOf('soon', 0), retryAfterOf(null, 0), retryAfterOf('-5', 0)]).toEqual([null, null, null]);
  });

  it("keeps the service's request id, under either name", () => {
    expect(refused('compute', 404, null, { 'x-openstack-request-id': 'req-1' }).requestId).toBe('req-1');
    expect(refused('compute', 404, null, { 'x-compute-request-id': 'req-2' }).requestId).toBe('req-2');
  });
});

describe('a message', () => {
  it('has no HTML, no token and no refused password, and is short', () => {
    expect(cleanMessage('<html><title>T</title><body>no &lt;way&gt;<br/>here</body>')).toBe('no <way> here');
    expect(cleanMessage('bad my-token and gAAAAABstandInToken', ['my-token'])).toBe('bad [secret] and [secret]');
    expect(
      cleanMessage("Invalid input for field/attribute adminPass. Value: hunter2. 'hunter2' is too short"),
    ).not.toContain('hunter2');
    expect(cleanMessage('x'.repeat(10_000)).length).toBeLessThan(600);
  });

  it('is there, and the code one of the table, for any body of any service', () => {
    const services = fc.constantFrom('compute', 'network', 'image', 'block-storage', 'identity', 'dns');
    fc.assert(
      fc.property(
        services,
        fc.integer({ min: 400, max: 599 }),
        fc.oneof(fc.jsonValue(), fc.string()),
        (service, status, body) => {
          const fault = refused(service, status, body, {}, 'GET');
          expect(Object.keys(faultCodes)).toContain(fault.code);
          expect(fault.message).not.toBe('');
          expect(fault.outcome).toBeUndefined();
        },
      ),
    );
  });
});
