import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { AppError } from '../../src/domain/errors.js';
import type { PlatformReaders, PlatformWriters } from '../../src/domain/platform-ports.js';
import { connectTo } from '../support/connectors.js';
import { startPlatform, type TestPlatform } from '../support/platform.js';

// Whole platforms with real git: slow on a busy machine, never stuck.
vi.setConfig({ testTimeout: 30_000 });

let platform: TestPlatform;
let cache: string;
let read: PlatformReaders;
let write: PlatformWriters;
beforeEach(() => {
  cache = mkdtempSync(join(tmpdir(), 'connectors-'));
});
afterEach(async () => {
  await platform.stop();
  rmSync(cache, { recursive: true, force: true });
});
async function open(scenario: string): Promise<void> {
  platform = await startPlatform(scenario);
  ({ read, write } = connectTo(platform, cache));
}
const hoursAgo = (at: string | undefined): number => (platform.engine.now() - Date.parse(at ?? '')) / 3_600_000;

const DAG = 'daily_transactions';
const RUN = 'scheduled__2026-05-14T02:00:00+00:00';

describe('the sample incident through the production connectors', () => {
  beforeEach(() => open('s01'));

  it('shows the failure, the rename six hours ago and the code of 47 days ago', async () => {
    expect(await read.airflow.dag(DAG)).toMatchObject({ dag: DAG, paused: false, importErrors: [] });
    expect((await read.airflow.runs(DAG, 1))[0]).toMatchObject({ run: RUN, state: 'failed' });
    const states = Object.fromEntries((await read.airflow.tasks(DAG, RUN)).map((ti) => [ti.task, ti.state]));
    expect(states).toEqual({ ingest: 'success', transform: 'failed', publish: 'upstream_failed' });
    const log = await read.airflow.taskLog(DAG, RUN, 'transform', undefined, 20_000);
    expect(log).toContain('[UNRESOLVED_COLUMN.WITH_SUGGESTION]');
    expect(log).not.toContain('::group::');

    const versions = await read.registry.versions('core_banking.transactions');
    expect(versions?.map(({ version }) => version)).toEqual([4, 3, 2, 1]);
    expect(hoursAgo(versions?.[0]?.at)).toBeCloseTo(6, 0);
    expect(versions?.[0]?.schema).toContain('merchant_subcategory_v2');

    const blame = await read.code.blame('dags/transactions/transform.py', { text: 'merchant_subcategory' });
    expect(blame?.length).toBeGreaterThan(0);
    for (const line of blame ?? []) expect(Math.round(hoursAgo(line.at) / 24)).toBe(47);
    expect((await read.code.log({ limit: 1 }))[0]).toMatchObject({ files: ['dags/transactions/publish.py'] });
  });

  it('is repaired by one column and one retry', async () => {
    const table = 'bronze.transactions';
    const before = await read.delta.table(table, 5);
    expect(before).toMatchObject({ historyComplete: true, rows: 10_657_890, partitionColumns: ['booked_at'] });
    expect(before?.columns).toContainEqual({ name: 'amount', type: 'decimal(18,2)', nullable: true });

    const change = { table, op: 'add_column' as const, arg: { name: 'merchant_subcategory_v2', type: 'string' } };
    expect((await write.tables.alter(change)).queryId).toMatch(/^\d{8}_/);
    const after = await read.delta.table(table, 1);
    expect(after?.version).toBe((before?.version ?? 0) + 1);
    expect(after?.columns.at(-1)).toEqual({ name: 'merchant_subcategory_v2', type: 'string', nullable: true });
    expect(after?.rows).toBe(before?.rows);
    expect(after?.commits[0]).toMatchObject({ operation: 'ADD COLUMNS', columnsBefore: before?.columns });
    expect(hoursAgo(after?.commits[0]?.at)).toBeLessThan(1);
    await expect(write.tables.alter(change)).rejects.toMatchObject({ kind: 'invalid_input', retryable: false });

    await write.airflow.annotate(DAG, RUN, 'countersign d-1:1');
    const would = await write.airflow.clear(DAG, RUN, ['transform', 'publish'], true);
    expect(would.map(({ task }) => task).sort()).toEqual(['publish', 'transform']);
    expect((await read.airflow.runs(DAG, 1))[0]).toMatchObject({ state: 'failed', note: 'countersign d-1:1' });
    await write.airflow.clear(DAG, RUN, ['transform', 'publish'], false);
    await platform.control('POST', '/control/settle');
    expect((await read.airflow.runs(DAG, 1))[0]).toMatchObject({ run: RUN, state: 'success' });
    const tries = (await read.airflow.tasks(DAG, RUN)).map((ti) => [ti.task, ti.tryNumber]);
    expect(tries).toContainEqual(['ingest', 1]);
    expect(await read.airflow.taskLog(DAG, RUN, 'transform', 2, 20_000)).toContain('UNRESOLVED_COLUMN');
  });

  it('fails again when only the retry is done', async () => {
    await write.airflow.clear(DAG, RUN, ['transform'], false);
    await platform.control('POST', '/control/settle');
    expect((await read.airflow.runs(DAG, 1))[0]?.state).toBe('failed');
  });

  it('takes an older schema as the newest version, and shows it as the one it repeats', async () => {
    const subject = 'core_banking.transactions';
    expect(await write.registry.promote(subject, 3)).toEqual({ version: 5 });
    const versions = await read.registry.versions(subject);
    expect(versions?.[0]?.version).toBe(5);
    expect(versions?.[0]?.schema).toBe(versions?.[2]?.schema);
    expect(await write.registry.promote(subject, 4)).toEqual({ version: 6 });
    expect(await write.registry.promote(subject, 3)).toEqual({ version: 7 });
  });

  it('puts a setting back by a revert that takes effect', async () => {
    const target = platform.engine.inventory().configTargets.find(({ path }) => path === `${DAG}.shuffle_partitions`);
    const file = target?.file ?? '';
    const [newest, older] = await read.config.log({ file, limit: 2 });
    expect(newest?.files).toEqual([file]);
    expect(Math.round(hoursAgo(newest?.at))).toBe(9);
    const { sha } = await write.config.revert({ sha: newest?.sha ?? '', message: 'Put it back', key: 'd-1:0' });
    expect(platform.engine.world().config[`${DAG}.shuffle_partitions`]).toMatchObject({ value: 96, commit: sha });
    expect(await write.config.findByKey('d-1:0')).toBe(sha);
    expect(await read.config.file(file, sha)).toBe(await read.config.file(file, older?.sha));
    expect(await read.config.diff(sha, file, 5000)).toMatch(/^\+.*96/m);
  });

  it('changes tables in both dialects to the same effect', async () => {
    const table = 'silver.transactions';
    const feature = { table, op: 'add_feature' as const, arg: { feature: 'deletionVectors' } };
    await write.sparkTables.alter(feature);
    expect((await read.delta.table(table, 1))?.features).toContain('deletionVectors');
    expect((await read.delta.table(table, 1))?.commits[0]?.featuresAdded).toEqual(['deletionVectors']);
    await write.sparkTables.alter({ ...feature, op: 'drop_feature' });
    expect((await read.delta.table(table, 1))?.commits[0]?.featuresRemoved).toEqual(['deletionVectors']);
    await write.sparkTables.alter({ table, op: 'set_property', arg: { key: 'delta.appendOnly', value: 'true' } });
    expect((await read.delta.table(table, 1))?.commits[0]?.propertiesChanged).toEqual({
      'delta.appendOnly': { from: undefined, to: 'true' },
    });
    await write.sparkTables.alter({ table, op: 'add_column', arg: { name: 'seen', type: 'timestamp' } });
    await write.tables.alter({ table, op: 'add_column', arg: { name: 'rank', type: 'int' } });
    expect((await read.delta.table(table, 1))?.columns.slice(-2)).toMatchObject([
      { name: 'seen', type: 'timestamp' },
      { name: 'rank', type: 'integer' },
    ]);
  });

  it('gives the reader no way to change anything', async () => {
    const asReader = {
      ...platform,
      credentials: { read: platform.credentials.read, write: platform.credentials.read },
    };
    const { write: denied } = connectTo(asReader, join(cache, 'denied'));
    const table = { table: 'bronze.transactions', op: 'add_column' as const, arg: { name: 'x', type: 'int' } };
    const target = platform.engine.inventory().configTargets[0];
    const files = [{ path: target?.file ?? '', content: 'x: 1\n' }];
    const attempts: (() => Promise<unknown>)[] = [
      () => denied.airflow.clear(DAG, RUN, ['transform'], false),
      () => denied.airflow.markSuccess(DAG, RUN, 'transform'),
      () => denied.airflow.annotate(DAG, RUN, 'x'),
      () => denied.tables.alter(table),
      () => denied.sparkTables.alter(table),
      () => denied.config.commit({ message: 'm', key: 'k', files }),
    ];
    for (const attempt of attempts) await expect(attempt()).rejects.toBeInstanceOf(AppError);
    expect(platform.engine.changes().filter(({ cause }) => cause === 'repair')).toEqual([]);
  });
});

