import { readJson } from '../../src/domain/http-json.js';
import type { AirflowReader, DagInfo, TaskInstance } from '../../src/domain/platform-ports.js';
import { type AirflowDeps, type AirflowSession, createAirflowSession } from './session.js';
import { Dag, DagRuns, ImportErrors } from './shapes.js';
import { readTaskEvents } from './task-events.js';
import { readTaskInstances } from './task-instances.js';
import { readTryLog } from './task-log.js';

/** A try in one of these states needs no explanation. */
const UNHARMED: ReadonlySet<string> = new Set(['success', 'running', 'queued', 'scheduled', 'none', 'skipped']);

/** Reads Airflow 3 (REST v2) or 2 (REST v1) with a viewer's credentials. */
export function createAirflowReader(deps: AirflowDeps): AirflowReader {
  const session = createAirflowSession(deps);
  return {
    async dag(dag, signal) {
      const path = `/dags/${encodeURIComponent(dag)}`;
      const answer = await session.call({ method: 'GET', path, signal, accept: [404] });
      if (answer.status === 404) return undefined;
      return describeDag(session, readJson('Airflow', answer, Dag), signal);
    },

    async runs(dag, limit, signal) {
      const order = session.version === '3' ? '-run_after' : '-execution_date';
      const path = `/dags/${encodeURIComponent(dag)}/dagRuns?order_by=${order}&limit=${limit}`;
      const answer = await session.call({ method: 'GET', path, signal, accept: [404] });
      if (answer.status === 404) return [];
      return readJson('Airflow', answer, DagRuns).dag_runs.map((run) => ({
        run: run.dag_run_id,
        state: run.state ?? 'none',
        type: run.run_type ?? 'unknown',
        logicalDate: run.logical_date ?? run.execution_date ?? undefined,
        startedAt: run.start_date ?? undefined,
        endedAt: run.end_date ?? undefined,
        note: run.note ?? undefined,
      }));
    },

    tasks: (dag, run, signal) => readTaskInstances(session, dag, run, signal),

    async taskLog(dag, run, task, attempt, maxBytes, signal) {
      const instance = worstOf((await readTaskInstances(session, dag, run, signal)).filter((ti) => ti.task === task));
      if (instance === undefined) return undefined;
      const newest = attempt ?? instance.tryNumber;
      // Airflow 2 has words even for a try that never was.
      if (newest < 1 || newest > instance.tryNumber) return undefined;
      const read = (number: number): Promise<string | undefined> =>
        readTry(session, { dag, run, instance, attempt: number }, maxBytes, signal);
      const log = await read(newest);
      // After a clear the try that is counted may not have begun: the log people look for is the one before.
      return log !== undefined || attempt !== undefined || newest === 1 ? log : read(newest - 1);
    },
  };
}

/** The log, and where it names no exception what the event log holds about this try. */
async function readTry(
  session: AirflowSession,
  where: { dag: string; run: string; instance: TaskInstance; attempt: number },
  maxBytes: number,
  signal: AbortSignal | undefined,
): Promise<string | undefined> {
  const unharmed = where.attempt === where.instance.tryNumber && UNHARMED.has(where.instance.state);
  const events = async (): Promise<string[]> => (unharmed ? [] : readTaskEvents(session, where, signal));
  return readTryLog(session, where, maxBytes, events, signal);
}

async function describeDag(session: AirflowSession, dag: Dag, signal: AbortSignal | undefined): Promise<DagInfo> {
  const interval = dag.schedule_interval;
  const schedule = dag.timetable_summary ?? (typeof interval === 'object' ? interval?.value : interval);
  return {
    dag: dag.dag_id,
    paused: dag.is_paused ?? false,
    owners: dag.owners,
    file: dag.relative_fileloc ?? dag.fileloc ?? undefined,
    schedule: typeof schedule === 'string' ? schedule : undefined,
    importErrors: dag.has_import_errors === false ? [] : await importErrorsOf(session, dag, signal),
  };
}

async function importErrorsOf(session: AirflowSession, dag: Dag, signal: AbortSignal | undefined): Promise<string[]> {
  const answer = await session.call({ method: 'GET', path: '/importErrors?limit=100', signal });
  const files = [dag.fileloc, dag.relative_fileloc].filter((file) => file != null && file !== '');
  return readJson('Airflow', answer, ImportErrors)
    .import_errors.filter(({ filename }) =>
      files.some(
        (file) => filename && (file === filename || file?.endsWith(`/${filename}`) || filename.endsWith(`/${file}`)),
      ),
    )
    .map(({ stack_trace }) => stack_trace ?? '');
}

/** Of a mapped task's instances the one to look at: a failed one first, then the lowest index. */
function worstOf(instances: TaskInstance[]): TaskInstance | undefined {
  const rank = (ti: TaskInstance): number => (ti.state === 'failed' ? 0 : ti.state === 'up_for_retry' ? 1 : 2);
  return [...instances].sort((a, b) => rank(a) - rank(b) || a.mapIndex - b.mapIndex)[0];
}
