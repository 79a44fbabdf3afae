import { factsOf } from './case-file.js';
import { codeAge } from './code-change.js';
import type { Context } from './context.js';
import { amountSeen, limitWasMet } from './demand.js';
import { finishedStatement } from './desync.js';
import { feedTable } from './feed.js';
import { producersAsked } from './late.js';
import { largestOther } from './pools.js';
import type { Finding } from './procedure.js';
import { writtenInTry } from './retry.js';
import { hasLasted } from './running-time.js';
import { recentChanges, settingFiles } from './settings.js';
import { failingElsewhere, strangers } from './unreachable.js';

type Test = (context: Context, found: readonly Finding[]) => boolean;

const answered =
  (tool: string, record: string): Test =>
  ({ file }) =>
    factsOf(file, tool, record).length > 0;

/** The closed list of situations that a condition may name (docs/agent.md). */
export const SITUATIONS: Readonly<Record<string, Test>> = {
  cause_found: (_, found) => found.length > 0,
  cause_sure: (_, found) => found.some(({ strength }) => strength === 3),
  schedule_shifted: (_, found) => found.some(({ cause }) => cause.change === 'schedule_shift'),
  // The contract names the change of type, and the table that takes it in has been seen: nobody else need be asked.
  type_settled: (context, found) =>
    !context.families.includes('missing_column') && found.some(({ strength }) => strength === 3),
  shape_known: (context, found) =>
    found.some(({ strength, repair }) => strength === 3 && Array.isArray(repair) && repair.length > 0) &&
    !context.families.includes('missing_column'),
  setting_at_fault: (_, found) => found.some(({ cause }) => cause.category === 'config_regression'),
  lever_wanted: (_, found) =>
    !found.some(({ strength }) => strength === 3) ||
    found.some(({ cause }) => cause.category === 'resource_exhaustion'),
  waiting_task: ({ latent }) => latent,
  task_known: ({ focus, statusKnown }) => statusKnown && focus.taskId !== undefined,
  error_short: ({ errorText }) => !errorText.includes('\n'),
  status_known: ({ statusKnown }) => statusKnown,
  second_try: (context) => tries(context) > 1,
  lasting_trouble: (context) => tries(context) > 1 && hasLasted(context),
  limit_was_met: limitWasMet,
  column_named: ({ columns }) => columns.length > 0,
  settings_listed: (context) => settingFiles(context).length > 0,
  setting_changed: (context) => recentChanges(context).length > 0,
  strangers_fine: (context) => strangers(context).length > 0 && failingElsewhere(context).length === 0,
  dropping_seen: ({ signals, focus }) => signals.some(({ family }) => family === 'late_rows') && focus.dag !== '',
  other_query_seen: (context) => largestOther(context) !== undefined,
  fed_from_outside: (context) => feedTable(context) !== undefined,
  work_done: (context) => writtenInTry(context) !== undefined || finishedStatement(context) !== undefined,
  producers_asked: producersAsked,
  amount_seen: amountSeen,
  code_seen: (context) => codeAge(context).known,
  code_age_known: (context) => codeAge(context).age !== undefined,
  pods_seen: answered('spark_job_logs', 'pod'),
  table_seen: answered('delta_history', 'table'),
  commits_seen: answered('git_blame', 'commit'),
  contract_seen: ({ file }) =>
    file.calls.some(({ tool, status }) => tool === 'schema_registry_diff' && status === 'ok'),
};

/** True when the situation of that name holds. */
export function holds(name: string, context: Context, found: readonly Finding[]): boolean {
  return SITUATIONS[name]?.(context, found) ?? false;
}

/** Tries of the task, as Airflow told them. */
function tries({ file, focus }: Context): number {
  const task = factsOf(file, 'airflow_dag_status', 'task').find(
    ({ fields }) => fields['run'] === focus.run && fields['id'] === focus.taskId,
  );
  return Number(task?.fields['try'] ?? 1);
}
