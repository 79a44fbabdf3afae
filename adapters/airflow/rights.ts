import { NOTHING, type WriteRight } from '../../src/domain/rights.js';
import { type AirflowDeps, createAirflowSession } from './session.js';

/** Whether this login may clear tasks: asked as a dry run about a DAG that does not exist, because Airflow looks at rights first. */
export async function mayWrite(deps: AirflowDeps): Promise<WriteRight> {
  const answer = await createAirflowSession(deps).call({
    method: 'POST',
    path: `/dags/${NOTHING}/clearTaskInstances`,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ dry_run: true, dag_run_id: NOTHING, task_ids: [NOTHING], only_failed: true }),
    accept: [400, 403, 404, 409, 422],
  });
  if (answer.status === 403) return { may: 'refused', words: 'may not clear tasks' };
  // 404: the right was there, the DAG was not. Others tell neither.
  return answer.status === 404
    ? { may: 'allowed', words: 'may clear tasks' }
    : { may: 'unknown', words: `answered the question about rights with status ${answer.status}` };
}
