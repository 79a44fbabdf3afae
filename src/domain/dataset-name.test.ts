import { describe, expect, it } from 'vitest';
import { datasetNamer } from './dataset-name.js';
import { Inventory } from './pipeline.js';

const inventory = (more: Record<string, unknown> = {}): Inventory =>
  Inventory.parse({
    pipelines: [
      { dag: 'etl', owner: 'a', tasks: [{ id: 'load', reads: ['bronze.orders'], writes: ['silver.orders'] }] },
    ],
    ...more,
  });
const named = (namespace: string, name: string, given = inventory(), aliases: [string, string][] = []) =>
  datasetNamer(given)(
    { namespace, name },
    aliases.map(([ns, n]) => ({ namespace: ns, name: n })),
  );

describe('our name of an observed dataset, by the naming rule', () => {
  // The forms of OpenLineage's naming spec.
  it.each([
    ['s3://lake', 'warehouse/silver/orders'],
    ['s3://lake', '/silver/orders/'],
    ['abfss://lake@account.dfs.core.windows.net', 'prod/silver/orders'],
    ['gs://lake', 'silver/orders/ds=2026-05-14/hour=02'],
    ['hdfs://namenode:8020', '/warehouse/silver.db/orders'],
    ['file', '/srv/lake/silver/orders/_delta_log'],
    ['trino://trino:8080', 'delta.silver.orders'],
    ['hive://metastore:9083', 'silver.orders'],
    ['postgres://db:5432', 'shop."silver"."orders"'],
    ['arn:aws:glue:eu-west-1:1234', 'table/silver/orders'],
    ['unitycatalog://host', 'main.silver.orders'],
    ['s3://lake', 'SILVER/Orders'],
  ])('%s %s is silver.orders', (namespace, name) => {
    expect(named(namespace, name)).toEqual({ table: 'silver.orders', by: 'rule' });
  });

  it.each([
    ['kafka://broker:9092', 'orders', 'kafka://broker:9092/orders'],
    ['s3://lake', 'orders', 's3://lake/orders'],
    ['s3://lake', '/', 's3://lake/'],
  ])('%s %s is no table of ours and keeps its name', (namespace, name, table) => {
    expect(named(namespace, name)).toEqual({ table, by: 'none' });
  });

  it('does not reach into namespaces that are not ours', () => {
    const ours = inventory({ lineage: { namespaces: ['s3://prod-lake', 'trino://*'] } });
    expect(named('s3://dev-lake', 'silver/orders', ours)).toEqual({ table: 's3://dev-lake/silver/orders', by: 'none' });
    expect(named('s3://prod-lake', 'silver/orders', ours).table).toBe('silver.orders');
    expect(named('trino://a:1', 'delta.silver.orders', ours).table).toBe('silver.orders');
  });

  it('is off when only the list counts', () => {
    const explicit = inventory({ lineage: { names: 'explicit' } });
    expect(named('s3://lake', 'silver/orders', explicit)).toEqual({ table: 's3://lake/silver/orders', by: 'none' });
  });
});

describe('our name of an observed dataset, where there are several', () => {
  const listing = inventory({
    tables: [{ name: 'silver.orders', datasets: ['s3://lake/raw/9f3a/data', 'kafka://broker:9092/orders'] }],
  });

  it.each([
    ['s3://lake', 'raw/9f3a/data'],
    ['s3://lake/', '/raw/9f3a/data/'],
    ['kafka://broker:9092', 'orders'],
  ])('the list of the inventory comes first: %s %s', (namespace, name) => {
    expect(named(namespace, name, listing)).toEqual({ table: 'silver.orders', by: 'listed' });
  });

  it('a symlink that gives a known table beats a path that does not', () => {
    const aliases: [string, string][] = [['hive://metastore', 'silver.orders']];
    expect(named('s3://lake', 'x/managed/9f3a-11', inventory(), aliases).table).toBe('silver.orders');
    expect(named('s3://lake', 'silver/orders', inventory(), [['hive://metastore', 'other.name']]).table).toBe(
      'silver.orders',
    );
  });

  it('of names that are all unknown, the catalogue’s is taken', () => {
    expect(named('s3://lake', 'x/y/z', inventory(), [['hive://m', 'mart.sales']]).table).toBe('mart.sales');
  });
});
