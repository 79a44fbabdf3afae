import { z } from 'zod';
import { AppError } from '../../src/domain/errors.js';
import { readJson, readOutcome } from '../../src/domain/http-json.js';
import type { AirflowWriter, TaskInstance } from '../../src/domain/platform-ports.js';
import { type AirflowDeps, type AirflowSession, createAirflowSession } from './session.js';
import { DagRun, TaskInstances } from './shapes.js';
import { readTaskInstances, runPath } from './task-instances.js';

const Version = z.looseObject({ version: z.string() });
const FAILED: ReadonlySet<string> = new Set(['failed', 'upstream_failed']);
const NOTE_LIMIT = 1000;
const json = { 'content-type': 'application/json' };

/** Changes Airflow with an operator's credentials. Each write is sent once; `timeout` means that the outcome must be read back. */
export function createAirflowWriter(deps: AirflowDeps): AirflowWriter {
  const session = createAirflowSession(deps);
  let guard: Promise<boolean> | undefined;

  /** Airflow refuses unknown members, and `prevent_running_task` came with 3.2. */
  async function knowsRunningGuard(): Promise<boolean> {
    if (session.version === '2') return false;
    guard ??= readVersion(session);
    return guard.catch(() => {
      guard = undefined;
      return false;
    });
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
          ...scopeOf(instances, tasks),
          dry_run: dryRun,
          dag_run_id: run,
          only_running: false,
          include_upstream: false,
          include_future: false,
          include_past: false,
          reset_dag_runs: true,
          ...((await knowsRunningGuard()) ? { prevent_running_task: true } : {}),
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

async function readVersion(session: AirflowSession): Promise<boolean> {
  const { version } = readJson('Airflow', await session.call({ method: 'GET', path: '/version' }), Version);
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > 3 || (major === 3 && minor >= 2);
}

function refuseWhatCanNotBeCleared(instances: readonly TaskInstance[], tasks: readonly string[]): void {
  const known = new Set(instances.map((ti) => ti.task));
  if (tasks.length === 0 || tasks.some((task) => !known.has(task))) {
    throw new AppError('not_found', { safeText: 'Airflow does not know one of these tasks in this run.' });
  }
  if (instances.some((ti) => tasks.includes(ti.task) && ti.state === 'running')) {
    throw new AppError('conflict', {
      retryable: false,
      safeText: 'One of these tasks is running now; it was not cleared.',
    });
  }
}

/**
 * Failed tasks: with their failed or never started downstream, or the run would stay failed. A task in any other state: exactly
 * those named, and what waits behind them as upstream_failed, never a downstream task that succeeded.
 */
function scopeOf(instances: readonly TaskInstance[], tasks: readonly string[]): Record<string, unknown> {
  const named = instances.filter((ti) => tasks.includes(ti.task));
  const onlyFailures = tasks.every((task) => named.some((ti) => ti.task === task && FAILED.has(ti.state)));
  if (onlyFailures) return { task_ids: [...tasks], only_failed: true, include_downstream: true };
  const waiting = instances.filter((ti) => ti.state === 'upstream_failed').map((ti) => ti.task);
  return { task_ids: [...new Set([...tasks, ...waiting])], only_failed: false, include_downstream: false };
}

/** A person's note stays; ours goes below it, and is never the one that is cut. */
function joinNotes(current: string, note: string): string {
  const ours = note.slice(0, NOTE_LIMIT);
  const kept = current.slice(0, Math.max(0, NOTE_LIMIT - ours.length - 1));
  return kept === '' ? ours : `${kept}\n${ours}`;
}
