import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDemoCloud, type DemoCloud } from '../../src/demo/index.js';
import type { Recorded } from '../record/play.js';
import { playAll, readRecorded } from '../record/recorded.js';
import { sequence } from '../record/sequence/index.js';
import { differences } from './differences.js';

let cloud: DemoCloud;
let played: Map<string, Recorded[]>;

beforeAll(async () => {
  cloud = await createDemoCloud({ pace: 0.02 });
  played = await playAll(cloud.authUrl, 5);
}, 60_000);
afterAll(() => cloud.close());

const files = sequence.flatMap(({ file }) => (file === null ? [] : [file]));

describe.each(files)('the demo cloud, asked what the real one was asked in %s', (file) => {
  it.each(readRecorded(file).map((recorded, index) => ({ ...recorded, index })))(
    'answers alike: $name',
    ({ index, name, ...recorded }) => {
      const own = played.get(file)?.[index];
      const known = differences[`${file}: ${name}`];
      const { name: _, ...answer } = own ?? { name: '' };
      if (known === undefined) expect(answer).toEqual(recorded);
      else expect(answer, `no longer differs (${known}): take it off the list`).not.toEqual(recorded);
    },
  );
});
