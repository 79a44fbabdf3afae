import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { createPlaybookReasoner } from '../../src/investigate/playbook/reasoner.js';
import { investigateScenario } from '../support/agent-scenario.js';

/** Scenarios that nobody wrote the playbook for: the shipped worlds with another thing gone wrong in them. */
type Edit = [find: string | RegExp, replace: string];

function variant(name: string, edits: Edit[]): string {
  return edits.reduce(
    (text, [find, replace]) => {
      const edited = text.replace(find, replace);
      if (edited === text) throw new Error(`nothing to replace: ${find}`);
      return edited;
    },
    readFileSync(`fixtures/scenarios/${name}.yaml`, 'utf8'),
  );
}

const OOM_ERROR = /SparkException: Job aborted[^"]*OOM\)\./g;
const NO_SPARK: Edit[] = [
  [/ +driver_log: \|\n(?: {6}.*\n)+/, ''],
  [/ {4}spark:\n {6}stage: 5[\s\S]*?driver: \{exit_code: 1, reason: Error\}\n/, ''],
];
const NO_MEMORY_COMMIT: Edit = [/- \{at: -7h, by: r.castell[^\n]*\n/, ''];
const NO_GROWTH: Edit[] = [
  [/- \{at: -5h, by: usage_collector[^\n]*\n/, ''],
  [/\["-6h", 41200000\], \["-5h", 128400000\], \["0m", 128400000\]/, '["0m", 41200000]'],
];
const ALWAYS_FAILS: Edit = [/fail_if: "(?:delta|config)\['[^\n]*/, 'fail_if: "true"'];

const failsWith = (error: string): string =>
  variant('s04', [NO_MEMORY_COMMIT, ALWAYS_FAILS, [OOM_ERROR, error], ...NO_SPARK]);

const play = (yaml: string) => investigateScenario(yaml, createPlaybookReasoner());
type Run = Awaited<ReturnType<typeof play>>;
const causes = (run: Run): string[] =>
  (run.incident.diagnosis?.causes ?? []).map(({ category, entity, change }) => `${category} ${entity} ${change}`);
const plan = (run: Run) => run.incident.proposals[0]?.proposal.steps.map((step) => step.action) ?? [];

describe('the playbook in worlds it was not written for', () => {
  it.each([
    [
      'an expired secret',
      "AADToken: HTTP connection failed. Http response: 401 Unauthorized AADSTS7000222: The provided client secret keys for app 'usage-reader' are expired.",
      ['out_of_scope identity:usage-reader credential_rotated'],
    ],
    ['an error nobody knows', 'RuntimeError: flux capacitor misaligned', []],
  ])('hands over %s', async (_name, error, expected) => {
    const run = await play(failsWith(error));
    expect(run.incident.status).toBe('escalated');
    expect(causes(run)).toEqual(expected);
    expect(run.calls.some(({ tool }) => tool.startsWith('propose_'))).toBe(false);
  });

  it('gives a heartbeat that stopped one more try, later: tries within one disturbance are one observation', async () => {
    const run = await play(
      failsWith('Task did not emit heartbeat within time limit (600 seconds) and will be terminated.'),
    );
    expect(causes(run)).toEqual(['executor_failure airflow:usage_rollup.build node_lost']);
    expect(plan(run)).toMatchObject([{ do: 'retry', not_before_minutes: 30 }]);
  });

  it('takes back the version of ours after which methods are missing', async () => {
    const run = await play(
      failsWith('java.lang.NoSuchMethodError: org.example.Parser.withOrigin(Lorg/example/Token;)V'),
    );
    expect(causes(run)).toEqual(['config_regression spark:config/usage_rollup.image version_upgraded']);
    expect(plan(run).map(({ do: kind }) => kind)).toEqual(['config_rollback', 'retry']);
    expect(run.incident.proposals[0]?.proposal.authorsOfCause).toEqual(['ci@example.com']);
  });

  it('runs again alone what collided with another writer', async () => {
    const run = await play(
      failsWith(
        'io.delta.exceptions.ConcurrentAppendException: Files were added to the root of the table by a concurrent update.',
      ),
    );
    expect(causes(run)).toEqual(['executor_failure delta:gold.usage_daily commit_conflict']);
    expect(plan(run).map(({ do: kind }) => kind)).toEqual(['retry']);
  });

  it('says that it does not know when memory ran out and nothing grew or was lowered', async () => {
    const run = await play(variant('s05', [...NO_GROWTH, ALWAYS_FAILS]));
    expect(run.incident.diagnosis?.outcome).toBe('inconclusive');
    expect(run.incident.status).toBe('escalated');
  });

  it('finds the hot key where one task got it all', async () => {
    const skewed: Edit = [
      '      lost_executors:',
      '      skew: [{metric: inputBytes, median: 90000000, max: 6400000000}]\n      lost_executors:',
    ];
    const run = await play(variant('s05', [...NO_GROWTH, ALWAYS_FAILS, skewed]));
    expect(causes(run)).toEqual(['resource_exhaustion delta:bronze.usage_events skew']);
  });

  it('goes on without Airflow, and does not propose what could not be checked', async () => {
    const down: Edit = [/ambient: /, 'tool_faults:\n  - {tool: airflow_dag_status, mode: timeout}\nambient: '];
    const run = await play(variant('s04', [down]));
    expect(causes(run)).toEqual(['config_regression spark:config/usage_rollup.executor_memory_gi value_changed']);
    expect(run.incident.status).toBe('escalated');
    expect(run.incident.diagnosis?.flags).toContain('tool_unreliable');
  });

  it('blames nobody when the registry does not answer', async () => {
    const denied: Edit = [/ambient: /, 'tool_faults:\n  - {tool: schema_registry_diff, mode: denied}\nambient: '];
    const run = await play(variant('s01', [denied]));
    expect(run.incident.diagnosis).toMatchObject({ outcome: 'inconclusive', causes: [] });
  });

  it('tells a column taken away by hand from a change of the contract', async () => {
    const dropped =
      'delta.bronze.transactions.columns: {transaction_id: string, account_id: string, amount: "decimal(18,2)", currency: string, merchant_id: string, merchant_category: string, booked_at: timestamp}';
    const run = await play(
      variant('s01', [
        [/- \{at: -6h, by: core-banking-ci[^\n]*/, `- {at: -6h, by: warehouse-admin, set: {${dropped}}}`],
        [
          /fail_if: "'merchant_subcategory_v2' in[^\n]*/,
          `fail_if: "not ('merchant_subcategory' in delta['bronze.transactions']['columns'])"`,
        ],
        [
          /`merchant_subcategory_v2` cannot be resolved. Did[^"]*/,
          '`merchant_subcategory` cannot be resolved. SQLSTATE: 42703',
        ],
      ]),
    );
    expect(causes(run)).toEqual(['schema_drift delta:bronze.transactions column_dropped']);
    expect(run.verdict.passed).toBe(true);
  });

  it('leaves an incompatible type to people', async () => {
    const run = await play(
      variant('s01', [
        [
          /\{name: merchant_subcategory_v2, type: \["null", string\][^}]*\}/,
          '{name: merchant_subcategory, type: ["null", int], default: null}',
        ],
        [
          /fail_if: "'merchant_subcategory_v2' in[^\n]*/,
          `fail_if: "registry['core_banking.transactions']['latest'] == 4"`,
        ],
        [
          /error: "pyspark[^\n]*/,
          'error: "AnalysisException: [CAST_INVALID_INPUT] The value of the column `merchant_subcategory` cannot be cast to INT. SQLSTATE: 22018"',
        ],
      ]),
    );
    expect(causes(run)).toEqual(['schema_drift registry:core_banking.transactions type_changed']);
    expect(run.incident.status).toBe('escalated');
  });

  it('marks as done what an append had written before its machine was lost', async () => {
    const run = await play(
      variant('s02', [
        [/( {4}fail_if: "not k8s[^\n]*\n)/, '$1    after_write: true\n'],
        ['sessionize: failed', 'sessionize: {state: failed, wrote: true}'],
      ]),
    );
    expect(plan(run)).toMatchObject([{ do: 'retry', mark_success: ['sessionize'], tasks: ['export'] }]);
    expect(run.verdict.failures.filter(({ kind }) => kind === 'duplicate_rows')).toEqual([]);
  });

  it('calls an evicted pod evicted', async () => {
    const run = await play(variant('s02', [[/pod_reason: NodeLost/g, 'pod_reason: Evicted']]));
    expect(causes(run)).toEqual(['executor_failure k8s:node/ip-10-42-7-113 pod_evicted']);
    expect(run.verdict.passed).toBe(true);
  });

  it('follows a missing input to the producer that failed, repairs that, and runs both in order', async () => {
    const run = await play(
      variant('s03', [
        [
          /state: running\n +started: -140m\n +ended: 7m/,
          'state: failed\n            started: -140m\n            ended: -100m',
        ],
        [
          /rules:\n/,
          "rules:\n  - task: pos_feed_ingest.fetch\n    fail_if: \"registry['pos.sales']['latest'] == 2 and not ('till' in delta['bronze.pos_sales']['columns'])\"\n    error: \"AnalysisException: [UNRESOLVED_COLUMN.WITH_SUGGESTION] A column or function parameter with name `till` cannot be resolved.\"\n",
        ],
        [/ {6}owner: retail-integration\n/, '      owner: retail-integration\n      sources: [pos.sales]\n'],
        [
          / {2}config:\n/,
          '  registry:\n    pos.sales:\n      latest: 1\n      versions:\n        - {at: -300d, record: Sale, fields: [{name: store_id, type: int}]}\n        - {record: Sale, fields: [{name: store_id, type: int}, {name: till, type: string}]}\n  config:\n',
        ],
        [/timeline:\n/, 'timeline:\n  - {at: -12h, by: pos-team, set: {registry.pos.sales.latest: 2}}\n'],
      ]),
    );
    expect(causes(run)).toEqual(['schema_drift registry:pos.sales column_added']);
    expect(plan(run)).toMatchObject([
      { do: 'schema_evolution', table: 'bronze.pos_sales', op: 'add_column' },
      { do: 'retry', dag: 'pos_feed_ingest' },
      { do: 'retry', dag: 'store_margin' },
    ]);
  });

  it('starts from a table when the alert names no DAG, and says so when it names one that nobody knows', async () => {
    const labels = /labels: \{dag: store_margin[^\n]*/;
    const table = await play(
      variant('s03', [
        [labels, 'labels: {table: gold.store_margin}'],
        [/text: "store_margin.wait[^\n]*/, 'text: "gold.store_margin is stale: newest partition is two days old"'],
        ['monitor: airflow_task_failed', 'monitor: freshness'],
      ]),
    );
    expect(causes(table)).toEqual(['late_data airflow:pos_feed_ingest.fetch producer_delayed']);
    const ghost = await play(variant('s03', [[labels, 'labels: {dag: ghost_pipeline, task: x, run: r1}']]));
    expect(ghost.incident.diagnosis?.outcome).toBe('inconclusive');
    expect(ghost.incident.diagnosis?.summary).toContain('it is not in the inventory');
    expect(ghost.incident.proposals).toEqual([]);
  });
});
