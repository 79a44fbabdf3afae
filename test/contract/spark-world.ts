import { stringify } from 'yaml';
import type { SparkKind } from './expectations/spark-world.js';

const DAG = 'contract';
const RUN = 'scheduled__2026-02-17T04:00:00+00:00';
const FRAMES = Array.from(
  { length: 200 },
  (_none, index) => `\tat org.example.Parse.step${index}(Parse.scala:${index})`,
);

interface Kind {
  state: 'success' | 'failed' | 'running';
  settings?: Record<string, string>;
  error?: string;
  driverLog?: string;
  trace?: Record<string, unknown>;
}

const stageFailure = (task: string): string =>
  `Job aborted due to stage failure: Task 1 in stage 3.0 failed 4 times, most recent failure: Lost task 1.3 in stage 3.0 (TID 9) (10.0.0.7 executor 2): ${task}`;
const failedTask = (message: string, more: Record<string, unknown> = {}): Record<string, unknown> => ({
  index: 1,
  executor: '2',
  message,
  ...more,
});
const MISMATCH = `[DELTA_METADATA_MISMATCH] A metadata mismatch was detected when writing to the Delta table. - A schema mismatch detected when writing to the Delta table (Table ID: 0bf4ddc3). Table schema: root |-- id: long |-- name: string Data schema: root |-- id: long |-- name: string |-- currency: string`;
const LOST =
  'ExecutorLostFailure (executor 2 exited caused by one of the running tasks) Reason: Command exited with code 137';
const CAUSED = `org.apache.spark.SparkException: [FAILED_READ_FILE.NO_HINT] Encountered error while reading file s3a://lake/a.parquet.\n\tat org.apache.spark.Read(Read.scala:1)\nCaused by: java.lang.RuntimeException: s3a://lake/a.parquet is not a Parquet file. Expected magic number at tail`;
const DEEP = ['[PYTHON_EXCEPTION] thrown', ...FRAMES, "ValueError: amount 'n/a' is no number", ...FRAMES].join('\n');

const kindsOf = (secret: string, executorMemory: string): Record<SparkKind, Kind> => ({
  succeeds: {
    state: 'success',
    settings: { 'spark.executor.memory': executorMemory, 'spark.hadoop.fs.s3a.secret.key': secret },
  },
  'executor-lost': {
    state: 'failed',
    trace: {
      reason: stageFailure(LOST),
      tasks: [failedTask(LOST)],
      lost_executors: [
        { id: '2', node: 'node-7', reason: 'Command exited with code 137', failed_tasks: 1, exit_code: 137 },
      ],
    },
  },
  skewed: {
    state: 'failed',
    trace: {
      reason: stageFailure('MemoryError'),
      tasks: [failedTask('MemoryError: 110100 rows of one key do not fit', { input_bytes: 4_000_000_000 })],
      skew: [{ metric: 'inputBytes', median: 40_000_000, max: 44_000_000 }],
    },
  },
  refused: {
    state: 'failed',
    error:
      'pyspark.errors.exceptions.captured.AnalysisException: [UNRESOLVED_COLUMN.WITH_SUGGESTION] A column, variable, or function parameter with name `total_price` cannot be resolved. Did you mean one of the following? [`order_id`, `order_amount`]. SQLSTATE: 42703',
  },
  mismatch: { state: 'failed', error: `pyspark.errors.exceptions.captured.AnalysisException: ${MISMATCH}` },
  caused: { state: 'failed', trace: { reason: CAUSED.split('\n')[0], tasks: [failedTask(CAUSED)] } },
  deep: {
    state: 'failed',
    error: "PythonException: ValueError: amount 'n/a' is no number",
    driverLog: `ERROR Executor: Exception in task 1.3\n${DEEP}`,
    trace: { reason: DEEP, tasks: [failedTask(DEEP)] },
  },
  'too-large': {
    state: 'failed',
    trace: {
      reason:
        'Job aborted due to stage failure: Total size of serialized results of 3 tasks (6.5 MiB) is bigger than spark.driver.maxResultSize (1024.0 KiB)',
      failed_tasks: 0,
    },
  },
  runs: { state: 'running' },
  'driver-killed': {
    state: 'failed',
    error: 'AirflowException: Pod terminated with exit code 137',
    trace: { reason: stageFailure('never written'), driver: { exit_code: 137, reason: 'OOMKilled' } },
  },
  attempted: { state: 'success', settings: { 'spark.master': 'yarn', 'spark.submit.deployMode': 'cluster' } },
});

/** A scenario in which one DAG submitted an application of each kind. */
export function sparkWorld(prefix: string, secret: string, executorMemory: string): string {
  const kinds = Object.entries(kindsOf(secret, executorMemory));
  const of = <T>(value: (name: string, kind: Kind) => T): Record<string, T> =>
    Object.fromEntries(kinds.map(([name, kind]) => [name.replaceAll('-', '_'), value(name, kind)]));
  return stringify({
    id: 'S99',
    format: 1,
    canary: 'countersign-benchmark:00000000-0000-4000-8000-000000000000',
    split: 'dev',
    family: 'contract',
    provenance: ['github:apache/spark'],
    alert: {
      at: '2026-02-17T04:52:00Z',
      monitor: 'airflow_task_failed',
      text: 'contract',
      labels: { dag: DAG, task: 'deep', run: RUN },
    },
    world: {
      airflow: {
        [DAG]: {
          past_runs: 0,
          runs: { [RUN]: of((_name, { state }) => state) },
          tasks: of((name) => ({ spark: `${prefix}-${name}`, retries: 0, seconds: 900 })),
        },
      },
      spark: Object.fromEntries(
        kinds.map(([name, { settings }]) => [
          `${prefix}-${name}`,
          { stages: 4, tasks: 40, executors: 3, input_bytes: 2_000_000_000, settings: settings ?? {} },
        ]),
      ),
    },
    rules: kinds
      .filter(([, { state }]) => state === 'failed')
      .map(([name, { error, trace, driverLog }]) => ({
        task: `${DAG}.${name.replaceAll('-', '_')}`,
        fail_if: 'true',
        error: error ?? `SparkException: ${String(trace?.['reason']).split('\n')[0]}`,
        ...(driverLog === undefined ? {} : { driver_log: driverLog }),
        ...(trace === undefined ? {} : { spark: trace }),
      })),
    decoys: [{ id: 'd1', kind: 'recent_change', entity: 'spark:nothing', seen_in: ['git_blame'] }],
    ambient: { seed: 7, level: 1 },
    truth: {
      causes: [],
      must_escalate: true,
      evidence: [{ any_of: ['none'] }],
    },
    oracle: {
      must_pass: [{ dag: DAG, run: RUN }],
      horizon: '1h',
      reference: [[{ do: 'escalate', team: 'x' }]],
      reject: [],
    },
  });
}
