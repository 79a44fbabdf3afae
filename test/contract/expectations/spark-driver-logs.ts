import { expect } from 'vitest';
import type { Expectation } from '../contract.js';
import { appOf, type SparkGiven } from './spark-world.js';

/** What drivers said, from the place where the platform collects it. */
export const driverLogExpectations: Expectation<SparkGiven>[] = [
  {
    name: 'the log of a driver is found by its application, and ends with why it gave up',
    async check(given) {
      const app = await appOf(given, 'refused');
      const [log] = await given.reader.driverLogs(app);
      expect(log?.source).toContain(app.id);
      expect(log?.text).toMatch(/AnalysisException: \[UNRESOLVED_COLUMN\.WITH_SUGGESTION\].*`total_price`/);
    },
  },
  {
    name: 'a refused Delta append is in the log of its driver',
    async check(given) {
      const [log] = await given.reader.driverLogs(await appOf(given, 'mismatch'));
      expect(log?.text).toContain('A schema mismatch detected when writing to the Delta table');
    },
  },
  {
    name: 'the log of an application that went well tells of no exception',
    async check(given) {
      const [log] = await given.reader.driverLogs(await appOf(given, 'succeeds'));
      expect(log?.text).toContain('Running Spark version');
      expect(log?.text).not.toMatch(/Exception|Traceback/);
    },
  },
  {
    name: 'the log of a driver that was killed stops without a word of it',
    async check(given) {
      const [log] = await given.reader.driverLogs(await appOf(given, 'driver-killed'));
      expect(log?.text).toContain('Running Spark version');
      expect(log?.text).not.toContain('Successfully stopped SparkContext');
    },
  },
  {
    name: 'no log is longer than its bound',
    async check(given) {
      const [log] = await given.reader.driverLogs(await appOf(given, 'deep'));
      expect(Buffer.byteLength(log?.text ?? '')).toBeLessThan(26_000);
      expect(log?.text).toContain("ValueError: amount 'n/a' is no number");
    },
  },
  {
    name: 'an application of which nothing was collected has no log',
    async check({ reader }) {
      const app = { id: 'app-20200101000000-9999', name: '', startedAt: '', endedAt: undefined, completed: true };
      expect(await reader.driverLogs(app)).toEqual([]);
    },
  },
];
