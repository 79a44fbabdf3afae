import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Category, Change } from '../../../src/domain/diagnosis.js';
import type { RepairAction } from '../../../src/domain/proposal.js';
import { runToEnd } from '../processes.js';
import { writeRules, writeTargets } from '../prometheus/rules.js';
import { askTrino } from './trino.js';
import type { World } from './world.js';

/** One failure made live: how the world is whole, how it breaks, what must come of it. */
export interface LiveCase {
  /** Name of the thread's file. */
  name: string;
  title: string;
  dag: string;
  /** Makes tables, files and history as they are on a good day; the pipeline then passes once. */
  prepare(world: World): Promise<void>;
  /** What goes wrong before the run that fails. */
  breakIt(world: World): Promise<void>;
  /** What happens while the run that fails is on its way. */
  during?(world: World, run: string): Promise<void>;
  /** When the runs are due; no date when not given. */
  dueMinutesAgo?: { good: number; incident: number };
  /** What a person does, and changes in the form, before deciding. */
  beforeDecision?(world: World): Promise<Record<string, string>>;
  expected: { category: Category; change: Change; entity: string; plan: RepairAction['do'][] };
  /** The proof on the real system itself that it is healed. @returns it in one sentence. */
  healed(world: World, run: string): Promise<string>;
}

/** Runs delta-rs: another writer than Spark and Trino. */
async function deltaRs(world: World, script: string): Promise<string> {
  return runToEnd({ program: world.python, args: ['-c', script] });
}

async function freshTable(name: string, columns: string, more = ''): Promise<void> {
  await askTrino(`DROP TABLE IF EXISTS lake.${name}`);
  await askTrino(`CREATE TABLE lake.${name} (${columns}) ${more}`);
}

const columnsOf = async (table: string): Promise<string[]> =>
  (await askTrino(`SHOW COLUMNS FROM lake.${table}`)).map(([name]) => String(name));

const unresolvedColumn: LiveCase = {
  name: 'unresolved-column',
  title: 'A Spark job asks for a column that the owner of the table renamed',
  dag: 'card_payments',
  async prepare() {
    const columns = 'payment_id varchar, amount bigint, merchant_subcategory varchar';
    await freshTable('bronze.card_payments', columns, "WITH (column_mapping_mode = 'NAME')");
    await askTrino("INSERT INTO lake.bronze.card_payments VALUES ('p1', 120, 'grocery'), ('p2', 80, 'fuel')");
  },
  async breakIt() {
    await askTrino('ALTER TABLE lake.bronze.card_payments RENAME COLUMN merchant_subcategory TO merchant_sub_category');
  },
  expected: {
    category: 'schema_drift',
    change: 'column_renamed',
    entity: 'delta:bronze.card_payments',
    plan: ['schema_evolution', 'retry'],
  },
  async healed() {
    const columns = await columnsOf('bronze.card_payments');
    if (!columns.includes('merchant_subcategory')) throw new Error(`the table has ${columns.join(', ')}`);
    return `Trino says that bronze.card_payments has the columns ${columns.join(', ')}.`;
  },
};

const schemaMismatch: LiveCase = {
  name: 'delta-schema-mismatch',
  title: 'The source delivers a new column and Delta refuses the append',
  dag: 'clickstream',
  async prepare(world) {
    await freshTable('bronze.events', 'at varchar, event_id varchar, page varchar');
    deliverEvents(world, { at: '2026-11-23T01:00:00Z', event_id: 'e1', page: '/' });
    const subject = `${world.registry}/subjects/web.events`;
    await fetch(subject, { method: 'DELETE' });
    await fetch(`${subject}?permanent=true`, { method: 'DELETE' });
    await registerEvents(world, []);
  },
  async breakIt(world) {
    await registerEvents(world, [{ name: 'channel', type: ['null', 'string'], default: null }]);
    deliverEvents(world, { at: '2026-11-23T02:00:00Z', channel: 'app', event_id: 'e2', page: '/cart' });
  },
  expected: {
    category: 'schema_drift',
    change: 'column_added',
    entity: 'registry:web.events',
    plan: ['schema_evolution', 'retry'],
  },
  async healed() {
    const rows = await askTrino('SELECT event_id, channel FROM lake.bronze.events ORDER BY event_id');
    if (JSON.stringify(rows) !== '[["e1",null],["e2","app"]]')
      throw new Error(`the table holds ${JSON.stringify(rows)}`);
    return 'Trino reads both deliveries from bronze.events, each once, the second with its channel.';
  },
};

function deliverEvents(world: World, event: Record<string, string>): void {
  const folder = join(world.landing, 'events/newest');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'part-0.json'), `${JSON.stringify(event)}\n`);
}

async function registerEvents(world: World, more: object[]): Promise<void> {
  const plain = ['at', 'event_id', 'page'].map((name) => ({ name, type: 'string' }));
  const schema = JSON.stringify({ type: 'record', name: 'Event', namespace: 'web', fields: [...plain, ...more] });
  const response = await fetch(`${world.registry}/subjects/web.events/versions`, {
    method: 'POST',
    headers: { 'content-type': 'application/vnd.schemaregistry.v1+json' },
    body: JSON.stringify({ schema, schemaType: 'AVRO' }),
  });
  if (!response.ok) throw new Error(`the registry answered ${response.status}: ${await response.text()}`);
}

