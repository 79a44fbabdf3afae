import { type Fact, factsOf, type TaskFact } from './case-file.js';
import { type Context, producersOf, statusCalls, time } from './context.js';
import { entity, type Finding, type Procedure, type Question, quoted, symptom } from './procedure.js';
import type { Family } from './signals.js';

const MISSING: readonly Family[] = ['missing_data', 'expired_data'];
const MINUTE = 60_000;

/** Did the data come too late? Asks who makes it, then the table itself. */
export const lateData: Procedure = {
  id: 'late_data',
  raisedBy: ['missing_data'],
  hypothesis: (context) =>
    `The data the task waits for is late${context.focus.task?.reads[0] ? ` (${context.focus.task.reads[0]})` : ''}.`,
  ask: (context, found) => [
    ...producers(context)
      .slice(0, 2)
      .map(
        (task): Question => ({
          tool: 'airflow_dag_status',
          args: { dag_id: task.dag },
          thought: `It waits for ${task.writes[0] ?? 'data'}, which ${task.dag} makes. Is that one late?`,
        }),
      ),
    ...(found.length > 0 ? [] : (context.focus.task?.reads ?? [])).slice(0, 1).map(
      (table): Question => ({
        tool: 'delta_history',
        args: { table },
        thought: `When did ${table} last take in data?`,
      }),
    ),
  ],
  find: (context) =>
    producers(context)
      .flatMap((task) => lateFinding(context, task))
      .slice(0, 1),
  ruledOut: (context) =>
    producers(context).some((task) => statusCalls(context.file, task.dag).length > 0)
      ? 'What feeds the task was on time.'
      : undefined,
};

function producers(context: Context): TaskFact[] {
  const all = producersOf(context.file, context.focus.task?.reads ?? []).filter(
    (task) => task.dag !== context.focus.dag,
  );
  const seen = new Set<string>();
  return all.filter((task) => !seen.has(task.dag) && seen.add(task.dag));
}

/** The producer's run that this run needed: the newest that began before the failure. */
function neededRun(context: Context, dag: string): Fact | undefined {
  const calls = statusCalls(context.file, dag).map((fact) => fact.call);
  return factsOf(context.file, 'airflow_dag_status', 'run')
    .filter((fact) => calls.includes(fact.call))
    .filter(
      (fact) => (time(fact.fields['started']) ?? time(fact.fields['logical_date']) ?? 0) <= context.focus.failedAt,
    )
    .sort((a, b) =>
      (b.fields['logical_date'] ?? b.fields['started'] ?? '').localeCompare(
        a.fields['logical_date'] ?? a.fields['started'] ?? '',
      ),
    )[0];
}

function lateFinding(context: Context, task: TaskFact): Finding[] {
  const run = neededRun(context, task.dag);
  if (run === undefined) return [];
  const state = run.fields['state'] ?? '';
  const ended = time(run.fields['ended']);
  const since = context.focus.startedAt ?? context.focus.failedAt;
  const finished = state === 'success' && ended !== undefined;
  const late = ['running', 'queued', 'scheduled'].includes(state) || (finished && ended > since);
  if (!late) return [];
  const instance = factsOf(context.file, 'airflow_dag_status', 'task').find(
    (fact) => fact.call === run.call && fact.fields['id'] === task.id && fact.fields['run'] === run.fields['id'],
  );
  return [
    {
      cause: {
        category: 'late_data',
        ...entity('airflow', `${task.dag}.${task.id}`),
        change: 'producer_delayed',
        claim: finished
          ? `${task.dag} finished only after ${context.focus.dag} had given up waiting for it.`
          : `${task.dag} is still ${state}, so ${task.writes.join(', ')} has not arrived.`,
      },
      strength: 3,
      at: time(run.fields['started']),
      quotes: [
        quoted(instance ?? run, 'the producer at that time'),
        quoted(run, "the producer's run"),
        ...symptom(context, MISSING),
      ],
      explains: MISSING,
      repair: [],
      notBeforeMinutes: finished ? 0 : waitFor(context, run),
    },
  ];
}

/** How long to wait: what the producer usually still needs, between half an hour and three hours. */
function waitFor(context: Context, run: Fact): number {
  const durations = factsOf(context.file, 'airflow_dag_status', 'run')
    .filter((fact) => fact.call === run.call && fact.fields['state'] === 'success')
    .flatMap(({ fields }) => {
      const [from, to] = [time(fields['started']), time(fields['ended'])];
      return from === undefined || to === undefined ? [] : [(to - from) / MINUTE];
    })
    .sort((a, b) => a - b);
  const usual = durations[Math.floor(durations.length / 2)] ?? 60;
  const elapsed = (context.focus.failedAt - (time(run.fields['started']) ?? context.focus.failedAt)) / MINUTE;
  return Math.round(Math.min(180, Math.max(30, elapsed > usual ? 60 : usual - elapsed)));
}
