import { type Fact, factsOf } from './case-file.js';
import { type Context, time } from './context.js';
import { moreOfIt } from './levers.js';
import { entity, type Finding, type Quote, quoted, symptom } from './procedure.js';

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
  const { name, resource } = full.fields;
  return [
    exhausted(context, {
      where: entity('k8s', `quota/${name}`),
      claim: `The quota ${name} is full (${resource}).`,
      quotes: [quoted(full, 'the quota that is full')],
      repair: moreOfIt(context, 1, `The quota ${name} is full, and it is shared.`),
    }),
  ];
}

/** The largest query of somebody else that ran when ours was refused for want of memory. */
export function largestOther(context: Context): Fact | undefined {
  const user = context.focus.task?.queryUser;
  const since = (context.focus.startedAt ?? context.focus.failedAt) - 2 * 3_600_000;
  const queries = factsOf(context.file, 'kyuubi_query_plan', 'query').filter(({ fields }) => {
    const at = time(fields['created']) ?? 0;
    return fields['user'] !== user && at >= since && at <= context.focus.failedAt;
  });
  const own = Math.max(
    0,
    ...factsOf(context.file, 'kyuubi_query_plan', 'query')
      .filter(({ fields }) => fields['user'] === user)
      .map(({ fields }) => size(fields['peak_memory'])),
  );
  return queries
    .filter(({ fields }) => size(fields['peak_memory']) > own && size(fields['peak_memory']) > 0)
    .sort((a, b) => size(b.fields['peak_memory']) - size(a.fields['peak_memory']))[0];
}

/** `25.80GB` in bytes. */
function size(text: string | undefined): number {
  const read = /^(\d+(?:\.\d+)?)\s*([KMGT]?)i?B?$/i.exec(text ?? '');
  return read === null ? 0 : Number(read[1]) * 1024 ** ' KMGT'.indexOf((read[2] || ' ').toUpperCase());
}

/** A pool that an error names, with what its metrics say of it: slots of a scheduler or a query engine. */
export function namedPool(context: Context): Finding[] {
  const pool = poolOf(context);
  const signal = context.signals.find(({ family }) => family === 'slots');
  if (pool === undefined || signal === undefined) return [];
  const busy = factsOf(context.file, 'metric_query', 'series').filter((fact) =>
    poolMetrics(context).includes(String(fact.call.args['expr'])),
  );
  const own = busy.filter((fact) => fact.line.includes(pool.name));
  return [
    exhausted(context, {
      where: pool.where,
      claim: `The pool ${pool.name} has no place left: what uses it grew past it.`,
      quotes: [
        quoted(signal.line, 'the refusal'),
        ...own.slice(0, 2).map((fact) => quoted(fact, 'the pool over time')),
      ],
      repair: roomIn(context, pool.name, own.length > 0 ? own : busy),
    }),
  ];
}

/** A larger pool where it may be made larger; else time, where the pool has been free between the times it was full. */
function roomIn(context: Context, name: string, busy: readonly Fact[]): Finding['repair'] {
  const repair = moreOfIt(context, 1, `The pool ${name} is full.`);
  if (Array.isArray(repair) || repair.ask !== undefined) return repair;
  const passes = busy.some(({ fields }) => Number(fields['min']) < 0.8 * Number(fields['max']));
  return passes ? [] : repair;
}

/** Metrics about pools, queues and slots. */
export function poolMetrics({ file }: Context): string[] {
  return file.metrics
    .filter(({ name, meaning }) =>
      /queue|slot|\bpool|group.*(?:run|wait)|concurren|occupied/i.test(`${name} ${meaning}`),
    )
    .map(({ name }) => name);
}

function poolOf(context: Context): { name: string; where: ReturnType<typeof entity> } | undefined {
  const text = context.errorText;
  const engine = /(?:queries for|resource group|group|queue)\s+['"]?([A-Za-z][\w-]*(?:\.[\w-]+)+)/i.exec(text)?.[1];
  if (engine !== undefined) return { name: engine, where: entity('trino', engine) };
  const scheduler = /\bpool[ :='"]+(?!slots)([A-Za-z][\w.-]*)/i.exec(text)?.[1];
  return scheduler === undefined ? undefined : { name: scheduler, where: entity('airflow', `pool/${scheduler}`) };
}

function exhausted(
  context: Context,
  found: { where: ReturnType<typeof entity>; claim: string; quotes: Quote[]; repair: Finding['repair'] },
): Finding {
  return {
    cause: { category: 'resource_exhaustion', ...found.where, change: 'slots_exhausted', claim: found.claim },
    strength: 2,
    at: undefined,
    quotes: [...found.quotes, ...symptom(context, POOLS)],
    explains: POOLS,
    repair: found.repair,
    ...(Array.isArray(found.repair) && found.repair.length === 0 ? { notBeforeMinutes: 90 } : {}),
  };
}
