import { SHAPE } from './columns.js';
import type { Context } from './context.js';
import { LIMITS } from './demand.js';
import type { Finding } from './procedure.js';
import type { Family } from './signals.js';

/** What is left over; or a value of ours that merely could explain it, while a tool that might say otherwise is silent. */
export function isGuess({ strength, cause }: Finding, contexts: readonly Context[]): boolean {
  return strength === 1 || (strength === 2 && cause.change === 'value_changed' && otherwiseSilent(contexts));
}

/** A tool gave no answer that could have named another cause of these errors. */
function otherwiseSilent(contexts: readonly Context[]): boolean {
  const families = new Set(contexts.flatMap((context) => context.families));
  const has = (names: readonly Family[]): boolean => names.some((name) => families.has(name));
  const telling: Readonly<Record<string, boolean>> = {
    airflow_dag_status: true,
    git_blame: true,
    delta_history: true,
    schema_registry_diff: has(SHAPE) || has(['data_check', 'unknown_value']),
    spark_job_logs: contexts.some(({ focus }) => focus.task?.sparkApp !== undefined) && !has(SHAPE),
    kyuubi_query_plan: contexts.some(({ focus }) => focus.task?.queryUser !== undefined),
    metric_query: has(['data_check', 'missing_data', 'late_rows']) || has(LIMITS),
  };
  return (contexts[0]?.file.calls ?? []).some(({ status, tool }) => status === 'error' && telling[tool] === true);
}
