import { digestOf, sha256Hex, uuidv7 } from '../../src/domain/canonical.js';
import type { DecisionStatement, Person } from '../../src/domain/decision.js';
import type { Entry, EventBody, NewEvent } from '../../src/domain/events.js';
import { Policy } from '../../src/domain/policy.js';
import type { StoredEntry } from '../../src/domain/ports.js';
import { type BlastDetail, type Proposal, preconditionsDigest, proposalDigest } from '../../src/domain/proposal.js';

/** The sample incident as the log would tell it: a column renamed upstream, mapped and retried. */

export const INCIDENT = 'INC-7K2M9QD';
export const START = '2026-05-14T02:14:00.000Z';

export const POLICY: Policy = Policy.parse({
  version: 1,
  groups: { oncall: ['ana@example.com', 'ben@example.com'], leads: ['chen@example.com', 'dora@example.com'] },
  approvers: { risk: { trivial: ['@oncall'], low: ['@oncall'], medium: ['@oncall'], high: ['@leads', '@oncall'] } },
  caps: { 'daily_transactions.executor_memory_gi': 24 },
});

export const OBSERVATIONS = {
  registry: [
    'subject name=core_banking.transactions latest=14 compatibility=BACKWARD versions=14',
    'change from_version=13 to_version=14 at=2026-05-13T20:09:41Z age=6h kind=column_renamed field=merchant_subcategory_v2 from=merchant_subcategory',
  ].join('\n'),
  blame: [
    'file path=dags/transactions/transform.py repo=code lines=1 newest_age=47d oldest_age=212d',
    'blame line=118 sha=9f3c1ab author=mira@example.com at=2026-03-28T10:02:11Z age=47d summary="select the columns of the contract"',
    '| columns = [field.name for field in contract.fields]  # merchant_subcategory and its siblings',
  ].join('\n'),
  airflow: [
    'dag id=daily_transactions paused=false owners=payments-data schedule="0 2 * * *"',
    'run id=scheduled__2026-05-14T02:00:00+00:00 state=failed type=scheduled started=2026-05-14T02:00:04Z',
    'task run=scheduled__2026-05-14T02:00:00+00:00 id=transform state=failed try=2 max_tries=2 operator=SparkKubernetesOperator',
    'log run=scheduled__2026-05-14T02:00:00+00:00 task=transform try=2',
    '| pyspark.errors.exceptions.captured.AnalysisException: [UNRESOLVED_COLUMN.WITH_SUGGESTION] A column, variable, or function parameter with name `merchant_subcategory_v2` cannot be resolved. Did you mean one of the following? [`merchant_subcategory`, `merchant_category`, `merchant_id`].',
  ].join('\n'),
  history: [
    'table name=bronze.transactions version=4182 columns=txn_id:string,amount:decimal(18,2),merchant_subcategory:string rows=88120411',
    'commit version=4182 at=2026-05-14T02:03:20Z age=11m operation=WRITE rows_written=1184210',
  ].join('\n'),
};

const AGENT = { kind: 'agent' as const, id: 'agent', role: 'investigator' };
const SYSTEM = { kind: 'system' as const, id: 'countersign', role: 'web' };
const ZERO = '0'.repeat(64);

export function at(minutes: number, seconds = 0): string {
  return new Date(Date.parse(START) + minutes * 60_000 + seconds * 1000).toISOString();
}

