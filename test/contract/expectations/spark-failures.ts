import { expect } from 'vitest';
import type { Expectation } from '../contract.js';
import { failureOf, reasonsOf, type SparkGiven } from './spark-world.js';

const MOST_BYTES = 6_500;

/** Why an application failed. */
export const failureExpectations: Expectation<SparkGiven>[] = [
  {
    name: 'an application that went well has nothing to say',
    async check(given) {
      const failure = await failureOf(given, 'succeeds');
      expect(failure).toMatchObject({ stages: [], taskErrors: [], queries: [] });
      expect(failure.executors.every(({ failedTasks }) => failedTasks === 0)).toBe(true);
    },
  },
  {
    name: 'the reason of a failed stage names the lost executor and its exit code',
    async check(given) {
      const { stages } = await failureOf(given, 'executor-lost');
      expect(stages[0]?.failedTasks).toBeGreaterThan(0);
      expect(stages[0]?.reason).toMatch(/^Job aborted due to stage failure/);
      expect(stages[0]?.reason).toMatch(/ExecutorLostFailure[\s\S]*exit(ed)? (with )?(exit )?code 137/);
    },
  },
  {
    name: 'a killed executor is gone, with reason, exit code and time',
    async check(given) {
      const { app, executors } = await failureOf(given, 'executor-lost');
      const lost = executors.find(({ removeReason }) => removeReason?.includes('137'));
      expect(lost?.active).toBe(false);
      const at = Date.parse(lost?.removedAt ?? '');
      expect(at).toBeGreaterThan(Date.parse(app.startedAt));
      expect(at).toBeLessThanOrEqual(Date.parse(app.endedAt ?? ''));
    },
  },
  {
    name: 'the lost executor comes first and answers for the task that died with it',
    async check(given) {
      const { executors, taskErrors } = await failureOf(given, 'executor-lost');
      expect(executors[0]?.removeReason).toContain('137');
      expect(executors[0]?.failedTasks).toBeGreaterThan(0);
      expect(taskErrors.map(({ executor }) => executor)).toContain(executors[0]?.id);
    },
  },
  {
    name: 'the server lists the driver last among the executors, and as active after its end',
    async check(given) {
      const { app } = await failureOf(given, 'executor-lost');
      const path = `/api/v1/applications/${app.id}/allexecutors`;
      const all = JSON.parse((await given.http.request({ method: 'GET', path })).text) as Record<string, unknown>[];
      expect(all.at(-1)).toMatchObject({ id: 'driver', isActive: true });
    },
  },
  {
    name: 'a failed task names its executor, a host without port, and its own error',
    async check(given) {
      const { taskErrors } = await failureOf(given, 'executor-lost');
      expect(taskErrors[0]?.message).toContain('ExecutorLostFailure');
      expect(taskErrors[0]?.host).toMatch(/^[\w.-]+$/);
      expect(taskErrors[0]?.durationMs).toBeGreaterThan(0);
    },
  },
  {
    name: 'a skewed stage shows: its largest task had many times what the median had',
    async check(given) {
      const { taskSummary, stages } = await failureOf(given, 'skewed');
      const read = taskSummary.filter(({ metric }) => /^(input|shuffle_read)_bytes$/.test(metric));
      const ratio = Math.max(...read.map(({ median, max }) => max / Math.max(median, 1)));
      expect(ratio).toBeGreaterThan(20);
      expect(read.every(({ stage }) => stage === stages[0]?.id)).toBe(true);
    },
  },
  {
    name: 'the task that had too much says how much',
    async check(given) {
      const { taskErrors } = await failureOf(given, 'skewed');
      expect(taskErrors[0]?.inputBytes).toBeGreaterThan(1_000_000);
    },
  },
  {
    name: 'a stage without a task that succeeded has no distribution, and that is no error',
    async check(given) {
      const { app, stages } = await failureOf(given, 'too-large');
      const path = `/api/v1/applications/${app.id}/stages/${(stages[0]?.id ?? 0) + 900}/0/taskSummary`;
      const answer = await given.http.request({ method: 'GET', path, accept: [404] });
      expect(answer).toMatchObject({ status: 404, text: expect.stringContaining('No tasks reported metrics') });
    },
  },
  {
    name: 'the root cause below another error is kept',
    async check(given) {
      const reasons = reasonsOf(await failureOf(given, 'caused')).join('\n');
      expect(reasons).toContain('FAILED_READ_FILE');
      expect(reasons).toMatch(/Caused by: .*is not a Parquet file/);
    },
  },
  {
    name: 'of a stack of many KB the beginning and the telling line in its middle are kept',
    async check(given) {
      const { stages, taskErrors } = await failureOf(given, 'deep');
      // Spark 4 puts an error with a class of its own in place of `Job aborted due to stage failure`.
      expect(stages[0]?.reason).toMatch(/^\[PYTHON_EXCEPTION\]/);
      expect(stages[0]?.reason).toContain("ValueError: amount 'n/a' is no number");
      expect(stages[0]?.reason).toContain('lines cut');
      expect(taskErrors[0]?.message).toContain("ValueError: amount 'n/a' is no number");
    },
  },
  {
    name: 'no reason is longer than its bound',
    async check(given) {
      for (const kind of ['deep', 'caused', 'executor-lost'] as const) {
        const sizes = reasonsOf(await failureOf(given, kind)).map((text) => Buffer.byteLength(text));
        expect(Math.max(...sizes), kind).toBeLessThan(MOST_BYTES);
        expect(sizes.length, kind).toBeGreaterThan(0);
      }
    },
  },
  {
    name: 'too large a result is told as what it is',
    async check(given) {
      const { stages } = await failureOf(given, 'too-large');
      expect(stages[0]?.reason).toMatch(
        /serialized results of \d+ tasks .* is bigger than spark\.driver\.maxResultSize/,
      );
    },
  },
  {
    name: 'a query that was refused before any job has no failed stage, but its text',
    async check(given) {
      const { stages, taskErrors, queries } = await failureOf(given, 'refused');
      expect({ stages, taskErrors }).toEqual({ stages: [], taskErrors: [] });
      expect(queries[0]?.error).toContain('[UNRESOLVED_COLUMN.WITH_SUGGESTION]');
      expect(queries[0]?.error).toContain('`total_price`');
    },
  },
  {
    name: 'a batch that does not fit its Delta table is told with both schemas',
    async check(given) {
      const { stages, queries } = await failureOf(given, 'mismatch');
      expect(stages).toEqual([]);
      expect(queries[0]?.error).toMatch(/DELTA_[\s\S]*A schema mismatch detected when writing to the Delta table/);
      expect(queries[0]?.error).toMatch(/Table schema:[\s\S]*Data schema:[\s\S]*currency/);
    },
  },
  {
    name: 'settings are those of the submission',
    async check(given) {
      const { settings } = await failureOf(given, 'succeeds');
      expect(settings['spark.executor.memory']).toBe(given.executorMemory);
      expect(settings['spark.app.name']).toBe(`${given.prefix}-succeeds`);
    },
  },
  {
    name: 'a secret among the settings stays redacted',
    async check(given) {
      const failure = await failureOf(given, 'succeeds');
      expect(failure.settings['spark.hadoop.fs.s3a.secret.key']).toBe('*********(redacted)');
      expect(JSON.stringify(failure)).not.toContain(given.secret);
    },
  },
];
