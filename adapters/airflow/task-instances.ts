import { readJson } from '../../src/domain/http-json.js';
import type { TaskInstance } from '../../src/domain/platform-ports.js';
import type { AirflowSession } from './session.js';
import { TaskInstances } from './shapes.js';

const PAGE = 100;
const MOST = 1000;

/** `/dags/x/dagRuns/y`; run ids hold `+` and `:` and must be encoded. */
export function runPath(dag: string, run: string): string {
  return `/dags/${encodeURIComponent(dag)}/dagRuns/${encodeURIComponent(run)}`;
}

/** All task instances of a run (at most 1000); empty when Airflow does not know the run. */
export async function readTaskInstances(
  session: AirflowSession,
  dag: string,
  run: string,
  signal?: AbortSignal,
): Promise<TaskInstance[]> {
  const found: TaskInstance[] = [];
  for (let offset = 0; offset < MOST; offset += PAGE) {
    const answer = await session.call({
      method: 'GET',
      path: `${runPath(dag, run)}/taskInstances?limit=${PAGE}&offset=${offset}`,
      signal,
      accept: [404],
    });
    if (answer.status === 404) return [];
    const page = readJson('Airflow', answer, TaskInstances);
    for (const task of page.task_instances) {
      found.push({
        task: task.task_id,
        mapIndex: task.map_index ?? -1,
        state: task.state ?? 'none',
        tryNumber: task.try_number ?? 0,
        maxTries: task.max_tries ?? 0,
        operator: task.operator ?? undefined,
        startedAt: task.start_date ?? undefined,
        endedAt: task.end_date ?? undefined,
        host: task.hostname || undefined,
      });
    }
    if (page.task_instances.length < PAGE || found.length >= (page.total_entries ?? Number.POSITIVE_INFINITY)) break;
  }
  return found;
}