export function opened(): NewEvent {
  const alert = {
    source: 'airflow' as const,
    fingerprint: 'daily_transactions/transform',
    status: 'firing' as const,
    startedAt: START,
    receivedAt: START,
    title: "daily_transactions: task transform failed, column 'merchant_subcategory_v2' not found",
    text: 'Task transform of DAG daily_transactions failed (try 2 of 2).\nAnalysisException: [UNRESOLVED_COLUMN.WITH_SUGGESTION] A column with name `merchant_subcategory_v2` cannot be resolved.',
    severity: 'high' as const,
    labels: { dag_id: 'daily_transactions', task_id: 'transform' },
    subject: { dag: 'daily_transactions', task: 'transform', run: 'scheduled__2026-05-14T02:00:00+00:00' },
    link: 'http://airflow.internal/dags/daily_transactions',
  };
  const data = {
    alert,
    title: alert.title,
    severity: 'high' as const,
    root: 'daily_transactions',
    pipeline: 'daily_transactions',
    owner: 'payments-data',
    unknown: [],
    openedBy: 'airflow',
  };
  return { type: 'incident.opened', data, actor: SYSTEM, at: START };
}

export function started(): NewEvent {
  const data = {
    attempt: 1,
    reasoner: 'playbook',
    model: 'playbook-2@5f0c8a21',
    promptVersion: '1',
    promptDigest: ZERO,
    toolsDigest: ZERO,
    maxToolCalls: 12,
    confidenceThreshold: 0.85,
  };
  return { type: 'investigation.started', data, actor: AGENT, at: at(0, 1) };
}

interface SampleCall {
  tool: string;
  args: Record<string, unknown>;
  thought: string;
  hypothesis: string;
  confidence: number;
  observation: string;
  headline: string;
}

export const CALLS: SampleCall[] = [
  {
    tool: 'airflow_dag_status',
    args: { dag_id: 'daily_transactions', task_id: 'transform' },
    thought: 'The alert names a failed task. First what Airflow says about the run and its log.',
    hypothesis: 'the transform reads a column that is not there',
    confidence: 0.3,
    observation: OBSERVATIONS.airflow,
    headline: 'run scheduled__2026-05-14 failed: transform, try 2 of 2',
  },
  {
    tool: 'schema_registry_diff',
    args: { source: 'core_banking.transactions', since: '24h' },
    thought: 'A column is missing. Columns go missing when a source changes its schema, so the registry first.',
    hypothesis: 'the source renamed or dropped the column',
    confidence: 0.55,
    observation: OBSERVATIONS.registry,
    headline: 'merchant_subcategory renamed to merchant_subcategory_v2, 6h ago',
  },
  {
    tool: 'git_blame',
    args: { file: 'dags/transactions/transform.py', lines: 'merchant_subcategory' },
    thought: 'The rename fits. Confirm that nobody changed our own code in the meantime.',
    hypothesis: 'our code is unchanged and the source moved',
    confidence: 0.88,
    observation: OBSERVATIONS.blame,
    headline: 'line 118 last changed 47d ago',
  },
  {
    tool: 'delta_history',
    args: { table: 'bronze.transactions' },
    thought: 'Did the rename reach the table? If not, the new name is missing there.',
    hypothesis: 'bronze.transactions still has the old name only',
    confidence: 0.96,
    observation: OBSERVATIONS.history,
    headline: '8 columns, no schema change in the last 100 versions; merchant_subcategory_v2 is not there',
  },
];

export function called(index: number): NewEvent {
  const { tool, args, thought, hypothesis, confidence } = CALLS[index] as SampleCall;
  const data = { callId: `call-${index + 1}`, call: index + 1, tool, args, thought, hypothesis, confidence };
  return { type: 'tool.called', data, actor: AGENT, at: at(0, 2 + index * 6) };
}

export function answered(index: number, flags: 'injection_suspected'[] = []): NewEvent {
  const { observation, headline } = CALLS[index] as SampleCall;
  const data = {
    callId: `call-${index + 1}`,
    status: 'ok' as const,
    observation: sha256Hex(observation),
    bytes: observation.length,
    truncated: false,
    redactions: 0,
    flags,
    durationMs: 240,
    headline,
  };
  return { type: 'tool.answered', data, actor: AGENT, at: at(0, 3 + index * 6) };
}

