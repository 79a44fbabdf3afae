import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import type { LiveCase } from './case.js';
import { deltaRows, deltaRs, freshTable } from './tables.js';
import { askTrino } from './trino.js';

/** Failures of what runs the work: lost processes, met writers, limits. */
export const executorKilled: LiveCase = {
  name: 'executor-killed',
  title: 'An executor of a Spark cluster is killed under the job',
  dag: 'fraud_scores',
  prepare: async () => undefined,
  async breakIt(world) {
    world.hold('score');
  },
  async during(world) {
    await world.untilHeld('score');
    const processes = execFileSync('ps', ['-A', '-o', 'pid=,args='], { encoding: 'utf8' }).split('\n');
    const executors = processes.filter(
      (line) => line.includes('CoarseGrainedExecutorBackend') && line.includes('java'),
    );
    if (executors.length === 0) throw new Error('no executor runs');
    for (const line of executors) process.kill(Number.parseInt(line, 10), 'SIGKILL');
    world.release('score');
  },
  expected: { category: 'executor_failure', change: 'node_lost', entity: 'spark:fraud-scores', plan: ['retry'] },
  async healed(world) {
    const rows = await deltaRows(world, 'gold/fraud_scores');
    if (rows !== 1000) throw new Error(`gold.fraud_scores has ${rows} rows`);
    return 'delta-rs counts 1,000 rows in gold.fraud_scores, one for each account.';
  },
};

export const concurrentAppend: LiveCase = {
  name: 'concurrent-append',
  title: 'Two writers meet on one Delta table',
  dag: 'ledger',
  async prepare() {
    await freshTable('silver.ledger', 'entry_id bigint, amount bigint, currency varchar');
    await askTrino("INSERT INTO lake.silver.ledger VALUES (1, 100, NULL), (2, 250, 'USD')");
  },
  async breakIt(world) {
    await askTrino('INSERT INTO lake.silver.ledger VALUES (3, 75, NULL)');
    world.hold('correct');
  },
  async during(world) {
    await world.untilHeld('correct');
    const table = JSON.stringify(join(world.lake, 'silver/ledger'));
    await deltaRs(
      world,
      `import pyarrow as pa; from deltalake import write_deltalake
write_deltalake(${table}, pa.table({"entry_id": [4], "amount": [60], "currency": pa.array([None], pa.string())}), mode="append")`,
    );
    world.release('correct');
  },
  expected: { category: 'executor_failure', change: 'commit_conflict', entity: 'delta:silver.ledger', plan: ['retry'] },
  async healed() {
    const rows = await askTrino('SELECT entry_id, currency FROM lake.silver.ledger ORDER BY entry_id');
    const wanted = '[[1,"EUR"],[2,"USD"],[3,"EUR"],[4,"EUR"]]';
    if (JSON.stringify(rows) !== wanted) throw new Error(`the ledger holds ${JSON.stringify(rows)}`);
    return 'Trino reads four ledger entries, those of both writers, each with its currency.';
  },
};

export const trinoMemory: LiveCase = {
  name: 'trino-memory-limit',
  title: 'A query outgrows its memory limit after the input grew',
  dag: 'merchant_report',
  async prepare() {
    await freshTable('silver.merchant_payments', 'merchant_id bigint, payment_id bigint, comment varchar');
    for (let day = 0; day < 3; day += 1) await addPayments('tiny');
  },
  async breakIt() {
    await addPayments('sf1');
  },
  expected: {
    category: 'resource_exhaustion',
    change: 'volume_growth',
    entity: 'delta:silver.merchant_payments',
    plan: ['resource_increase', 'retry'],
  },
  async healed() {
    const [[comments]] = (await askTrino('SELECT sum(comments) FROM lake.gold.merchant_report')) as [[number]];
    if (comments !== 1_545_000) throw new Error(`the report counts ${comments} comments`);
    return `Trino counts the comments of all ${comments} payments in gold.merchant_report.`;
  },
};

async function addPayments(size: 'tiny' | 'sf1'): Promise<void> {
  await askTrino(
    `INSERT INTO lake.silver.merchant_payments SELECT custkey, orderkey, comment FROM tpch.${size}.orders`,
  );
}

export const configRegression: LiveCase = {
  name: 'config-regression',
  title: 'A commit lowered a limit that the job needs',
  dag: 'exposure_report',
  prepare: async () => undefined,
  async breakIt(world) {
    await world.commitConfig(
      'pipelines/exposure_report.yaml',
      (text) => text.replace('64m', '1m'),
      'Exposure report: keep the driver small',
    );
  },
  expected: {
    category: 'config_regression',
    change: 'value_changed',
    entity: 'spark:config/exposure_report.result_limit',
    plan: ['config_rollback', 'retry'],
  },
  async healed(world) {
    const text = await world.configText('pipelines/exposure_report.yaml');
    if (!text.includes('64m')) throw new Error(text);
    const rows = await deltaRows(world, 'gold/exposure');
    return `The main branch says result_limit: 64m again, and delta-rs reads ${rows} row from gold.exposure.`;
  },
};

export const lostTask: LiveCase = {
  name: 'lost-task',
  title: 'A worker dies with the task it ran, and Airflow finds out by the missing heartbeat',
  dag: 'nightly_close',
  prepare: async () => undefined,
  async breakIt(world) {
    world.hold('close');
  },
  async during(world, run) {
    await world.untilHeld('close');
    const { pid } = await world.airflow.task('nightly_close', run, 'close_books');
    const supervisor = execFileSync('ps', ['-o', 'ppid=', '-p', String(pid)], { encoding: 'utf8' });
    // Its supervisor first, as when the machine goes: nobody is left to report the end.
    for (const lost of [Number(supervisor), Number(pid)]) process.kill(lost, 'SIGKILL');
    world.release('close');
  },
  expected: {
    category: 'executor_failure',
    change: 'node_lost',
    entity: 'airflow:nightly_close.close_books',
    plan: ['retry'],
  },
  async healed(world, run) {
    const { state, try_number: attempt } = await world.airflow.task('nightly_close', run, 'close_books');
    if (state !== 'success') throw new Error(`close_books is ${state}`);
    return `Airflow says that close_books passed in try ${attempt}.`;
  },
};
