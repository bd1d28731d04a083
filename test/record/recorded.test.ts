import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { recordedRows } from './recorded.js';
import type { RowType } from './step.js';

const TYPES: readonly RowType[] = [
  'server',
  'flavor',
  'image',
  'network',
  'subnet',
  'port',
  'floatingip',
  'security-group',
  'security-group-rule',
  'volume',
  'snapshot',
  'project',
];
const FOLDER = join(import.meta.dirname, '..', 'recorded');

describe('the recordings of the real control plane', () => {
  it.each(TYPES)('hold rows of %s, from lists and by themselves, for members and for administrators', (type) => {
    for (const audience of ['member', 'admin'] as const) {
      const rows = recordedRows(type, audience);
      expect(new Set(rows.map(({ from }) => from))).toEqual(new Set(['list', 'one']));
      for (const { row, step } of rows) expect(row, step).toHaveProperty('id');
    }
  });

  it("show an administrator's fields to administrators only", () => {
    const fields: readonly (readonly [RowType, string])[] = [
      ['server', 'OS-EXT-SRV-ATTR:host'],
      ['port', 'binding:host_id'],
      ['network', 'provider:network_type'],
      ['volume', 'os-vol-host-attr:host'],
    ];
    for (const [type, field] of fields) {
      expect(recordedRows(type, 'admin').some(({ row }) => field in row)).toBe(true);
      expect(recordedRows(type, 'member').filter(({ row }) => field in row)).toEqual([]);
    }
  });

  it('hold no token, password, key or address of the machine that they were made on', () => {
    const files = readdirSync(FOLDER, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.json'));
    expect(files.length).toBeGreaterThan(5);
    for (const file of files) {
      expect(readFileSync(join(FOLDER, file), 'utf8')).not.toMatch(
        /gAAAA|-secret|127\.0\.0\.1|Traceback \(|"adminPass": "(?!scrubbed)/,
      );
    }
  });
});
