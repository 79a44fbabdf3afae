import { AppError } from '../../src/domain/errors.js';
import type { PlatformReaders, PlatformWriters, TaskInstance } from '../../src/domain/platform-ports.js';
import type { Retry } from '../../src/domain/proposal.js';
import type { RepairKey, RepairTool } from '../../src/domain/tool.js';

export interface DagRetryDeps {
  writers: Pick<PlatformWriters, 'airflow'>;
  readers: Pick<PlatformReaders, 'airflow'>;
}

const UNFINISHED: ReadonlySet<string> = new Set(['failed', 'upstream_failed']);
/** Clearing a task in one of these would end or repeat work. One that only waits may be cleared: it goes on waiting. */
const STARTED: ReadonlySet<string> = new Set([
  'running',
  'restarting',
  'deferred',
  'up_for_retry',
  'up_for_reschedule',
  'success',
]);

/**
 * Clears exactly the approved tasks. Airflow has no idempotency key, so a note with ours and the sum of all tries is written on
 * the run first: whoever comes after a crash sees by the tries whether the clear took effect.
 */
export function createDagRetryRepair({ writers, readers }: DagRetryDeps): RepairTool<Retry> {
  const instancesOf = (action: Retry): Promise<TaskInstance[]> => readers.airflow.tasks(action.dag, action.run);
  return {
    kind: 'retry',

    async check(action, key) {
      const run = (await readers.airflow.runs(action.dag, 100)).find((item) => item.run === action.run);
      if (!run) return 'unknown';
      const instances = await instancesOf(action);
      const tasks = tasksOf(action, instances);
      const skipped = action.mark_success.every((task) => stateOf(instances, task) === 'success');
      const noted = notedTries(run.note, key);
      // Without our note nothing was sent by us; where nothing is left to do all the same, somebody else has done it.
      if (noted === undefined)
        return tasks.every((task) => isUnderWay(instances, task)) && skipped ? 'done' : 'not_done';
      // Marking alone sets what stands behind the mark to waiting: only all of them under way say that the clear was sent.
      const cleared = triesOf(instances, tasks) > noted || tasks.every((task) => isUnderWay(instances, task));
      if (cleared) return skipped ? 'done' : 'unknown';
      return 'not_done';
    },

    async apply(action, key) {
      const instances = await instancesOf(action);
      const tasks = tasksOf(action, instances);
      if (tasks.length === 0) throw new AppError('precondition', { safeText: 'No task of this run is left to clear.' });
      await refuseOtherScope(writers, action, tasks);
      await writers.airflow.annotate(action.dag, action.run, noteText(key, triesOf(instances, tasks)));
      // Marked first: a cleared task must not find the one before it failed.
      for (const task of action.mark_success) await writers.airflow.markSuccess(action.dag, action.run, task);
      // Airflow goes on by itself behind a task that was marked: what runs already must not be cleared under its feet.
      const left = action.mark_success.length === 0 ? tasks : notYetGoing(await instancesOf(action), tasks, instances);
      const cleared = left.length === 0 ? [] : await writers.airflow.clear(action.dag, action.run, left, false);
      const marked = action.mark_success.length > 0 ? `, set ${action.mark_success.length} to success` : '';
      return { detail: `Cleared ${cleared.length} task instances of ${action.dag} ${action.run}${marked}.` };
    },
  };
}

function tasksOf(action: Retry, instances: readonly TaskInstance[]): string[] {
  if (action.tasks !== 'failed') return action.tasks;
  const failed = instances.filter((item) => UNFINISHED.has(item.state)).map((item) => item.task);
  return [...new Set(failed)].filter((task) => !action.mark_success.includes(task));
}

function stateOf(instances: readonly TaskInstance[], task: string): string | undefined {
  const states = instances.filter((item) => item.task === task).map((item) => item.state);
  return states.find((state) => state !== 'success') ?? states[0];
}

/** Cleared, running or through: anything but failed, and there at all. */
function isUnderWay(instances: readonly TaskInstance[], task: string): boolean {
  const own = instances.filter((item) => item.task === task);
  return own.length > 0 && own.every((item) => !UNFINISHED.has(item.state));
}

/**
 * Of the tasks to run those that have not started since `before` was read. One that waits behind the mark is cleared with the rest:
 * if the scheduler looks at it while another task before it has still failed, it is given up and never looked at again.
 */
function notYetGoing(
  now: readonly TaskInstance[],
  tasks: readonly string[],
  before: readonly TaskInstance[],
): string[] {
  return tasks.filter((task) => isUnderWay(before, task) || !hasStarted(now, task));
}

function hasStarted(instances: readonly TaskInstance[], task: string): boolean {
  const own = instances.filter((item) => item.task === task);
  return own.length > 0 && own.some((item) => STARTED.has(item.state));
}

function triesOf(instances: readonly TaskInstance[], tasks: readonly string[]): number {
  return instances.filter((item) => tasks.includes(item.task)).reduce((sum, item) => sum + item.tryNumber, 0);
}

function noteText({ idempotencyKey, incident }: RepairKey, tries: number): string {
  return `Countersign ${incident}: retry [${idempotencyKey} after ${tries} tries]`;
}

function notedTries(note: string | undefined, { idempotencyKey }: RepairKey): number | undefined {
  const at = note?.indexOf(`[${idempotencyKey} after `) ?? -1;
  const read = at < 0 ? null : / after (\d{1,9}) tries\]/.exec(note?.slice(at) ?? '');
  return read ? Number(read[1]) : undefined;
}

/** What Airflow would clear must be what was approved: a task more is a task that nobody agreed to run. */
async function refuseOtherScope(
  writers: DagRetryDeps['writers'],
  action: Retry,
  tasks: readonly string[],
): Promise<void> {
  const would = new Set(
    (await writers.airflow.clear(action.dag, action.run, [...tasks], true)).map(({ task }) => task),
  );
  const extra = [...would].filter((task) => !tasks.includes(task) && !action.mark_success.includes(task));
  if (extra.length > 0 || would.size === 0) {
    throw new AppError('precondition', {
      safeText:
        would.size === 0
          ? 'Airflow would clear nothing; the tasks are no longer as they were approved.'
          : `Airflow would clear ${extra.length} more tasks than were approved; nothing was sent.`,
    });
  }
}
