// Does what a fresh clone needs before it can run: install, codegen, compile, build the explorer. Each step leaves a
// stamp with the hash of its inputs in node_modules/.cache and is left out while the hash is the same.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('..', import.meta.url));
const CACHE = join(ROOT, 'node_modules', '.cache', 'stratograph');
const BUILD_INFO = join(CACHE, 'tsc.tsbuildinfo');

const bin = (...parts) => join('node_modules', ...parts);
const node = (...args) => [process.execPath, ...args];

const STEPS = {
  install: {
    title: 'install packages',
    inputs: ['package-lock.json', '.npmrc'],
    outputs: ['node_modules/.package-lock.json'],
    command: ['npm', 'ci', '--loglevel=error'],
    // Somebody has just run `npm ci` himself.
    isDone: () => isNewer('node_modules/.package-lock.json', 'package-lock.json'),
  },
  codegen: {
    title: 'generate types from the schema',
    inputs: ['schema', 'codegen', 'codegen.yml', 'package-lock.json'],
    outputs: ['src/generated', 'schema.graphql', 'type-policies.json'],
    command: node(bin('@graphql-codegen', 'cli', 'cjs', 'bin.js'), '--config', 'codegen.yml', '--silent'),
  },
  compile: {
    title: 'compile',
    inputs: ['src', 'tsconfig.json', 'package-lock.json'],
    outputs: ['dist/main.js'],
    command: node(bin('typescript', 'bin', 'tsc'), '-p', '.', '--incremental', '--tsBuildInfoFile', BUILD_INFO),
    // With its notes still there, the compiler would not write again what somebody has deleted.
    prepare: () => existsSync(join(ROOT, 'dist/main.js')) || rmSync(BUILD_INFO, { force: true }),
  },
  explorer: {
    title: 'build the explorer',
    inputs: ['explorer', 'package-lock.json'],
    outputs: ['dist/explorer/index.html'],
    command: node(bin('vite', 'bin', 'vite.js'), 'build', '--config', 'explorer/vite.config.mjs'),
  },
};

/** Runs every step whose inputs have changed. `only` names steps; default: all. */
export async function setUp(only = Object.keys(STEPS)) {
  const wanted = (name) => (only.includes(name) ? runStep(name, STEPS[name]) : undefined);
  await wanted('install');
  const [generated, explored] = await Promise.allSettled([
    (async () => {
      await wanted('codegen');
      await wanted('compile');
    })(),
    wanted('explorer'),
  ]);
  for (const { reason } of [generated, explored]) if (reason) throw reason;
}

async function runStep(name, { title, inputs, outputs, command, isDone, prepare }) {
  const stamp = join(CACHE, name);
  const hash = hashOf(inputs);
  const present = outputs.every((path) => existsSync(join(ROOT, path)));
  if (present && existsSync(stamp) && readFileSync(stamp, 'utf8') === hash) return;
  if (!present || existsSync(stamp) || !isDone?.()) {
    prepare?.();
    mkdirSync(CACHE, { recursive: true });
    const began = performance.now();
    await run(title, command);
    console.error(`${title}: ${((performance.now() - began) / 1000).toFixed(1)} s`);
  }
  mkdirSync(CACHE, { recursive: true });
  writeFileSync(stamp, hash);
}

/** Quiet while all goes well; everything that the command said where it fails. */
function run(title, [file, ...args]) {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] });
    const said = [];
    child.stdout.on('data', (data) => said.push(data));
    child.stderr.on('data', (data) => said.push(data));
    child.on('error', (error) => reject(new Error(`${title}: ${file} does not run: ${error.message}`)));
    child.on('close', (code) => {
      if (code === 0) return resolve();
      reject(new Error(`${title} failed (${file} ${args.join(' ')}):\n${Buffer.concat(said)}`));
    });
  });
}

/** One hash over names and contents of files and folders, and over Node's major version. */
export function hashOf(paths) {
  const hash = createHash('sha256').update(process.version.split('.')[0]);
  for (const path of paths.flatMap((path) => filesBelow(path))) {
    hash.update(`\0${path}\0`).update(readFileSync(join(ROOT, path)));
  }
  return hash.digest('hex');
}

function filesBelow(path) {
  const stats = statSync(join(ROOT, path), { throwIfNoEntry: false });
  if (stats === undefined) return [];
  if (!stats.isDirectory()) return [path];
  return readdirSync(join(ROOT, path))
    .sort()
    .flatMap((name) => filesBelow(join(path, name)));
}

function isNewer(path, other) {
  const [one, two] = [path, other].map((name) => statSync(join(ROOT, name), { throwIfNoEntry: false }));
  return one !== undefined && two !== undefined && one.mtimeMs >= two.mtimeMs;
}

/** For scripts: sets up, or prints why it cannot and ends. */
export async function setUpOrExit(only) {
  try {
    await setUp(only);
  } catch (error) {
    console.error(error.message);
    process.exit(1);
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const names = process.argv.slice(2);
  process.chdir(dirname(fileURLToPath(new URL('.', import.meta.url))));
  await setUpOrExit(names.length > 0 ? names : undefined);
}
