import { accessSync, constants } from 'node:fs';
import { homedir } from 'node:os';
import { resolve } from 'node:path';
import { services } from '../rest/services.js';
import { isObject } from '../row.js';
import { readCloudFiles } from './cloud-files.js';
import { credentialsOf } from './credentials.js';
import type { Interface, Secret } from './scope.js';

/** Where an OpenStack is and how it is reached, from clouds.yaml, secure.yaml and `OS_*`. */
export interface CloudSettings {
  /** Name in clouds.yaml, or `envvars` where only `OS_*` said it. */
  readonly name: string;
  /** Keystone's address as it was written, with or without `/v3`. */
  readonly authUrl: string;
  /** Default region; null leaves it to the catalog, if that has only one. */
  readonly region: string | null;
  readonly interface: Interface;
  /** Path of a PEM file with the certificate authorities to trust. */
  readonly cacert: string | null;
  /** False: certificates are not checked. */
  readonly verify: boolean;
  /** Client certificate and key, paths of PEM files. */
  readonly cert: string | null;
  readonly key: string | null;
  /** `<service>_endpoint_override`, by official service type. */
  readonly endpoints: Readonly<Record<string, string>>;
  /** `<service>_default_microversion`, by official service type: an upper bound for the negotiated one. */
  readonly microversions: Readonly<Record<string, string>>;
  /** Set where a user's credentials came with the address: single-user mode is possible. */
  readonly credentials: Credentials | null;
}

/** What the gateway logs in with in single-user mode. */
export interface Credentials {
  readonly method: 'password' | 'token' | 'applicationCredential';
  readonly username: string | null;
  readonly userId: string | null;
  readonly userDomainName: string | null;
  readonly userDomainId: string | null;
  readonly password: Secret | null;
  readonly token: Secret | null;
  readonly applicationCredentialId: string | null;
  readonly applicationCredentialName: string | null;
  readonly applicationCredentialSecret: Secret | null;
  readonly projectName: string | null;
  readonly projectId: string | null;
  readonly projectDomainName: string | null;
  readonly projectDomainId: string | null;
  readonly domainName: string | null;
  readonly domainId: string | null;
  readonly system: boolean;
  readonly trustId: string | null;
}

export interface CloudReading {
  /** Null where nothing names a cloud, or where `faults` is not empty. */
  readonly cloud: CloudSettings | null;
  /** Everything that is wrong, each with what was expected; never a secret. */
  readonly faults: readonly string[];
}

/**
 * Reads the cloud that `env` names, from the files that openstacksdk would read (`OS_CLOUD`) or from `OS_*` alone
 * (`OS_AUTH_URL`). Throws nothing; lists every fault.
 */
export function readCloud(env: NodeJS.ProcessEnv, cwd: string): CloudReading {
  const faults: string[] = [];
  const name = env['OS_CLOUD'] || null;
  const entry = name === null ? entryFromEnv(env) : readCloudFiles(name, env, cwd, faults);
  if (entry === null) {
    if (name === null && env['OS_USERNAME'])
      faults.push('OS_USERNAME is set, but neither OS_AUTH_URL nor OS_CLOUD is.');
    return { cloud: null, faults };
  }
  const cloud = new EntryReader(name ?? 'envvars', entry, env, cwd, faults).settings();
  return { cloud: faults.length > 0 ? null : cloud, faults };
}

/** openstacksdk calls the cloud that `OS_*` describe `envvars`; its keys are the variables without prefix. */
function entryFromEnv(env: NodeJS.ProcessEnv): Record<string, unknown> | null {
  if (!env['OS_AUTH_URL']) return null;
  const pairs = Object.entries(env).filter(
    ([name, value]) => name.startsWith('OS_') && value !== undefined && value !== '',
  );
  const flat = Object.fromEntries(pairs.map(([name, value]) => [name.slice(3).toLowerCase(), value]));
  return { ...flat, auth: flat };
}

const INTERFACES: Readonly<Record<string, Interface>> = {
  public: 'public',
  publicURL: 'public',
  internal: 'internal',
  internalURL: 'internal',
  admin: 'admin',
  adminURL: 'admin',
};

/** Reads one cloud's entry; every fault goes to `faults`, with the place where it is. */
class EntryReader {
  readonly #name: string;
  readonly #entry: Record<string, unknown>;
  readonly #env: NodeJS.ProcessEnv;
  readonly #cwd: string;
  readonly #faults: string[];

  constructor(name: string, entry: Record<string, unknown>, env: NodeJS.ProcessEnv, cwd: string, faults: string[]) {
    this.#name = name;
    this.#entry = entry;
    this.#env = env;
    this.#cwd = cwd;
    this.#faults = faults;
  }

