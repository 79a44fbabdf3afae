import { Inventory } from '../../src/domain/pipeline.js';
import { Policy } from '../../src/domain/policy.js';
import { dagRun, deltaTable, emptyWorld, instance, type MemoryWorld } from './memory-world.js';

/** The night of 11 March 2026, fourteen minutes past two. */
export const NOW = new Date('2026-03-11T02:14:00Z');
export const RUN = 'scheduled__2026-03-11T00:00:00+00:00';

/** One company: a bank's transactions from the source to the reports, and a feature export. */
export const INVENTORY = Inventory.parse({
  pipelines: [
    {
      dag: 'daily_transactions',
      owner: 'payments-data',
      severity: 'high',
      sources: ['core_banking.transactions'],
      tasks: [
        { id: 'ingest', writes: ['bronze.transactions'], mode: 'append' },
        {
          id: 'transform',
          after: ['ingest'],
          reads: ['bronze.transactions'],
          writes: ['silver.transactions'],
          mode: 'overwrite',
          sparkApp: 'daily-transactions-transform',
          queryUser: 'etl_tx',
        },
        {
          id: 'publish',
          after: ['transform'],
          reads: ['silver.transactions'],
          writes: ['gold.merchant_daily'],
          mode: 'append',
        },
        { id: 'notify', after: ['publish'] },
      ],
    },
    {
      dag: 'fraud_scores',
      owner: 'risk',
      severity: 'critical',
      tasks: [{ id: 'score', reads: ['silver.transactions'], writes: ['gold.fraud_scores'], mode: 'overwrite' }],
    },
    { dag: 'adhoc', owner: 'nobody', tasks: [{ id: 'dump', writes: ['tmp.dump'] }] },
  ],
  configTargets: [
    {
      path: 'daily_transactions.executor_memory_gi',
      component: 'spark',
      managed: 'gitops',
      file: 'apps/daily_transactions.yaml',
      key: 'executor_memory_gi',
      unit: 'GiB',
    },
    {
      path: 'daily_transactions.image',
      component: 'spark',
      managed: 'gitops',
      file: 'apps/daily_transactions.yaml',
      key: 'spark.image',
    },
    {
      path: 'transform.memory',
      component: 'spark',
      managed: 'live',
      file: 'apps/transform.yaml',
      key: 'memory',
      unit: 'g',
      resource: { namespace: 'spark-jobs', name: 'daily-transactions-transform', field: 'executor.memory' },
    },
    {
      path: 'security.token_ttl',
      component: 'airflow',
      managed: 'gitops',
      file: 'apps/security.yaml',
      key: 'token_ttl',
    },
  ],
  metrics: [{ name: 'landed_rows', expr: 'sum(landed_rows_total)', meaning: 'rows that arrived' }],
});

export const POLICY = Policy.parse({
  version: 1,
  caps: { 'daily_transactions.executor_memory_gi': 32, 'transform.memory': 16 },
  protectedTargets: ['security.*', 'tmp.dump'],
});

const FILE = (memory: number, image: string): string =>
  `# Applied by the GitOps controller.\nexecutor_memory_gi: ${memory} # raised in winter\nspark:\n  image: "${image}"\n`;
const PATH = 'apps/daily_transactions.yaml';

/** The world at NOW: `transform` has failed, `ingest` has written, and the image was changed three hours ago. */
export function scene(): MemoryWorld {
  const world = emptyWorld();
  world.dags['daily_transactions'] = {
    dag: 'daily_transactions',
    paused: false,
    owners: ['payments-data'],
    file: 'dags/daily_transactions.py',
    schedule: '0 2 * * *',
    importErrors: [],
    runs: [
      dagRun(RUN, 'failed', '2026-03-11T02:00:08Z', '2026-03-11T02:13:30Z'),
      dagRun('scheduled__2026-03-10T00:00:00+00:00', 'success', '2026-03-10T02:00:08Z', '2026-03-10T02:06:22Z'),
    ],
    instances: {
      [RUN]: [
        instance('ingest', 'success', 1, '2026-03-11T02:00:10Z'),
        instance('transform', 'failed', 2, '2026-03-11T02:10:00Z'),
        instance('publish', 'upstream_failed', 0),
        instance('notify', 'upstream_failed', 0),
      ],
    },
  };
  world.logs[`daily_transactions/${RUN}/transform/2`] = [
    '::group::Log message source details',
    '::endgroup::',
    '[02:12:50] INFO Reading bronze.transactions',
    '[02:13:30] ERROR Task failed with exception',
    'AnalysisException: [UNRESOLVED_COLUMN.WITH_SUGGESTION] A column or function parameter with name `merchant_subcategory_v2` cannot be resolved. SQLSTATE: 42703',
  ].join('\n');
  world.tables['bronze.transactions'] = deltaTable(
    'bronze.transactions',
    { id: 'string', amount: 'decimal(18,2)', merchant_subcategory: 'string', qty: 'integer' },
    [
      { at: '2026-03-11T02:08:00Z', user: 'daily_transactions', metrics: { numOutputRows: '1184210' } },
      { at: '2026-03-10T02:04:00Z', user: 'daily_transactions', metrics: { numOutputRows: '1180000' } },
    ],
  );
  world.tables['silver.transactions'] = deltaTable('silver.transactions', { id: 'string' }, [
    { at: '2026-03-10T02:05:00Z', user: 'daily_transactions' },
  ]);
  world.tables['gold.merchant_daily'] = deltaTable('gold.merchant_daily', { merchant: 'string' }, [
    { at: '2026-03-10T02:06:00Z', user: 'daily_transactions' },
  ]);
  const commit = (
    sha: string,
    at: string,
    author: string,
    summary: string,
    contents: Record<string, string>,
  ): MemoryWorld['config'][number] => ({
    sha: sha.repeat(10),
    at,
    author,
    ...(author === 's.okafor' ? { email: 'sam.okafor@example.com' } : {}),
    summary,
    files: Object.keys(contents),
    contents,
  });
  world.config = [
    commit('c0de', '2026-03-10T23:14:00Z', 's.okafor', 'Base image 4.0.2', { [PATH]: FILE(8, 'spark:4.0.2') }),
    commit('beef', '2026-02-01T00:00:00Z', 'r.castell', 'More memory', { [PATH]: FILE(8, 'spark:4.0.1') }),
    commit('face', '2025-09-01T00:00:00Z', 'platform-bot', 'Import settings', {
      [PATH]: FILE(6, 'spark:4.0.0'),
      'apps/security.yaml': 'token_ttl: 60\n',
    }),
  ];
  world.resources = [
    {
      namespace: 'spark-jobs',
      name: 'daily-transactions-transform',
      resourceVersion: '100',
      specVersion: '3 of 0d15ea5e',
      state: 'FAILED',
      errorMessage: 'driver container failed with ExitCode: 137, Reason: OOMKilled',
      spec: { image: 'spark:4.0.2', driver: { memory: '2g' }, executor: { memory: '4g', instances: 3 } },
      driverPod: 'daily-transactions-transform-driver',
      managedBy: undefined,
    },
  ];
  return world;
}
