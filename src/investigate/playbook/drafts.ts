import type { PastCall } from './case-file.js';
import type { Context } from './context.js';
import type { Finding, Question } from './procedure.js';
import { retries } from './retry.js';

/** A step of which the effect is there already, and a run beside the one in question that may not be repeated. */
export function isNeedless({ tool, args, text }: PastCall, contexts: readonly Context[]): boolean {
  if (tool === 'propose_dag_retry')
    return !contexts.some(({ focus, alertRun }) => [focus.run, alertRun?.run].includes(String(args['run_id'])));
  return tool === 'propose_schema_evolution' && args['op'] === 'set_property' && /\balready\b/.test(text);
}

/** True when the step was drafted and not refused. */
export function isDrafted(draft: PastCall): boolean {
  return draft.status === 'ok' && !/^(?:refused|no_data)\b/.test(draft.text);
}

/** A retry refused because the task had written: the same with that task marked as done. */
export function markedRetry(
  contexts: readonly Context[],
  found: readonly Finding[],
  refused: PastCall,
): Question | undefined {
  if (!/written|wrote|append|mark_success/i.test(refused.text)) return undefined;
  const tasks = contexts.flatMap(({ focus }) =>
    focus.task?.mode === 'append' && focus.dag === refused.args['dag_id'] ? [focus.task.id] : [],
  );
  return retries(contexts, found, tasks).find(
    (step) => step.args['dag_id'] === refused.args['dag_id'] && 'mark_success' in step.args,
  );
}