describe('a live resource', () => {
  it('is patched once, at the version that was read, and not by a dry run', async () => {
    await open('s05');
    const [found] = await read.kubernetes.sparkApplications('usage-rollup');
    const { namespace = '', name = '', resourceVersion = '' } = found ?? {};
    expect(found).toMatchObject({ managedBy: undefined, driverPod: expect.any(String) });
    const patch = { spec: { executor: { memory: '16g' } }, resourceVersion };
    await write.kubernetes.patchSparkApplication(namespace, name, patch, true);
    expect((await read.kubernetes.sparkApplication(namespace, name))?.resourceVersion).toBe(resourceVersion);
    const patched = await write.kubernetes.patchSparkApplication(namespace, name, patch, false);
    expect(patched.spec).toMatchObject({ executor: { memory: '16g' } });
    expect(patched.resourceVersion).not.toBe(resourceVersion);
    const again = write.kubernetes.patchSparkApplication(namespace, name, patch, false);
    await expect(again).rejects.toMatchObject({ kind: 'conflict', retryable: false });
  });
});

const SYSTEMS: Record<string, string[]> = {
  airflow_dag_status: ['airflow'],
  spark_job_logs: ['kubernetes', 'spark'],
  kyuubi_query_plan: ['kyuubi', 'trino'],
  schema_registry_diff: ['registry'],
  metric_query: ['prometheus'],
};
const KINDS: Record<string, string> = { denied: 'forbidden', timeout: 'timeout' };

