import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CatalogService } from '../../src/auth/scope.js';
import { endpointUrl, regionsOf } from '../../src/rest/catalog.js';
import { rootsOf } from '../../src/rest/services.js';
import { scopeWith } from './standin.js';

describe('the root of a service', () => {
  it.each([
    ['network', 'http://n:9696', 'http://n:9696/v2.0'],
    ['network', 'http://n:9696/', 'http://n:9696/v2.0'],
    ['network', 'https://c/networking/v2.0/', 'https://c/networking/v2.0'],
    ['image', 'http://g:9292', 'http://g:9292/v2'],
    ['image', 'http://g:9292/v2', 'http://g:9292/v2'],
    ['compute', 'http://c:8774/v2.1', 'http://c:8774/v2.1'],
    ['compute', 'http://c:8774/v2/p1', 'http://c:8774/v2.1/p1'],
    ['block-storage', 'http://b/volume/v3/p1', 'http://b/volume/v3/p1'],
    ['block-storage', 'http://b:8776/v1/p1', 'http://b:8776/v3/p1'],
    ['identity', 'http://k:5000', 'http://k:5000/v3'],
    ['identity', 'http://k:5000/v2.0', 'http://k:5000/v3'],
    ['identity', 'http://k/identity/v3/', 'http://k/identity/v3'],
    ['placement', 'http://p/placement', 'http://p/placement'],
    ['dns', 'http://d:9001/v2/', 'http://d:9001/v2'],
  ])('%s at %s is %s', (type, url, root) => {
    expect(rootsOf(type, url).root).toBe(root);
  });

  it.each([
    ['compute', 'http://c:8774/v2.1', 'http://c:8774/v2.1/'],
    ['compute', 'http://c/compute/v2.1/p1', 'http://c/compute/v2.1/'],
    ['block-storage', 'http://b/volume/v3/p1', 'http://b/volume/'],
    ['placement', 'http://p:8778', 'http://p:8778/'],
  ])('%s at %s has its version document at %s', (type, url, document) => {
    expect(rootsOf(type, url).document).toBe(document);
  });
});

const view = { authUrl: 'http://k:5000/v3', region: null, interface: 'public', endpoints: {} } as const;

describe('a catalog', () => {
  it('is looked up by official type first, then by alias, by preference', () => {
    const scope = scopeWith({ volume: 'http://old', volumev3: 'http://v3' });
    expect(endpointUrl(scope, 'block-storage', 'R1', view)).toBe('http://v3');
    const both = scopeWith({ volumev3: 'http://v3', 'block-storage': 'http://official' });
    expect(endpointUrl(both, 'block-storage', 'R1', view)).toBe('http://official');
  });

  it('never leads to another interface or region', () => {
    const scope = scopeWith({ compute: 'http://c' });
    const unsupported = expect.objectContaining({ code: 'UNSUPPORTED', service: 'compute' });
    expect(() => endpointUrl(scope, 'compute', 'R2', view)).toThrow(unsupported);
    expect(() => endpointUrl(scope, 'compute', 'R1', { ...view, interface: 'internal' })).toThrow(unsupported);
  });

  it('needs no identity service: Keystone is where the operator says', () => {
    const scope = scopeWith({});
    expect(endpointUrl(scope, 'identity', 'R1', view)).toBe('http://k:5000/v3');
    expect(regionsOf(scope, 'identity', { ...view, region: 'mine' })).toEqual(['mine']);
    expect(regionsOf(scope, 'compute', view)).toEqual([]);
  });

  it('gives way to an endpoint override, into which the project is filled', () => {
    const endpoints = { 'block-storage': 'http://o/v3/%(project_id)s' };
    expect(endpointUrl(scopeWith({}), 'block-storage', 'R9', { ...view, endpoints })).toBe('http://o/v3/p1');
  });

  it('offers exactly the regions whose endpoint it then has, for any catalog', () => {
    const endpoint = fc.record({
      region: fc.constantFrom('R1', 'R2', 'R3', '__proto__', ''),
      interface: fc.constantFrom('public', 'internal', 'admin'),
      url: fc.webUrl(),
    });
    const service = fc.record({
      type: fc.constantFrom('block-storage', 'volumev3', 'volume', 'x'),
      name: fc.string(),
      endpoints: fc.array(endpoint),
    });
    fc.assert(
      fc.property(fc.array(service), (catalog) => {
        const scope = { ...scopeWith({}), catalog: catalog as CatalogService[] };
        const offered = regionsOf(scope, 'block-storage', view);
        const urls = new Set(catalog.flatMap((entry) => entry.endpoints.map(({ url }) => url)));
        for (const region of ['R1', 'R2', 'R3', '__proto__', '']) {
          if (offered.includes(region)) expect(urls).toContain(endpointUrl(scope, 'block-storage', region, view));
          else expect(() => endpointUrl(scope, 'block-storage', region, view)).toThrow();
        }
      }),
    );
  });
});