  settings(): CloudSettings {
    const auth = this.#auth();
    return {
      name: this.#name,
      authUrl: this.#authUrl(auth),
      region: this.#region(),
      interface: this.#interface(),
      cacert: this.#file('cacert', 'OS_CACERT'),
      verify: this.#verify(),
      cert: this.#file('cert', 'OS_CERT'),
      key: this.#file('key', 'OS_KEY'),
      endpoints: this.#perService('endpoint_override', (value) => isHttpUrl(value), 'an http or https URL'),
      microversions: this.#perService(
        'default_microversion',
        (value) => /^\d+\.\d+$/.test(value),
        'a text such as "2.79"',
      ),
      credentials: credentialsOf(auth, this.#text(this.#entry, 'auth_type')),
    };
  }

  #fault(key: string, expected: string): void {
    this.#faults.push(`${this.#place(key)}: expected ${expected}.`);
  }

  #place(key: string): string {
    return this.#name === 'envvars' ? `OS_${key.replace('auth.', '').toUpperCase()}` : `cloud "${this.#name}", ${key}`;
  }

  #text(from: Record<string, unknown>, key: string): string | null {
    const value = from[key];
    if (value === undefined || value === null || value === '') return null;
    if (typeof value === 'string') return value;
    this.#fault(key, `a text, got a ${typeof value}`);
    return null;
  }

  #auth(): Record<string, unknown> {
    const auth = this.#entry['auth'];
    if (isObject(auth)) return auth;
    this.#fault('auth', 'a mapping with auth_url');
    return {};
  }

  #authUrl(auth: Record<string, unknown>): string {
    const url = auth['auth_url'];
    if (typeof url === 'string' && isHttpUrl(url)) return url;
    this.#fault('auth.auth_url', "Keystone's http or https address, without user and password");
    return '';
  }

  #region(): string | null {
    const named = this.#env['OS_REGION_NAME'] || this.#text(this.#entry, 'region_name');
    if (named !== null && named !== '') return named;
    const regions = this.#entry['regions'];
    if (regions === undefined || regions === null) return null;
    if (!Array.isArray(regions)) this.#fault('regions', 'a list');
    const [only, ...others]: unknown[] = Array.isArray(regions) ? regions : [];
    const name = isObject(only) ? only['name'] : only;
    return others.length === 0 && typeof name === 'string' ? name : null;
  }

  #interface(): Interface {
    const said =
      this.#env['OS_INTERFACE'] || this.#text(this.#entry, 'interface') || this.#text(this.#entry, 'endpoint_type');
    if (!said) return 'public';
    const known = Object.hasOwn(INTERFACES, said) ? INTERFACES[said] : undefined;
    if (known === undefined) this.#fault('interface', `public, internal or admin, got "${said}"`);
    return known ?? 'public';
  }

  #verify(): boolean {
    const { verify = true, insecure = false } = this.#entry;
    const [yes, no] = [this.#flag('verify', verify), this.#flag('insecure', insecure)];
    return yes && !no;
  }

  #flag(key: string, value: unknown): boolean {
    if (typeof value === 'boolean') return value;
    const text = String(value).toLowerCase();
    if (['true', '1', 'yes'].includes(text)) return true;
    if (!['false', '0', 'no'].includes(text)) this.#fault(key, 'true or false');
    return false;
  }

  #file(key: string, variable: string): string | null {
    const path = this.#env[variable] || this.#text(this.#entry, key);
    if (!path) return null;
    const full = resolve(this.#cwd, path.replace(/^~(?=\/|$)/, homedir()));
    try {
      accessSync(full, constants.R_OK);
    } catch {
      this.#fault(key, `a file that can be read, got ${full}`);
    }
    return full;
  }

  /** `<service>_<suffix>` for each service under its official type or an alias, with underscores for dashes. */
  #perService(suffix: string, fits: (value: string) => boolean, expected: string): Record<string, string> {
    const found: Record<string, string> = {};
    for (const [type, service] of Object.entries(services)) {
      const keys = [type, ...service.aliases].map((alias) => `${alias.replaceAll('-', '_')}_${suffix}`);
      const key = keys.find((candidate) => this.#entry[candidate] !== undefined);
      if (key === undefined) continue;
      const value = this.#entry[key];
      if (typeof value === 'string' && fits(value)) found[type] = value;
      else this.#fault(key, expected);
    }
    return found;
  }
}

function isHttpUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, username, password } = new URL(text);
  return /^https?:$/.test(protocol) && username === '' && password === '';
}
