import { defineConfig } from 'vitest/config';

// Two cores: more workers than that only add noise. Tests on the real control plane and in a browser have projects of
// their own, so that `npm test` needs nothing but what it starts itself.
export default defineConfig({
  // Vite would take graphql's ES module for our sources while Node gives its CommonJS one to libraries: two graphqls, which
  // refuse each other's schemas. Plain Node uses the CommonJS one for all.
  resolve: { alias: [{ find: /^graphql$/, replacement: 'graphql/index.js' }] },
  test: {
    maxWorkers: 2,
    // On a machine with much else to do a test takes many times as long as alone; what hangs hangs at two minutes too.
    testTimeout: 120_000,
    hookTimeout: 60_000,
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          globalSetup: 'test/support/secrets/setup.ts',
          include: ['test/**/*.test.ts'],
          exclude: ['test/cloud/*.test.ts', 'test/browser/**', 'test/proofs/**', 'test/torture/**'],
        },
      },
      {
        // Running gateways under races, faults and attacks: one file at a time, or each would be a fault of the other's.
        extends: true,
        test: {
          name: 'proofs',
          globalSetup: 'test/support/secrets/setup.ts',
          include: ['test/{proofs,torture}/**/*.test.ts'],
          fileParallelism: false,
          // After the unit tests, where both are run.
          sequence: { groupOrder: 1 },
          testTimeout: 300_000,
          hookTimeout: 60_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'cloud',
          include: ['test/cloud/*.test.ts'],
          globalSetup: 'test/cloud/support/setup.ts',
          fileParallelism: false,
          testTimeout: 120_000,
          hookTimeout: 60_000,
        },
      },
      {
        extends: true,
        test: { name: 'browser', include: ['test/browser/**/*.test.ts'], fileParallelism: false, testTimeout: 60_000 },
      },
    ],
  },
});
