import { type CaseFile, factsOf } from './case-file.js';
import { type Context, time } from './context.js';
import type { Question } from './procedure.js';

/** The failed task's own statement that runs on, though Airflow has given it up. What Spark says of an application that lost its driver proves nothing. */
export function runsOn(context: Context): string | undefined {
  const { task, startedAt, failedAt } = context.focus;
  const from = (startedAt ?? failedAt) - 60_000;
  const query = factsOf(context.file, 'kyuubi_query_plan', 'query').find(
    ({ fields }) =>
      task?.queryUser !== undefined &&
      fields['user'] === task.queryUser &&
      /^(?:RUNNING|QUEUED|PLANNING|STARTING|FINISHING)$/i.test(fields['state'] ?? '') &&
      (time(fields['created']) ?? 0) >= from,
  );
  return query === undefined
    ? undefined
    : `The statement ${query.fields['id'] ?? ''} of ${task?.dag}.${task?.id} still runs`;
}

/** What has to be looked at before a step may change it: a table of which no answer speaks yet. */
export function unseen(steps: readonly Question[], file: CaseFile): Question[] {
  return steps
    .filter((step) => step.tool === 'propose_schema_evolution' && !isBacked(step, file))
    .map(({ args }) => ({
      tool: 'delta_history',
      args: { table: args['table'] },
      thought: `Before ${String(args['table'])} is changed: what does it look like now?`,
    }));
}

/** True when an answer shows the very thing that a step would change: the table, the setting or the run by its name. */
export function isBacked({ tool, args }: Question, file: CaseFile): boolean {
  const text = file.calls
    .filter((call) => call.status === 'ok' && !call.tool.startsWith('propose_'))
    .map((call) => call.text)
    .join('\n');
  if (tool === 'propose_dag_retry') return text.includes(String(args['run_id']));
  if (tool === 'propose_schema_evolution') return text.includes(String(args['table']));
  const setting = file.settings.find(({ path }) => path === args['target']);
  return setting !== undefined && isShown(setting.key, setting.file, file, text);
}

/** A setting is shown by its file, or by the value that the application ran with. */
function isShown(key: string, path: string, file: CaseFile, text: string): boolean {
  const leaf = key.split('.').at(-1) ?? key;
  const asked = file.calls.some(({ tool, args }) => tool === 'git_blame' && args['file'] === path);
  return asked || text.includes(leaf) || factsOf(file, 'spark_job_logs', 'setting').length > 0;
}
