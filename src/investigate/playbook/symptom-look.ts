import type { Context } from './context.js';
import type { Procedure, Question } from './procedure.js';

/** Where else an error text may stand, asked when Airflow's log names nothing that is known. */
export const elsewhere: Procedure = {
  id: 'elsewhere',
  raisedBy: ['any'],
  hypothesis: () => 'The cause is not in the log that Airflow keeps.',
  ask: (context): (Question | undefined)[] => [ownLog(context), application(context), queries(context)],
  find: () => [],
  ruledOut: () => undefined,
};

/** The log of this very task, when the first look showed those of others. */
function ownLog(context: Context): Question | undefined {
  const { dag, run, taskId } = context.focus;
  if (!context.statusKnown || taskId === undefined || context.errorText.includes('\n')) return undefined;
  return {
    tool: 'airflow_dag_status',
    args: { dag_id: dag, ...(run === undefined ? {} : { run_id: run }), task_id: taskId },
    thought: `The log of ${taskId} itself: what did it say?`,
  };
}

function application(context: Context): Question | undefined {
  const app = context.focus.task?.sparkApp;
  if (app === undefined) return undefined;
  return { tool: 'spark_job_logs', args: { app }, thought: "Airflow's log does not say why. The Spark driver may." };
}

function queries(context: Context): Question | undefined {
  const user = context.focus.task?.queryUser;
  if (user === undefined) return undefined;
  return {
    tool: 'kyuubi_query_plan',
    args: { query: user },
    thought: "Airflow's log does not say why. The query engine may.",
  };
}
