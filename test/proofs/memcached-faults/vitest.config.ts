import { defineConfig } from 'vitest/config';

// `npm run faults`: prints the table of docs/reliability.md; asserts nothing, the test beside it does.
export default defineConfig({
  resolve: { alias: [{ find: /^graphql$/, replacement: 'graphql/index.js' }] },
  test: {
    root: `${import.meta.dirname}/../../..`,
    include: ['test/proofs/memcached-faults/print.faults.ts'],
    testTimeout: 900_000,
  },
});