export function diagnosed(): NewEvent {
  const diagnosis = {
    outcome: 'repair' as const,
    causes: [
      {
        category: 'schema_drift' as const,
        component: 'registry' as const,
        entity: 'registry:core_banking.transactions',
        change: 'column_renamed' as const,
        claim: 'core_banking renamed merchant_subcategory to merchant_subcategory_v2 in version 14 of the subject.',
      },
    ],
    summary:
      'The source renamed merchant_subcategory to merchant_subcategory_v2 about 6 hours before the failure. Our transform takes its columns from that contract and has not changed for 47 days; bronze.transactions does not have the new name yet, so every run fails until it does.',
    confidence: 0.96,
    evidence: [
      {
        callId: 'call-2',
        tool: 'schema_registry_diff',
        quote: 'age=6h kind=column_renamed field=merchant_subcategory_v2 from=merchant_subcategory',
        supports: 'the source renamed the column before the failure',
        observation: sha256Hex(OBSERVATIONS.registry),
      },
      {
        callId: 'call-3',
        tool: 'git_blame',
        quote: 'blame line=118 sha=9f3c1ab author=mira@example.com at=2026-03-28T10:02:11Z age=47d',
        supports: 'our own code did not change',
        observation: sha256Hex(OBSERVATIONS.blame),
      },
    ],
    struck: [
      { quote: 'registry compatibility was switched off by an operator', reason: 'not in the answer of any tool' },
    ],
    ruledOut: [
      { hypothesis: 'a change in our own transform', why: 'the line was last changed 47 days ago' },
      { hypothesis: 'too little memory', why: 'the task failed in analysis, before any executor ran' },
    ],
    flags: ['evidence_struck' as const],
  };
  return { type: 'diagnosis.made', data: { diagnosis, toolCalls: 4 }, actor: AGENT, at: at(0, 30) };
}

const RUN = 'scheduled__2026-05-14T02:00:00+00:00';

function sampleDetail(): BlastDetail {
  const seen = '2026-05-13T04:12:00.000Z';
  const more = ['weekly', 'monthly', 'by_region', 'by_channel'].map((name) => ({
    name: `mart.merchants_${name}`,
    hops: 3,
    owner: 'bi-team',
    classes: [],
  }));
  return {
    tables: [
      { name: 'bronze.transactions', hops: 0, owner: 'payments-data', classes: ['pii'] },
      { name: 'silver.transactions', hops: 1, owner: 'payments-data', classes: ['pii', 'financial'] },
      { name: 'gold.merchant_daily', hops: 2, owner: 'bi-team', classes: ['financial', 'sox'] },
      { name: 'gold.fraud_features', hops: 2, owner: 'risk-ml', classes: [] },
      { name: 'mart.chargebacks', hops: 3, classes: [], observed: seen },
      ...more,
    ],
    consumers: [
      {
        name: 'fraud_features',
        hops: 2,
        owner: 'risk-ml',
        critical: true,
        nextRun: '2026-05-14T03:30:00.000Z',
        schedule: '30 3 * * *',
      },
      {
        name: 'daily_transactions',
        hops: 1,
        owner: 'payments-data',
        critical: false,
        nextRun: '2026-05-15T02:00:00.000Z',
        schedule: '0 2 * * *',
      },
      {
        name: 'merchant_reporting',
        hops: 2,
        owner: 'bi-team',
        critical: false,
        nextRun: '2026-05-14T06:00:00.000Z',
        schedule: '0 6 * * *',
      },
      { name: 'chargeback_export.write', hops: 2, critical: false, observed: seen },
    ],
    total: { tables: 8, consumers: 4 },
    classes: ['financial', 'pii', 'sox'],
    doubts: [
      'chargeback_export.write was seen on 2026-05-13: it reads gold.merchant_daily, which the inventory does not say.',
    ],
  };
}

