import { z } from 'zod';
import { AppError } from '../../src/domain/errors.js';
import { readJson, readOutcome } from '../../src/domain/http-json.js';
import type { AirflowWriter, TaskInstance } from '../../src/domain/platform-ports.js';
import { type AirflowDeps, type AirflowSession, createAirflowSession } from './session.js';
import { DagRun, TaskInstances } from './shapes.js';
import { readTaskInstances, runPath } from './task-instances.js';

const Version = z.looseObject({ version: z.string() });
const FAILED: ReadonlySet<string> = new Set(['failed', 'upstream_failed']);
/** Clearing these would end them. */
const UNDER_WAY: ReadonlySet<string> = new Set(['running', 'restarting', 'deferred']);
const NOTE_LIMIT = 1000;
const json = { 'content-type': 'application/json' };

/** Changes Airflow with an operator's credentials. Each write is sent once; `timeout` means that the outcome must be read back. */
export function createAirflowWriter(deps: AirflowDeps): AirflowWriter {
  const session = createAirflowSession(deps);
  let release: Promise<number> | undefined;

  /** Members of a clear that this release knows: Airflow refuses unknown ones. */
  async function options(): Promise<Record<string, boolean>> {
    if (session.version === '2') return {};
    release ??= readMinor(session);
    const minor = await release.catch(() => {
      release = undefined;
      return 0;
    });
    return {
      // A run of versioned DAGs is bound to the commit it began with: without this a repair of the code would run the old code.
      ...(minor >= 1 ? { run_on_latest_version: true } : {}),
      ...(minor >= 2 ? { prevent_running_task: true } : {}),
    };
  }

  return {
    async clear(dag, run, tasks, dryRun) {
      const instances = await readTaskInstances(session, dag, run);
      refuseWhatCanNotBeCleared(instances, tasks);
      const answer = await session.call({
        method: 'POST',
        path: `/dags/${encodeURIComponent(dag)}/clearTaskInstances`,
        headers: json,
        body: JSON.stringify({
          ...scopeOf(session.version, instances, tasks),
          dry_run: dryRun,
          dag_run_id: run,
          only_running: false,
          include_upstream: false,
          include_downstream: false,
          include_future: false,
          include_past: false,
          reset_dag_runs: true,
          ...(await options()),
        }),
      });
      const before = new Map(instances.map((ti) => [ti.task, ti.state]));
      const { task_instances: cleared } = await readOutcome('Airflow', () =>
        readJson('Airflow', answer, TaskInstances),
      );
      return cleared.map((ti) => ({ task: ti.task_id, state: ti.state ?? before.get(ti.task_id) ?? 'none' }));
    },

    async markSuccess(dag, run, task) {
      const path = `${runPath(dag, run)}/taskInstances/${encodeURIComponent(task)}`;
      const body = { new_state: 'success', ...(session.version === '2' ? { dry_run: false } : {}) };
      await session.call({ method: 'PATCH', path, headers: json, body: JSON.stringify(body) });
    },

    async annotate(dag, run, note) {
      const current = readJson('Airflow', await session.call({ method: 'GET', path: runPath(dag, run) }), DagRun).note;
      if (current?.includes(note)) return;
      const path = session.version === '3' ? `${runPath(dag, run)}?update_mask=note` : `${runPath(dag, run)}/setNote`;
      await session.call({
        method: 'PATCH',
        path,
        headers: json,
        body: JSON.stringify({ note: joinNotes(current ?? '', note) }),
      });
    },
  };
}

/** The second number of a release 3.x; a later major knows at least what the newest 3.x did. */
async function readMinor(session: AirflowSession): Promise<number> {
  const { version } = readJson('Airflow', await session.call({ method: 'GET', path: '/version' }), Version);
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > 3 ? Number.POSITIVE_INFINITY : minor;
}

function refuseWhatCanNotBeCleared(instances: readonly TaskInstance[], tasks: readonly string[]): void {
  const known = new Set(instances.map((ti) => ti.task));
  if (tasks.length === 0 || tasks.some((task) => !known.has(task))) {
    throw new AppError('not_found', { safeText: 'Airflow does not know one of these tasks in this run.' });
  }
  if (instances.some((ti) => tasks.includes(ti.task) && UNDER_WAY.has(ti.state))) {
    throw new AppError('conflict', {
      retryable: false,
      safeText: 'One of these tasks is running now; it was not cleared.',
    });
  }
}

/**
 * Exactly the named tasks, nothing that hangs on them. Of a mapped task whose instances partly failed only those: the others keep
 * what they did. Airflow 2 can not name one instance; there a failed task's other instances are left out as long as all named ones failed.
 */
function scopeOf(
  version: '2' | '3',
  instances: readonly TaskInstance[],
  tasks: readonly string[],
): Record<string, unknown> {
  const own = (task: string): TaskInstance[] => instances.filter((ti) => ti.task === task);
  const failed = (task: string): TaskInstance[] => own(task).filter((ti) => FAILED.has(ti.state));
  if (version === '2') return { task_ids: [...tasks], only_failed: tasks.every((task) => failed(task).length > 0) };
  const named = tasks.flatMap((task): (string | [string, number])[] => {
    const some = failed(task);
    return some.length === 0 || some.length === own(task).length
      ? [task]
      : some.map((ti): [string, number] => [task, ti.mapIndex]);
  });
  return { task_ids: named, only_failed: false };
}

/** A person's note stays; ours goes below it, and is never the one that is cut. */
function joinNotes(current: string, note: string): string {
  const ours = note.slice(0, NOTE_LIMIT);
  const kept = current.slice(0, Math.max(0, NOTE_LIMIT - ours.length - 1));
  return kept === '' ? ours : `${kept}\n${ours}`;
}
