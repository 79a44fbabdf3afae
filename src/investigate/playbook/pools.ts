import { type Fact, factsOf } from './case-file.js';
import type { Context } from './context.js';
import { entity, type Finding, quoted, symptom } from './procedure.js';

const POOLS = ['slots', 'quota', 'memory', 'query_memory'] as const;

function amount(text: string | undefined): number {
  const read = /^(\d+(?:\.\d+)?)(m|Ki|Mi|Gi|Ti|k|M|G|T)?$/.exec(text ?? '');
  const unit = { m: 1e-3, Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30, Ti: 2 ** 40, k: 1e3, M: 1e6, G: 1e9, T: 1e12 };
  return read === null ? Number.NaN : Number(read[1]) * (unit[read[2] as keyof typeof unit] ?? 1);
}

/** A quota of the namespace that is used up. */
export function fullQuota(context: Context): Finding[] {
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
