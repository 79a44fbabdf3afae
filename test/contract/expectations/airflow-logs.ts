import { expect } from 'vitest';
import type { Expectation } from '../contract.js';
import type { AirflowGiven, TaskName } from './airflow-given.js';

const BOUND = 20_000;

async function logOf(given: AirflowGiven, { dag, run, task }: TaskName, attempt?: number): Promise<string> {
  const log = await given.reader.taskLog(dag, run, task, attempt, BOUND);
  expect(log, `the log of ${task}`).toBeDefined();
  return log ?? '';
}
const failedTask = ({ broken, tasks }: AirflowGiven): TaskName => ({ ...broken, task: tasks.failed });

/** What both versions say of a try in words. */
export const logs: Expectation<AirflowGiven>[] = [
  {
    name: 'the log of a failed task ends with the exception by type and value',
    async check(given) {
      expect(await logOf(given, failedTask(given))).toContain(given.exception);
    },
  },
  {
    name: 'no markers for folding, and no paths of the server it was read from',
    async check(given) {
      const log = await logOf(given, failedTask(given));
      expect(log).not.toMatch(/::(end)?group::/);
      expect(log).not.toMatch(/attempt=\d+\.log/);
    },
  },
  {
    name: 'every try has a log of its own',
    async check(given) {
      const [first, second] = [await logOf(given, failedTask(given), 1), await logOf(given, failedTask(given), 2)];
      expect(first).toContain(given.exception);
      expect(second).toContain(given.exception);
      expect(first).not.toBe(second);
      expect(await logOf(given, failedTask(given))).toBe(second);
    },
  },
  {
    name: 'a mapped task is read by its failed instance',
    async check(given) {
      const log = await logOf(given, { ...given.broken, task: given.tasks.mapped });
      expect(log).toMatch(/Error: /);
    },
  },
  {
    name: 'a skipped task says that it was skipped, and names no exception',
    async check(given) {
      const log = await logOf(given, { ...given.broken, task: given.tasks.skipped });
      expect(log).toMatch(/skip/i);
      expect(log).not.toContain('Task failed with exception');
    },
  },
  {
    name: 'a task that never began has no log',
    async check({ reader, broken, tasks }) {
      expect(await reader.taskLog(broken.dag, broken.run, tasks.waiting, undefined, BOUND)).toBeUndefined();
    },
  },
  {
    name: 'of a long log the beginning, the telling line of its middle and the end, within the bound',
    async check(given) {
      const log = await logOf(given, given.chatter);
      expect(Buffer.byteLength(log)).toBeLessThanOrEqual(BOUND + 200);
      expect(log).toContain(given.chatter.tells);
      expect(log).toContain(given.chatter.last);
      expect(log).toMatch(/\[\d+ lines cut/);
    },
  },
  {
    name: 'the log of a running task is read to where it is and does not wait for more',
    async check(given) {
      expect(await logOf(given, given.running)).not.toContain('Task failed');
    },
    withinMs: 20_000,
  },
];

/** Deaths as Airflow 3 tells them. */
export const signalledLogs: Expectation<AirflowGiven>[] = [
  {
    name: 'a killed process is told by its signal',
    async check(given) {
      const log = await logOf(given, given.killed);
      expect(log).toContain('Process terminated by signal');
      expect(log).toContain('signal_name=SIGKILL');
    },
  },
  {
    name: 'a task that somebody ended is told with who did it',
    async check(given) {
      const log = await logOf(given, given.stopped);
      expect(log).toContain("Server indicated the task shouldn't be running anymore");
      expect(log).toContain('"current_state":"failed"');
      expect(log).toMatch(/EVENT patch_task_instance by \S+/);
    },
  },
  {
    name: 'a task whose machine is lost is told by the heartbeat it no longer gave',
    async check(given) {
      expect(await logOf(given, given.lost)).toMatch(
        /EVENT heartbeat timeout: .*did not emit heartbeat within time limit/,
      );
    },
  },
  {
    name: 'a line does not repeat which task it is of',
    async check(given) {
      expect(await logOf(given, failedTask(given))).not.toMatch(/ti_id=|dag_id=|run_id=/);
    },
  },
];
