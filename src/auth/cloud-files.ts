import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { LineCounter, parseDocument } from 'yaml';
import { isObject } from '../row.js';

type Json = Record<string, unknown>;

/** Where openstacksdk looks, in this order; the first file wins. */
function folders(env: NodeJS.ProcessEnv, cwd: string): readonly string[] {
  const home = env['HOME'] || homedir();
  const config = env['XDG_CONFIG_HOME'] || join(home, '.config');
  return [cwd, join(config, 'openstack'), '/etc/openstack'];
}

function find(stem: string, named: string | undefined, env: NodeJS.ProcessEnv, cwd: string): string | null {
  if (named) return resolve(cwd, named);
  const names = ['yaml', 'yml', 'json'].map((extension) => `${stem}.${extension}`);
  const candidates = folders(env, cwd).flatMap((folder) => names.map((name) => join(folder, name)));
  return candidates.find((path) => existsSync(path)) ?? null;
}

/** The mapping in a file. Errors name the line, never its text: that may be a password. */
function load(path: string, faults: string[]): Json | null {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    faults.push(`${path}: expected a file that can be read.`);
    return null;
  }
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { lineCounter, prettyErrors: false });
  for (const { code, pos } of document.errors) {
    faults.push(`${path}, line ${lineCounter.linePos(pos[0]).line}: expected YAML (${code}).`);
  }
  if (document.errors.length > 0) return null;
  const value: unknown = toJs(document, path, faults);
  if (isObject(value)) return value;
  if (value !== undefined) faults.push(`${path}: expected a mapping with "clouds".`);
  return null;
}

/** Aliases without anchors, or with millions of copies, are refused only here. */
function toJs(document: ReturnType<typeof parseDocument>, path: string, faults: string[]): unknown {
  try {
    return document.toJS();
  } catch {
    faults.push(`${path}: expected YAML whose aliases can be resolved.`);
    return undefined;
  }
}

function cloudsIn(path: string, file: Json, faults: string[]): Json | null {
  const clouds = file['clouds'];
  if (isObject(clouds)) return clouds;
  faults.push(`${path}: expected "clouds" to be a mapping of names to clouds.`);
  return null;
}

/** `over` wins; mappings are merged key by key. */
function merge(under: Json, over: Json): Json {
  const merged: Json = { ...under };
  for (const [key, value] of Object.entries(over)) {
    const old = merged[key];
    merged[key] = isObject(old) && isObject(value) ? merge(old, value) : value;
  }
  return merged;
}

/** The entry of one cloud in clouds.yaml, with that of secure.yaml laid over it; null with faults where there is none. */
export function readCloudFiles(name: string, env: NodeJS.ProcessEnv, cwd: string, faults: string[]): Json | null {
  const path = find('clouds', env['OS_CLIENT_CONFIG_FILE'], env, cwd);
  if (path === null) {
    faults.push(`OS_CLOUD is "${name}", but there is no clouds.yaml in ${folders(env, cwd).join(', ')}.`);
    return null;
  }
  const securePath = find('secure', env['OS_CLIENT_SECURE_FILE'], env, cwd);
  const file = load(path, faults);
  const secure = securePath === null ? null : load(securePath, faults);
  const clouds = file === null ? null : cloudsIn(path, file, faults);
  const secrets = securePath === null || secure === null ? null : cloudsIn(securePath, secure, faults);
  return clouds === null ? null : entryOf(name, path, clouds, secrets, faults);
}

function entryOf(name: string, path: string, clouds: Json, secrets: Json | null, faults: string[]): Json | null {
  const entry = Object.hasOwn(clouds, name) ? clouds[name] : undefined;
  if (!isObject(entry)) {
    faults.push(
      `OS_CLOUD is "${name}", expected one of those in ${path}: ${Object.keys(clouds).join(', ') || 'none'}.`,
    );
    return null;
  }
  if (entry['profile'] !== undefined && !(isObject(entry['auth']) && entry['auth']['auth_url'] !== undefined)) {
    faults.push(`cloud "${name}", profile: vendor profiles are not read; write auth.auth_url into ${path}.`);
  }
  const secret = secrets !== null && Object.hasOwn(secrets, name) ? secrets[name] : undefined;
  return isObject(secret) ? merge(entry, secret) : entry;
}
