import { readdir, readFile, stat } from 'node:fs/promises';
import { extname, join } from 'node:path';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { allowExplorer } from './headers.js';

const TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.ttf': 'font/ttf',
  '.woff2': 'font/woff2',
};

/** The explorer's files by their name in the URL. Only what this lists is ever read from the disk. */
export interface ExplorerFiles {
  readonly page: Buffer;
  readonly assets: ReadonlyMap<string, string>;
}

/** Lists the built explorer in `folder`; null where it has not been built. */
export async function findExplorer(folder: string): Promise<ExplorerFiles | null> {
  const built = await stat(join(folder, 'index.html')).catch(() => null);
  if (built === null) return null;
  const names = await readdir(join(folder, 'assets'));
  return {
    page: await readFile(join(folder, 'index.html')),
    assets: new Map(names.map((name) => [name, join(folder, 'assets', name)])),
  };
}

/** Serves the explorer's scripts, styles, fonts and workers. Their names contain their hashes: they never change. */
export function serveAssets(app: FastifyInstance, { assets }: ExplorerFiles): void {
  app.get<{ Params: { name: string } }>('/explorer/assets/:name', async (request, reply) => {
    const path = assets.get(request.params.name);
    if (path === undefined) return reply.callNotFound();
    reply.header('cache-control', 'public, max-age=31536000, immutable');
    // A worker obeys the policy of its own script's answer.
    allowExplorer(reply).type(TYPES[extname(path)] ?? 'application/octet-stream');
    return reply.send(await readFile(path));
  });
}

/** Answers with the explorer's page, or says how to get it. */
export function sendExplorer(reply: FastifyReply, files: ExplorerFiles | null): FastifyReply {
  if (files === null) {
    return reply.code(404).type('text/plain; charset=utf-8').send('The explorer is not built: run `npm run build`.\n');
  }
  return allowExplorer(reply).type('text/html; charset=utf-8').send(files.page);
}
