import { expect } from 'vitest';
import type { Contract, Expectation } from '../contract.js';
import { clearing, clearingTwice } from './airflow-clear.js';
import type { AirflowGiven } from './airflow-given.js';
import { logs, signalledLogs } from './airflow-logs.js';

const reading: Expectation<AirflowGiven>[] = [
  {
    name: 'a DAG with its owners, file and schedule, not paused, without import errors',
    async check({ reader, dag }) {
      expect(await reader.dag(dag.dag)).toEqual(dag);
    },
  },
  {
    name: 'a paused DAG is said to be paused',
    async check({ reader, pausedDag }) {
      expect(await reader.dag(pausedDag)).toMatchObject({ dag: pausedDag, paused: true });
    },
  },
  {
    name: 'a DAG whose file does not import keeps what it was and says why it does not',
    async check({ reader, brokenDag }) {
      const { importErrors } = (await reader.dag(brokenDag.dag)) ?? { importErrors: [] };
      expect(importErrors.join('\n')).toContain(brokenDag.tells);
    },
  },
  {
    name: 'what is not there is none, not an error: DAG, runs, tasks, log',
    async check({ reader, broken, tasks }) {
      expect(await reader.dag('nobody_knows_this')).toBeUndefined();
      expect(await reader.runs('nobody_knows_this', 3)).toEqual([]);
      expect(await reader.tasks(broken.dag, 'nobody_knows_this')).toEqual([]);
      expect(await reader.taskLog(broken.dag, broken.run, 'nobody_knows_this', undefined, 9_000)).toBeUndefined();
      expect(await reader.taskLog(broken.dag, broken.run, tasks.failed, 99, 9_000)).toBeUndefined();
    },
  },
  {
    name: 'runs newest first, no more than asked for',
    async check({ reader, dag }) {
      const runs = await reader.runs(dag.dag, 3);
      // By when a run was due: which of two waiting runs starts first is up to the scheduler.
      const began = runs.map(({ logicalDate, startedAt }) => Date.parse(logicalDate ?? startedAt ?? ''));
      expect(began.length).toBeGreaterThan(1);
      expect([...began].sort((a, b) => b - a)).toEqual(began);
      expect(await reader.runs(dag.dag, 1)).toEqual(runs.slice(0, 1));
    },
  },
  {
    name: 'a run by schedule has its logical date and its end',
    async check({ reader, dag, runs }) {
      const run = (await reader.runs(dag.dag, 20)).find((item) => item.run === runs.scheduled);
      expect(run).toMatchObject({ type: 'scheduled', state: 'failed' });
      expect(Date.parse(run?.logicalDate ?? '')).toBe(Date.parse(runs.scheduled.replace('scheduled__', '')));
      expect(Date.parse(run?.endedAt ?? '')).toBeGreaterThanOrEqual(Date.parse(run?.startedAt ?? ''));
    },
  },
  {
    name: 'tasks of a run whose id holds + and :, in their states',
    async check({ reader, broken, tasks }) {
      expect(broken.run).toMatch(/:.*\+/);
      const states = new Map((await reader.tasks(broken.dag, broken.run)).map((ti) => [ti.task, ti.state]));
      expect(states.get(tasks.done)).toBe('success');
      expect(states.get(tasks.failed)).toBe('failed');
      expect(states.get(tasks.waiting)).toBe('upstream_failed');
      expect(states.get(tasks.skipped)).toBe('skipped');
    },
  },
  {
    name: 'tries are counted: a task with retries used them all, one that never began has none',
    async check({ reader, broken, tasks, retries }) {
      const found = await reader.tasks(broken.dag, broken.run);
      const of = (name: string) => found.find(({ task }) => task === name);
      expect(of(tasks.failed)).toMatchObject({ tryNumber: retries + 1, maxTries: retries });
      expect(of(tasks.done)).toMatchObject({ tryNumber: 1, mapIndex: -1 });
      expect(of(tasks.waiting)).toMatchObject({ tryNumber: 0 });
    },
  },
  {
    name: 'a task that ran has a host, a start and an end after it',
    async check({ reader, broken, tasks }) {
      const ran = (await reader.tasks(broken.dag, broken.run)).find(({ task }) => task === tasks.failed);
      expect(ran?.host).toBeTruthy();
      expect(Date.parse(ran?.endedAt ?? '')).toBeGreaterThan(Date.parse(ran?.startedAt ?? ''));
    },
  },
  {
    name: 'a mapped task has one instance an input, and only one of them failed',
    async check({ reader, broken, tasks, failingIndex, mappedCount }) {
      const mapped = (await reader.tasks(broken.dag, broken.run)).filter(({ task }) => task === tasks.mapped);
      expect(mapped.map(({ mapIndex }) => mapIndex).sort()).toEqual(Array.from({ length: mappedCount }, (_, n) => n));
      expect(mapped.filter(({ state }) => state === 'failed').map(({ mapIndex }) => mapIndex)).toEqual([failingIndex]);
    },
  },
  {
    name: 'a call that is given up ends',
    async check({ reader, dag }) {
      await expect(reader.runs(dag.dag, 3, AbortSignal.abort())).rejects.toMatchObject({ kind: 'timeout' });
    },
  },
];

