import { afterEach, describe, expect, it } from 'vitest';
import type { SparkApp } from '../../src/domain/platform-ports.js';
import { type ScriptedAnswer, type ScriptedServer, startScriptedServer } from '../../test/support/scripted-http.js';
import { createSparkReader } from './read.js';

let server: ScriptedServer;
afterEach(() => server.close());
async function history(routes: Record<string, unknown>) {
  server = await startScriptedServer(({ path }): ScriptedAnswer => {
    const route = Object.keys(routes).find((key) => path.slice('/api/v1'.length).split('?')[0] === key);
    return route === undefined ? { status: 404, text: 'unknown app' } : { json: routes[route] };
  });
  return createSparkReader({ http: server.client() });
}
const app: SparkApp = { id: 'app-1', name: 'x', startedAt: '', endedAt: undefined, completed: true };
const attempt = (fields: Record<string, unknown>) => ({
  completed: true,
  startTime: '2026-11-23T02:10:00.000GMT',
  ...fields,
});
const failed = {
  status: 'FAILED',
  stageId: 4,
  attemptId: 1,
  name: 'save',
  numFailedTasks: 4,
  executorRunTime: 10,
  memoryBytesSpilled: 5,
  diskBytesSpilled: 7,
  failureReason: `Job aborted.\n${'\tat frame\n'.repeat(3000)}Caused by: ExecutorLostFailure 137\n\tat end`,
};
const parts = (base: string) => ({
  [`${base}/stages`]: [
    failed,
    { status: 'COMPLETE', stageId: 3, attemptId: 0, executorRunTime: 99 },
    { status: 'NEW_ONE', stageId: 9, attemptId: 0 },
  ],
  [`${base}/stages/4/1/taskList`]: [
    {
      index: 7,
      executorId: '2',
      host: 'h',
      errorMessage: 'boom',
      duration: 12,
      taskMetrics: { inputMetrics: { bytesRead: 100 }, shuffleReadMetrics: { remoteBytesRead: 20, localBytesRead: 3 } },
    },
    { index: 8 },
  ],
  [`${base}/stages/4/1/taskSummary`]: {
    executorRunTime: [10, 500],
    diskBytesSpilled: [0, 0],
    inputMetrics: { bytesRead: [1, 90] },
  },
  [`${base}/allexecutors`]: [
    { id: 'driver', hostPort: 'd:1', isActive: true },
    { id: '2', hostPort: 'h:2', isActive: false, removeReason: 'exit code 137', failedTasks: 4, maxMemory: 1 },
  ],
  [`${base}/environment`]: { sparkProperties: [['spark.executor.memory', '2g']] },
});

describe('createSparkReader', () => {
  it('lists applications by name, newest first; one that never ended has no end', async () => {
    const reader = await history({
      '/applications': [
        { id: 'a', name: 'orders-1', attempts: [attempt({})] },
        {
          id: 'b',
          name: 'orders-2',
          attempts: [
            attempt({
              startTime: '2026-11-23T03:00:00.000GMT',
              endTime: '1969-12-31T23:59:59.999GMT',
              completed: false,
            }),
          ],
        },
        { id: 'c', name: 'other', attempts: [] },
      ],
    });
    expect(await reader.applications('orders', 5)).toEqual([
      { id: 'b', name: 'orders-2', startedAt: '2026-11-23T03:00:00.000Z', endedAt: undefined, completed: false },
      { id: 'a', name: 'orders-1', startedAt: '2026-11-23T02:10:00.000Z', endedAt: undefined, completed: true },
    ]);
    expect(await reader.applications('orders', 1)).toHaveLength(1);
  });

  it.each([
    ['with an attempt in the path in cluster mode', '1', '/applications/app-1/1'],
    ['without one otherwise', undefined, '/applications/app-1'],
  ])('reads a failure %s', async (_, attemptId, base) => {
    const reader = await history({
      '/applications/app-1': { id: 'app-1', name: 'x', attempts: [attempt({ attemptId })] },
      ...parts(base),
    });
    const failure = await reader.failure(app);
    expect(failure.stages).toMatchObject([{ id: 4, attempt: 1, failedTasks: 4, spilledBytes: 12 }]);
    expect(failure.stages[0]?.reason).toContain('Caused by: ExecutorLostFailure 137');
    expect(failure.stages[0]?.reason.length).toBeLessThan(6500);
    expect(failure.taskErrors[0]).toEqual({
      stage: 4,
      index: 7,
      executor: '2',
      host: 'h',
      message: 'boom',
      inputBytes: 123,
      durationMs: 12,
    });
    expect(failure.taskSummary).toEqual([
      { stage: 4, metric: 'run_time_ms', median: 10, max: 500 },
      // 100: what the task that failed had read, which the server's own quantiles leave out.
      { stage: 4, metric: 'input_bytes', median: 1, max: 100 },
    ]);
    expect(failure.executors[0]).toEqual({
      id: '2',
      host: 'h',
      active: false,
      removeReason: 'exit code 137',
      failedTasks: 4,
      maxMemory: 1,
    });
    expect(failure.settings).toEqual({ 'spark.executor.memory': '2g' });
  });

  it('shows the longest stage when none failed, and no summary when it has none', async () => {
    const base = '/applications/app-1';
    const routes = {
      ...parts(base),
      [base]: { id: 'app-1', name: 'x', attempts: [] },
      [`${base}/stages`]: [{ stageId: 3, attemptId: 0 }],
    };
    expect(await (await history(routes)).failure(app)).toMatchObject({ stages: [], taskErrors: [], taskSummary: [] });
  });

  it('says not_found for an application the server does not know, and unexpected_answer for garbage', async () => {
    await expect((await history({})).failure(app)).rejects.toMatchObject({ kind: 'not_found' });
    await server.close();
    await expect((await history({ '/applications': { no: 'list' } })).applications('', 1)).rejects.toMatchObject({
      kind: 'unexpected_answer',
    });
  });
});
