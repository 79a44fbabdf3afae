import { type Fact, factsOf, type OutsideLine, outsideLines, type TaskFact } from './case-file.js';
import { type Context, statusCalls, time } from './context.js';
import { entity, type Finding, quoted } from './procedure.js';
import { familyOf } from './signals.js';

const QUARTER = 15 * 60_000;

/** Two pipelines that share neither data nor owner with the focus: when they fail too, it is not one pipeline. */
export function strangers(context: Context): string[] {
  const { dag, task } = context.focus;
  const owner = context.file.pipelines.find((pipeline) => pipeline.dag === dag)?.owner;
  const used = new Set([...(task?.reads ?? []), ...(task?.writes ?? [])]);
  const unrelated = (each: TaskFact): boolean =>
    each.dag !== dag && ![...each.reads, ...each.writes].some((dataset) => used.has(dataset));
  const dags = [...new Set(context.file.tasks.filter(unrelated).map((each) => each.dag))];
  return dags.filter((name) => context.file.pipelines.find((pipeline) => pipeline.dag === name)?.owner !== owner);
}

/** Failed runs of other DAGs near the failure. */
export function failingElsewhere(context: Context): Fact[] {
  return context.file.pipelines
    .filter(({ dag }) => dag !== context.focus.dag)
    .flatMap(({ dag }) => {
      const calls = statusCalls(context.file, dag).map((fact) => fact.call);
      return factsOf(context.file, 'airflow_dag_status', 'run').filter(
        (fact) =>
          calls.includes(fact.call) &&
          fact.fields['state'] === 'failed' &&
          Math.abs((time(fact.fields['ended']) ?? 0) - context.focus.failedAt) <= QUARTER,
      );
    });
}

const REGION: readonly { provider: string; pattern: RegExp }[] = [
  {
    provider: 'aws',
    pattern:
      /\b(?:s3|sts|glue|kms|ec2|dynamodb|sqs|kinesis|emr|secretsmanager)[.-]([a-z]{2}(?:-[a-z]+)+-\d)\.amazonaws\.com/,
  },
  { provider: 'aws', pattern: /\b([a-z]{2}(?:-[a-z]+)+-\d)\b/ },
  { provider: 'gcp', pattern: /\b([a-z]+-[a-z]+\d)-[a-z]*\.?googleapis\.com/ },
  { provider: 'azure', pattern: /\b([a-z]+\d?)\.(?:cloudapp\.)?azure\.com/ },
  { provider: 'azure', pattern: /\b([a-z0-9]+)\.(?:dfs|blob)\.core\.windows\.net/ },
];

/** An address outside that does not answer: for many, or for this pipeline alone. */
export function unreachable(context: Context): Finding[] {
  const refused = context.signals.find(({ family }) => family === 'throttled');
  const elsewhere = failingElsewhere(context);
  const risen = risenErrors(context);
  const silent = context.signals.find(({ family }) => family === 'outage');
  // One account that refuses is over its limit; accounts that share nothing and refuse together are their provider's.
  const signal = silent ?? (refused !== undefined && refusedElsewhere(context, elsewhere) ? refused : undefined);
  if (silent === undefined && signal === undefined) return [];
  if (signal === undefined || (elsewhere.length === 0 && risen === undefined)) return alone(context);
  const region =
    spokenRegion(context) ??
    REGION.flatMap(({ provider, pattern }) => {
      const name = pattern.exec(context.errorText)?.[1];
      return name === undefined ? [] : [`${provider}/${name}`];
    })[0];
  const where = region === undefined ? entity('network', hostOf(context) ?? 'egress') : entity('provider', region);
  return [
    {
      cause: {
        category: 'out_of_scope',
        ...where,
        change: region === undefined ? 'endpoint_unreachable' : 'provider_outage',
        claim: `${region ?? 'An outside address'} does not answer, and pipelines that share nothing fail together.`,
      },
      // That one other is refused may be chance; that two are is not.
      strength: silent === undefined && elsewhere.length < 2 ? 2 : 3,
      at: undefined,
      quotes: [
        quoted(naming(context, region) ?? signal.line, 'the address that does not answer'),
        ...elsewhere.slice(0, 2).map((fact) => quoted(fact, 'an unrelated pipeline fails too')),
        ...(risen === undefined ? [] : [quoted(risen, 'errors of many at once')]),
      ],
      explains: ['outage', 'throttled', 'lost_executor', 'missing_data'],
      repair: {
        escalate: `${region ?? 'An outside system'} does not answer: nothing on our side repairs that. Retry when it is back.`,
      },
    },
  ];
}