export function sampleProposal(change: Partial<Proposal> = {}): Proposal {
  return {
    v: 1,
    incident: INCIDENT,
    revision: 1,
    proposedBy: 'agent',
    steps: [
      {
        action: {
          do: 'schema_evolution',
          table: 'bronze.transactions',
          op: 'add_column',
          arg: { name: 'merchant_subcategory_v2', type: 'string' },
        },
        title: 'bronze.transactions: add column merchant_subcategory_v2 string',
        before: 'merchant_category: string\nmerchant_subcategory: string',
        after:
          'merchant_category: string\nmerchant_subcategory: string\nmerchant_subcategory_v2: string (may be empty)',
        effects: ['Rows written before today have no value in the new column until they are filled'],
        idempotency: 'guarded',
        restorePoint: 'bronze.transactions version 4182',
        touches: ['bronze.transactions'],
        preconditions: [
          {
            fact: 'delta.column_type',
            target: 'bronze.transactions/merchant_subcategory_v2',
            op: 'equals',
            value: 'absent',
            text: 'bronze.transactions has no column merchant_subcategory_v2',
            withinSeconds: 0,
          },
        ],
        verification: [
          {
            fact: 'delta.column_type',
            target: 'bronze.transactions/merchant_subcategory_v2',
            op: 'equals',
            value: 'string',
            text: 'bronze.transactions has merchant_subcategory_v2 as string',
            withinSeconds: 120,
          },
        ],
      },
      {
        action: {
          do: 'retry',
          dag: 'daily_transactions',
          run: RUN,
          tasks: 'failed',
          mark_success: [],
          not_before_minutes: 0,
        },
        title: 'Retry the failed tasks of daily_transactions, run of 14 May 02:00',
        before: 'transform: failed (try 2 of 2)\npublish: upstream_failed',
        after: 'transform: runs again\npublish: runs after it',
        effects: ['Writes silver.transactions for 13 May by overwrite, so a second run does not double rows'],
        idempotency: 'idempotent',
        restorePoint: 'silver.transactions version 977',
        touches: ['silver.transactions'],
        preconditions: [
          {
            fact: 'airflow.run_state',
            target: `daily_transactions/${RUN}`,
            op: 'equals',
            value: 'failed',
            text: 'The run of 14 May 02:00 is still failed',
            withinSeconds: 0,
          },
        ],
        verification: [
          {
            fact: 'airflow.run_state',
            target: `daily_transactions/${RUN}`,
            op: 'equals',
            value: 'success',
            text: 'The run of 14 May 02:00 is green',
            withinSeconds: 1800,
          },
        ],
      },
    ],
    why: 'The expected column is missing in one table only. Adding it unblocks tonight’s run without touching code; the patch fills it from the old name until the source sends it.',
    risk: {
      level: 'low',
      reasons: [
        'Adds a column to bronze.transactions that may be empty: readers that do not know it are not affected',
        'Runs failed tasks of daily_transactions again; they write the same result each time',
      ],
    },
    blastRadius: {
      datasets: sampleDetail()
        .tables.flatMap(({ name, hops }) => (hops > 0 ? [name] : []))
        .sort(),
      pipelines: [
        { dag: 'daily_transactions', owner: 'payments-data' },
        { dag: 'fraud_features', owner: 'risk-ml' },
        { dag: 'merchant_reporting', owner: 'bi-team' },
      ],
      detail: sampleDetail(),
    },
    attachments: [
      {
        file: 'dags/transactions/ingest.py',
        diff: '--- a/dags/transactions/ingest.py\n+++ b/dags/transactions/ingest.py\n@@ -40 +40 @@\n-    .select(*columns)\n+    .select(*columns, F.col("merchant_subcategory").alias("merchant_subcategory_v2"))\n',
        note: 'Fills the new column from the old one. Merge it before the next run.',
      },
    ],
    expiresAt: at(61),
    authorsOfCause: [],
    ...change,
  };
}

export function proposed(proposal = sampleProposal()): NewEvent {
  const data = { proposal, digest: proposalDigest(proposal) };
  return { type: 'proposal.made', data, actor: AGENT, at: at(0, 31) };
}

