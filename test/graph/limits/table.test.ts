import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { fixedLimits, limitTable } from '../../../src/graph/limits/table.js';

it('docs/security.md has exactly the limits of src/graph/limits/table.ts', async () => {
  const page = await readFile(new URL('../../../docs/security.md', import.meta.url), 'utf8');
  const documented = page.split('\n').filter((line) => line.startsWith('| `MAX_'));
  const settable = Object.entries(limitTable).map(
    ([name, { variable, fallback, counts }]) => `| \`${name}\` | \`${variable}\` | ${fallback} | ${counts} |`,
  );
  const fixed = Object.entries(fixedLimits).map(
    ([name, { allowed, counts }]) => `| \`${name}\` | ${allowed} | ${counts} |`,
  );
  expect(documented).toEqual([...settable, ...fixed]);
});