const runsByHand: Expectation<AirflowGiven>[] = [
  {
    name: 'a run by hand may have no logical date',
    async check({ reader, dag, runs }) {
      const run = (await reader.runs(dag.dag, 20)).find((item) => item.run === runs.manual);
      expect(run).toMatchObject({ type: 'manual', logicalDate: undefined });
    },
  },
];

/** Airflow 2 answers a wrong password like a missing right. */
const logins: Expectation<AirflowGiven>[] = [
  {
    name: 'a wrong password is a refused login',
    async check({ stranger, dag }) {
      await expect(stranger.dag(dag.dag)).rejects.toMatchObject({ kind: 'unauthenticated' });
    },
  },
  {
    name: 'a token that is refused is renewed once, without the caller noticing',
    async check({ spoilt, dag }) {
      const { reader, logins } = spoilt(1);
      expect(await reader.dag(dag.dag)).toMatchObject({ dag: dag.dag });
      expect(logins()).toBe(2);
      await reader.runs(dag.dag, 1);
      expect(logins()).toBe(2);
    },
  },
  {
    name: 'a token that is refused again ends in an error, not in more logins',
    async check({ spoilt, dag }) {
      const { reader, logins } = spoilt(9);
      await expect(reader.dag(dag.dag)).rejects.toMatchObject({ kind: 'unauthenticated' });
      expect(logins()).toBe(2);
    },
  },
];

const refusals: Expectation<AirflowGiven>[] = [
  {
    name: 'the viewer may not clear, not even as a dry run',
    async check({ viewer, reader, broken, tasks }) {
      const before = await reader.tasks(broken.dag, broken.run);
      for (const dryRun of [true, false])
        await expect(viewer.clear(broken.dag, broken.run, [tasks.failed], dryRun)).rejects.toMatchObject({
          kind: 'forbidden',
        });
      expect(await reader.tasks(broken.dag, broken.run)).toEqual(before);
    },
  },
  {
    name: 'the viewer may not set a task to success',
    async check({ viewer, reader, broken, tasks }) {
      const before = await reader.tasks(broken.dag, broken.run);
      await expect(viewer.markSuccess(broken.dag, broken.run, tasks.failed)).rejects.toMatchObject({
        kind: 'forbidden',
      });
      expect(await reader.tasks(broken.dag, broken.run)).toEqual(before);
    },
  },
  {
    name: 'the viewer may not write a note',
    async check({ viewer, reader, broken }) {
      await expect(viewer.annotate(broken.dag, broken.run, 'not allowed')).rejects.toMatchObject({ kind: 'forbidden' });
      const run = (await reader.runs(broken.dag, 20)).find((item) => item.run === broken.run);
      expect(run?.note ?? '').not.toContain('not allowed');
    },
  },
];

/** What Airflow 3 and the simulator do. */
export const airflowContract: Contract<AirflowGiven> = {
  system: 'airflow',
  expectations: [
    ...reading,
    ...runsByHand,
    ...logs,
    ...signalledLogs,
    ...logins,
    ...refusals,
    ...clearing,
    ...clearingTwice,
  ],
};

/** What is asked of Airflow 2, which is past its end of life: reading and clearing. */
export const airflow2Contract: Contract<AirflowGiven> = {
  system: 'airflow2',
  expectations: [...reading, ...logs, ...refusals, ...clearing],
};
