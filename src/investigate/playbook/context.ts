import { type CaseFile, type Fact, factsOf, type OutsideLine, outsideLines, type TaskFact } from './case-file.js';
import { columnsNamed, gravest } from './error-text.js';
import { type Family, familyOf } from './signals.js';
import { namedBeside, subjectOf } from './subject.js';

/** The run that is looked into: that of the alert, or that of a producer that failed before it. */
export interface Focus {
  dag: string;
  run: string | undefined;
  task: TaskFact | undefined;
  taskId: string | undefined;
  /** Unix milliseconds; the alert's start where Airflow did not say. */
  failedAt: number;
  startedAt: number | undefined;
  /** Start of the newest run that passed before: what changed later may be the cause. */
  lastGoodAt: number | undefined;
  /** End of that run: what was written until then is its work. */
  lastGoodEndedAt: number | undefined;
  runState: string | undefined;
  operator: string | undefined;
}

export interface Signal {
  family: Family;
  line: OutsideLine;
}

/** A case with what can be read out of it once: focus, signals and the columns the error names. */
export interface Context {
  file: CaseFile;
  focus: Focus;
  signals: Signal[];
  families: Family[];
  columns: string[];
  /** The error text, for comparing names with it. */
  errorText: string;
  /** True when Airflow has answered about the focus. */
  statusKnown: boolean;
  /** Not failed yet: a task that waits behind one that did, and might fail by itself next. */
  latent: boolean;
  /** The run the alert is about, where the focus is a producer's run instead. */
  alertRun: { dag: string; run: string } | undefined;
}

const ERROR_TOOLS = ['airflow_dag_status', 'spark_job_logs', 'kyuubi_query_plan'];

/** The contexts of the alert's run, and of failed runs of other pipelines that the alert names. */
export function contextsOf(file: CaseFile): Context[] {
  const beside = namedBeside(file).flatMap((dag) => {
    const focus = focusOn(file, dag, undefined, undefined);
    const near = Math.abs(focus.failedAt - (time(file.alert['started_at']) ?? focus.failedAt)) < 6 * 3_600_000;
    return focus.runState === 'failed' && near ? runContexts(file, dag, undefined, undefined) : [];
  });
  const { dag, task } = subjectOf(file);
  const all = [...runContexts(file, dag, file.alert['run'], task), ...beside];
  // What failed comes before what might fail next.
  return [...all.filter(({ latent }) => !latent), ...all.filter(({ latent }) => latent)];
}

/** One context for each task of the run that failed by itself; one all the same where none did or nothing is known yet. */
function runContexts(file: CaseFile, dag: string, run: string | undefined, task: string | undefined): Context[] {
  const first = focusOn(file, dag, run, task);
  const failed = failedTasks(file, dag, first.run).map((fact) => fact.fields['id'] ?? '');
  const tasks = failed.length === 0 ? [first.taskId] : failed.slice(0, 3);
  const contexts = tasks.map((id) => contextOf(file, focusOn(file, dag, run, id)));
  return failed.length === 0
    ? contexts
    : [...contexts, ...waiting(file, dag, first).map((focus) => latentContext(file, focus))];
}

/** Tasks that wait behind a failed one and read what other pipelines make: the next thing that could keep the run failing. */
function waiting(file: CaseFile, dag: string, focus: Focus): Focus[] {
  const calls = statusCalls(file, dag).map((fact) => fact.call);
  const held = factsOf(file, 'airflow_dag_status', 'task')
    .filter(
      (fact) =>
        calls.includes(fact.call) && fact.fields['run'] === focus.run && fact.fields['state'] === 'upstream_failed',
    )
    .map((fact) => fact.fields['id']);
  return file.tasks
    .filter((task) => task.dag === dag && held.includes(task.id))
    .filter((task) => producersOf(file, task.reads).some((producer) => producer.dag !== dag))
    .slice(0, 2)
    .map((task) => ({ ...focus, task, taskId: task.id, startedAt: undefined, operator: undefined }));
}

function latentContext(file: CaseFile, focus: Focus): Context {
  return {
    ...{ file, focus, signals: [], families: ['missing_data'], columns: [], errorText: '' },
    ...{ statusKnown: true, latent: true, alertRun: undefined },
  };
}

