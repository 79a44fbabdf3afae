import { expect } from 'vitest';
import type { Expectation } from '../contract.js';
import type { AirflowGiven } from './airflow-given.js';

const NOTE = 'Countersign inc-1: retry [key-1 after 2 tries]';

async function runOf({ reader }: AirflowGiven, { dag, run }: { dag: string; run: string }) {
  return (await reader.runs(dag, 20)).find((item) => item.run === run);
}
async function instancesOf({ reader }: AirflowGiven, { dag, run }: { dag: string; run: string }, task: string) {
  return (await reader.tasks(dag, run)).filter((item) => item.task === task);
}
async function statesOf(given: AirflowGiven, at: { dag: string; run: string }): Promise<Record<string, string[]>> {
  const states: Record<string, string[]> = {};
  for (const { task, state } of await given.reader.tasks(at.dag, at.run))
    states[task] = [...(states[task] ?? []), state];
  return states;
}

/** In this order: each goes on from the run as the one before left it. */
export const clearing: Expectation<AirflowGiven>[] = [
  {
    name: 'an unknown task, run or DAG is not cleared but refused as unknown',
    async check({ writer, broken, tasks }) {
      const unknown = { kind: 'not_found' };
      await expect(writer.clear(broken.dag, broken.run, ['no_such_task'], false)).rejects.toMatchObject(unknown);
      await expect(writer.clear(broken.dag, 'no_such_run', [tasks.failed], false)).rejects.toMatchObject(unknown);
      await expect(writer.clear('no_such_dag', broken.run, [tasks.failed], false)).rejects.toMatchObject(unknown);
    },
  },
  {
    name: 'a running task is not cleared but refused as a conflict, and runs on',
    async check(given) {
      const { dag, run, task } = given.running;
      await expect(given.writer.clear(dag, run, [task], false)).rejects.toMatchObject({
        kind: 'conflict',
        retryable: false,
      });
      expect(await instancesOf(given, given.running, task)).toMatchObject([{ state: 'running', tryNumber: 1 }]);
    },
  },
  {
    name: 'a dry run lists exactly what was named and changes nothing',
    async check(given) {
      const { reader, writer, broken, tasks, failingIndex } = given;
      const before = [await runOf(given, broken), await reader.tasks(broken.dag, broken.run)];
      const would = await writer.clear(broken.dag, broken.run, [tasks.failed, tasks.mapped], true);
      expect(would.map(({ task }) => task).sort()).toEqual([tasks.failed, tasks.mapped].sort());
      expect([await runOf(given, broken), await reader.tasks(broken.dag, broken.run)]).toEqual(before);
      expect(failingIndex).toBeGreaterThanOrEqual(0);
    },
  },
  {
    name: 'a note is written below a person’s, once',
    async check(given) {
      const { writer, broken } = given;
      await writer.annotate(broken.dag, broken.run, 'I look at it, Ana');
      await writer.annotate(broken.dag, broken.run, NOTE);
      await writer.annotate(broken.dag, broken.run, NOTE);
      expect((await runOf(given, broken))?.note).toBe(`I look at it, Ana\n${NOTE}`);
    },
  },
  {
    name: 'a clear takes a failed task and leaves what waits behind it',
    async check(given) {
      const { writer, broken, tasks } = given;
      const cleared = await writer.clear(broken.dag, broken.run, [tasks.failed], false);
      expect(cleared.map(({ task }) => task)).toEqual([tasks.failed]);
      const run = await runOf(given, broken);
      expect(['queued', 'running']).toContain(run?.state);
      expect(run?.note).toContain(NOTE);
      const states = await statesOf(given, broken);
      expect(states[tasks.waiting]).toEqual(['upstream_failed']);
      expect(states[tasks.done]).toEqual(['success']);
    },
  },
  {
    name: 'cleared but not mended it fails again, with its retries over again and the old tries still to be read',
    async check(given) {
      const { reader, broken, tasks, retries, exception, settle } = given;
      await settle(broken.dag, broken.run);
      expect(await runOf(given, broken)).toMatchObject({ state: 'failed' });
      const tries = 2 * (retries + 1);
      expect(await instancesOf(given, broken, tasks.failed)).toMatchObject([{ state: 'failed', tryNumber: tries }]);
      expect(await instancesOf(given, broken, tasks.done)).toMatchObject([{ tryNumber: 1 }]);
      for (const attempt of [1, 2, tries])
        expect(await reader.taskLog(broken.dag, broken.run, tasks.failed, attempt, 20_000)).toContain(exception);
    },
    withinMs: 120_000,
  },
  {
    name: 'of a mapped task only the failed instance is cleared',
    async check(given) {
      const { writer, mended, tasks, failingIndex } = given;
      const cleared = await writer.clear(mended.dag, mended.run, [tasks.mapped], false);
      expect(cleared).toHaveLength(1);
      await given.settle(mended.dag, mended.run);
      for (const { mapIndex, state, tryNumber } of await instancesOf(given, mended, tasks.mapped)) {
        expect([mapIndex, state]).toEqual([mapIndex, 'success']);
        expect([mapIndex, tryNumber]).toEqual([mapIndex, mapIndex === failingIndex ? 2 : 1]);
      }
    },
    withinMs: 120_000,
  },
  {
    name: 'a mended task that is cleared alone succeeds, and the run still fails by what waits behind it',
    async check(given) {
      const { writer, mended, tasks } = given;
      await writer.clear(mended.dag, mended.run, [tasks.failed], false);
      await given.settle(mended.dag, mended.run);
      const states = await statesOf(given, mended);
      expect(states[tasks.failed]).toEqual(['success']);
      expect(states[tasks.waiting]).toEqual(['upstream_failed']);
      expect(await runOf(given, mended)).toMatchObject({ state: 'failed' });
    },
    withinMs: 120_000,
  },
  {
    name: 'with what waits behind it the run succeeds, and what was done is not done again',
    async check(given) {
      const { reader, writer, mended, tasks, exception } = given;
      await writer.clear(mended.dag, mended.run, [tasks.waiting], false);
      await given.settle(mended.dag, mended.run);
      expect(await runOf(given, mended)).toMatchObject({ state: 'success' });
      expect(await instancesOf(given, mended, tasks.waiting)).toMatchObject([{ state: 'success', tryNumber: 1 }]);
      expect(await instancesOf(given, mended, tasks.done)).toMatchObject([{ tryNumber: 1 }]);
      expect(await reader.taskLog(mended.dag, mended.run, tasks.failed, 2, 20_000)).toContain(exception);
    },
    withinMs: 120_000,
  },
  {
    name: 'a task set to success does not run, and what failed behind it starts by itself',
    async check(given) {
      const { writer, broken, tasks } = given;
      const [before] = await instancesOf(given, broken, tasks.failed);
      await writer.markSuccess(broken.dag, broken.run, tasks.failed);
      await given.settle(broken.dag, broken.run);
      expect(await instancesOf(given, broken, tasks.failed)).toMatchObject([
        { state: 'success', tryNumber: before?.tryNumber },
      ]);
      expect(await instancesOf(given, broken, tasks.waiting)).toMatchObject([{ state: 'success', tryNumber: 1 }]);
    },
    withinMs: 120_000,
  },
];

/** Airflow 2 takes it without a word. */
export const clearingTwice: Expectation<AirflowGiven>[] = [
  {
    name: 'a task that is already set to success is a conflict, and stays so',
    async check({ writer, broken, tasks }) {
      await expect(writer.markSuccess(broken.dag, broken.run, tasks.failed)).rejects.toMatchObject({
        kind: 'conflict',
      });
    },
  },
];
