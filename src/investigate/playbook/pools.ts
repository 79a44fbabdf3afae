import { type Fact, factsOf } from './case-file.js';
import type { Context } from './context.js';
import { entity, type Finding, type Procedure, type Question, quoted, symptom } from './procedure.js';

const POOLS = ['slots', 'quota', 'memory'] as const;

/** Did a shared pool run out? Query engines, quotas and slots that several use. */
export const sharedPool: Procedure = {
  id: 'shared_pool',
  raisedBy: POOLS,
  hypothesis: () => 'A shared pool ran out.',
  ask: (context, found) => {
    if (found.length > 0) return [];
    const { task } = context.focus;
    const questions: (Question | undefined)[] = [];
    if (task?.queryUser !== undefined) {
      questions.push({
        tool: 'kyuubi_query_plan',
        args: { query: task.queryUser },
        thought: 'The query engine refused it. What did it say, and to which query?',
      });
    }
    if (context.families.includes('quota') && task?.sparkApp !== undefined) {
      questions.push({
        tool: 'spark_job_logs',
        args: { app: task.sparkApp },
        thought: 'The cluster had no room. Which quota was full?',
      });
    }
    return questions;
  },
  find: (context) => [...fullQuota(context), ...engineFull(context)],
  ruledOut: () => undefined,
};

function amount(text: string | undefined): number {
  const read = /^(\d+(?:\.\d+)?)(m|Ki|Mi|Gi|Ti|k|M|G|T)?$/.exec(text ?? '');
  const unit = { m: 1e-3, Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30, Ti: 2 ** 40, k: 1e3, M: 1e6, G: 1e9, T: 1e12 };
  return read === null ? Number.NaN : Number(read[1]) * (unit[read[2] as keyof typeof unit] ?? 1);
}

function fullQuota(context: Context): Finding[] {
  if (!context.families.includes('quota')) return [];
  const full = factsOf(context.file, 'spark_job_logs', 'quota').find(
    ({ fields }) => amount(fields['used']) >= 0.95 * amount(fields['hard']),
  );
  if (full === undefined) return [];
  return [
    pool(
      context,
      full,
      entity('k8s', `quota/${full.fields['name']}`),
      `The quota ${full.fields['name']} is full (${full.fields['resource']}).`,
    ),
  ];
}

const ENGINE = /QUERY_QUEUE_FULL|EXCEEDED_(?:LOCAL|GLOBAL)_MEMORY_LIMIT|CLUSTER_OUT_OF_MEMORY|EXCEEDED_TIME_LIMIT/;

function engineFull(context: Context): Finding[] {
  const query = factsOf(context.file, 'kyuubi_query_plan', 'query').find(({ fields }) =>
    ENGINE.test(fields['error'] ?? ''),
  );
  if (query === undefined) return [];
  const { user } = query.fields;
  return [
    pool(
      context,
      query,
      entity('trino', user ?? 'cluster'),
      `The query engine had no room for it (${query.fields['error']}).`,
    ),
  ];
}

function pool(
  context: Context,
  fact: Fact,
  where: Pick<Finding['cause'], 'component' | 'entity'>,
  claim: string,
): Finding {
  return {
    cause: { category: 'resource_exhaustion', ...where, change: 'slots_exhausted', claim },
    strength: 2,
    at: undefined,
    quotes: [quoted(fact, 'the pool that ran out'), ...symptom(context, POOLS)],
    explains: POOLS,
    repair: { escalate: 'The pool is shared: who gives way, or whether it grows, is not mine to decide.' },
  };
}
