import { type Fact, factsOf, type TaskFact } from './case-file.js';
import { type Context, producersOf, statusCalls, time } from './context.js';
import { leversFor, moreOfIt } from './levers.js';
import { entity, type Finding, type Question, quoted, symptom } from './procedure.js';
import { usualMinutes } from './running-time.js';
import type { Family } from './signals.js';

const MISSING: readonly Family[] = ['missing_data', 'data_check', 'expired_data'];
const MINUTE = 60_000;

/** Figures of the procedure's file. */
export interface LateFigures {
  /** Below this share of the usual rows a delivery counts as incomplete. */
  incomplete: number;
}

/** Who makes what the task reads came too late with it; else what the table itself shows. */
export function lateInput(context: Context, figures: LateFigures): Finding[] {
  const late = producers(context).flatMap((task) => lateFinding(context, task));
  return (late.length > 0 ? late : tableFindings(context, figures)).slice(0, 1);
}

/** True when who feeds the task was asked about and is no focus itself. */
export function producersAsked(context: Context): boolean {
  return (
    context.alertRun === undefined && producers(context).some((task) => statusCalls(context.file, task.dag).length > 0)
  );
}

/** Tasks of other pipelines that write what the task reads, one of each. */
export function producers(context: Context): TaskFact[] {
  const { task, dag } = context.focus;
  // Who writes beside us into a table of our own is no supplier of it.
  const ours = new Set(context.file.tasks.filter((each) => each.dag === dag).flatMap(({ writes }) => writes));
  const inputs = (task?.reads ?? []).filter((table) => !ours.has(table));
  const all = producersOf(context.file, inputs).filter((each) => each.dag !== dag);
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
  const running = isOpen(run);
  const afterwards = state === 'success' && ended !== undefined && ended > since;
  const never = state === 'success' && ended !== undefined && ended < (context.focus.lastGoodAt ?? 0);
  if (context.latent && !running) return [];
  if (!never && !((running || afterwards) && laterThanUsual(context, run))) return [];
  const shift = running || afterwards ? undefined : scheduleShift(context, run);
  const instance = factsOf(context.file, 'airflow_dag_status', 'task').find(
    (fact) => fact.call === run.call && fact.fields['id'] === task.id && fact.fields['run'] === run.fields['id'],
  );
  const paused = statusCalls(context.file, task.dag).some((fact) => fact.fields['paused'] === 'true');
  return [
    {
      cause: {
        category: 'late_data',
        ...entity('airflow', `${task.dag}.${task.id}`),
        change: shift === undefined ? 'producer_delayed' : 'schedule_shift',
        claim:
          shift === undefined
            ? lateWords(context, task, state, afterwards)
            : `${task.dag} is scheduled for another time than it ran at before, later than ${context.focus.dag} waits.`,
      },
      strength: 3,
      at: time(run.fields['started']),
      quotes: [
        ...(shift === undefined ? [] : [quoted(shift, 'its schedule now')]),
        quoted(instance ?? run, 'the producer at that time'),
        quoted(run, "the producer's run"),
        ...symptom(context, MISSING),
      ],
      explains: MISSING,
      repair:
        shift !== undefined && leversFor(context).length > 0
          ? moreOfIt(context, 1, `${task.dag} comes later from now on.`, laterBy(context, shift, run))
          : paused
            ? { escalate: `${task.dag} is paused: somebody has to say whether it may run.` }
            : [],
      notBeforeMinutes: afterwards ? 0 : waitFor(context, run),
    },
  ];
}

function isOpen(run: Fact): boolean {
  return ['running', 'queued', 'scheduled'].includes(run.fields['state'] ?? '');
}

/** The producer's line, when its schedule names another time of day than its runs before had. */
function scheduleShift(context: Context, run: Fact): Fact | undefined {
  const dag = factsOf(context.file, 'airflow_dag_status', 'dag').find((fact) => fact.call === run.call);
  const cron = /^(\d{1,2}) (\d{1,2}) /.exec(dag?.fields['schedule'] ?? '');
  const due = time(run.fields['logical_date']);
  if (dag === undefined || cron === null || due === undefined || run.fields['type'] !== 'scheduled') return undefined;
  const was = new Date(due);
  const moved = Number(cron[2]) * 60 + Number(cron[1]) - (was.getUTCHours() * 60 + was.getUTCMinutes());
  return Math.abs(moved) >= 10 ? dag : undefined;
}

/** Minutes from the start of this run until the producer, by its schedule now, is usually done, or was done this time. */
function laterBy(context: Context, shift: Fact, run: Fact): number {
  const cron = /^(\d{1,2}) (\d{1,2}) /.exec(shift.fields['schedule'] ?? '');
  const from = context.focus.startedAt;
  if (cron === null || from === undefined) return 0;
  const at = new Date(from);
  const due = Number(cron[2]) * 60 + Number(cron[1]) - (at.getUTCHours() * 60 + at.getUTCMinutes());
  const planned = due <= 0 || due > 720 ? 0 : due + usualMinutes(context, String(run.call.args['dag_id']));
  const seen = ((time(run.fields['ended']) ?? from) - from) / MINUTE;
  return Math.max(planned, seen > 720 ? 0 : seen);
}

