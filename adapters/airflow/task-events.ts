import { AppError } from '../../src/domain/errors.js';
import { readJson } from '../../src/domain/http-json.js';
import type { TaskInstance } from '../../src/domain/platform-ports.js';
import type { AirflowSession } from './session.js';
import { EventLogs } from './shapes.js';

const LIMIT = 25;
const LONGEST_EXTRA = 400;
/** What happens to every task says nothing about why this one failed. */
const EVERYDAY: ReadonlySet<string> = new Set([
  'running',
  'success',
  'failed',
  'up_for_retry',
  'queued',
  'scheduled',
  'trigger_dag_run',
]);

/**
 * What Airflow's event log holds about one try, oldest first: that it lost its heartbeat, was marked by a person, never left the
 * queue. The log of such a try ends without a word of it. Never throws for itself: it only adds to a log.
 */
export async function readTaskEvents(
  session: AirflowSession,
  where: { dag: string; run: string; instance: Pick<TaskInstance, 'task' | 'mapIndex'>; attempt: number },
  signal?: AbortSignal,
): Promise<string[]> {
  const query = new URLSearchParams({
    dag_id: where.dag,
    run_id: where.run,
    task_id: where.instance.task,
    order_by: '-event_log_id',
    limit: String(LIMIT),
  });
  try {
    // A viewer's role may lack the audit log.
    const answer = await session.call({ method: 'GET', path: `/eventLogs?${query}`, signal, accept: [403, 404] });
    if (answer.status !== 200) return [];
    const { event_logs: found } = readJson('Airflow', answer, EventLogs);
    return found
      .filter(({ event }) => !EVERYDAY.has(event))
      .filter(({ try_number: attempt }) => attempt == null || attempt === where.attempt)
      .filter(({ map_index: index }) => index == null || index === where.instance.mapIndex)
      .reverse()
      .map(({ when, event, owner, extra }) => {
        const by = owner ? ` by ${owner}` : '';
        return `${when ?? ''} EVENT ${event}${by}${extra ? `: ${extra.slice(0, LONGEST_EXTRA)}` : ''}`;
      });
  } catch (thrown) {
    if (!(thrown instanceof AppError) || signal?.aborted) throw thrown;
    return ["[Airflow's event log could not be read.]"];
  }
}
