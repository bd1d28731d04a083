import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { variables } from '../../src/config/variables.js';

/** Examples that are commands come with their own backquotes. */
const asCode = (example: string): string => (example.startsWith('`') ? example : `\`${example}\``);

it('docs/configuration.md has exactly the table of src/config/variables.ts', async () => {
  const page = await readFile(new URL('../../docs/configuration.md', import.meta.url), 'utf8');
  const rows = page.split('\n').filter((line) => /^\| `[A-Z_]+` +\|/.test(line));
  // The formatter pads the cells.
  const documented = rows.map((row) => row.replaceAll(/ +\|/g, ' |'));
  const known = Object.entries(variables).map(
    ([name, { fallback, example, meaning }]) => `| \`${name}\` | ${fallback} | ${asCode(example)} | ${meaning} |`,
  );
  expect(documented).toEqual(known);
});
