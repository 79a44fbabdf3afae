import { describe, expect, it } from 'vitest';
import { FactName } from '../src/domain/proposal.js';
import { createFactReader, schemaDigest } from './facts.js';
import { createMemoryPlatform } from './testing/memory-platform.js';
import { instance } from './testing/memory-world.js';
import { INVENTORY, RUN, scene } from './testing/scenes.js';

const world = scene();
world.subjects['core_banking.transactions'] = [4, 3].map((version) => ({
  version,
  id: version,
  at: undefined,
  type: 'AVRO',
  schema: '{}',
}));
world.series['up'] = [{ labels: {}, points: [[1, 0.5]] }];
world.dags['daily_transactions']?.instances[RUN]?.push(
  { ...instance('mapped', 'success', 1), mapIndex: 0 },
  { ...instance('mapped', 'failed', 1), mapIndex: 1 },
);
Object.assign(world.tables['bronze.transactions'] ?? {}, { properties: { 'delta.x': 'y' }, features: ['b', 'a'] });
const facts = createFactReader(createMemoryPlatform(world).readers, INVENTORY);
const digest = schemaDigest(world.tables['bronze.transactions']?.columns ?? []);

const READ: [FactName, target: string, value: string, missing: string][] = [
  ['airflow.run_state', `daily_transactions/${RUN}`, 'failed', 'daily_transactions/other'],
  ['airflow.task_state', `daily_transactions/${RUN}/transform`, 'failed', `daily_transactions/${RUN}/other`],
  ['airflow.dag_paused', 'daily_transactions', 'false', 'other'],
  ['delta.schema', 'bronze.transactions', digest, 'other.table'],
  ['delta.column_type', 'bronze.transactions/QTY', 'integer', 'bronze.transactions/other'],
  ['delta.property', 'bronze.transactions/delta.x', 'y', 'bronze.transactions/delta.z'],
  ['delta.features', 'bronze.transactions', 'a,b', 'other.table'],
  ['delta.feature', 'bronze.transactions/a', 'supported', 'bronze.transactions/c'],
  ['delta.rows', 'bronze.transactions', '1000', 'other.table'],
  ['config.value', 'daily_transactions.executor_memory_gi', '8', 'other.path'],
  ['config.value', 'transform.memory', '4g', 'other.path'],
  ['config.commit', 'daily_transactions.executor_memory_gi', 'beef'.repeat(10), 'other.path'],
  ['k8s.spark_spec', 'spark-jobs/daily-transactions-transform', '3 of 0d15ea5e', 'spark-jobs/other'],
  ['k8s.spark_state', 'spark-jobs/daily-transactions-transform', 'FAILED', 'spark-jobs/other'],
  ['registry.latest', 'core_banking.transactions', '4', 'other'],
  ['metric.value', 'up', '0.5', 'down'],
];

describe('a fact', () => {
  it.each(READ)('%s of %s is %s', async (fact, target, value, missing) => {
    expect(await facts.read(fact, target)).toBe(value);
    expect(await facts.read(fact, missing)).toBe('absent');
  });

  it('of every name of the domain can be read', () => {
    expect([...new Set(READ.map(([fact]) => fact))].sort()).toEqual([...FactName.options].sort());
  });

  it('of a mapped task is that of its worst instance', async () => {
    expect(await facts.read('airflow.task_state', `daily_transactions/${RUN}/mapped`)).toBe('failed');
  });

  it.each([
    ['airflow.run_state', 'daily_transactions'],
    ['airflow.task_state', 'daily_transactions/run'],
    ['delta.property', 'bronze.transactions/'],
    ['k8s.spark_spec', '/name'],
  ] as const)('%s of the malformed target %j is refused', async (fact, target) => {
    await expect(facts.read(fact, target)).rejects.toMatchObject({ kind: 'invalid_input' });
  });

  it('that can not be asked throws, it is never taken for absent', async () => {
    const broken = scene();
    broken.failBefore['delta.table'] = new Error('down');
    await expect(
      createFactReader(createMemoryPlatform(broken).readers, INVENTORY).read('delta.rows', 'bronze.transactions'),
    ).rejects.toThrow('down');
  });
});

it('the digest of a schema knows names, types and order, and one type by all its names', () => {
  const column = (name: string, type: string) => ({ name, type, nullable: true });
  const base = schemaDigest([column('a', 'bigint'), column('b', 'string')]);
  expect(schemaDigest([column('a', 'long'), column('b', 'varchar')])).toBe(base);
  expect(schemaDigest([column('b', 'string'), column('a', 'long')])).not.toBe(base);
  expect(schemaDigest([column('a', 'int'), column('b', 'string')])).not.toBe(base);
});
