import { spawnSync } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const BIOME = join(ROOT, 'node_modules', '@biomejs', 'biome', 'bin', 'biome');

const FORBIDDEN = [
  ['rest', '../cache/cache.js'],
  ['rest', '../auth/validate.js'],
  ['rest', '../http/log.js'],
  ['cache', '../load/rows.js'],
  ['cache/memcached', '../../graph/schema.js'],
  ['cache', '../config.js'],
  ['cache', '../metrics.js'],
  ['rest', '../metrics/registry.js'],
  ['http', '../metrics.js'],
  ['auth', '../load/loaders.js'],
  ['auth', '../generated/types.js'],
  ['load', '../graph/context.js'],
  ['load', '../auth/validate.js'],
  ['graph', '../http/log.js'],
  ['graph', '../server.js'],
  ['services/compute', '../../cache/cache.js'],
  ['services/compute', '../../graph/schema.js'],
  ['demo/compute', '../../rest/fault.js'],
  ['demo', '../auth/scope.js'],
  ['http', '../graph/schema.js'],
] as const;

const ALLOWED = [
  ['rest', '../auth/scope.js'],
  ['rest', '../row.js'],
  ['cache', '../rest/fault.js'],
  ['cache/memcached', '../../auth/scope.js'],
  ['auth', '../cache/cache.js'],
  ['load', '../services/registry.js'],
  ['load', '../resource.js'],
  ['graph', '../load/rows.js'],
  ['graph', '../http/parts.js'],
  ['services/compute', '../../resource.js'],
  ['services/compute', './server.js'],
  ['demo/compute', '../server.js'],
  ['http', '../rest/codes.js'],
] as const;

let folder = '';
let complaints: readonly string[] = [];

/** One file per case, linted together by the project's own rules in a folder of their own. */
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'stage-order-'));
  await copyFile(join(ROOT, 'biome.json'), join(folder, 'biome.json'));
  for (const [stage, target] of [...FORBIDDEN, ...ALLOWED]) {
    const file = join(folder, pathOf(stage, target));
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, `import { x } from '${target}';\n\nexport const y = x;\n`);
  }
  const flags = ['--only=style/noRestrictedImports', '--reporter=json', '--vcs-enabled=false', '--max-diagnostics=200'];
  const { stdout } = spawnSync(process.execPath, [BIOME, 'lint', ...flags, '.'], { cwd: folder, encoding: 'utf8' });
  complaints = stdout.match(/src\/[\w/-]+\.ts/g) ?? [];
});

afterAll(() => rm(folder, { recursive: true }));

function pathOf(stage: string, target: string): string {
  return `src/${stage}/${target.replaceAll(/[^a-z]+/g, '-').replace(/^-/, '')}.ts`;
}

it.each(FORBIDDEN)('src/%s may not import %s', (stage, target) => {
  expect(complaints).toContain(pathOf(stage, target));
});

it.each(ALLOWED)('src/%s may import %s', (stage, target) => {
  expect(complaints).not.toContain(pathOf(stage, target));
});
