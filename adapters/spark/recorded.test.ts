import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { SparkFailure } from '../../src/domain/platform-ports.js';
import { type ScriptedServer, startScriptedServer } from '../../test/support/scripted-http.js';
import { createSparkReader } from './read.js';

interface Recording {
  answers: Record<string, { status: number; body: unknown }>;
}

let server: ScriptedServer;
afterEach(() => server.close());

/** The failure of the one application in a recording, read from the answers of a real History Server. */
async function failureIn(recording: string): Promise<SparkFailure> {
  const file = join(import.meta.dirname, 'recorded', `${recording}.json`);
  const { answers } = JSON.parse(readFileSync(file, 'utf8')) as Recording;
  server = await startScriptedServer(({ path }) => {
    const answer = answers[path];
    if (answer === undefined) return { status: 404, text: `not recorded: ${path}` };
    return answer.status === 200 ? { json: answer.body } : { status: answer.status, text: String(answer.body) };
  });
  const id = Object.keys(answers)[0]?.split('/')[4] ?? '';
  return createSparkReader({ http: server.client() }).failure({
    id,
    name: '',
    startedAt: '',
    endedAt: undefined,
    completed: true,
  });
}

describe('what a real History Server answers', () => {
  it('counts the task that died with its executor, which the server does not when it saw the executor go first', async () => {
    const { executors, stages, taskErrors, taskSummary } = await failureIn('executor-killed');
    expect(stages[0]?.reason).toContain('ExecutorLostFailure');
    expect(taskErrors).toMatchObject([{ executor: '0', index: 1 }]);
    expect(executors[0]).toMatchObject({
      id: '0',
      active: false,
      removeReason: 'Command exited with code 137',
      removedAt: '2026-11-23T13:19:26.664Z',
      failedTasks: 1,
    });
    // No task succeeded: the server has no quantiles and says 404.
    expect(taskSummary).toEqual([]);
  });

  it('shows the skew of the task that failed, which the quantiles leave out', async () => {
    const { taskSummary } = await failureIn('skewed-stage');
    const shuffled = taskSummary.find(({ metric }) => metric === 'shuffle_read_bytes');
    expect(shuffled).toEqual({ stage: 1, metric: 'shuffle_read_bytes', median: 39_724, max: 7_089_008 });
  });

  it('finds the text of a query that was refused before there was a job', async () => {
    const failure = await failureIn('unresolved-column');
    expect(failure).toMatchObject({ stages: [], taskErrors: [], queries: [{ id: 1 }] });
    expect(failure.queries[0]?.error).toMatch(/^\[UNRESOLVED_COLUMN\.WITH_SUGGESTION\].*`total_price`/);
  });

  it('knows nothing of how a killed driver ended', async () => {
    expect(await failureIn('driver-killed')).toMatchObject({ stages: [], taskErrors: [], queries: [] });
  });
});
