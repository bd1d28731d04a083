import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type CloudReading, readCloud } from '../../src/auth/clouds.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'clouds-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function put(name: string, text: string): void {
  writeFileSync(join(folder, name), text);
}

/** `HOME` is the folder, so that nobody's own clouds.yaml is found. */
function read(env: Record<string, string>): CloudReading {
  return readCloud({ HOME: folder, ...env }, folder);
}

const MINE = `
clouds:
  mine:
    auth:
      auth_url: https://keystone.example:5000/v3
      username: alice
      project_name: demo-a
      user_domain_name: Default
      project_domain_name: Default
    region_name: R1
    interface: internal
    compute_default_microversion: "2.79"
    volume_endpoint_override: https://volumes.example/v3/%(project_id)s
`;

describe('no cloud', () => {
  it('is null without fault', () => {
    expect(read({})).toEqual({ cloud: null, faults: [] });
    expect(read({ OS_CLOUD: '' })).toEqual({ cloud: null, faults: [] });
  });

  it('is a fault beside a user name', () => {
    expect(read({ OS_USERNAME: 'alice' }).faults).toEqual([
      'OS_USERNAME is set, but neither OS_AUTH_URL nor OS_CLOUD is.',
    ]);
  });
});

describe('OS_*', () => {
  const env = { OS_AUTH_URL: 'http://k:5000', OS_USERNAME: 'alice', OS_PASSWORD: 'hush', OS_PROJECT_NAME: 'demo-a' };

  it('name a cloud with its credentials', () => {
    const { cloud, faults } = read({
      ...env,
      OS_REGION_NAME: 'R1',
      OS_INTERFACE: 'publicURL',
      OS_COMPUTE_ENDPOINT_OVERRIDE: 'http://n/v2.1',
    });
    expect(faults).toEqual([]);
    expect(cloud).toMatchObject({
      name: 'envvars',
      authUrl: 'http://k:5000',
      region: 'R1',
      interface: 'public',
      verify: true,
    });
    expect(cloud?.endpoints).toEqual({ compute: 'http://n/v2.1' });
    expect(cloud?.credentials).toMatchObject({
      method: 'password',
      username: 'alice',
      userDomainId: 'default',
      projectName: 'demo-a',
    });
    expect(cloud?.credentials?.password?.reveal()).toBe('hush');
    expect(inspect(cloud, { depth: 9 }) + JSON.stringify(cloud)).not.toContain('hush');
  });

  it('may leave the credentials to the clients', () => {
    expect(read({ OS_AUTH_URL: 'http://k:5000' }).cloud?.credentials).toBeNull();
    expect(read({ ...env, OS_AUTH_TYPE: 'v3oidcpassword' }).cloud?.credentials).toBeNull();
  });

  it('list every fault at once, without a secret', () => {
    const { cloud, faults } = read({
      ...env,
      OS_AUTH_URL: 'ftp://u:hush@k',
      OS_INTERFACE: 'side',
      OS_VERIFY: 'maybe',
      OS_CACERT: 'none.pem',
    });
    expect(cloud).toBeNull();
    expect(faults).toHaveLength(4);
    for (const name of ['OS_AUTH_URL', 'OS_INTERFACE', 'OS_VERIFY', 'OS_CACERT'])
      expect(faults.join('\n')).toContain(name);
    expect(faults.join('\n')).not.toContain('hush');
  });
});

describe('clouds.yaml', () => {
  it('is read with secure.yaml laid over it', () => {
    put('clouds.yaml', MINE);
    put('secure.yaml', 'clouds: {mine: {auth: {password: hush}}}');
    const { cloud, faults } = read({ OS_CLOUD: 'mine' });
    expect(faults).toEqual([]);
    expect(cloud).toMatchObject({
      name: 'mine',
      authUrl: 'https://keystone.example:5000/v3',
      region: 'R1',
      interface: 'internal',
      microversions: { compute: '2.79' },
      endpoints: { 'block-storage': 'https://volumes.example/v3/%(project_id)s' },
    });
    expect(cloud?.credentials?.password?.reveal()).toBe('hush');
  });

  it('gives way to OS_REGION_NAME and OS_INTERFACE, and may be JSON or elsewhere', () => {
    const json = { clouds: { a: { auth: { auth_url: 'http://k' }, regions: ['R1', 'R2'], verify: false } } };
    put('other.json', JSON.stringify(json));
    const env = { OS_CLOUD: 'a', OS_CLIENT_CONFIG_FILE: 'other.json', OS_INTERFACE: 'admin' };
    expect(read(env).cloud).toMatchObject({ region: null, interface: 'admin', verify: false });
    expect(read({ ...env, OS_REGION_NAME: 'R2' }).cloud?.region).toBe('R2');
  });

  it('knows application credentials', () => {
    put(
      'clouds.yml',
      'clouds: {a: {auth_type: v3applicationcredential, auth: {auth_url: http://k, application_credential_id: c, application_credential_secret: s}}}',
    );
    expect(read({ OS_CLOUD: 'a' }).cloud?.credentials).toMatchObject({
      method: 'applicationCredential',
      applicationCredentialId: 'c',
    });
  });

  it.each([
    ['is missing', null, /no clouds\.yaml/],
    ['is no YAML', 'clouds: {mine: {auth: {password: hush', /line 1: expected YAML/],
    ['has no clouds', 'cloud: {}', /expected "clouds"/],
    ['is a list', '- hush', /expected a mapping/],
    ['has another cloud', 'clouds: {other: {auth: {}}}', /expected one of those in .*: other/],
    ['has no auth', 'clouds: {mine: {}}', /cloud "mine", auth: expected/],
    [
      'has a number for a text',
      'clouds: {mine: {auth: {auth_url: http://k}, region_name: 1}}',
      /region_name: expected a text/,
    ],
    [
      'has a microversion that YAML made a number',
      'clouds: {mine: {auth: {auth_url: http://k}, compute_default_microversion: 2.90}}',
      /"2\.79"/,
    ],
    ['has a vendor profile instead of an address', 'clouds: {mine: {profile: vexxhost}}', /profile/],
    ['refers to nothing', 'clouds: {mine: *nothing}', /aliases|YAML/],
  ])('that %s is a fault', (_, text, fault) => {
    if (text !== null) put('clouds.yaml', text);
    const { cloud, faults } = read({ OS_CLOUD: 'mine' });
    expect(cloud).toBeNull();
    expect(faults.join('\n')).toMatch(fault);
    expect(faults.join('\n')).not.toContain('hush');
  });
});