function contextOf(file: CaseFile, alertFocus: Focus): Context {
  const producer = failedProducer(file, alertFocus);
  const focus = producer ?? alertFocus;
  const lines = errorLines(file, focus);
  const signals = gravest(
    lines.flatMap((line): Signal[] => {
      const family = familyOf(file.words, line.text);
      return family === undefined ? [] : [{ family, line }];
    }),
  );
  const spoken = producer === undefined ? file.alertLines.flatMap((text) => familyOf(file.words, text) ?? []) : [];
  const errorText = [...(producer === undefined ? file.alertLines : []), ...lines.map((line) => line.text)].join('\n');
  return {
    file,
    focus,
    signals,
    families: [...new Set([...signals.map((signal) => signal.family), ...spoken])],
    columns: columnsNamed(file.words, errorText),
    errorText,
    statusKnown: statusCalls(file, focus.dag).length > 0,
    latent: false,
    alertRun:
      producer === undefined || alertFocus.run === undefined ? undefined : { dag: alertFocus.dag, run: alertFocus.run },
  };
}

export function statusCalls(file: CaseFile, dag: string): Fact[] {
  return factsOf(file, 'airflow_dag_status', 'dag').filter((fact) => fact.fields['id'] === dag);
}

function focusOn(file: CaseFile, dag: string, wantedRun: string | undefined, wantedTask: string | undefined): Focus {
  const calls = statusCalls(file, dag).map((fact) => fact.call);
  const mine = (record: string): Fact[] =>
    factsOf(file, 'airflow_dag_status', record).filter((f) => calls.includes(f.call));
  const runs = mine('run');
  const run =
    runs.find((fact) => fact.fields['id'] === wantedRun) ??
    runs.find((fact) => wantedRun !== undefined && wantedRun !== '' && (fact.fields['id'] ?? '').includes(wantedRun)) ??
    failedNear(runs, time(file.alert['started_at'])) ??
    runs[0];
  const runId = run?.fields['id'] ?? (wantedRun || undefined);
  const failed = failedTasks(file, dag, runId);
  const instance = failed.find((fact) => fact.fields['id'] === wantedTask) ?? failed[0];
  const taskId = instance?.fields['id'] ?? (wantedTask || undefined);
  const failedAt = time(instance?.fields['ended']) ?? time(run?.fields['ended']) ?? time(file.alert['started_at']) ?? 0;
  const good = lastGood(runs, failedAt);
  return {
    dag,
    run: runId,
    taskId,
    task: file.tasks.find((task) => task.dag === dag && task.id === taskId) ?? onlyTask(file, dag),
    failedAt,
    startedAt: time(instance?.fields['started']) ?? time(run?.fields['started']),
    lastGoodAt: good?.at,
    lastGoodEndedAt: good?.endedAt,
    runState: run?.fields['state'],
    operator: instance?.fields['operator'],
  };
}

/** An alert that names no run means the failed one nearest to it, within half a day; older failures are another story. */
function failedNear(runs: readonly Fact[], alertAt: number | undefined): Fact | undefined {
  if (alertAt === undefined) return runs.find((fact) => fact.fields['state'] === 'failed');
  const away = (fact: Fact): number =>
    Math.abs((time(fact.fields['ended']) ?? time(fact.fields['started']) ?? 0) - alertAt);
  return runs
    .filter((fact) => fact.fields['state'] === 'failed' && away(fact) < 43_200_000)
    .sort((a, b) => away(a) - away(b))[0];
}

/** Task instances of a run that failed by themselves, first to fail first, each once. */
function failedTasks(file: CaseFile, dag: string, run: string | undefined): Fact[] {
  const calls = statusCalls(file, dag).map((fact) => fact.call);
  const seen = new Set<string>();
  return factsOf(file, 'airflow_dag_status', 'task')
    .filter((fact) => calls.includes(fact.call) && fact.fields['run'] === run)
    .filter((fact) => ['failed', 'up_for_retry'].includes(fact.fields['state'] ?? ''))
    .sort(byEnd)
    .filter((fact) => !seen.has(fact.fields['id'] ?? '') && seen.add(fact.fields['id'] ?? ''));
}

