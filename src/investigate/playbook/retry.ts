import { type Fact, factsOf } from './case-file.js';
import { type Context, time } from './context.js';
import type { Finding, Question } from './procedure.js';
import { usualMinutes } from './running-time.js';
import { waitAtLeast } from './waits.js';

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

/**
 * Tasks of the run that made, from what was wrong, what a failed check looked at: their work has to be made again, where that
 * replaces it. The chain ends where the tables do not come from the run itself.
 */
function madeWrong({ focus, file, families }: Context): string[] {
  if (!families.includes('data_check')) return [];
  const found: string[] = [];
  const open = [...(focus.task?.reads ?? [])];
  const seen = new Set(open);
  for (let table = open.shift(); table !== undefined; table = open.shift()) {
    for (const task of file.tasks) {
      if (task.dag !== focus.dag || task.id === focus.taskId || !task.writes.includes(table)) continue;
      if (task.mode === 'append' || found.includes(task.id)) continue;
      found.push(task.id);
      const further = task.reads.filter((name) => !seen.has(name));
      for (const name of further) seen.add(name);
      open.push(...further);
    }
  }
  return found;
}

/** True when what was lost or late was only about the run itself: nothing that ran before it was made wrong by that. */
function isPassing({ cause }: Finding): boolean {
  return cause.category === 'executor_failure' || cause.category === 'resource_exhaustion';
}

/** The retries that end a plan: of runs upstream first, then of the run the alert is about. */
export function retries(
  contexts: readonly Context[],
  findings: readonly Finding[],
  marked: readonly string[],
): Question[] {
  const wrong = findings.some((finding) => !isPassing(finding));
  const runs = new Map<string, RetryOf>();
  for (const context of contexts) {
    const { dag, run, taskId } = context.focus;
    if (run === undefined) continue;
    const wait = waitOf(context, findings);
    const entry = runs.get(`${dag}/${run}`) ?? { dag, run, done: new Set<string>(), again: new Set<string>(), wait };
    for (const task of wrong ? madeWrong(context) : []) entry.again.add(task);
    if (entry.again.size > 0 && taskId !== undefined) entry.again.add(taskId);
    if (context.focus.runState === 'success' && taskId !== undefined) entry.again.add(taskId);
    if (taskId !== undefined && (hasWritten(context) || marked.includes(taskId))) entry.done.add(taskId);
    runs.set(`${dag}/${run}`, entry);
    const alert = context.alertRun;
    if (alert !== undefined && alert.dag !== dag) {
      const after = Math.max(wait, 30, usualMinutes(context, dag) * 1.5);
      const step = { ...alert, done: new Set<string>(), again: new Set<string>(), wait: Math.ceil(after) };
      runs.set(`${alert.dag}/${alert.run}`, step);
    }
  }
  return [...earlierRuns(contexts, findings), ...runs.values()].map(({ dag, run, done, again, wait: minutes }) => ({
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

/** What has to pass by itself is waited for as long as anybody says it takes; what the plan repairs is not. */
function waitOf(context: Context, findings: readonly Finding[]): number {
  const wait = Math.max(0, ...findings.map((finding) => finding.notBeforeMinutes ?? 0));
  return wait === 0 ? 0 : Math.min(1440, waitAtLeast(context, wait));
}

/** Earlier runs of the same pipeline that failed one after another since the change that the plan repairs: nobody else would repeat them. */
function earlierRuns(contexts: readonly Context[], findings: readonly Finding[]): RetryOf[] {
  const since = Math.min(...findings.filter(({ strength }) => strength === 3).map(({ at }) => at ?? Infinity));
  const [context] = contexts;
  if (context === undefined || !Number.isFinite(since) || findings.length !== 1) return [];
  const { focus, file } = context;
  const own = factsOf(file, 'airflow_dag_status', 'run').filter(
    ({ call, fields }) => call.args['dag_id'] === focus.dag && fields['type'] !== 'manual',
  );
  const seen = new Set([focus.run]);
  return own
    .filter(({ fields }) => {
      const ended = time(fields['ended']) ?? 0;
      const after = ended >= Math.max(since, focus.lastGoodAt ?? since) && ended < (focus.startedAt ?? focus.failedAt);
      return fields['state'] === 'failed' && after && !seen.has(fields['id']) && seen.add(fields['id']);
    })
    .slice(0, 2)
    .map(({ fields }) => ({
      ...{ dag: focus.dag, run: fields['id'] ?? '', wait: 0 },
      ...{ done: new Set<string>(), again: new Set<string>() },
    }))
    .reverse();
}

function retryThought(dag: string, done: readonly string[], minutes: number): string {
  if (done.length > 0)
    return `${done.join(', ')} had written already, so it is marked as done, and ${dag} goes on behind it.`;
  if (minutes > 0) return `Then ${dag} again, not before ${minutes} minutes have passed.`;
  return `Then the failed tasks of ${dag} again.`;
}
