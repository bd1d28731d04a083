import { defineConfig } from 'vitest/config';

// `npm run record`: needs a running test control plane (`test/cloud/up`, `test/cloud/seed`) and nothing of the gateway.
export default defineConfig({
  test: { root: `${import.meta.dirname}/../..`, include: ['test/record/*.record.ts'], testTimeout: 900_000 },
});