/** The line of an error that names the region. */
function naming(context: Context, region: string | undefined): OutsideLine | undefined {
  const name = region?.split('/')[1];
  if (name === undefined) return undefined;
  return outsideLines(context.file, ['airflow_dag_status', 'spark_job_logs', 'kyuubi_query_plan']).find(({ text }) =>
    text.includes(name),
  );
}

/** Another pipeline was refused as well, by a store that is not ours. */
function refusedElsewhere(context: Context, elsewhere: readonly Fact[]): boolean {
  const calls = new Set(elsewhere.map(({ call }) => call));
  const ours = new Set(hostsIn(context.errorText));
  return outsideLines(context.file, ['airflow_dag_status']).some(({ call, text }) => {
    const family = familyOf(context.file.words, text);
    const theirs = hostsIn(text);
    return calls.has(call) && (family === 'throttled' || family === 'outage') && theirs.some((host) => !ours.has(host));
  });
}

/** Hosts of stores, without what of the path or the port follows them. */
function hostsIn(text: string): string[] {
  return [...text.matchAll(/\b[a-z0-9][a-z0-9-]*(?:\.[a-z0-9-]+){2,}\b/gi)].map(([host]) => host.toLowerCase());
}

const PROVIDERS = [
  { provider: 'azure', pattern: /windows\.net|azure|\bABFS/i },
  { provider: 'aws', pattern: /amazonaws|\bs3a?:\/\/|botocore/i },
  { provider: 'gcp', pattern: /googleapis|\bgs:\/\//i },
] as const;

/** The region that the error spells out, with the provider by its addresses. */
function spokenRegion({ errorText }: Context): string | undefined {
  const region = /\bregion[ :='"]+([a-z][a-z0-9-]{3,})/i.exec(errorText)?.[1];
  const provider = PROVIDERS.find(({ pattern }) => pattern.test(errorText))?.provider;
  return region === undefined || provider === undefined ? undefined : `${provider}/${region.toLowerCase()}`;
}

function risenErrors(context: Context): Fact | undefined {
  return factsOf(context.file, 'metric_query', 'series').find((fact) => {
    const metric = context.file.metrics.find(({ name }) => name === fact.call.args['expr']);
    if (!/fail|error|unreachable/i.test(`${metric?.name} ${metric?.meaning}`)) return false;
    const [first, last] = [Number(fact.fields['first']), Number(fact.fields['last'])];
    return Number.isFinite(last) && last >= 3 && last >= 5 * Math.max(first, 0.2);
  });
}

function hostOf(context: Context): string | undefined {
  return /(?:https?:\/\/|host=['"]|Connect to )([a-z0-9.-]+)/i.exec(context.errorText)?.[1];
}

/** One pipeline alone and an address that did not answer: lost once, an unchanged run would pass. */
function alone(context: Context): Finding[] {
  const signal = context.signals.find(({ family }) => family === 'outage');
  const asked = context.file.calls.some(
    (call) => call.tool === 'airflow_dag_status' && call.args['dag_id'] !== context.focus.dag,
  );
  if (signal === undefined || !asked) return [];
  return [
    {
      cause: {
        category: 'executor_failure',
        ...entity('network', hostOf(context) ?? 'egress'),
        change: 'endpoint_unreachable',
        claim: 'An address did not answer for a while; other pipelines go on.',
      },
      strength: 2,
      at: undefined,
      quotes: [quoted(signal.line, 'the address that did not answer')],
      explains: ['outage'],
      repair: [],
      notBeforeMinutes: 30,
    },
  ];
}
