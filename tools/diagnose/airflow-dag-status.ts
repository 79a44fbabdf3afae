import { z } from 'zod';
import type { DagInfo, DagRun, TaskInstance } from '../../src/domain/platform-ports.js';
import type { DiagnoseTool, ToolContext } from '../../src/domain/tool.js';
import { findPipeline, similar } from '../resolve.js';
import { outside, record, withDetail } from '../text.js';

const RUNS = 10;
const LOG_BYTES = 4_500;
const LOGS = 2;

const Args = z.strictObject({
  dag_id: z.string().min(1).max(250).describe('DAG id, e.g. daily_transactions'),
  run_id: z
    .string()
    .max(250)
    .optional()
    .describe('Run id or its date; default: the newest failed run, else the newest'),
  task_id: z
    .string()
    .max(250)
    .optional()
    .describe('Task whose log to show; default: the first failed tasks of the run'),
});
type Args = z.infer<typeof Args>;

/** Run and task states, and the log of what failed: where every investigation of a DAG begins. */
export const airflowDagStatus: DiagnoseTool<typeof Args> = {
  name: 'airflow_dag_status',
  version: '1',
  description:
    'Airflow: is the DAG paused or broken, its last runs, the task states of one run, and the log of the failed task. ' +
    'Start here when an alert names a DAG. The log holds the first error text; read it before choosing another tool.',
  args: Args,
  readOnly: true,
  async run(args, context) {
    const { readers, signal } = context;
    const { dag, task } = await resolveDag(args, context);
    if (!dag) return { status: 'no_data', searched: notFound(args, context) };
    const runs = await readers.airflow.runs(dag.dag, RUNS, signal);
    const run = chooseRun(runs, args.run_id);
    const lines = [...dagLines(dag), ...runs.map(runLine)];
    const name = run?.run ?? args.run_id;
    if (name === undefined) {
      return {
        status: 'ok',
        text: [...lines, record('runs', { found: 0 })].join('\n'),
        headline: `${dag.dag}: no runs`,
      };
    }
    const tasks = await readers.airflow.tasks(dag.dag, name, signal);
    if (tasks.length === 0 && run === undefined) {
      return {
        status: 'no_data',
        searched: `Airflow DAG ${dag.dag} for a run "${name}"; its newest runs: ${runs.map((item) => item.run).join(', ') || 'none'}`,
      };
    }
    const shown = tasksToShow(tasks, task);
    const logs = await Promise.all(shown.map((item) => logLines(dag.dag, name, item, context)));
    return {
      status: 'ok',
      text: [...lines, ...tasks.map((item) => taskLine(name, item)), ...logs.flat()].join('\n'),
      headline: headline(dag, run, tasks),
    };
  },
};

async function resolveDag(
  args: Args,
  { readers, inventory, signal }: ToolContext,
): Promise<{ dag: DagInfo | undefined; task: string | undefined }> {
  const found = findPipeline(inventory, args.dag_id);
  const prefix = `${found?.pipeline.dag ?? args.dag_id}.`;
  const named = args.task_id?.startsWith(prefix) ? args.task_id.slice(prefix.length) : args.task_id;
  const task = named ?? found?.task?.id;
  const dag = await readers.airflow.dag(found?.pipeline.dag ?? args.dag_id, signal);
  return { dag, task };
}

function notFound(args: Args, { inventory }: ToolContext): string {
  const near = similar(
    args.dag_id,
    inventory.pipelines.map((pipeline) => pipeline.dag),
  );
  return `Airflow for DAG "${args.dag_id}"${near.length > 0 ? `; DAGs with a similar name: ${near.join(', ')}` : '; the inventory has none with a similar name'}`;
}

/** The run asked for (also by date), else the newest failed one, else the newest. */
function chooseRun(runs: readonly DagRun[], wanted: string | undefined): DagRun | undefined {
  if (wanted !== undefined && wanted !== '') {
    return (
      runs.find((run) => run.run === wanted) ??
      runs.find((run) => run.run.includes(wanted) || run.logicalDate?.startsWith(wanted) === true)
    );
  }
  return runs.find((run) => run.state === 'failed') ?? runs[0];
}

/** Tasks that failed by themselves, first to fail first; a task asked for by name stands alone. */
function tasksToShow(tasks: readonly TaskInstance[], wanted: string | undefined): TaskInstance[] {
  const named = tasks.filter((item) => item.task === wanted);
  if (named.length > 0)
    return named
      .filter((item) => item.state === 'failed')
      .concat(named)
      .slice(0, 1);
  return tasks
    .filter((item) => ['failed', 'up_for_retry', 'restarting'].includes(item.state))
    .sort((a, b) => (a.endedAt ?? '~').localeCompare(b.endedAt ?? '~'))
    .slice(0, LOGS);
}

function dagLines(dag: DagInfo): string[] {
  return [
    record('dag', {
      id: dag.dag,
      paused: dag.paused,
      owners: dag.owners.join(','),
      schedule: dag.schedule,
      file: dag.file,
    }),
    ...dag.importErrors.flatMap((text) => {
      const last = text.trim().split('\n').at(-1) ?? '';
      return [record('import_error', { text: last }), ...(text.trim() === last ? [] : outside(text, 1_500))];
    }),
  ];
}

function runLine(run: DagRun): string {
  return record('run', {
    id: run.run,
    state: run.state,
    type: run.type,
    logical_date: run.logicalDate,
    started: run.startedAt,
    ended: run.endedAt,
    note: run.note,
  });
}

function taskLine(run: string, item: TaskInstance): string {
  return record('task', {
    run,
    id: item.task,
    map_index: item.mapIndex >= 0 ? item.mapIndex : undefined,
    state: item.state,
    try: item.tryNumber,
    max_tries: item.maxTries,
    operator: item.operator,
    started: item.startedAt,
    ended: item.endedAt,
    host: item.host,
  });
}

/** After a clear the current try has not run yet, so the log that tells is that of the try before. */
async function logLines(
  dag: string,
  run: string,
  item: TaskInstance,
  { readers, signal }: ToolContext,
): Promise<string[]> {
  const waiting = !['failed', 'success', 'running', 'upstream_failed'].includes(item.state);
  const attempt = waiting && item.tryNumber > 1 ? item.tryNumber - 1 : Math.max(item.tryNumber, 1);
  const fields = { run, task: item.task, try: attempt };
  const text = await readers.airflow.taskLog(dag, run, item.task, attempt, LOG_BYTES * 3, signal);
  const lines = (text ?? '').split('\n').filter((line) => !/::(?:end)?group::/.test(line));
  if (lines.every((line) => line.trim() === ''))
    return withDetail('log', fields, 'missing', 'Airflow has no log of this try', 200);
  return [record('log', fields), ...outside(lines.join('\n'), LOG_BYTES)];
}

function headline(dag: DagInfo, run: DagRun | undefined, tasks: readonly TaskInstance[]): string {
  const failed = tasks.filter((item) => item.state === 'failed').map((item) => `${item.task} (try ${item.tryNumber})`);
  const what = failed.length > 0 ? `failed: ${failed.slice(0, 3).join(', ')}` : `run ${run?.state ?? 'unknown'}`;
  return `${dag.dag} ${run?.run ?? ''}: ${what}${dag.paused ? ', DAG is paused' : ''}${dag.importErrors.length > 0 ? ', import error' : ''}`;
}
