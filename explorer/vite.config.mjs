import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

// Everything that the page needs, Monaco's workers included, goes into dist/explorer: the explorer works without the
// internet, under a Content-Security-Policy that names no outside host.
export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  base: '/explorer/',
  logLevel: 'warn',
  oxc: { jsx: { runtime: 'automatic' } },
  worker: { format: 'es' },
  build: {
    outDir: fileURLToPath(new URL('../dist/explorer', import.meta.url)),
    emptyOutDir: true,
    // Monaco alone is larger than the default warning threshold.
    chunkSizeWarningLimit: 10_000,
    reportCompressedSize: false,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      // "use client" means nothing in a page without server components; hundreds of modules carry it.
      onLog: (level, log, report) => log.code === 'MODULE_LEVEL_DIRECTIVE' || report(level, log),
    },
  },
});
