import { readFileSync } from 'node:fs';

/** The codes that `docs/errors.md` lists, of services and of requests that are no operation. */
export const documentedCodes: ReadonlySet<string> = new Set(
  [...readFileSync(new URL('../../../docs/errors.md', import.meta.url), 'utf8').matchAll(/^\| ([A-Z_]+) \|/gm)].map(
    ([, code = '']) => code,
  ),
);

/** What no answer may hold: stack frames, folders, names of files of ours. */
export const INSIDES = /\n\s+at |node_modules|file:\/\/|node:internal|\/(?:tmp|home|work|usr|dist|src)\/|\.[jt]s:\d+/;
