import { afterEach, describe, expect, it } from 'vitest';
import { compareVersions, Negotiations, negotiate, rangeOf } from '../../src/rest/microversions.js';
import type { RestRequest } from '../../src/rest/rest.js';
import { closeAll, type Handler, json, scopeWith, standIn, transportTo } from './standin.js';

afterEach(closeAll);

const list: RestRequest = { service: 'compute', region: 'R1', method: 'GET', path: '/servers' };

function nova(max: string, min = '2.1'): unknown {
  return { version: { id: 'v2.1', version: max, min_version: min } };
}

describe('negotiating', () => {
  it('compares numbers, not text', () => {
    expect(compareVersions([2, 9], [2, 10])).toBeLessThan(0);
  });

  it('takes the newest that both know and the operator allows', () => {
    expect(negotiate('compute', nova('2.60'), undefined)).toBe('2.60');
    expect(negotiate('compute', nova('2.104'), undefined)).toBe('2.93');
    expect(negotiate('compute', nova('2.104'), '2.9')).toBe('2.9');
    expect(negotiate('compute', nova('2.104'), '2.99')).toBe('2.93');
  });

  it('finds the right major version in a list, in either spelling of the newest', () => {
    const document = {
      versions: [
        { id: 'v2.0', version: '', min_version: '' },
        { id: 'v3.0', version: '3.70', min_version: '3.0' },
      ],
    };
    expect(rangeOf(document, 3)).toEqual({ min: [3, 0], max: [3, 70] });
    expect(rangeOf({ versions: [{ max_version: '1.39', min_version: '1.0' }] }, 1)).toEqual({
      min: [1, 0],
      max: [1, 39],
    });
  });

  it('is UNSUPPORTED where the service no longer speaks anything tested', () => {
    expect(() => negotiate('compute', nova('2.200', '2.95'), undefined)).toThrow(
      expect.objectContaining({ code: 'UNSUPPORTED' }),
    );
  });

  it.each([null, 'text', {}, { versions: {} }, { version: { version: 7 } }, []])(
    'is a fault of the service for %j',
    (document) => {
      expect(() => negotiate('compute', document, undefined)).toThrow(
        expect.objectContaining({ code: 'UPSTREAM_UNAVAILABLE' }),
      );
    },
  );
});

describe('calls to a service with microversions', () => {
  const handler: Handler = ({ url }, response) =>
    url === '/v2.1/' ? json(response, 200, nova('2.90')) : json(response, 200, { servers: [] });

  it('read its version document once, without a token, and send both headers', async () => {
    const service = await standIn(handler);
    const { transport } = transportTo(service.url);
    const scope = scopeWith({ compute: `${service.url}/v2.1` });
    await Promise.all([transport.as(scope).call(list), transport.as(scope).call(list)]);
    expect(await transport.as(scope).microversion('compute', 'R1')).toBe('2.90');
    const [document, ...calls] = service.seen;
    expect(document?.url).toBe('/v2.1/');
    expect(document?.headers['x-auth-token']).toBeUndefined();
    expect(calls.map((call) => call.url)).toEqual(['/v2.1/servers', '/v2.1/servers']);
    expect(calls[0]?.headers).toMatchObject({
      'openstack-api-version': 'compute 2.90',
      'x-openstack-nova-api-version': '2.90',
    });
  });

  it('ask Cinder above its versioned root, by the name that it answers to', async () => {
    const service = await standIn(({ url }, response) =>
      url === '/volume/'
        ? json(response, 300, { versions: [{ version: '3.71', min_version: '3.0' }] })
        : json(response, 200, {}),
    );
    const { transport } = transportTo(service.url);
    const rest = transport.as(scopeWith({ volumev3: `${service.url}/volume/v3/p1` }));
    await rest.call({ ...list, service: 'block-storage', path: '/volumes' });
    expect(service.seen[1]?.url).toBe('/volume/v3/p1/volumes');
    expect(service.seen[1]?.headers['openstack-api-version']).toBe('volume 3.70');
  });

  it('negotiate anew after a 406, in the next request', async () => {
    const service = await standIn(({ url }, response, count) => {
      if (url === '/v2.1/') return json(response, 200, nova(count === 1 ? '2.90' : '2.80'));
      return json(response, count === 2 ? 406 : 200, {});
    });
    const { transport } = transportTo(service.url);
    const scope = scopeWith({ compute: `${service.url}/v2.1` });
    await expect(transport.as(scope).call(list)).rejects.toMatchObject({ code: 'UNSUPPORTED', status: 406 });
    expect(await transport.as(scope).microversion('compute', 'R1')).toBe('2.80');
  });

  it('see one microversion for the time of one request', async () => {
    let now = 0;
    const service = await standIn((_, response, count) => json(response, 200, nova(count === 1 ? '2.90' : '2.80')));
    const { transport } = transportTo(service.url, { versionsFor: 10 }, { time: { now: () => now } });
    const scope = scopeWith({ compute: service.url });
    const old = transport.as(scope);
    expect(await old.microversion('compute', 'R1')).toBe('2.90');
    now = 11;
    expect(await transport.as(scope).microversion('compute', 'R1')).toBe('2.80');
    expect(await old.microversion('compute', 'R1')).toBe('2.90');
  });
});

describe('what was negotiated', () => {
  it('is not held up by a refresh that hangs', async () => {
    let now = 0;
    const known = new Negotiations(10, () => now);
    expect(await known.get('d', async () => '2.1')).toBe('2.1');
    now = 20;
    expect(await known.get('d', () => new Promise(() => undefined))).toBe('2.1');
  });

  it('outlives a refresh that fails, but a first failure is not remembered', async () => {
    let now = 0;
    const known = new Negotiations(10, () => now);
    const fail = (): Promise<string> => Promise.reject(new Error('down'));
    await expect(known.get('d', fail)).rejects.toThrow('down');
    expect(await known.get('d', async () => '2.1')).toBe('2.1');
    now = 20;
    expect(await known.get('d', fail)).toBe('2.1');
    expect(await known.get('d', async () => '2.2')).toBe('2.2');
  });
});
