import { AppError } from '../../src/domain/errors.js';
import type { PipelineTask } from '../../src/domain/pipeline.js';
import type { DagRun, DeltaTable, TaskInstance } from '../../src/domain/platform-ports.js';
import type { ToolContext } from '../../src/domain/tool.js';

/** What a run has done to the tables of one task so far. */
export type Written =
  | { state: 'written'; table: string; version: number; rows: string | undefined }
  | { state: 'not_written'; tables: DeltaTable[] }
  | { state: 'unknown'; because: string };

const COMMITS = 50;
/** Operations that put rows into a table. */
const WRITES = /WRITE|MERGE|STREAMING UPDATE|INSERT|UPDATE|COPY INTO|REPLACE TABLE AS SELECT/i;

/**
 * Whether this run has already committed the task's output, by the history of the tables it writes: a row-writing commit since the
 * run began, by this pipeline or by nobody named. Time-outs of the reader are the caller's.
 */
export async function writtenBy(
  dag: string,
  run: DagRun,
  runs: readonly DagRun[],
  task: PipelineTask,
  context: ToolContext,
): Promise<Written> {
  const started = Date.parse(run.startedAt ?? '');
  if (Number.isNaN(started)) return { state: 'unknown', because: `run ${run.run} has no start time` };
  const from = Math.min(started, endOfRunBefore(run, runs) ?? started);
  const others = context.inventory.pipelines.map((pipeline) => pipeline.dag).filter((name) => name !== dag);
  const tables: DeltaTable[] = [];
  for (const name of task.writes) {
    const read = await historyOf(name, context);
    if (typeof read === 'string') return { state: 'unknown', because: read };
    if (read === undefined) continue;
    tables.push(read);
    const commit = read.commits.find(
      ({ at, operation, user }) =>
        WRITES.test(operation) &&
        Date.parse(at) >= (user === dag ? from : started) &&
        (user === undefined || !others.includes(user)),
    );
    if (commit)
      return { state: 'written', table: name, version: commit.version, rows: commit.metrics['numOutputRows'] };
    const oldest = read.commits.at(-1);
    if (read.commits.length >= COMMITS && oldest && Date.parse(oldest.at) > from) {
      return { state: 'unknown', because: `${name} has more than ${COMMITS} commits since the run began` };
    }
  }
  return { state: 'not_written', tables };
}

/**
 * When the pipeline's run before this one ended. A cleared run starts anew in Airflow's books, so what its earlier tries wrote can
 * lie before its start; it lies after the end of the run before.
 */
function endOfRunBefore(run: DagRun, runs: readonly DagRun[]): number | undefined {
  const ends = runs
    .filter((item) => item.run !== run.run && (item.logicalDate ?? '') < (run.logicalDate ?? ''))
    .map((item) => Date.parse(item.endedAt ?? ''))
    .filter((end) => !Number.isNaN(end));
  return ends.length === 0 ? undefined : Math.max(...ends);
}

async function historyOf(table: string, { readers, signal }: ToolContext): Promise<DeltaTable | undefined | string> {
  try {
    return await readers.delta.table(table, COMMITS, signal);
  } catch (thrown) {
    if (!(thrown instanceof AppError) || signal.aborted) throw thrown;
    return `the history of ${table} can not be read (${thrown.safeText})`;
  }
}

/** The run asked for, also by its date. */
export function findRun(runs: readonly DagRun[], wanted: string): DagRun | undefined {
  const named = runs.find((run) => run.run === wanted);
  const dated = runs.filter((run) => run.run.includes(wanted) || run.logicalDate?.startsWith(wanted) === true);
  return named ?? (dated.length === 1 ? dated[0] : undefined);
}

const UNFINISHED: ReadonlySet<string> = new Set(['failed', 'upstream_failed']);

/**
 * Exactly the tasks that will run: those asked for, and behind them what failed or could not start because of them. `failed` is all
 * of that in the run; tasks that are taken as done do not run. `after` gives a task's upstream tasks, undefined when it is not known.
 */
export function tasksToRun(
  asked: 'failed' | readonly string[],
  done: readonly string[],
  instances: readonly TaskInstance[],
  after: (task: string) => readonly string[] | undefined,
): string[] {
  const names = [...new Set(instances.map((item) => item.task))];
  const unfinished = names.filter((name) =>
    instances.some(({ task, state }) => task === name && UNFINISHED.has(state)),
  );
  const chosen = new Set((asked === 'failed' ? unfinished : asked).filter((task) => !done.includes(task)));
  const behind = (task: string): boolean => {
    const needs = after(task);
    if (needs !== undefined) return needs.some((other) => chosen.has(other) || done.includes(other));
    return instances.some((item) => item.task === task && item.state === 'upstream_failed');
  };
  for (let grown = true; grown; ) {
    const more = unfinished.filter((task) => !chosen.has(task) && !done.includes(task) && behind(task));
    for (const task of more) chosen.add(task);
    grown = more.length > 0;
  }
  return names.filter((task) => chosen.has(task));
}