const executorKilled: LiveCase = {
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

async function deltaRows(world: World, table: string): Promise<number> {
  const script = `from deltalake import DeltaTable; print(DeltaTable(${JSON.stringify(join(world.lake, table))}).to_pyarrow_table().num_rows)`;
  return Number(await deltaRs(world, script));
}

const concurrentAppend: LiveCase = {
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

const trinoMemory: LiveCase = {
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

const trinoMissingColumn: LiveCase = {
  name: 'trino-missing-column',
  title: 'A query asks for a column that the owner of the table dropped',
  dag: 'settlements',
  async prepare() {
    const columns = 'settlement_id bigint, amount bigint, fee_class varchar';
    await freshTable('silver.settlements', columns, "WITH (column_mapping_mode = 'NAME')");
    await askTrino("INSERT INTO lake.silver.settlements VALUES (1, 900, 'A'), (2, 40, 'C')");
  },
  async breakIt() {
    await askTrino('ALTER TABLE lake.silver.settlements DROP COLUMN fee_class');
  },
  expected: {
    category: 'schema_drift',
    change: 'column_dropped',
    entity: 'delta:silver.settlements',
    plan: ['schema_evolution', 'retry'],
  },
  async healed() {
    const rows = await askTrino('SELECT settlement_id, fee_class FROM lake.gold.settlement_fees ORDER BY 1');
    if (JSON.stringify(rows) !== '[[1,null],[2,null]]') throw new Error(`the fees hold ${JSON.stringify(rows)}`);
    return 'Trino reads both settlements from gold.settlement_fees; their fee class is empty until its owner fills it.';
  },
};

const incompatibleSchema: LiveCase = {
  name: 'incompatible-schema',
  title: 'The registry refuses a contract that old readers could not read',
  dag: 'orders_contract',
  async prepare(world) {
    const subject = `${world.registry}/subjects/shop.orders`;
    await fetch(subject, { method: 'DELETE' });
    await fetch(`${subject}?permanent=true`, { method: 'DELETE' });
  },
  async breakIt(world) {
    await world.commitConfig(
      'pipelines/orders_contract.yaml',
      (text) => text.replace('orders-v2', 'orders-v3'),
      'Orders: publish the contract with the sales channel',
    );
  },
  expected: {
    category: 'config_regression',
    change: 'value_changed',
    entity: 'registry:config/orders_contract.schema_file',
    plan: ['config_rollback', 'retry'],
  },
  async healed(world) {
    const text = await world.configText('pipelines/orders_contract.yaml');
    if (!text.includes('schemas/orders-v2.avsc')) throw new Error(text);
    const versions = await (await fetch(`${world.registry}/subjects/shop.orders/versions`)).json();
    return `The main branch names orders-v2 again, and the registry holds the versions ${JSON.stringify(versions)} of shop.orders.`;
  },
};

const configRegression: LiveCase = {
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

const MINUTE = 60_000;

const lateData: LiveCase = {
  name: 'late-data',
  title: 'A delivery is late, and Prometheus is the first to see it',
  dag: 'risk_report',
  dueMinutesAgo: { good: 240, incident: 20 },
  async prepare(world) {
    const folder = join(world.landing, 'positions');
    mkdirSync(folder, { recursive: true });
    const yesterday = join(folder, 'yesterday.csv');
    writeFileSync(yesterday, 'account,isin,quantity\n1,DE0001102309,11\n');
    utimesSync(yesterday, new Date(Date.now() - 180 * MINUTE), new Date(Date.now() - 180 * MINUTE));
    await world.airflow.untilKnown('positions_feed');
    await world.airflow.forget('positions_feed');
  },
  async breakIt(world) {
    world.hold('positions');
    await world.airflow.trigger('positions_feed', 'live__positions', new Date(Date.now() - 30 * MINUTE));
    await world.untilHeld('positions');
  },
  async during(world, run) {
    await world.airflow.until('risk_report', run, ['failed']);
    await writeTargets('live', [{ address: world.exporter }]);
    await writeRules('live', [
      {
        alert: 'PositionsLate',
        expr: 'landing_age_seconds{source="positions"} > 3600',
        labels: { dag: 'risk_report', task: 'wait_for_positions', severity: 'high' },
        annotations: {
          summary: 'positions have not arrived',
          description: 'Freshness: nothing was delivered to landing.positions for over an hour',
        },
      },
    ]);
  },
  async beforeDecision(world) {
    // The custodian delivers at last, so the person who decides need not wait any longer.
    world.release('positions');
    await world.airflow.until('positions_feed', 'live__positions', ['success']);
    return { 'steps.0.not_before_minutes': '0' };
  },
  expected: {
    category: 'late_data',
    change: 'producer_delayed',
    entity: 'airflow:positions_feed.deliver',
    plan: ['retry'],
  },
  async healed(world, run) {
    await writeRules('live', []);
    await writeTargets('live', []);
    const { state } = await world.airflow.task('risk_report', run, 'report');
    if (state !== 'success') throw new Error(`report is ${state}`);
    return 'Airflow says that risk_report.report has run after the positions arrived.';
  },
};

const lostTask: LiveCase = {
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

export const CASES: readonly LiveCase[] = [
  unresolvedColumn,
  schemaMismatch,
  executorKilled,
  concurrentAppend,
  trinoMemory,
  trinoMissingColumn,
  incompatibleSchema,
  configRegression,
  lateData,
  lostTask,
];