function lateWords(context: Context, task: TaskFact, state: string, afterwards: boolean): string {
  if (afterwards) return `${task.dag} finished only after ${context.focus.dag} had given up waiting for it.`;
  if (state === 'success') return `${task.dag} has not run since the last good run of ${context.focus.dag}.`;
  return `${task.dag} is still ${state}, so ${task.writes.join(', ')} has not arrived.`;
}

const WRITES = /WRITE|MERGE|INSERT|UPDATE|COPY|REPLACE/i;

/** What the table itself shows: nothing new since the last good run, or much less than usual. */
function tableFindings(context: Context, { incomplete }: LateFigures): Finding[] {
  const [table] = context.focus.task?.reads ?? [];
  if (table === undefined || context.latent) return [];
  const commits = factsOf(context.file, 'delta_history', 'commit').filter(
    ({ call, fields }) =>
      call.args['table'] === table &&
      WRITES.test(fields['operation'] ?? '') &&
      (time(fields['at']) ?? Infinity) <= context.focus.failedAt,
  );
  const [newest, ...before] = commits;
  if (newest === undefined) return [];
  const usual = before
    .map(({ fields }) => Number(fields['rows_written']))
    .filter((rows) => rows > 0)
    .sort((a, b) => a - b)[Math.floor(before.length / 2)];
  const rows = Number(newest.fields['rows_written']);
  const nothingNew = (time(newest.fields['at']) ?? 0) < (context.focus.lastGoodAt ?? 0);
  if (!nothingNew && !(usual !== undefined && rows < incomplete * usual)) return [];
  const owned = producers(context).length > 0;
  const again = nothingNew ? makeItAgain(context, table) : undefined;
  return [
    {
      cause: {
        category: 'late_data',
        ...entity('delta', table),
        change: nothingNew ? 'producer_delayed' : 'partition_incomplete',
        claim: nothingNew
          ? `${table} has taken in nothing since the last good run.`
          : `The newest delivery of ${table} has ${rows} rows where ${usual} are usual.`,
      },
      strength: 2,
      at: time(newest.fields['at']),
      quotes: [quoted(newest, 'the newest delivery'), ...symptom(context, MISSING)],
      explains: MISSING,
      repair:
        again ??
        ((nothingNew && !owned) || (!nothingNew && stillArriving(context, commits))
          ? []
          : { escalate: `${table} must be delivered in full by those who make it, before anything runs again.` }),
      notBeforeMinutes: again === undefined ? 90 : againWait(context, table),
    },
  ];
}

/** Who makes the table has a run that passed and put nothing into it: that run again, where repeating it replaces what it wrote. */
function makeItAgain(context: Context, table: string): Question[] | undefined {
  const task = producers(context).find(
    ({ writes, mode }) => writes.includes(table) && ['merge', 'overwrite'].includes(mode),
  );
  const run = task === undefined ? undefined : neededRun(context, task.dag);
  const ended = time(run?.fields['ended']);
  if (task === undefined || run?.fields['state'] !== 'success' || ended === undefined) return undefined;
  if (ended < (context.focus.lastGoodAt ?? 0)) return undefined;
  return [
    {
      tool: 'propose_dag_retry',
      args: { dag_id: task.dag, run_id: run.fields['id'], tasks: [task.id] },
      thought: `${task.dag} passed and put nothing into ${table}, so it goes first; it replaces what it writes.`,
    },
  ];
}

/** The maker's own time, and half of it again. */
function againWait(context: Context, table: string): number {
  const dag = producers(context).find(({ writes }) => writes.includes(table))?.dag;
  return Math.ceil(Math.max(30, usualMinutes(context, dag ?? '') * 1.5));
}

/** Deliveries in small parts, of which the last came lately: the rest is on its way. */
function stillArriving(context: Context, commits: readonly Fact[]): boolean {
  const times = commits.flatMap(({ fields }) => time(fields['at']) ?? []);
  return times.filter((at) => at > context.focus.failedAt - 3 * 60 * MINUTE).length >= 2;
}

/** A producer that takes its usual time is not late: then the one who waits is too impatient. */
function laterThanUsual(context: Context, run: Fact): boolean {
  const lag = (fact: Fact, end: number | undefined): number | undefined => {
    const due = time(fact.fields['logical_date']);
    return due === undefined || end === undefined ? undefined : (end - due) / MINUTE;
  };
  const before = factsOf(context.file, 'airflow_dag_status', 'run')
    .filter(
      (fact) => fact.call === run.call && fact !== run && fact.fields['state'] === 'success' && fact.line !== run.line,
    )
    .flatMap((fact) => lag(fact, time(fact.fields['ended'])) ?? [])
    .sort((a, b) => a - b);
  const usual = before[Math.floor(before.length / 2)];
  const now = lag(run, time(run.fields['ended']) ?? context.focus.failedAt);
  return usual === undefined || now === undefined || now > usual + Math.max(10, 0.2 * Math.abs(usual));
}

/** How long to wait: what the producer usually still needs, and as long again as it is over its time; between half an hour and four hours. */
function waitFor(context: Context, run: Fact): number {
  const usual = usualMinutes(context, String(run.call.args['dag_id'])) || 60;
  // Who has not even begun does not tell how long it will take.
  if (!isOpen(run)) return Math.round(Math.max(60, Math.min(240, usual)));
  const elapsed = (context.focus.failedAt - (time(run.fields['started']) ?? context.focus.failedAt)) / MINUTE;
  return Math.round(Math.min(240, Math.max(30, elapsed > usual ? Math.max(60, elapsed - usual) : usual - elapsed)));
}
