import { setTimeout as sleep } from 'node:timers/promises';
import { AppError } from '../domain/errors.js';
import type { Incident } from '../domain/incident.js';
import type { AirflowReader } from '../domain/platform-ports.js';

const POLL_MS = 500;
const WITHIN_MS = 20_000;
/** An alert older than this is no longer ahead of Airflow's books. */
const FRESH_MS = 120_000;
const UNDER_WAY: ReadonlySet<string> = new Set(['running', 'queued', 'scheduled', 'restarting', 'none']);

/**
 * Airflow calls its failure callback inside the task that fails, so the alert is here seconds before Airflow itself says that the
 * task failed and gives its whole log. Waits for that, `withinMs` at most; a system that does not answer is the investigation's to find.
 */
export function createSettling(
  airflow: Pick<AirflowReader, 'tasks'>,
  withinMs = WITHIN_MS,
  now: () => number = Date.now,
): (incident: Pick<Incident, 'alert'>, signal: AbortSignal) => Promise<void> {
  return async ({ alert }, signal) => {
    const { dag, run, task } = alert.subject;
    if (alert.source !== 'airflow' || dag === undefined || run === undefined || task === undefined) return;
    const began = now();
    if (began - Date.parse(alert.startedAt) > FRESH_MS) return;
    while (now() - began < withinMs && !signal.aborted) {
      const states = await statesOf(airflow, { dag, run, task }, signal);
      if (!states.some((state) => UNDER_WAY.has(state))) return;
      await sleep(POLL_MS, undefined, { signal }).catch(() => undefined);
    }
  };
}

async function statesOf(
  airflow: Pick<AirflowReader, 'tasks'>,
  { dag, run, task }: { dag: string; run: string; task: string },
  signal: AbortSignal,
): Promise<string[]> {
  try {
    return (await airflow.tasks(dag, run, signal)).filter((one) => one.task === task).map(({ state }) => state);
  } catch (thrown) {
    if (thrown instanceof AppError) return [];
    throw thrown;
  }
}