export function decided(verdict: 'approve' | 'reject', proposal = sampleProposal(), by = 'ana@example.com'): NewEvent {
  const person: Person = { id: by, via: 'web' };
  const check = verdict === 'approve' ? 'Compared the registry versions 13 and 14 myself; only the name differs.' : '';
  const statement: DecisionStatement = {
    v: 1,
    decisionId: 'dec-4f1c2a9b',
    incident: INCIDENT,
    revision: proposal.revision,
    proposalDigest: proposalDigest(proposal),
    preconditionsDigest: preconditionsDigest(proposal),
    verdict,
    votes: [{ by: person, at: at(5), check }],
    reason: verdict === 'reject' ? 'We merge the code patch instead; the source keeps the new name.' : '',
    policyDigest: digestOf(POLICY),
    decidedAt: at(5),
  };
  const data = { statement, seal: { keyId: 'decision-1', signature: 'c2lnbmF0dXJl' } };
  return { type: 'decision.recorded', data, actor: { kind: 'person', id: by, role: 'web' }, at: at(5) };
}

const REPAIRER = { kind: 'system' as const, id: 'repairer', role: 'repairer' };
const DECISION = { decisionId: 'dec-4f1c2a9b', fence: 1 };

export function repairStarted(proposal = sampleProposal()): NewEvent {
  const data = { ...DECISION, digest: proposalDigest(proposal), sealedAt: 13 };
  return { type: 'repair.started', data, actor: REPAIRER, at: at(5, 2) };
}

type Phase = Extract<EventBody, { type: 'repair.stepped' }>['data']['phase'];

export function stepped(step: number, phase: Phase, detail = ''): NewEvent {
  const data = { ...DECISION, step, phase, idempotencyKey: `dec-4f1c2a9b:${step}`, detail };
  return { type: 'repair.stepped', data, actor: REPAIRER, at: at(5, 3 + step * 4) };
}

export function repairFinished(outcome: 'succeeded' | 'failed' | 'unknown', detail = ''): NewEvent {
  return { type: 'repair.finished', data: { ...DECISION, outcome, detail }, actor: REPAIRER, at: at(5, 20) };
}

export function verified(met: boolean, round = 1): NewEvent {
  const checks = sampleProposal().steps.flatMap((step) => step.verification);
  const observed = ['string', met ? 'success' : 'running'];
  const results = checks.map((check, index) => ({ check, met: met || index === 0, observed: observed[index] ?? '' }));
  const data = { decisionId: DECISION.decisionId, round, results };
  return { type: 'verification.checked', data, actor: REPAIRER, at: at(6 + round) };
}

export function resolved(): NewEvent {
  const verifiedTexts = sampleProposal().steps.flatMap((step) => step.verification.map((check) => check.text));
  const data = { minutes: 12, by: 'repairer', verified: verifiedTexts };
  return { type: 'incident.resolved', data, actor: REPAIRER, at: at(12) };
}

/** The story up to a live proposal. */
export function untilProposal(proposal = sampleProposal()): NewEvent[] {
  const calls = CALLS.flatMap((_, index) => [called(index), answered(index)]);
  return [opened(), started(), ...calls, diagnosed(), proposed(proposal)];
}

export function untilRepaired(): NewEvent[] {
  return [
    ...untilProposal(),
    decided('approve'),
    repairStarted(),
    stepped(0, 'started'),
    stepped(0, 'applied', 'Trino added the column; the table is at version 4183.'),
    stepped(1, 'started'),
    stepped(1, 'applied', 'Airflow cleared 2 task instances.'),
    repairFinished('succeeded'),
  ];
}

/** Events as entries of a log that holds nothing else. */
export function asEntries(events: readonly NewEvent[], incident = INCIDENT): StoredEntry[] {
  return events.map((event, index) => {
    const { actor, at: when, ...body } = event;
    const envelope = { v: 1 as const, id: uuidv7(), at: when ?? START, subject: incident, n: index + 1, actor };
    return { index, entry: { ...envelope, ...body } as Entry };
  });
}
