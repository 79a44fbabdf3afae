import { z } from 'zod';
import { clipped } from '../../src/domain/clipped.js';
import type { PipelineTask } from '../../src/domain/pipeline.js';
import type { DagRun, TaskInstance } from '../../src/domain/platform-ports.js';
import type { Expectation, IdempotencyClass, ProposalStep, Retry } from '../../src/domain/proposal.js';
import { retryAfter, retryTitle, retryVerification } from '../../src/domain/step-text.js';
import type { ProposeTool, ToolContext } from '../../src/domain/tool.js';
import { findPipeline, similar } from '../resolve.js';
import { protectedFault, type Refusal, stillHolds } from './drafting.js';
import { findRun, tasksToRun, type Written, writtenBy } from './retry-facts.js';

const Args = z.strictObject({
  dag_id: z.string().min(1).max(250),
  run_id: z.string().min(1).max(250),
  tasks: z
    .array(z.string().min(1).max(250))
    .min(1)
    .max(50)
    .optional()
    .describe('Tasks to run again; default: what failed and what waits behind it'),
  mark_success: z
    .array(z.string().min(1).max(250))
    .max(50)
    .optional()
    .describe('Tasks whose output is already written: set to success instead of being run again'),
  not_before_minutes: z
    .number()
    .int()
    .min(0)
    .max(1440)
    .optional()
    .describe('Earliest start after approval, e.g. until late data is there'),
});
type Args = z.infer<typeof Args>;

/** A retry that names exactly what will run, and refuses where a second run would double or lose rows. */
export const proposeDagRetry: ProposeTool<typeof Args> = {
  name: 'propose_dag_retry',
  version: '1',
  description:
    'Drafts one step: clear the failed tasks of one run so that they run again. Refused for tasks that append and have already written, unless they are ' +
    'in mark_success. Use it alone for a transient failure, or last in a plan after the cause is repaired. Nothing is changed by drafting.',
  args: Args,
  readOnly: true,
  async draft(args, context) {
    const found = await readRun(args, context);
    if ('refused' in found) return found;
    const fault = faultOf(args, found, context);
    if (fault !== undefined) return { refused: fault };
    const action = actionOf(args, found);
    const effects = await judgeTasks(action, found, context);
    if ('refused' in effects) return effects;
    return { step: stepOf(action, found, effects, context) };
  },
};

const ENDED: ReadonlySet<string> = new Set(['failed', 'success']);

interface Found {
  dag: string;
  run: DagRun;
  runs: DagRun[];
  instances: TaskInstance[];
  task: (id: string) => PipelineTask | undefined;
}

async function readRun(args: Args, { readers, inventory, signal }: ToolContext): Promise<Found | Refusal> {
  const name = findPipeline(inventory, args.dag_id)?.pipeline.dag ?? args.dag_id;
  const dag = await readers.airflow.dag(name, signal);
  if (!dag) {
    const near = similar(
      args.dag_id,
      inventory.pipelines.map((pipeline) => pipeline.dag),
    );
    return { refused: `Airflow knows no DAG ${args.dag_id}${near.length > 0 ? `; similar: ${near.join(', ')}` : ''}.` };
  }
  if (dag.paused)
    return { refused: `DAG ${name} is paused: a cleared run would stay queued. Somebody has to unpause it first.` };
  const runs = await readers.airflow.runs(name, 100, signal);
  const run = findRun(runs, args.run_id);
  if (!run)
    return {
      refused: `DAG ${name} has no run ${args.run_id}; its newest: ${
        runs
          .slice(0, 3)
          .map((item) => item.run)
          .join(', ') || 'none'
      }.`,
    };
  const tasks = inventory.pipelines.find((pipeline) => pipeline.dag === name)?.tasks ?? [];
  const instances = await readers.airflow.tasks(name, run.run, signal);
  return { dag: name, run, runs, instances, task: (id) => tasks.find((item) => item.id === id) };
}

/** A retry whose tasks are spelled out: what is approved is exactly what is cleared. */
type NamedRetry = Retry & { tasks: string[] };

function actionOf(args: Args, { dag, run, instances, task }: Found): NamedRetry {
  const done = args.mark_success ?? [];
  const tasks = tasksToRun(args.tasks ?? 'failed', done, instances, (id) => task(id)?.after);
  return {
    do: 'retry',
    dag,
    run: run.run,
    tasks,
    mark_success: done,
    not_before_minutes: args.not_before_minutes ?? 0,
  };
}

function faultOf(args: Args, found: Found, { policy }: ToolContext): string | undefined {
  const { dag, run, instances } = found;
  const known = new Set(instances.map((item) => item.task));
  const unknown = [...(args.tasks ?? []), ...(args.mark_success ?? [])].find((task) => !known.has(task));
  if (unknown !== undefined) return `Run ${run.run} has no task ${unknown}; it has ${[...known].join(', ')}.`;
  const both = args.mark_success?.find((task) => args.tasks?.includes(task));
  if (both !== undefined) return `Task ${both} can not be run again and taken as done at once.`;
  const { tasks } = actionOf(args, found);
  if (tasks.length === 0) return `Nothing in run ${run.run} of ${dag} has failed: it is ${run.state}.`;
  if (tasks.length > 50) return 'More than 50 tasks would run again; name them in smaller groups.';
  const running = instances.find(
    (item) =>
      [...tasks, ...(args.mark_success ?? [])].includes(item.task) &&
      ['running', 'queued', 'restarting'].includes(item.state),
  );
  if (running)
    return `Task ${running.task} is ${running.state} now: clearing it would start a second copy beside the first.`;
  return protectedFault(policy, [dag, ...tasks.map((task) => `${dag}.${task}`)]);
}

