import { type Fact, factsOf, type TaskFact } from './case-file.js';
import { type Context, statusCalls, time } from './context.js';
import { entity, type Finding, type Procedure, type Question, quoted, symptom } from './procedure.js';
import type { Family } from './signals.js';

const QUARTER = 15 * 60_000;

/** Does a provider or network fail for many at once? Then no single DAG is to be diagnosed. */
export const outage: Procedure = {
  id: 'outage',
  raisedBy: ['outage'],
  hypothesis: () => 'Something outside our platform does not answer.',
  ask: (context, found) =>
    found.some(({ strength }) => strength === 3)
      ? []
      : [...others(context).slice(0, 1), ...healthMetric(context), ...others(context)],
  find: (context) => outageFinding(context),
  ruledOut: (context) =>
    others(context).length > 0 && failingElsewhere(context).length === 0
      ? 'Other pipelines that use other systems go on.'
      : undefined,
};

function healthMetric(context: Context): Question[] {
  const metric = context.file.metrics.find(({ name, meaning }) =>
    /fail|error|unreachable|availab/i.test(`${name} ${meaning}`),
  );
  if (metric === undefined) return [];
  return [
    {
      tool: 'metric_query',
      args: { expr: metric.name, since: '6h' },
      thought: 'An address does not answer. Is it only us, or everybody?',
    },
  ];
}

/** Two pipelines that share neither data nor owner with the focus: when they fail too, it is not one pipeline. */
function others(context: Context): Question[] {
  const { dag, task } = context.focus;
  const owner = context.file.pipelines.find((pipeline) => pipeline.dag === dag)?.owner;
  const used = new Set([...(task?.reads ?? []), ...(task?.writes ?? [])]);
  const unrelated = (each: TaskFact): boolean =>
    each.dag !== dag && ![...each.reads, ...each.writes].some((dataset) => used.has(dataset));
  const dags = [...new Set(context.file.tasks.filter(unrelated).map((each) => each.dag))];
  const strangers = dags.filter(
    (name) => context.file.pipelines.find((pipeline) => pipeline.dag === name)?.owner !== owner,
  );
  return strangers.slice(0, 2).map((name) => ({
    tool: 'airflow_dag_status',
    args: { dag_id: name },
    thought: `${name} shares nothing with ${dag}. Does it fail too?`,
  }));
}

/** Failed runs of other DAGs near the failure. */
function failingElsewhere(context: Context): Fact[] {
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

function outageFinding(context: Context): Finding[] {
  const signal = context.signals.find(({ family }) => family === 'outage');
  const elsewhere = failingElsewhere(context);
  const risen = risenErrors(context);
  if (signal === undefined || (elsewhere.length === 0 && risen === undefined)) return alone(context);
  const region = REGION.flatMap(({ provider, pattern }) => {
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
      strength: 3,
      at: undefined,
      quotes: [
        quoted(signal.line, 'the address that does not answer'),
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

function risenErrors(context: Context): Fact | undefined {
  return factsOf(context.file, 'metric_query', 'series').find((fact) => {
    const metric = context.file.metrics.find(({ name }) => name === fact.call.args['expr']);
    if (!/fail|error|unreachable/i.test(`${metric?.name} ${metric?.meaning}`)) return false;
    const [first, last] = [Number(fact.fields['first']), Number(fact.fields['last'])];
    return Number.isFinite(last) && last >= 3 && last >= 5 * Math.max(first, 0.2);
  });
}

function hostOf(context: Context): string | undefined {
  return /(?:https?:\/\/|host='|Connect to )([a-z0-9.-]+)/i.exec(context.errorText)?.[1];
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
      notBeforeMinutes: 10,
    },
  ];
}

const WHO: readonly RegExp[] = [
  /for app '([^']+)'/i,
  /service ?account[ :'"]+([A-Za-z0-9@._:/-]+)/i,
  /(?:user|principal|role|identity|client)[ :='"]+([A-Za-z0-9@._:/-]{3,})/i,
  /group authorization failed.*?([A-Za-z0-9._-]+)$/i,
];

/** Is it about who may? Credentials, rights and keys are a person's, never a retry's. */
export const credentials: Procedure = {
  id: 'credentials',
  raisedBy: ['credentials'],
  hypothesis: () => 'A credential or a right is missing, expired or revoked.',
  ask: () => [],
  find: (context) => {
    const families: readonly Family[] = ['credentials'];
    const signal = context.signals.find(({ family }) => family === 'credentials');
    if (signal === undefined) return [];
    const who = WHO.flatMap((pattern) => pattern.exec(context.errorText)?.[1] ?? [])[0];
    const stolen = /compromis|leaked|stolen|unknown location|impossible travel/i.test(context.errorText);
    return [
      {
        cause: {
          category: 'out_of_scope',
          ...entity('identity', who ?? context.focus.dag),
          change: stolen ? 'credential_compromise' : 'credential_rotated',
          claim: 'The system refuses our credential or our right; the job itself is unchanged.',
        },
        strength: 2,
        at: undefined,
        quotes: [quoted(signal.line, 'the refusal')],
        explains: families,
        repair: {
          escalate: 'Credentials and rights are for their owner to put right; no repair of mine may touch them.',
        },
      },
    ];
  },
  ruledOut: () => undefined,
};

const TOPIC = /TopicPartition: ([\w.-]+)-\d+|partition ([\w.-]+)-\d+|topic[ :='"]+([\w.-]+)/i;

/** Data that is gone because it was read too late: only people may decide about what is lost. */
export const expiredData: Procedure = {
  id: 'expired_data',
  raisedBy: ['expired_data'],
  hypothesis: () => 'The data was removed before it was read.',
  ask: () => [],
  find: (context) => {
    const signal = context.signals.find(({ family }) => family === 'expired_data');
    if (signal === undefined) return [];
    const read = TOPIC.exec(context.errorText);
    const topic = read?.[1] ?? read?.[2] ?? read?.[3];
    const table = context.focus.task?.reads[0] ?? context.focus.dag;
    return [
      {
        cause: {
          category: 'late_data',
          ...(topic === undefined ? entity('delta', table) : entity('kafka', topic)),
          change: 'retention_expired',
          claim: `${topic ?? table} no longer holds what the job still had to read.`,
        },
        strength: 2,
        at: undefined,
        quotes: [quoted(signal.line, 'the data is gone'), ...symptom(context, ['missing_data'])],
        explains: ['expired_data'],
        repair: {
          escalate: 'Data is lost between what was read and what is still kept. Skipping it is not mine to decide.',
        },
      },
    ];
  },
  ruledOut: () => undefined,
};