function onlyTask(file: CaseFile, dag: string): TaskFact | undefined {
  const tasks = file.tasks.filter((task) => task.dag === dag);
  return tasks.length === 1 ? tasks[0] : undefined;
}

function byEnd(a: Fact, b: Fact): number {
  return (a.fields['ended'] ?? '~').localeCompare(b.fields['ended'] ?? '~');
}

function lastGood(runs: readonly Fact[], before: number): { at: number; endedAt: number | undefined } | undefined {
  return runs
    .filter((fact) => fact.fields['state'] === 'success')
    .map((fact) => ({ at: time(fact.fields['started']), endedAt: time(fact.fields['ended']) }))
    .filter((run): run is { at: number; endedAt: number | undefined } => run.at !== undefined && run.at < before)
    .sort((a, b) => b.at - a.at)[0];
}

/** Unix milliseconds of an RFC 3339 instant; undefined when it is none. */
export function time(at: string | undefined): number | undefined {
  const read = Date.parse(at ?? '');
  return Number.isNaN(read) ? undefined : read;
}

/** The focus when a DAG that feeds this one was asked about and its newest run has failed by itself. */
function failedProducer(file: CaseFile, focus: Focus): Focus | undefined {
  const feeding = producersOf(file, focus.task?.reads ?? []).filter((task) => task.dag !== focus.dag);
  for (const dag of new Set(feeding.map((task) => task.dag))) {
    if (statusCalls(file, dag).length === 0) continue;
    const found = focusOn(file, dag, undefined, undefined);
    if (found.runState === 'failed' && found.taskId !== undefined && found.failedAt < focus.failedAt + 3_600_000)
      return found;
  }
  return undefined;
}

/** The tasks that write any of these datasets. */
export function producersOf(file: CaseFile, datasets: readonly string[]): TaskFact[] {
  return file.tasks.filter((task) => task.writes.some((dataset) => datasets.includes(dataset)));
}

/** Lines of error text that belong to the focus: logs of its task and application, not those of other runs. */
function errorLines(file: CaseFile, focus: Focus): OutsideLine[] {
  const own = statusCalls(file, focus.dag).map((fact) => fact.call);
  const all = [...outsideLines(file, ERROR_TOOLS), ...ERROR_TOOLS.flatMap((tool) => spokenRecords(file, tool))];
  return all.filter(({ call, after }) => {
    if (call.tool !== 'airflow_dag_status') return belongs(call.args, focus);
    if (!own.includes(call)) return false;
    return after?.record !== 'log' || focus.taskId === undefined || after.fields['task'] === focus.taskId;
  });
}

/** Error texts of one line stand inside their record: they are as outside as any other. */
const SPOKEN: Record<string, readonly string[]> = {
  airflow_dag_status: ['import_error.text'],
  spark_job_logs: ['resource.error', 'executor.removed'],
  kyuubi_query_plan: ['query.error', 'operation.exception'],
};

function spokenRecords(file: CaseFile, tool: string): OutsideLine[] {
  return (SPOKEN[tool] ?? []).flatMap((name) => {
    const [record = '', field = ''] = name.split('.');
    return factsOf(file, tool, record).flatMap((fact) => {
      const text = fact.fields[field];
      return text === undefined ? [] : [{ text, line: fact.line, after: undefined, call: fact.call }];
    });
  });
}

function belongs(args: Record<string, unknown>, focus: Focus): boolean {
  const asked = String(args['app'] ?? args['query'] ?? '');
  const { task, dag } = focus;
  return [task?.sparkApp, task?.queryUser, dag, `${dag}.${task?.id ?? ''}`].includes(asked);
}

/** True when it happened after the last good run began and before the failure: only then it can be the cause. */
export function inWindow(context: Context, at: string | undefined): boolean {
  const when = time(at);
  if (when === undefined) return false;
  const { failedAt, lastGoodAt } = context.focus;
  return when <= failedAt && when >= (lastGoodAt ?? failedAt - 14 * 86_400_000) - 300_000;
}