interface Judged {
  idempotency: IdempotencyClass;
  effects: string[];
  touches: string[];
  preconditions: Expectation[];
  restore: string[];
}

/** Looks at what each task has written, and refuses what would double or lose rows. */
async function judgeTasks(action: NamedRetry, found: Found, context: ToolContext): Promise<Judged | Refusal> {
  const judged: Judged = { idempotency: 'idempotent', effects: [], touches: [], preconditions: [], restore: [] };
  for (const id of action.mark_success) {
    const fault = skipFault(id, found.task(id), await writtenOf(id, found, context));
    if (fault !== undefined) return { refused: fault };
    judged.effects.push(`${id} is set to success: its output is already in ${found.task(id)?.writes.join(', ')}.`);
  }
  for (const id of action.tasks) {
    const task = found.task(id);
    if (!task || (task.mode === 'none' && task.writes.length > 0)) {
      judged.idempotency = 'not_idempotent';
      judged.effects.push(`The inventory does not say how ${id} writes, so running it twice may not be safe.`);
      continue;
    }
    judged.touches.push(...task.writes);
    if (task.mode === 'none') continue;
    const written = await writtenOf(id, found, context);
    const fault = task.mode === 'append' ? repeatFault(id, found, written) : undefined;
    if (fault !== undefined) return { refused: fault };
    if (written.state === 'not_written') noteTables(id, task, written, judged);
    if (task.mode === 'append' && judged.idempotency === 'idempotent') judged.idempotency = 'guarded';
  }
  return judged;
}

async function writtenOf(
  id: string,
  { dag, run, runs, instances, task }: Found,
  context: ToolContext,
): Promise<Written> {
  const known = task(id);
  if (!known || known.writes.length === 0)
    return { state: 'unknown', because: `the inventory names no table that ${id} writes` };
  const started = instances.some((item) => item.task === id && (item.startedAt !== undefined || item.tryNumber > 0));
  const written = await writtenBy(dag, run, runs, known, context);
  // A task that never started can not have written: the commit is another task's.
  return written.state === 'written' && !started ? { state: 'not_written', tables: [] } : written;
}

function repeatFault(id: string, { dag, run, instances }: Found, written: Written): string | undefined {
  const how = `Propose it again with mark_success: ["${id}"], so that only what follows runs, or escalate.`;
  if (instances.some((item) => item.task === id && item.state === 'success')) {
    return `${id} appends rows and has succeeded in run ${run.run} of ${dag}: running it again would double them. Leave it out.`;
  }
  if (written.state === 'written') {
    return `${id} appends rows and this run has already written ${written.rows ?? 'its'} rows to ${written.table} (version ${written.version}): running it again would double them. ${how}`;
  }
  if (written.state === 'unknown')
    return `${id} appends rows, and whether it has written is not known: ${written.because}. ${how}`;
  return undefined;
}

function skipFault(id: string, task: PipelineTask | undefined, written: Written): string | undefined {
  if (written.state === 'written') return undefined;
  const why = written.state === 'unknown' ? written.because : `no commit of this run is in ${task?.writes.join(', ')}`;
  return `${id} can not be taken as done, nothing proves that its work was done: ${why}.`;
}

function noteTables(
  id: string,
  task: PipelineTask,
  written: Extract<Written, { state: 'not_written' }>,
  judged: Judged,
): void {
  for (const table of written.tables) {
    judged.restore.push(`${table.table} at version ${table.version}`);
    if (task.mode !== 'append' || table.rows === undefined) continue;
    judged.preconditions.push(
      stillHolds(
        'delta.rows',
        table.table,
        String(table.rows),
        `${id} has not written to ${table.table}: it holds ${table.rows} rows`,
      ),
    );
  }
}

function stepOf(action: NamedRetry, found: Found, judged: Judged, { policy }: ToolContext): ProposalStep {
  const { dag, run, instances } = found;
  const { tasks } = action;
  const stateOf = (id: string): string => instances.find((item) => item.task === id)?.state ?? 'none';
  const before = [
    `run ${run.run}: ${run.state}`,
    ...[...tasks, ...action.mark_success].map((id) => `task ${id}: ${stateOf(id)}`),
  ];
  const states = [...tasks, ...action.mark_success].slice(0, 17);
  return {
    action,
    title: retryTitle(action),
    before: clipped(before.join('\n'), 4000),
    after: clipped(retryAfter(action), 4000),
    effects: [...judged.effects, 'Callbacks and alerts of the tasks fire again as the tasks run.']
      .slice(0, 10)
      .map((text) => clipped(text, 300)),
    idempotency: judged.idempotency,
    restorePoint: clipped(
      judged.restore.length > 0
        ? [...new Set(judged.restore)].join('; ')
        : 'none needed: the tasks run write no table that is there already',
      300,
    ),
    touches: [...new Set(judged.touches)].sort().slice(0, 50),
    preconditions: [
      stillHolds('airflow.dag_paused', dag, 'false', `DAG ${dag} is not paused`),
      // While other tasks go on, the run has no state yet that could be held to; its failed tasks have.
      ...(ENDED.has(run.state)
        ? [stillHolds('airflow.run_state', `${dag}/${run.run}`, run.state, `Run ${run.run} is ${run.state}`)]
        : []),
      ...states.map((id) =>
        stillHolds('airflow.task_state', `${dag}/${run.run}/${id}`, stateOf(id), `Task ${id} is ${stateOf(id)}`),
      ),
      ...judged.preconditions,
    ].slice(0, 20),
    verification: retryVerification(action, policy.verification.timeoutMinutes),
  };
}