/** Only what the scenario breaks may fail, and it must fail as it was broken. */
function expectedFailures({ engine }: TestPlatform): string[] {
  return engine.scenario.tool_faults
    .flatMap(({ tool, mode }) =>
      (SYSTEMS[tool] ?? []).flatMap((name) => (KINDS[mode] ? [`${name} ${KINDS[mode]}`] : [])),
    )
    .sort();
}

describe('every scenario', () => {
  it.each(['s00', 's01', 's02', 's03', 's04', 's05', 's06', 's07', 's08'])(
    '%s can be read whole, or says in our words why not',
    async (scenario) => {
      await open(scenario);
      const inventory = platform.engine.inventory();
      const failures = new Set<string>();
      /** What a system could not answer; anything but an AppError fails the test. */
      const attempt = async <T>(system: string, call: () => Promise<T>): Promise<T | undefined> =>
        call().catch((thrown: unknown) => {
          if (!(thrown instanceof AppError) || thrown.kind === 'internal') throw thrown;
          failures.add(`${system} ${thrown.kind}`);
          return undefined;
        });
      for (const { dag, tasks } of inventory.pipelines) {
        await attempt('airflow', () => read.airflow.dag(dag));
        for (const { run } of (await attempt('airflow', () => read.airflow.runs(dag, 2))) ?? []) {
          for (const ti of (await attempt('airflow', () => read.airflow.tasks(dag, run))) ?? []) {
            await attempt('airflow', () => read.airflow.taskLog(dag, run, ti.task, undefined, 8000));
          }
        }
        for (const { sparkApp, writes, code } of tasks) {
          for (const table of writes) await attempt('delta', () => read.delta.table(table, 10));
          if (code) await attempt('git', () => read.code.blame(code, undefined));
          if (sparkApp === undefined) continue;
          for (const app of (await attempt('spark', () => read.spark.applications(sparkApp, 2))) ?? []) {
            await attempt('spark', () => read.spark.failure(app));
          }
        }
      }
      await attempt('spark', () => read.spark.applications('', 1));
      for (const info of (await attempt('trino', () => read.queries.queries('', 20))) ?? []) {
        const whole = await attempt('trino', () => read.queries.query(info.id));
        if (whole?.sql.startsWith('SELECT')) await attempt('trino', () => read.queries.explain(whole, 'logical'));
      }
      await attempt('kyuubi', () => read.kyuubi.operations(''));
      for (const subject of (await attempt('registry', () => read.registry.subjects())) ?? []) {
        await attempt('registry', () => read.registry.versions(subject));
        await attempt('registry', () => read.registry.compatibility(subject));
      }
      const end = new Date(platform.engine.now());
      for (const { expr } of inventory.metrics) {
        await attempt('prometheus', () => read.metrics.range(expr, new Date(end.getTime() - 86_400_000), end, 300));
      }
      for (const { file } of inventory.configTargets) await attempt('git', () => read.config.file(file));
      await attempt('kubernetes', () => read.kubernetes.quotas('spark-jobs'));
      await attempt('kubernetes', () => read.kubernetes.pods('spark-jobs', ''));
      expect([...failures].sort()).toEqual(expectedFailures(platform));
    },
  );
});
