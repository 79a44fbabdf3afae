import { type Fact, factsOf } from './case-file.js';
import { type Context, time } from './context.js';
import type { Finding, Question } from './procedure.js';

/** Append loads may have written before they failed: asked before a retry is drafted. */
export function safetyQuestion(context: Context): Question | undefined {
  const { task } = context.focus;
  const table = task?.mode === 'append' ? task.writes[0] : undefined;
  if (table === undefined) return undefined;
  return {
    tool: 'delta_history',
    args: { table },
    thought: `${task?.id ?? 'The task'} appends. Had it written before it failed? A second write would double the rows.`,
  };
}

/** The commit of a written table that falls into the failed try. */
export function writtenInTry(context: Context): Fact | undefined {
  const { task, startedAt, failedAt, lastGoodEndedAt, dag } = context.focus;
  const [table] = task?.writes ?? [];
  if (table === undefined || startedAt === undefined) return undefined;
  // Clocks differ a little, but what was there when the run before had ended is not this run's work.
  const from = Math.max(startedAt - 60_000, lastGoodEndedAt ?? 0);
  const others = new Set(context.file.pipelines.map((pipeline) => pipeline.dag).filter((name) => name !== dag));
  return factsOf(context.file, 'delta_history', 'commit').find((fact) => {
    const at = time(fact.fields['at']);
    const same = fact.call.args['table'] === table || fact.call.parsed.records[0]?.fields['name'] === table;
    const ours = !others.has(fact.fields['user'] ?? '');
    return (
      ours &&
      same &&
      at !== undefined &&
      at >= from &&
      at <= failedAt + 60_000 &&
      Number(fact.fields['rows_written'] ?? 1) > 0
    );
  });
}

/** True when an append load has written in the failed try: the work is done, only the state says otherwise. */
export function hasWritten(context: Context): boolean {
  return context.focus.task?.mode === 'append' && writtenInTry(context) !== undefined;
}

interface RetryOf {
  dag: string;
  run: string;
  /** Taken as done. */
  done: Set<string>;
  /** Run again besides what failed; empty means just that. */
  again: Set<string>;
  wait: number;
}

/** Tasks before a failed check that wrote what it found wrong: their work has to be made again, where that replaces it. */
function madeWrong({ focus, file, families }: Context): string[] {
  if (!families.includes('data_check')) return [];
  const reads = focus.task?.reads ?? [];
  return file.tasks
    .filter((task) => task.dag === focus.dag && task.id !== focus.taskId && task.mode !== 'append')
    .filter((task) => task.writes.some((table) => reads.includes(table)))
    .map(({ id }) => id);
}

/** The retries that end a plan: of runs upstream first, then of the run the alert is about. */
export function retries(
  contexts: readonly Context[],
  findings: readonly Finding[],
  marked: readonly string[],
): Question[] {
  const ours = findings.some(({ cause }) => cause.category === 'config_regression');
  const wait = Math.max(0, ...findings.map((finding) => finding.notBeforeMinutes ?? 0));
  const runs = new Map<string, RetryOf>();
  for (const context of contexts) {
    const { dag, run, taskId } = context.focus;
    if (run === undefined) continue;
    const entry = runs.get(`${dag}/${run}`) ?? { dag, run, done: new Set<string>(), again: new Set<string>(), wait };
    for (const task of ours ? madeWrong(context) : []) entry.again.add(task);
    if (entry.again.size > 0 && taskId !== undefined) entry.again.add(taskId);
    if (context.focus.runState === 'success' && taskId !== undefined) entry.again.add(taskId);
    if (taskId !== undefined && (hasWritten(context) || marked.includes(taskId))) entry.done.add(taskId);
    runs.set(`${dag}/${run}`, entry);
    const alert = context.alertRun;
    if (alert !== undefined && alert.dag !== dag) {
      runs.set(`${alert.dag}/${alert.run}`, { ...alert, done: new Set(), again: new Set(), wait: Math.max(wait, 30) });
    }
  }
  return [...runs.values()].map(({ dag, run, done, again, wait: minutes }) => ({
    tool: 'propose_dag_retry',
    args: {
      dag_id: dag,
      run_id: run,
      ...(again.size === 0 ? {} : { tasks: [...again] }),
      ...(done.size === 0 ? {} : { mark_success: [...done] }),
      ...(minutes === 0 ? {} : { not_before_minutes: minutes }),
    },
    thought: retryThought(dag, [...done], minutes),
  }));
}

function retryThought(dag: string, done: readonly string[], minutes: number): string {
  if (done.length > 0)
    return `${done.join(', ')} had written already, so it is marked as done, and ${dag} goes on behind it.`;
  if (minutes > 0) return `Then ${dag} again, not before ${minutes} minutes have passed.`;
  return `Then the failed tasks of ${dag} again.`;
}
