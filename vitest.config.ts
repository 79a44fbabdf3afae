import { defineConfig } from 'vitest/config';

const shared = { environment: 'node' as const, restoreMocks: true };

/** unit: beside the source, no Redis, no network. integration: a real Redis and real processes. e2e: a real browser. storm: many incidents at once in compressed time, on a machine that does nothing else (`npm run test:storm`). real: the vendors' own servers, started by `npm run test:real`. */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          ...shared,
          name: 'unit',
          include: ['{src,adapters,tools,queues,fixtures}/**/*.test.{ts,tsx}', 'test/arch/**/*.test.ts'],
        },
      },
      {
        test: {
          ...shared,
          name: 'contract',
          include: ['test/contract/**/*.test.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          ...shared,
          name: 'integration',
          include: ['test/integration/**/*.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 60_000,
          maxWorkers: 1,
        },
      },
      {
        test: {
          ...shared,
          name: 'storm',
          include: ['test/storm/**/*.test.ts'],
          hookTimeout: 180_000,
          maxWorkers: 1,
        },
      },
      {
        test: {
          ...shared,
          name: 'real',
          include: ['test/real/**/*.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 300_000,
          maxWorkers: 1,
        },
      },
      {
        test: {
          ...shared,
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          testTimeout: 180_000,
          hookTimeout: 120_000,
          maxWorkers: 1,
        },
      },
    ],
  },
});
