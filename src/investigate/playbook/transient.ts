import { factsOf } from './case-file.js';
import { type Context, producersOf, time } from './context.js';
import { entity, type Finding, quoted } from './procedure.js';

/** A metric about refused requests, where the platform has one. */
export function refusals(context: Context): string | undefined {
  return context.file.metrics.find(({ name, meaning }) =>
    /throttl|slow ?down|refused request|\b(?:429|503)\b/i.test(`${name} ${meaning}`),
  )?.name;
}

const BUCKET = /(?:s3a?|gs|abfss?):\/\/([A-Za-z0-9.@_-]+)|([a-z0-9.-]+)\.(?:s3|blob|dfs)\.[a-z0-9.-]+/;

/** The object store refused requests for a while. */
export function throttling(context: Context): Finding[] {
  const signal = context.signals.find(({ family }) => family === 'throttled');
  if (signal === undefined) return [];
  const read = BUCKET.exec(context.errorText);
  const series = factsOf(context.file, 'metric_query', 'series').find(
    (fact) => fact.call.args['expr'] === refusals(context),
  );
  const labelled = /\b(?:bucket|account|container|store)=([^,]+)/.exec(series?.fields['labels'] ?? '')?.[1];
  const store = read?.[1] ?? read?.[2] ?? labelled ?? 'shared';
  const over = series !== undefined && Number(series.fields['last']) === 0;
  return [
    {
      cause: {
        category: 'executor_failure',
        ...entity('object_store', store),
        change: 'throttled',
        claim: 'The object store refused requests for a while; nothing about the job had changed.',
      },
      strength: 2,
      at: undefined,
      quotes: [
        quoted(signal.line, 'the refusal'),
        ...(series === undefined ? [] : [quoted(series, 'refusals over time')]),
      ],
      explains: ['throttled'],
      repair: [],
      notBeforeMinutes: over ? 0 : 30,
    },
  ];
}

/** The other writer goes on: it committed again and again lately, or a pipeline that writes the table runs still. */
function stillAtIt(context: Context, table: string): boolean {
  const { focus, file } = context;
  const seen = file.calls.some(
    ({ tool, args, status }) => tool === 'delta_history' && args['table'] === table && status === 'ok',
  );
  // What can not be read may go on, too.
  if (!seen) return true;
  const theirs = factsOf(file, 'delta_history', 'commit').filter(({ call, fields }) => {
    const at = time(fields['at']) ?? 0;
    const lately = at > focus.failedAt - 3 * 3_600_000 && at <= focus.failedAt + 60_000;
    return call.args['table'] === table && lately && fields['user'] !== focus.dag;
  });
  const others = new Set(otherWriters(context));
  const running = factsOf(file, 'airflow_dag_status', 'run').some(
    ({ call, fields }) =>
      others.has(String(call.args['dag_id'])) && ['running', 'queued'].includes(fields['state'] ?? ''),
  );
  return running || theirs.length >= 2;
}

/** Other pipelines that write what this task writes. */
export function otherWriters({ file, focus }: Context): string[] {
  return [...new Set(producersOf(file, focus.task?.writes ?? []).map(({ dag }) => dag))].filter(
    (dag) => dag !== focus.dag,
  );
}

const SECOND_INSTANCE =
  /ConcurrentTransactionException|DELTA_CONCURRENT_TRANSACTION|tried \d+ times but did not succeed/i;

/** Two writers met on one table. */
export function collision(context: Context, { wait }: { wait: number }): Finding[] {
  const signal = context.signals.find(({ family }) => family === 'conflict');
  if (signal === undefined) return [];
  const table =
    context.focus.task?.writes.find((name) => context.errorText.includes(name)) ??
    context.focus.task?.writes[0] ??
    context.focus.dag;
  const near = factsOf(context.file, 'delta_history', 'commit').find((fact) => {
    const at = time(fact.fields['at']);
    return at !== undefined && fact.call.args['table'] === table && Math.abs(at - context.focus.failedAt) < 3_600_000;
  });
  return [
    {
      cause: {
        category: 'executor_failure',
        ...entity('delta', table),
        change: 'commit_conflict',
        claim: `Another writer committed to ${table} at the same time; the unchanged run would pass alone.`,
      },
      strength: 2,
      at: time(near?.fields['at']),
      quotes: [quoted(signal.line, 'the collision'), ...(near === undefined ? [] : [quoted(near, 'the other commit')])],
      explains: ['conflict'],
      repair: SECOND_INSTANCE.test(context.errorText)
        ? { escalate: 'A second instance of the job seems to run; starting a third would make it worse.' }
        : [],
      notBeforeMinutes: stillAtIt(context, table) ? wait : 0,
    },
  ];
}
